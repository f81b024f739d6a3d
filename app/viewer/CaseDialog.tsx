import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import { Modal } from "@mantine/core";
import { CaseView } from "./CaseView.tsx";
import type { CaseViewProps } from "./caseView.ts";

export interface CaseDialogProps {
  readonly view: CaseViewProps;
  readonly title: string;
  readonly onClose: () => void;
}

/** The viewer over the whole page; Escape closes it. */
export function CaseDialog({ view, title, onClose }: CaseDialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      fullScreen
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ "aria-label": "Close the viewer" }}
    >
      <CaseView {...view} />
    </Modal>
  );
}
