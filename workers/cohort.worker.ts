import { analysisJobs } from "./analysisJobs.ts";
import { browserCohortTools } from "./browserCohortTools.ts";
import { cohortJobs } from "./cohortJobs.ts";
import { type Scope, serve } from "./host.ts";
import { selectionJobs } from "./selectionJobs.ts";
import { openVoxelStore, type VoxelStore } from "./voxelStore.ts";

let store: Promise<VoxelStore> | null = null;

const openStore = () => {
  store ??= openVoxelStore();
  return store;
};

serve(self as unknown as Scope, {
  ...cohortJobs(openStore, browserCohortTools(navigator)),
  ...selectionJobs(openStore),
  ...analysisJobs,
});
