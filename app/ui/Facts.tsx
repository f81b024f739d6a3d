import type { ReactNode } from "react";

interface FactsProps {
  readonly facts: readonly {
    readonly key: string;
    readonly name: ReactNode;
    readonly value: ReactNode;
  }[];
}

/** A few figures in a row, each with its name. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl className="facts">
      {facts.map(({ key, name, value }) => (
        <div key={key}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
