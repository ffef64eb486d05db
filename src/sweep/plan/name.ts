// The name of a unit: what its result depends on, as one hash. Where its traces lie is no part of that.

import { plainSha256 } from "../../random/sha256.ts";
import { renamedTrace } from "../../trace/index.ts";
import type { TraceNamed, Work } from "../unit.ts";

/** Of a file's name only what tells brotli is left, which nothing in the file does. */
function withoutName({ argument }: TraceNamed): string {
  const options = renamedTrace(argument, "");
  const name = argument.slice(0, argument.length - options.length);
  const isBrotli = /\.br$/.test(/^https?:/i.test(name) ? name.replace(/[?#].*$/s, "") : name);
  return `${isBrotli ? "trace.br" : "trace"}${options}`;
}

/**
 * SHA-256, hex, of the tool and the work as JSON with sorted keys. A trace that has a hash is there with that, its size and what
 * stands behind its @; the platform, which is large and shared by many units, by a hash of its own.
 */
export function nameOf(work: Work, tool: string): string {
  const traces = work.traces.map((trace) =>
    trace.sha256 === undefined ? trace : { ...trace, argument: withoutName(trace) },
  );
  return hashOf(canonical({ tool, work: { ...work, traces, platform: hashOfPlatform(work.platform) } }));
}

/** Of platforms that nobody can change any more. */
const known = new WeakMap<object, string>();

function hashOfPlatform(platform: object): string {
  const hash = known.get(platform) ?? hashOf(canonical(platform));
  if (Object.isFrozen(platform)) known.set(platform, hash);
  return hash;
}

function hashOf(text: string): string {
  return Array.from(plainSha256(new TextEncoder().encode(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** JSON with the keys of every object in one order; what is undefined is not there. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(",")}}`;
}

/** The same, and nothing in it can be changed. */
export function frozen<T extends object>(value: T): T {
  for (const one of Object.values(value)) if (typeof one === "object" && one !== null) frozen(one);
  return Object.freeze(value);
}
