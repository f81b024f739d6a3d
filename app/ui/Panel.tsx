import { Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

interface PanelProps {
  readonly title: ReactNode;
  readonly note?: ReactNode;
  /** Stands at the right of the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A titled section: a landmark named by its title. */
export function Panel({ title, note, aside, children }: PanelProps) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <div className="panelHead">
        <Title order={2} id={id}>
          {title}
        </Title>
        {aside}
      </div>
      {note ? <p className="panelNote">{note}</p> : null}
      {children}
    </section>
  );
}
