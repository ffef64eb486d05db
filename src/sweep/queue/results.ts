// Results as they come back from the server: anybody may have written there, so each is looked at before it is kept.

import type { Redis } from "ioredis";
import { RESULT_FORMAT, RESULT_VERSION } from "../result.ts";
import type { QueueNames } from "./names.ts";

/** Bytes. That of a thousand groups is below 1 MiB. */
export const MOST_RESULT = 16 * 2 ** 20;

/** Who else asked for a result has so long to fetch it, ms. */
const FETCHED_MS = 600_000;

/** Names are asked for in pieces: an answer is held in memory whole. */
const PIECE = 200;

export interface Fetched {
  readonly texts: ReadonlyMap<string, string>;
  /** What lies there under the name of a unit and is no result of it; it has been removed. */
  readonly wrong: ReadonlyMap<string, string>;
}

export async function fetchResults(redis: Redis, names: QueueNames, units: readonly string[]): Promise<Fetched> {
  const texts = new Map<string, string>();
  const wrong = new Map<string, string>();
  for (let at = 0; at < units.length; at += PIECE) {
    const piece = units.slice(at, at + PIECE);
    const sizes = await all<number>(redis, (line) => {
      for (const unit of piece) line.strlen(names.result(unit));
    });
    const there = piece.filter((_, i) => (sizes[i] ?? 0) > 0 && (sizes[i] ?? 0) <= MOST_RESULT);
    for (const [i, unit] of piece.entries()) {
      if ((sizes[i] ?? 0) > MOST_RESULT) wrong.set(unit, `it has ${sizes[i]} bytes; ${MOST_RESULT} are the most`);
    }
    for (const unit of there) {
      const text = await redis.get(names.result(unit));
      const fault = text === null ? undefined : faultOf(text, unit, names.tool);
      if (fault !== undefined) wrong.set(unit, fault);
      else if (text !== null) texts.set(unit, text);
    }
  }
  if (wrong.size > 0) await forget(redis, names, [...wrong.keys()]);
  return { texts, wrong };
}

/** They are on disk: the server keeps them a little longer, for others. */
export async function fetched(redis: Redis, names: QueueNames, units: readonly string[]): Promise<void> {
  await all(redis, (line) => {
    for (const unit of units) line.pexpire(names.result(unit), FETCHED_MS);
  });
}

/** As if they had never come. */
async function forget(redis: Redis, names: QueueNames, units: readonly string[]): Promise<void> {
  await redis.del(...units.flatMap((unit) => [names.result(unit), names.digest(unit)]));
}

/** Why a text is not the result of a unit. */
export function faultOf(text: string, unit: string, tool: string): string | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return "it is no JSON";
  }
  if (typeof found !== "object" || found === null) return "it is no JSON object";
  const result = found as { readonly [key: string]: unknown };
  if (result.format !== RESULT_FORMAT || result.version !== RESULT_VERSION) return "it has another format";
  if (result.name !== unit) return "it is that of another unit";
  if (result.tool !== tool) return "another tool made it";
  if ("failed" in result) return typeof result.failed === "string" ? undefined : "its failure is no text";
  const { records, ns, groups, schemata } = result;
  const whole = typeof records === "number" && typeof ns === "number" && Array.isArray(groups);
  return whole && typeof schemata === "object" && schemata !== null ? undefined : "it is not whole";
}

type Pipeline = ReturnType<Redis["pipeline"]>;

/** Answers of a pipeline; rejects with the first error. */
export async function all<T>(redis: Redis, write: (line: Pipeline) => void): Promise<T[]> {
  const line = redis.pipeline();
  write(line);
  const answers = (await line.exec()) ?? [];
  return answers.map(([error, answer]) => {
    if (error) throw error;
    return answer as T;
  });
}
