import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import { Modal } from "@mantine/core";
import { useEffect, useState } from "react";
import { CaseView } from "./CaseView.tsx";
import type { CaseViewProps } from "./caseView.ts";

export interface CaseDialogProps {
  readonly view: CaseViewProps;
  readonly title: string;
  readonly onClose: () => void;
}

/** The viewer over the whole page; Escape closes it and the focus returns. */
export function CaseDialog({ view, title, onClose }: CaseDialogProps) {
  useReturningFocus();
  return (
    <Modal.Root opened onClose={onClose} fullScreen transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content>
        {/* Not Modal.Header: a second banner beside that of the page. */}
        <div className="dialogHead">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close the viewer" />
        </div>
        <Modal.Body>
          <CaseView {...view} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** What had the focus when this was first drawn gets it back when this is gone. */
function useReturningFocus(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // After the dialog let go of the focus it kept.
      setTimeout(() => {
        if (before instanceof HTMLElement) before.focus({ preventScroll: true });
      });
    },
    [before],
  );
}
