// Who is at the server: workers as it knows their connections, by the tool that they are.

import type { Redis } from "ioredis";
import { oneLine } from "../one-line.ts";
import type { QueueNames } from "./names.ts";
import { isReply } from "./server.ts";

export interface Present {
  /** Units of this tool that nobody has taken yet. */
  readonly waiting: number;
  /** Workers of this tool; undefined where the server does not say who is connected. */
  readonly own: number | undefined;
  readonly others: readonly Other[];
}

export interface Other {
  readonly tool: string;
  readonly workers: number;
  readonly waiting: number;
}

/** More tools than this came to no server yet. */
const MOST_TOOLS = 100;

export async function present(redis: Redis, names: QueueNames): Promise<Present> {
  const [waiting, clients, [, listed]] = await Promise.all([
    redis.llen(names.key("wait")),
    clientNames(redis),
    redis.hscan(names.tools, 0, "COUNT", MOST_TOOLS),
  ]);
  const workersOf = (queue: string) => {
    const own = names.client(queue);
    return clients?.filter((name) => name === own || name.startsWith(`${own}:w:`)).length;
  };
  const others: Other[] = [];
  for (let i = 0; i + 1 < listed.length; i += 2) {
    const [short = "", tool = ""] = [listed[i], listed[i + 1]];
    if (short === names.short || !/^[0-9a-f]{12}$/.test(short)) continue;
    const queue = names.queueOf(short);
    const [workers = 0, theirs] = [workersOf(queue), await redis.llen(names.key("wait", queue))];
    if (workers > 0 || theirs > 0) others.push({ tool: oneLine(tool), workers, waiting: theirs });
  }
  return { waiting, own: workersOf(names.queue), others };
}

/** Undefined where this user may not ask. */
async function clientNames(redis: Redis): Promise<string[] | undefined> {
  const list = await redis.call("CLIENT", "LIST").catch((error: unknown) => {
    if (isReply(error)) return undefined;
    throw error;
  });
  if (typeof list !== "string") return undefined;
  return [...list.matchAll(/ name=(\S*)/g)].map(([, name = ""]) => name);
}
