import { pathToFileURL } from "node:url";
import { builds, buildWhenChanged } from "./buildWhenChanged.mjs";
import { projectRoot } from "./runCommand.mjs";
import { setUp } from "./setUp.mjs";

try {
  await setUp();
  await buildWhenChanged("cli");
  // npm changes to the project's folder; paths on the command line are the caller's.
  const calledFrom = process.env["INIT_CWD"];
  if (process.env["npm_lifecycle_event"] === "slicewise" && calledFrom) process.chdir(calledFrom);
  await import(pathToFileURL(projectRoot + builds.cli.output).href);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
