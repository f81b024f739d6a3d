import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { findRedis } from "../scripts/findRedis.mjs";

/** Program of a Redis server; null where there is none. */
export const redisProgram: string | null = findRedis();

/** A Redis of a test's own, which keeps what it holds when it is killed and started again. */
export class RedisServer {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string) {
    this.#port = port;
    this.#folder = folder;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** @param folder - for what it keeps */
  static async start(folder: string): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), folder);
    await server.startAgain();
    return server;
  }

  async startAgain(): Promise<void> {
    const options = ["--port", String(this.#port), "--dir", this.#folder, "--bind", "127.0.0.1"];
    const keep = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
    this.#child = spawn(redisProgram ?? "redis-server", [...options, ...keep], { stdio: "ignore" });
    await this.#untilReady();
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async #untilReady(): Promise<void> {
    for (;;) {
      if (this.#child?.exitCode != null) throw new Error("the Redis server ended");
      const redis = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
      redis.on("error", () => undefined);
      try {
        await redis.connect();
        await redis.ping();
        return;
      } catch {
        await wait(50);
      } finally {
        redis.disconnect();
      }
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}
