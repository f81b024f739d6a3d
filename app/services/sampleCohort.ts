import * as v from "valibot";
import { PlannerError } from "#core/errors.ts";
import { parseAs } from "#core/schema.ts";
import type { CohortFile } from "#workers/protocol.ts";
import type { SampleCohort } from "./services.ts";

/** Where the bundled cohort lies, relative to the page. */
const FOLDER = "cohorts/hippocampus/";

const listing = v.object({
  name: v.string("a text"),
  files: v.array(v.string("a path"), "a list of paths"),
});

/** Files asked for at a time. */
const AT_ONCE = 6;

/**
 * Fetches the bundled cohort from the page's own origin, by the list in its `index.json`.
 *
 * @throws PlannerError "cohort" when it cannot be fetched
 */
export async function loadSample(get: typeof fetch, signal?: AbortSignal): Promise<SampleCohort> {
  const index = await fetched(get, "index.json", signal);
  const { name, files: paths } = parseAs(listing, await index.json(), "sample cohort", "cohort");
  const files: CohortFile[] = [];
  for (let first = 0; first < paths.length; first += AT_ONCE) {
    const some = paths.slice(first, first + AT_ONCE).map(async (path) => {
      const response = await fetched(get, path, signal);
      return { path, file: await response.blob() };
    });
    files.push(...(await Promise.all(some)));
  }
  return { name, files };
}

async function fetched(get: typeof fetch, path: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await get(`${FOLDER}${path}`, signal ? { signal } : {});
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(path, "the connection failed", cause);
  }
  if (!response.ok) throw unreachable(path, `the server answered ${response.status}`);
  return response;
}

function unreachable(path: string, why: string, cause?: unknown): PlannerError {
  return new PlannerError(
    "cohort",
    `${path} of the sample cohort could not be fetched (${why}); check the connection and try again`,
    { cause },
  );
}
