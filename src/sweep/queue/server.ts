// The connection to the server of a queue: checked when it is made, and waited for when it is lost.

import type { Redis } from "ioredis";
import { messageOf } from "../../errno/index.ts";
import { UsageError } from "../../written/index.ts";
import type { QueueAddress } from "./address.ts";
import { connectionOf } from "./connection.ts";
import type { QueueLibraries } from "./libraries.ts";
import { within } from "./within.ts";

/** Who does not answer for so long at the beginning is not there, ms. */
const FIRST_MS = 5000;
/** A connection that owes an answer for so long is dead: its other end has gone without a word, ms. */
export const SILENT_MS = 30_000;
/** Between two questions whether it still is there, ms. */
const BEAT_MS = 10_000;
/** Between two attempts, ms. */
const MOST_BETWEEN_MS = 2000;

const OLDEST = [6, 2] as const;

export interface ServerHooks {
  away?(): void;
  back?(): void;
}

/** Rejects with one line where the server is out of reach or not fit for queues. */
export async function connect(
  libraries: QueueLibraries,
  { shown, options }: QueueAddress,
  hooks: ServerHooks = {},
): Promise<Redis> {
  let ready = false;
  let last: unknown;
  const redis = connectionOf(libraries, {
    ...options,
    maxRetriesPerRequest: null,
    keepAlive: 10_000,
    lazyConnect: true,
    connectTimeout: FIRST_MS,
    retryStrategy: (times) => (ready ? Math.min(100 * 2 ** Math.min(times, 10), MOST_BETWEEN_MS) : null),
  });
  // Without a listener ioredis prints them. What they say is said here, once, and never with the URL.
  redis.on("error", (error) => {
    last = error;
  });
  try {
    await within(FIRST_MS, redis.connect());
    await fit(redis, shown);
    // ioredis goes on with database 0 where there is no such one.
    if (options.db) await redis.select(options.db);
  } catch (error) {
    // One that has ended by itself would keep the process for two seconds more.
    if (redis.status !== "end") redis.disconnect();
    throw error instanceof UsageError ? error : new Error(`the queue at ${shown}: ${whyNot(last ?? error)}`);
  }
  ready = true;
  let away = false;
  redis.on("close", () => {
    if (away || redis.status === "end") return;
    away = true;
    hooks.away?.();
  });
  redis.on("ready", () => {
    if (!away) return;
    away = false;
    hooks.back?.();
  });
  const beat = setInterval(() => ask(redis), BEAT_MS);
  beat.unref();
  redis.once("end", () => clearInterval(beat));
  return redis;
}

/** Begins anew where no answer comes: ioredis has a time-out of its own, but that keeps a process from ending. */
function ask(redis: Redis): void {
  if (redis.status !== "ready") return;
  const late = setTimeout(() => redis.disconnect(true), SILENT_MS);
  late.unref();
  const answered = () => clearTimeout(late);
  redis.ping().then(answered, answered);
}

/** Throws a UsageError that says what has to change at the server. */
async function fit(redis: Redis, shown: string): Promise<void> {
  const info = new Map<string, string>();
  for (const line of (await redis.info()).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) info.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const refuse = (what: string) => {
    throw new UsageError(`the queue at ${shown}: ${what}`);
  };
  const version = info.get("redis_version") ?? "0";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    refuse(`this is Redis ${version}; Redis ${OLDEST.join(".")} or newer is needed, or Valkey`);
  }
  if (info.get("cluster_enabled") === "1") refuse("this is a Redis Cluster; one server is needed");
  if (info.get("role") === "slave") refuse("this is a replica, which cannot be written to; its master is needed");
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (info.get("maxmemory") !== "0" && policy !== "noeviction") {
    refuse(`maxmemory-policy is ${policy}, which throws jobs away when memory is short; noeviction is needed`);
  }
}

function whyNot(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return "nothing listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "there is no such host";
  const text = messageOf(error);
  if (/WRONGPASS|invalid username-password|invalid password/.test(text)) return "it does not take this password";
  if (/NOAUTH/.test(text)) return "it needs a password";
  if (/^Protocol error/.test(text)) return "what answers there is no Redis";
  if (/DB index is out of range/.test(text)) return "it has no database of that number";
  if (/NOPERM/.test(text)) return `this user may not do what is needed (${text})`;
  return text === "Connection is closed." ? "it ends connections at once" : text;
}

/** What the server said. */
export function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

/** What the server said, or that it went away in the middle: the same again may do. */
export function isOfServer(error: unknown): boolean {
  if (isReply(error)) return true;
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code)) return true;
  return error.name === "AbortError" || /^(Connection is closed|Command aborted|Socket timeout)/.test(error.message);
}
