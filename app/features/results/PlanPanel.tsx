import { useDeferredValue, useMemo } from "react";
import type { Analysis } from "#core/analysis/analyse.ts";
import type { AnnotationPlan } from "#core/analysis/annotationPlan.ts";
import { planFor } from "#core/analysis/planFor.ts";
import type { BudgetUnit, Pool } from "#core/analysis/recommend.ts";
import { messageOf } from "#core/errors.ts";
import { useActions, useApp } from "../../PageContext.tsx";
import { formatSentence } from "../../ui/format.ts";
import { Message } from "../../ui/Message.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Term } from "../../ui/Term.tsx";
import { BudgetControls } from "./BudgetControls.tsx";
import { budgetScale, firstBudget, roundedUp } from "./budgetScale.ts";
import { RecommendedPlan } from "./RecommendedPlan.tsx";

interface PlanPanelProps {
  readonly analysis: Analysis;
  readonly pool: Pool;
}

/** What a budget is best spent on. It reads the fitted surfaces alone, so it follows at once. */
export function PlanPanel({ analysis, pool }: PlanPanelProps) {
  const planning = useApp((state) => state.planning);
  const { editPlanning } = useActions();
  const { unit, cost } = planning;
  const amount = planning.amount ?? firstBudget(budgetScale(pool, cost, unit), unit);
  const asked = useDeferredValue(useMemo(() => ({ amount, unit, cost }), [amount, unit, cost]));
  const found = useMemo(() => foundPlan(analysis, pool, asked), [analysis, pool, asked]);
  const changeUnit = (next: BudgetUnit) => {
    // The same plan, priced in the other unit.
    const price = found.plan ? roundedUp(found.plan[next], next) : null;
    editPlanning({ unit: next, amount: price });
  };
  return (
    <Panel
      title="A plan for your budget"
      note={
        <>
          What the training pool's {pool.volumes} volumes would give at any{" "}
          <Term name="budget">budget</Term>, read from the{" "}
          <Term name="learningSurface">learning surface</Term>. Nothing is trained again.
        </>
      }
    >
      <div className="planner">
        <BudgetControls
          planning={planning}
          pool={pool}
          amount={amount}
          onUnit={changeUnit}
          onChange={editPlanning}
        />
        <div className="column">
          <Unfitted analysis={analysis} />
          {found.plan ? (
            <RecommendedPlan plan={found.plan} />
          ) : (
            <Message kind="warn">
              <p>{formatSentence(found.problem)}</p>
            </Message>
          )}
        </div>
      </div>
    </Panel>
  );
}

/** Says what is missing where no surface could be fitted. */
function Unfitted({ analysis: { surfaces } }: { analysis: Analysis }) {
  const [reason] = surfaces.flatMap((one) => one.reason ?? []);
  if (!reason || surfaces.some(({ surface }) => surface !== null)) return null;
  return (
    <Message kind="info">
      <p>
        Not enough different configurations to predict a score: {reason}. Add densities or volume
        fractions to the experiment and run it again.
      </p>
    </Message>
  );
}

type Found =
  | { readonly plan: AnnotationPlan; readonly problem: null }
  | { readonly plan: null; readonly problem: string };

function foundPlan(
  { surfaces }: Analysis,
  pool: Pool,
  {
    amount,
    unit,
    cost,
  }: { amount: number; unit: BudgetUnit; cost: Parameters<typeof planFor>[0]["cost"] },
): Found {
  try {
    return { plan: planFor({ surfaces, pool, budget: amount, unit, cost }), problem: null };
  } catch (error) {
    return { plan: null, problem: messageOf(error) };
  }
}
