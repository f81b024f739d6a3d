import * as v from "valibot";
import { costModelSchema } from "#core/analysis/cost.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import type { Session, SessionRecord } from "./services.ts";

const KEY = "slicewise.session";

const nothing: SessionRecord = {
  experiment: null,
  cohortId: null,
  cohortSource: "files",
  shown: null,
  choice: "auto",
  planning: null,
};

const schema = v.object({
  experiment: v.fallback(
    v.nullable(
      v.pipe(
        v.unknown(),
        v.rawTransform(({ dataset, addIssue, NEVER }) => {
          try {
            return parseExperiment(dataset.value);
          } catch {
            addIssue({ message: "an experiment" });
            return NEVER;
          }
        }),
      ),
    ),
    null,
  ),
  cohortId: v.fallback(v.nullable(v.string()), null),
  cohortSource: v.fallback(v.picklist(["sample", "files"]), "files"),
  shown: v.fallback(v.nullable(v.string()), null),
  choice: v.fallback(v.picklist(["auto", "webgpu", "cpu"]), "auto"),
  planning: v.fallback(
    v.nullable(
      v.object({
        unit: v.picklist(["slices", "hours", "money"]),
        amount: v.nullable(v.pipe(v.number(), v.minValue(0))),
        cost: costModelSchema,
      }),
    ),
    null,
  ),
});

/**
 * What the page remembers between visits, in the browser's local storage. Each field that
 * cannot be read falls back by itself; a browser that keeps nothing is no error.
 *
 * @param open - gives the storage; it throws where the user blocked it
 */
export function createSession(open: () => Pick<Storage, "getItem" | "setItem">): Session {
  let record = nothing;
  return {
    load: () => {
      record = read(open);
      return record;
    },
    save: (change) => {
      record = { ...record, ...change };
      try {
        open().setItem(KEY, JSON.stringify(record));
      } catch {
        // Full or blocked: the next visit starts afresh, this one goes on.
      }
    },
  };
}

function read(open: () => Pick<Storage, "getItem">): SessionRecord {
  try {
    const text = open().getItem(KEY);
    return text === null ? nothing : v.parse(schema, JSON.parse(text));
  } catch {
    return nothing;
  }
}
