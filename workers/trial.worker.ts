import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import { browserCohortTools } from "./browserCohortTools.ts";
import { checksIn } from "./checksIn.ts";
import { cohortJobs } from "./cohortJobs.ts";
import { engineStarter } from "./engines.ts";
import { originArea } from "./fileArea.ts";
import { type Scope, serve } from "./host.ts";
import { morphological } from "./morphologicalFiles.ts";
import { selectionJobs } from "./selectionJobs.ts";
import { browserThreads } from "./threads.ts";
import { trialJobs } from "./trialJobs.ts";
import { viewJobs } from "./viewJobs.ts";
import { openVoxelStore, type VoxelStore } from "./voxelStore.ts";

let store: Promise<VoxelStore> | null = null;
const openStore = () => {
  store ??= openVoxelStore();
  return store;
};
const gpu: GPU | undefined = navigator.gpu;

// Jobs on cohorts are here too: where voxels can only be kept in memory, it has to be this one's.
serve(self as unknown as Scope, {
  ...cohortJobs(openStore, browserCohortTools(navigator)),
  ...viewJobs(openStore, morphological),
  ...selectionJobs(openStore),
  ...trialJobs({
    openStore,
    gpu,
    knownChecks: checksIn(() => originArea("checks")),
    openCheckpoints: () => originArea("checkpoints"),
    morphological,
    startEngine: engineStarter(gpu, { plain }, browserThreads()),
  }),
});
