import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "./serve.mjs";

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** A request whose path is sent as it is; fetch would tidy it first. */
function ask(address: string, path: string, method = "GET"): Promise<Answer> {
  const { port } = new URL(address);
  return new Promise((done, fail) => {
    request({ host: "127.0.0.1", port, path, method }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      response.on("end", () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on("error", fail)
      .end();
  });
}

describe("serve", () => {
  const parent = mkdtempSync(join(tmpdir(), "slicewise-serve-"));
  const folder = join(parent, "app");
  let server: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    mkdirSync(join(folder, "assets"), { recursive: true });
    writeFileSync(join(parent, "secret.txt"), "secret");
    writeFileSync(join(folder, "index.html"), "<p>page</p>");
    writeFileSync(join(folder, "assets", "a-1.js"), "1");
    writeFileSync(join(folder, "kernels.wasm"), "w");
    writeFileSync(join(folder, "with space.txt"), "s");
    server = await serve({ folder, port: 0 });
  });
  afterAll(async () => {
    await server.close();
    rmSync(parent, { recursive: true });
  });

  it.each([
    ["/", "text/html; charset=utf-8", "<p>page</p>"],
    ["/?trial=1", "text/html; charset=utf-8", "<p>page</p>"],
    ["/assets/a-1.js", "text/javascript; charset=utf-8", "1"],
    ["/kernels.wasm", "application/wasm", "w"],
    ["/with%20space.txt", "text/plain; charset=utf-8", "s"],
  ])("answers %s as %s", async (path, type, body) => {
    const answer = await ask(server.address, path);
    expect(answer).toMatchObject({ status: 200, body });
    expect(answer.headers["content-type"]).toBe(type);
  });

  it.each([
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/..%5csecret.txt",
    "//secret.txt",
    "/assets/../../secret.txt",
    "/%00",
    "/%zz",
    "/assets",
    "/nothing.js",
  ])("has nothing at %s", async (path) => {
    const answer = await ask(server.address, path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("secret");
  });

  it("answers HEAD without a body and refuses to be written to", async () => {
    expect(await ask(server.address, "/", "HEAD")).toMatchObject({ status: 200, body: "" });
    expect(await ask(server.address, "/", "POST")).toMatchObject({ status: 405 });
  });

  it("isolates the page and lets it talk to nobody else", async () => {
    const { headers } = await ask(server.address, "/");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(headers["cross-origin-embedder-policy"]).toBe("require-corp");
    const policy = String(headers["content-security-policy"]);
    expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'/);
  });

  it("takes the next port when one is taken", async () => {
    const port = Number(new URL(server.address).port);
    const second = await serve({ folder, port });
    expect(Number(new URL(second.address).port)).toBeGreaterThan(port);
    await second.close();
  });
});
