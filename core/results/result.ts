import * as v from "valibot";
import {
  featureLabels,
  interpolatorLabels,
  networkLabels,
  scopeLabels,
  strategyLabels,
} from "../experiment/methods.ts";
import { namesOf, parseAs, rules } from "../schema.ts";

/** Version of a line of `results.jsonl`; raised when a field changes meaning. */
export const RESULT_SCHEMA_VERSION = 1;

/**
 * Raised when a method's numbers change on purpose: results with different versions are
 * not to be mixed in one curve. The changelog says what changed.
 */
export const METHOD_VERSION = "1";

const count = v.pipe(
  v.number("a count"),
  v.check((n) => Number.isSafeInteger(n) && n >= 0, "a count"),
);
const share = (rule = "a number from 0 to 1") =>
  v.pipe(
    v.number(rule),
    v.check((n) => n >= 0 && n <= 1, rule),
  );
const seconds = v.pipe(
  v.number("seconds"),
  v.check((n) => n >= 0, "seconds"),
);
const overlap = {
  tp: count,
  fp: count,
  fn: count,
  /** null when neither mask has foreground */
  iou: v.nullable(share()),
};
const caseScore = v.object({
  case: v.string("a case id"),
  /** Of the scored class; of several, the counts are sums and the IoU is the mean. */
  ...overlap,
  /** Of class 1, 2, .. where the target has several. */
  classes: v.optional(v.array(v.object(overlap), "a list of scores")),
});
/** Of one class: mean over test cases with a defined IoU, and of all their voxels together. */
const classScore = v.object({
  name: v.string("a text"),
  mean: v.nullable(share()),
  pooled: v.nullable(share()),
});

const schema = v.object({
  schemaVersion: v.literal(RESULT_SCHEMA_VERSION, `${RESULT_SCHEMA_VERSION}`),
  /** `experimentFingerprint` of the experiment this belongs to. */
  experiment: v.string("a fingerprint"),
  methodVersion: v.string("a version"),
  /** Id of the trial. */
  trial: v.string("a trial id"),
  configuration: v.object({
    network: rules.name(namesOf(networkLabels)),
    density: rules.share(),
    volumeFraction: rules.share(),
    strategy: rules.name(namesOf(strategyLabels)),
    interpolator: rules.name(namesOf(interpolatorLabels)),
  }),
  /**
   * What was compared to pick slices, null where the strategy sees no images, and whether over
   * all volumes together. Results of older versions have none: they picked in each volume.
   */
  selection: v.optional(
    v.object({
      features: v.nullable(rules.name(namesOf(featureLabels))),
      scope: rules.name(namesOf(scopeLabels)),
    }),
  ),
  repeat: count,
  seed: count,
  status: v.picklist(["done", "failed"], "done or failed"),
  /** What went wrong; null when done. */
  error: v.nullable(v.string("a text or null")),
  /** Annotated volumes and slices; null when the trial failed before it chose them. */
  volumes: v.nullable(count),
  annotatedSlices: v.nullable(count),
  /** Which slices of which volumes they are, by depth index; results of older versions lack it. */
  chosen: v.optional(
    v.array(
      v.object({ case: v.string("a case id"), slices: v.array(count, "a list of counts") }),
      "a list of cases with slices",
    ),
  ),
  /** null when failed */
  iou: v.nullable(
    v.object({
      /** Mean over test cases with a defined IoU; null when there is none. */
      mean: v.nullable(share()),
      pooled: v.nullable(share()),
      perCase: v.array(caseScore, "a list of scores"),
      /** Of class 1, 2, .. where the target has several. */
      classes: v.optional(v.array(classScore, "a list of scores")),
    }),
  ),
  /**
   * The network found no foreground in any validation case (in any test case where none was
   * set apart): its score is that of an empty mask. null when failed, absent in old results.
   */
  collapsed: v.optional(v.nullable(v.boolean("true or false"))),
  /** Mean loss of the last tenth of the steps; null when failed. */
  finalLoss: v.nullable(v.number("a number")),
  seconds,
  secondsPerStep: v.nullable(seconds),
  /** webgpu or cpu */
  backend: v.picklist(["webgpu", "cpu"], "webgpu or cpu"),
  /** The adapter or processor, in words. */
  device: v.string("a device"),
  /** When the trial ended, ISO 8601. */
  finishedAt: v.string("a time"),
});

/** The outcome of one trial: a line of `results.jsonl`, a record in the browser. */
export type TrialResult = v.InferOutput<typeof schema>;

/** @throws PlannerError "results" naming the field, its rule and the value */
export function parseResult(value: unknown): TrialResult {
  return parseAs(schema, value, "result", "results");
}
