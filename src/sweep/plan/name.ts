// The name of a unit: what its result depends on, as one hash. Where its traces lie is no part of that.

import { plainSha256 } from "../../random/sha256.ts";
import { renamedTrace } from "../../trace/index.ts";
import type { Work } from "../unit.ts";

const NO_NAME = "trace";

/** SHA-256 of the tool and of the work, hex; a trace with a hash is that hash, its size and what stands behind its @. */
export function nameOf(work: Work, tool: string): string {
  const traces = work.traces.map((trace) =>
    trace.sha256 === undefined ? trace : { ...trace, argument: renamedTrace(trace.argument, NO_NAME) },
  );
  const text = canonical({ tool, work: { ...work, traces } });
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
