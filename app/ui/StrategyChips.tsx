import { type StrategyName, strategyLabels, strategySight } from "#core/experiment/methods.ts";
import { namesOf } from "#core/schema.ts";
import { MethodChips } from "./MethodChips.tsx";
import { Term } from "./Term.tsx";

interface StrategyChipsProps {
  readonly chosen: readonly StrategyName[];
  readonly disabled: boolean;
  readonly onChange: (chosen: StrategyName[]) => void;
}

const names = namesOf(strategyLabels);
const seeing = (sight: "place" | "image" | "target") =>
  names.filter((name) => strategySight[name] === sight);

/** Strategies in three groups, by what they see; the one that knows the target says so. */
export function StrategyChips(props: StrategyChipsProps) {
  return (
    <>
      <MethodChips
        {...props}
        label={<Term name="strategy">Strategies by place</Term>}
        labels={strategyLabels}
        offered={seeing("place")}
      />
      <MethodChips
        {...props}
        label={<Term name="unsupervised">Strategies by image</Term>}
        description="They compare what slices look like and see no mask"
        labels={strategyLabels}
        offered={seeing("image")}
      />
      <MethodChips
        {...props}
        label={<Term name="biased">Biased: knows where the target is</Term>}
        description="For comparison only: nobody knows this before annotating"
        labels={strategyLabels}
        offered={seeing("target")}
      />
    </>
  );
}
