import type { CohortTools } from "./cohortJobs.ts";

/** What the browser of this worker offers cohort jobs. DICOM codecs load with the first need. */
export function browserCohortTools({ locks, storage }: WorkerNavigator): CohortTools {
  return {
    locks,
    decoder: async () => (await import("./dicomCodecs.ts")).browserFrameDecoder(),
    estimate: () => storage.estimate(),
  };
}
