import { useEffect, useState } from "react";
import { Panel } from "../../ui/Panel.tsx";

interface Credit {
  readonly name: string;
  readonly licence: string;
  readonly citation: string;
}

/** Licence and citation of the sample cohort, as the file beside its volumes says. */
export function SampleCredit() {
  const [credit, setCredit] = useState<Credit | null>(null);
  useEffect(() => {
    const leave = new AbortController();
    fetchCredit(leave.signal).then(setCredit, () => setCredit(null));
    return () => leave.abort();
  }, []);
  if (!credit) return null;
  return (
    <Panel title="Licence and citation of the sample">
      <p style={{ margin: 0 }}>
        {credit.name}. Licence: {credit.licence}.
      </p>
      <p style={{ margin: "0.25rem 0 0" }} className="soft">
        Please cite: {credit.citation}
      </p>
    </Panel>
  );
}

async function fetchCredit(signal: AbortSignal): Promise<Credit | null> {
  const response = await fetch("cohorts/hippocampus/index.json", { signal });
  const found: unknown = await response.json();
  if (typeof found !== "object" || found === null) return null;
  const text = (key: string) => {
    const value: unknown = Reflect.get(found, key);
    return typeof value === "string" ? value : "";
  };
  return { name: text("name"), licence: text("licence"), citation: text("citation") };
}
