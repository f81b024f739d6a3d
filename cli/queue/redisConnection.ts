import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { messageOf, PlannerError } from "#core/errors.ts";

/** Milliseconds after which a Redis that does not answer is not there. */
const PATIENCE = 5000;

/** Where a Redis is, without a password; for messages. */
export function placeOf(url: string): string {
  try {
    const { hostname, port } = new URL(url);
    return `${hostname}:${port || 6379}`;
  } catch {
    return "an address that is none";
  }
}

/**
 * A connection that comes back by itself when the server was away; commands sent meanwhile
 * fail after two tries.
 *
 * @param url - `redis://[:password@]host[:port][/database]`, `rediss://` for TLS
 * @param say - told when the connection is lost and when it is back
 * @throws PlannerError "argument" when the address is none, "storage" when nothing answers there
 */
export async function connectRedis(url: string, say: (text: string) => void): Promise<Redis> {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new PlannerError(
      "argument",
      "redis must be an address like redis://host:6379, got one that is not",
    );
  }
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 2,
    retryStrategy: (times) => Math.min(times * 200, 2000),
  });
  let isLost = false;
  let last: unknown = null;
  redis.on("error", (error) => {
    last = error;
  });
  redis.on("close", () => {
    if (!isLost && redis.status !== "end") say(`lost Redis at ${placeOf(url)}; trying again`);
    isLost = true;
  });
  const giveUp = new AbortController();
  const late = wait(PATIENCE, null, { signal: giveUp.signal }).catch(() => null);
  try {
    const isThere = await Promise.race([redis.connect().then(() => redis.ping()), late]);
    if (isThere === null) throw new Error(`no answer within ${PATIENCE / 1000} s`);
  } catch (error) {
    redis.disconnect();
    const reason = messageOf(last ?? error);
    throw new PlannerError(
      "storage",
      `no Redis can be used at ${placeOf(url)} (${reason}); start one there or correct --redis`,
      { cause: error },
    );
  } finally {
    giveUp.abort();
  }
  redis.on("ready", () => {
    if (isLost) say(`Redis at ${placeOf(url)} is back`);
    isLost = false;
  });
  return redis;
}
