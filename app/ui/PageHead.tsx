import { Title } from "@mantine/core";
import type { ReactNode } from "react";

interface PageHeadProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly aside?: ReactNode;
}

/** The head of a step: its title, a sentence, what can be done at once. */
export function PageHead({ title, children, aside }: PageHeadProps) {
  return (
    <div className="pageHead">
      <div>
        <Title order={1}>{title}</Title>
        {children ? <p>{children}</p> : null}
      </div>
      {aside}
    </div>
  );
}
