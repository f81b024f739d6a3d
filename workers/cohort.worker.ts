import { analysisJobs } from "./analysisJobs.ts";
import { cohortJobs } from "./cohortJobs.ts";
import { type Scope, serve } from "./host.ts";
import { openVoxelStore, type VoxelStore } from "./voxelStore.ts";

let store: Promise<VoxelStore> | null = null;

serve(self as unknown as Scope, {
  ...cohortJobs(() => {
    store ??= openVoxelStore();
    return store;
  }, navigator.locks),
  ...analysisJobs,
});
