import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { glossary, type TermName } from "./glossary.ts";

interface TermProps {
  readonly name: TermName;
  /** Words to show; the glossary's title otherwise. */
  readonly children?: ReactNode;
}

/** A word with its definition on hover, focus and touch. */
export function Term({ name, children }: TermProps) {
  const { title, text } = glossary[name];
  return (
    <Tooltip label={text} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className="term">
        {children ?? title}
      </button>
    </Tooltip>
  );
}
