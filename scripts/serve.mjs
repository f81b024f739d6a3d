import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { contentPolicy } from "./contentPolicy.mjs";
import { projectRoot } from "./runCommand.mjs";

/** @type {Record<string, string>} */
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
};

/** Sent with every answer. Cross-origin isolation gives WebAssembly its threads. */
export const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  // Of the policy only this last part can be said by a server alone.
  "Content-Security-Policy": `${contentPolicy}; frame-ancestors 'none'`,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/**
 * Serves a folder to this machine alone.
 *
 * @param {object} [options]
 * @param {string} [options.folder]
 * @param {number} [options.port] - the first to try; 0 takes any
 * @returns {Promise<{ address: string, close: () => Promise<void> }>}
 */
export async function serve({ folder = `${projectRoot}dist/app`, port = 5173 } = {}) {
  const last = port === 0 ? 0 : Math.min(port + 50, 65_535);
  for (let candidate = port; candidate <= last; candidate++) {
    const servers = await listenOnLocalhost(folder, candidate);
    if (!servers) continue;
    const address = servers[0]?.address();
    const taken = typeof address === "object" && address ? address.port : candidate;
    return {
      address: `http://localhost:${taken}/`,
      close: async () => {
        await Promise.all(servers.map(close));
      },
    };
  }
  throw new Error(`no free port from ${port} to ${last}; set PORT to another one`);
}

/**
 * "localhost" is two addresses; a port is ours only when it is free on both.
 *
 * @param {string} folder
 * @param {number} port
 * @returns {Promise<import("node:http").Server[] | null>}
 */
async function listenOnLocalhost(folder, port) {
  const first = await listen(folder, port, "127.0.0.1");
  if (first === "taken") return null;
  if (first === "absent") throw new Error("this machine has no address 127.0.0.1");
  const address = first.address();
  const samePort = typeof address === "object" && address ? address.port : port;
  const second = await listen(folder, samePort, "::1");
  if (second === "absent") return [first];
  if (second !== "taken") return [first, second];
  await close(first);
  return null;
}

/**
 * @param {string} folder
 * @param {number} port
 * @param {string} host
 * @returns {Promise<import("node:http").Server | "taken" | "absent">}
 */
function listen(folder, port, host) {
  const server = createServer((request, response) => answer(folder, request, response));
  return new Promise((done, fail) => {
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") done("taken");
      else if (host === "::1") done("absent");
      else fail(error);
    });
    server.listen(port, host, () => done(server));
  });
}

/** @param {import("node:http").Server} server */
function close(server) {
  return new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
}

/**
 * @param {string} folder
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
function answer(folder, { method, url = "/" }, response) {
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { ...headers, Allow: "GET, HEAD" }).end();
    return;
  }
  const found = fileOf(folder, url);
  if (!found) {
    response.writeHead(404, { ...headers, "Content-Type": types[".txt"] }).end("not found\n");
    return;
  }
  response.writeHead(200, {
    ...headers,
    "Content-Type": types[extname(found.path)] ?? "application/octet-stream",
    "Content-Length": found.bytes,
    // Names in assets/ carry a hash of their content.
    "Cache-Control": url.startsWith("/assets/")
      ? "public, max-age=31536000, immutable"
      : "no-cache",
  });
  if (method === "HEAD") response.end();
  else
    createReadStream(found.path)
      .on("error", () => response.destroy())
      .pipe(response);
}

/**
 * The file an address names; null for anything outside the folder.
 *
 * @param {string} folder
 * @param {string} url
 */
export function fileOf(folder, url) {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? "");
    const root = resolve(folder);
    const file = join(root, path.endsWith("/") ? `${path}index.html` : path);
    if (path.includes("\0") || !file.startsWith(root + sep)) return null;
    const stats = statSync(file);
    return stats.isFile() ? { path: file, bytes: stats.size } : null;
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { address } = await serve({ port: Number(process.env["PORT"] ?? 5173) });
  console.log(address);
}
