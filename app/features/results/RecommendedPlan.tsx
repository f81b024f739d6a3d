import type { AnnotationPlan } from "#core/analysis/annotationPlan.ts";
import type { Plan } from "#core/analysis/recommend.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { Facts } from "../../ui/Facts.tsx";
import {
  formatCount,
  formatGain,
  formatInterval,
  formatPercent,
  formatPlural,
  formatScore,
  formatSentence,
} from "../../ui/format.ts";
import { Message } from "../../ui/Message.tsx";
import { Term } from "../../ui/Term.tsx";
import { budgetText, formatTenths } from "./budgetText.ts";

/** A plan, what it is expected to give, and why it is this one. */
export function RecommendedPlan({ plan }: { plan: AnnotationPlan }) {
  const { recommendation, reasons, warnings } = plan;
  return (
    <>
      <p className="planLine" aria-live="polite">
        <strong>
          {formatPlural(plan.volumes, "volume")} × {perVolume(plan.slicesPerVolume)}
        </strong>
        : {formatPlural(plan.slices, "slice")}
        {plan.iou === null || !plan.interval ? (
          ", no score promised"
        ) : (
          <>
            , expected IoU {formatScore(plan.iou)} {formatInterval(plan.interval, formatScore)}
            {isGuess(plan) ? ", a guess" : ""}
          </>
        )}
      </p>
      <Facts facts={factsOf(plan)} />
      {warnings.map(({ code, message }) => (
        <Message key={code} kind="warn">
          <p>{formatSentence(message)}</p>
        </Message>
      ))}
      {recommendation?.runnerUp ? (
        <PlansTable
          plan={plan}
          plans={[
            // What the even plan leaves of the budget is spent too.
            { name: "Recommended", plan: { ...recommendation.best, ...spentBy(plan) } },
            { name: "Runner-up", plan: recommendation.runnerUp },
          ]}
        />
      ) : null}
      <details className="more">
        <summary>Why this plan</summary>
        <ul className="findings">
          {reasons.map((reason) => (
            <li key={reason}>{formatSentence(reason)}</li>
          ))}
        </ul>
      </details>
    </>
  );
}

/** Whether the plan lies outside what was measured; a warning says how. */
function isGuess({ warnings }: AnnotationPlan): boolean {
  return warnings.some(({ code }) => code === "outside-measured");
}

function factsOf({ hours, money, currency, recommendation }: AnnotationPlan) {
  const work = [
    { key: "hours", name: "Work", value: budgetText(hours, "hours", currency) },
    { key: "money", name: "Cost", value: budgetText(money, "money", currency) },
  ];
  if (!recommendation) return work;
  const { runnerUp, confidence, gainOfVolume, gainOfSlice } = recommendation;
  const gain = (value: number | null) =>
    value === null ? "none is left" : `${formatGain(value, 4)} IoU per hour`;
  return [
    ...work,
    {
      key: "confidence",
      name: <Term name="confidence" />,
      value: runnerUp ? formatPercent(confidence) : "no rival",
    },
    { key: "volume", name: "One more volume", value: gain(gainOfVolume) },
    { key: "slice", name: "One more slice in each", value: gain(gainOfSlice) },
  ];
}

function spentBy({ slicesPerVolume, slices, hours, money }: AnnotationPlan) {
  return { slicesPerVolume, slices, hours, money };
}

/** "12 slices each"; plans that spread slices unevenly have a mean. */
function perVolume(slices: number): string {
  const text = formatTenths(slices);
  return `${text} ${text === "1" ? "slice" : "slices"} each`;
}

interface NamedPlan {
  readonly name: string;
  readonly plan: Plan;
}

function PlansTable({
  plan: { currency },
  plans,
}: {
  plan: AnnotationPlan;
  plans: readonly NamedPlan[];
}) {
  const columns: Column<NamedPlan>[] = [
    { key: "name", head: "Plan", cell: ({ name }) => name },
    {
      key: "volumes",
      head: "Volumes",
      isNumber: true,
      cell: ({ plan }) => formatCount(plan.volumes),
    },
    {
      key: "perVolume",
      head: "Slices per volume",
      isNumber: true,
      cell: ({ plan }) => formatTenths(plan.slicesPerVolume),
    },
    {
      key: "iou",
      head: "Expected IoU",
      term: "iou",
      isNumber: true,
      cell: ({ plan }) => formatScore(plan.iou),
    },
    {
      key: "interval",
      head: "95 % interval",
      term: "interval",
      isNumber: true,
      cell: ({ plan }) => formatInterval(plan.interval, formatScore),
    },
    {
      key: "slices",
      head: "Slices",
      isNumber: true,
      cell: ({ plan }) => formatCount(plan.slices),
    },
    {
      key: "hours",
      head: "Hours",
      isNumber: true,
      cell: ({ plan }) => formatTenths(plan.hours),
    },
    {
      key: "money",
      head: `Cost, ${currency}`,
      isNumber: true,
      cell: ({ plan }) => formatCount(plan.money),
    },
  ];
  return (
    <DataTable name="Plans compared" rows={plans} columns={columns} rowKey={({ name }) => name} />
  );
}
