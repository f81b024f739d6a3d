import { type Scope, serve } from "./host.ts";
import { morphological } from "./morphologicalFiles.ts";
import { viewJobs } from "./viewJobs.ts";
import { openVoxelStore, type VoxelStore } from "./voxelStore.ts";

let store: Promise<VoxelStore> | null = null;

serve(
  self as unknown as Scope,
  viewJobs(() => {
    store ??= openVoxelStore();
    return store;
  }, morphological),
);
