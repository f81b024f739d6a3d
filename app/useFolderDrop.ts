import { useEffect, useState } from "react";
import { type FolderFiles, filesOfDrop } from "./features/cohort/droppedFiles.ts";

interface FolderDrop {
  readonly onFiles: (files: FolderFiles) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Takes folders and files dropped anywhere on the page.
 *
 * @returns whether something is being dragged over it
 */
export function useFolderDrop({ onFiles, onError }: FolderDrop): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      setIsOver(false);
      if (!event.dataTransfer || !holdsFiles(event)) return;
      event.preventDefault();
      filesOfDrop(event.dataTransfer).then(onFiles, onError);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [onFiles, onError]);
  return isOver;
}
