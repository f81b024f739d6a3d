import { Button, NativeSelect } from "@mantine/core";
import type { Experiment } from "#core/experiment/experiment.ts";
import {
  ownRecipe,
  paperRuns,
  type RecipeName,
  recipeLabel,
  recipeNames,
} from "#core/experiment/paperRuns.ts";
import {
  type PresetName,
  presetChanges,
  presetIn,
  presetLabels,
  presets,
} from "#core/experiment/presets.ts";
import { augmentationLabels, type Recipe } from "#core/experiment/recipe.ts";
import { MethodChips } from "../../ui/MethodChips.tsx";
import { Term } from "../../ui/Term.tsx";
import type { FormProps } from "./GridPanel.tsx";

export interface PresetFieldsProps {
  readonly experiment: Experiment;
  readonly disabled: boolean;
  readonly onPreset: (effort: PresetName, recipe: RecipeName) => void;
}

/** Which recipe and effort, and what they change of the paper's. */
export function PresetFields({ experiment, disabled, onPreset }: PresetFieldsProps) {
  const on = presetIn(experiment);
  const recipe = on.recipe ?? ownRecipe;
  const changes =
    on.recipe && on.effort
      ? presetChanges(on.recipe, on.effort, experiment.target.classes.length)
      : [];
  const names = Object.keys(presets) as PresetName[];
  return (
    <div className="column" style={{ gap: "0.5rem" }}>
      <NativeSelect
        label="Recipe"
        value={on.recipe ?? ""}
        disabled={disabled}
        data={[
          ...(on.recipe ? [] : [{ value: "", label: "Changed by hand" }]),
          ...recipeNames.map((name) => ({ value: name, label: recipeLabel(name) })),
        ]}
        onChange={({ currentTarget: { value } }) => {
          const name = recipeNames.find((one) => one === value);
          if (name) onPreset(on.effort ?? "quick", name);
        }}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand in a line of a flex box */}
      <div role="group" aria-label="Presets" className="choiceButtons">
        {names.map((name) => (
          <Button
            key={name}
            size="compact-sm"
            variant={on.effort === name ? "filled" : "default"}
            aria-pressed={on.effort === name}
            disabled={disabled}
            onClick={() => onPreset(name, recipe)}
          >
            {presetLabels[name]}
          </Button>
        ))}
      </div>
      <Term name="recipe">What is a recipe?</Term>
      {on.recipe && on.recipe !== ownRecipe ? (
        <p className="soft" style={{ margin: 0 }} aria-live="polite">
          The paper trains {paperRuns[on.recipe].network}
          {changes.length > 0 ? `; changed here: ${changes.join(", ")}.` : " just so."}
        </p>
      ) : null}
    </div>
  );
}

const losses: Record<Recipe["loss"]["kind"], { label: string; recipe: Recipe["loss"] }> = {
  diceCrossEntropy: { label: "Dice + cross entropy", recipe: { kind: "diceCrossEntropy" } },
  crossEntropy: { label: "Cross entropy", recipe: { kind: "crossEntropy" } },
  diceFocal: { label: "Dice + focal", recipe: { kind: "diceFocal", gamma: 2 } },
};
const optimisers: Record<
  Recipe["optimiser"]["kind"],
  { label: string; recipe: Recipe["optimiser"] }
> = {
  adamw: { label: "AdamW", recipe: { kind: "adamw", weightDecay: 1e-5 } },
  sgd: { label: "SGD with momentum", recipe: { kind: "sgd", momentum: 0.9, weightDecay: 1e-4 } },
};
const schedules: Record<Recipe["schedule"]["kind"], string> = {
  constant: "Constant",
  poly: "Polynomial",
  cosine: "Cosine",
  step: "Steps",
};

/** The parts of a recipe, each to be changed by itself. */
export function RecipeFields({ experiment, disabled, onChange }: FormProps) {
  const { recipe, iterations } = experiment;
  const change = (part: Partial<Recipe>) => onChange({ recipe: { ...recipe, ...part } });
  const weights = recipe.loss.kind === "crossEntropy" ? recipe.loss.weights : undefined;
  const scheduleOf = (kind: string): Recipe["schedule"] => {
    if (kind === "constant") return { kind };
    if (kind === "cosine") return { kind, lowest: 0 };
    if (kind === "step")
      return { kind, every: Math.max(1, Math.round(iterations / 5)), factor: 0.7 };
    return { kind: "poly", power: 0.9 };
  };
  return (
    <>
      <div className="fields">
        <NativeSelect
          label="Loss"
          description={weights ? `class weights ${weights.join(", ")}` : undefined}
          value={recipe.loss.kind}
          disabled={disabled}
          data={Object.entries(losses).map(([value, { label }]) => ({ value, label }))}
          onChange={({ currentTarget: { value } }) => {
            const chosen = losses[value as keyof typeof losses];
            change({ loss: chosen.recipe });
          }}
        />
        <NativeSelect
          label="Optimiser"
          value={recipe.optimiser.kind}
          disabled={disabled}
          data={Object.entries(optimisers).map(([value, { label }]) => ({ value, label }))}
          onChange={({ currentTarget: { value } }) => {
            const chosen = optimisers[value as keyof typeof optimisers];
            change({ optimiser: chosen.recipe });
          }}
        />
        <NativeSelect
          label="Learning rate over the steps"
          value={recipe.schedule.kind}
          disabled={disabled}
          data={Object.entries(schedules).map(([value, label]) => ({ value, label }))}
          onChange={({ currentTarget: { value } }) => change({ schedule: scheduleOf(value) })}
        />
      </div>
      <MethodChips
        label={<Term name="augmentation">Augmentations</Term>}
        labels={augmentationLabels}
        chosen={recipe.augmentations}
        disabled={disabled}
        onChange={(augmentations) => change({ augmentations })}
      />
    </>
  );
}
