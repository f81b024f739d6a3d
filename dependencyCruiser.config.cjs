/** Who may import whom. Read bottom up: core knows nobody, app and cli know the rest. */
const only = (from, allowed, why) => ({
  name: `${from}-imports-only-${allowed.join("-") || "itself"}`,
  comment: why,
  severity: "error",
  // A test may reach for the real thing that its subject is handed in use.
  from: { path: `^${from}/`, pathNot: "\\.(test|acceptance)\\.tsx?$" },
  to: {
    path: "^(core|codecs|nn|workers|app|cli|e2e|bench|testing)/",
    pathNot: `^(${[from, ...allowed].join("|")})/`,
  },
});

module.exports = {
  forbidden: [
    only("core", [], "The domain is plain TypeScript; anything may use it, it uses nothing."),
    only("nn", ["core"], "Networks run in a worker, in Node and in tests alike."),
    only(
      "codecs",
      ["core"],
      "Decoders of compressed pixels run in a worker, in Node and in tests.",
    ),
    only("workers", ["core", "nn", "codecs"], "A worker is a door to nn; it knows no page."),
    only("app", ["core", "workers"], "The page never loads TensorFlow.js."),
    only("cli", ["core", "nn", "codecs"], "The runner needs no page and no worker."),
    only("e2e", [], "End-to-end tests drive the built page."),
    only("bench", ["core"], "Measurements of the planner on simulated data."),
    {
      name: "imports-resolve",
      comment: "What cannot be found is held to no other rule.",
      severity: "error",
      from: {},
      // Vite resolves addresses of files that a package exports under a name; its build fails
      // where one is gone.
      to: { couldNotResolve: true, pathNot: "^@cornerstonejs/codec-[a-z0-9-]+/\\w+\\?url$" },
    },
    {
      name: "app-sees-only-the-worker-client",
      severity: "error",
      from: { path: "^app/" },
      to: { path: "^workers/", pathNot: "^workers/(client|protocol)\\.ts$|\\.worker\\.ts" },
    },
    {
      name: "features-are-siblings",
      comment: "Features meet in app/store or app/App.tsx, not in each other.",
      severity: "error",
      from: { path: "^app/features/([^/]+)/" },
      to: { path: "^app/features/", pathNot: "^app/features/$1/" },
    },
    {
      name: "viewer-knows-no-host",
      severity: "error",
      from: { path: "^app/viewer/" },
      to: { path: "^app/(features|services|store)/" },
    },
    {
      name: "cornerstone-only-in-the-viewer",
      comment: "It is large and loaded when it is needed.",
      severity: "error",
      from: { pathNot: "^app/viewer/cornerstone" },
      to: { path: "node_modules/@cornerstonejs/core/" },
    },
    {
      name: "ui-knows-nothing",
      severity: "error",
      from: { path: "^app/ui/" },
      to: { path: "^app/(features|actions|services|store)/" },
    },
    {
      name: "core-has-few-runtime-packages",
      comment: "Each of these is plain JavaScript without DOM or Node.",
      severity: "error",
      from: { path: "^core/", pathNot: "\\.test\\.ts$" },
      to: {
        dependencyTypes: ["npm", "npm-dev", "core"],
        pathNot: "node_modules/(pure-rand|valibot|fflate|dicom-parser)/",
      },
    },
    {
      name: "tests-helpers-only-in-tests",
      severity: "error",
      from: { pathNot: "\\.(test|spec|acceptance)\\.tsx?$|^testing/|^bench/" },
      to: { path: "^testing/" },
    },
    {
      name: "tfjs-only-in-nn",
      severity: "error",
      from: { pathNot: "^nn/" },
      to: { path: "node_modules/@tensorflow/", pathNot: "\\.wasm$" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: "\\.(test|spec|acceptance|d)\\.tsx?$|\\.config\\.ts$" },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "default", "types"],
    },
  },
};
