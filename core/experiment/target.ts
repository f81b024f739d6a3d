import * as v from "valibot";
import { rules } from "../schema.ts";

const labels = rules.list(
  rules.integer(1, 65535),
  1,
  "a list of labels without doubles, at least one",
);

const targetClass = v.object({
  /** For people; empty where the labels say enough. */
  name: v.optional(
    v.pipe(v.string("a text"), v.maxLength(100, "a text of up to 100 characters")),
    "",
  ),
  labels,
});

/** What is to be segmented; the schema of `Experiment.target`. */
export const targetSchema = v.pipe(
  v.object({
    /** Class 1, 2, .. of the network and of every mask, in order. */
    classes: v.pipe(
      v.array(targetClass, "a list of classes"),
      v.check((list) => list.length >= 1 && list.length <= 16, "a list of 1 to 16 classes"),
      v.check(
        (list) =>
          new Set(list.flatMap((one) => one.labels)).size ===
          list.flatMap((one) => one.labels).length,
        "classes that share no label",
      ),
    ),
    /** The class whose IoU is the trial's score, or the mean over the classes. */
    score: v.optional(
      v.union([v.literal("mean"), rules.integer(1, 16)], '"mean" or the number of a class, from 1'),
      "mean",
    ),
  }),
  v.check(
    ({ classes, score }) => score === "mean" || score <= classes.length,
    'a target whose score is "mean" or the number of one of its classes',
  ),
);

/** Classes to train on together, each a set of labels, and which of them is scored. */
export type Target = v.InferOutput<typeof targetSchema>;

/** The target of one class that these labels form together. */
export function singleTarget(labelsOfClass: readonly number[]): Target {
  return { classes: [{ name: "", labels: [...labelsOfClass] }], score: "mean" };
}

/** Labels of each class, in the order of the classes: what a mask is made of. */
export function classLabels({ classes }: Target): readonly (readonly number[])[] {
  return classes.map((one) => one.labels);
}

/** All labels of a target, ascending. */
export function targetLabels(target: Target): number[] {
  return classLabels(target)
    .flat()
    .sort((a, b) => a - b);
}

/** Numbers of the classes that make up the score, from 1. */
export function scoredClasses({ classes, score }: Target): number[] {
  return score === "mean" ? classes.map((_, index) => index + 1) : [score];
}

/** A class in words: its name, or its labels. */
export function className({ classes }: Target, number: number): string {
  const one = classes[number - 1];
  return one?.name || `label ${one?.labels.join(" + ") ?? number}`;
}
