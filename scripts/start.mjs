import { buildWhenChanged } from "./buildWhenChanged.mjs";
import { serve } from "./serve.mjs";
import { setUp } from "./setUp.mjs";

try {
  await setUp();
  await buildWhenChanged("page");
  const { address } = await serve({ port: firstPort() });
  console.log(`Slicewise is ready at ${address} (stop it with Ctrl+C)`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** @throws {Error} when PORT is not a port */
function firstPort() {
  const text = process.env["PORT"] || "5173";
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT must be an integer from 0 to 65535, got ${text}`);
}
