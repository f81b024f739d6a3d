import { CloseButton } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon } from "./Icon.tsx";
import { type StatusKind, statusIcons } from "./Status.tsx";

interface MessageProps {
  readonly kind: Exclude<StatusKind, "none">;
  readonly children: ReactNode;
  /** Shows a close button. */
  readonly onDismiss?: (() => void) | undefined;
}

/** A block that says something important; errors interrupt screen readers, others wait. */
export function Message({ kind, children, onDismiss }: MessageProps) {
  return (
    <div className="message" data-kind={kind} role={kind === "bad" ? "alert" : "status"}>
      <span className="messageIcon">
        <Icon name={statusIcons[kind]} />
      </span>
      <div>{children}</div>
      {onDismiss ? <CloseButton aria-label="Dismiss" size="sm" onClick={onDismiss} /> : null}
    </div>
  );
}
