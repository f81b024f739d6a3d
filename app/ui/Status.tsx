import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon.tsx";

/** How good or bad a thing is. */
export type StatusKind = "good" | "bad" | "warn" | "info" | "none";

export const statusIcons = {
  good: "check",
  bad: "error",
  warn: "warning",
  info: "info",
  none: "circle",
} as const satisfies Record<StatusKind, IconName>;

/** A state in an icon's shape, a colour and words. */
export function Status({ kind, children }: { kind: StatusKind; children: ReactNode }) {
  return (
    <span className="status" data-kind={kind}>
      <Icon name={statusIcons[kind]} />
      <span>{children}</span>
    </span>
  );
}
