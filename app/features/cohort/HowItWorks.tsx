import { Panel } from "../../ui/Panel.tsx";

const steps = [
  {
    title: "1 Cohort",
    text: "Scans that have masks already. Every file is checked, and cases are split by patient.",
  },
  {
    title: "2 Experiment",
    text: "Choose how many slices of how many volumes to pretend were annotated.",
  },
  {
    title: "3 Run",
    text: "For each budget a small network trains here, on your graphics processor or CPU.",
  },
  {
    title: "4 Results",
    text: "See what each budget buys in IoU on test cases, and export the figures.",
  },
];

/** The workflow in four sentences, for a first visit. */
export function HowItWorks() {
  return (
    <Panel title="How it works">
      <ol className="howTo">
        {steps.map(({ title, text }) => (
          <li key={title}>
            <strong>{title}</strong>
            <p>{text}</p>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
