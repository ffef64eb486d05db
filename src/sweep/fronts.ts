// What several replays have in common before the last level of caches: in open timing it is run once, what comes to the last level
// is recorded, and each of them is run from there on. The numbers are those of whole replays.

import { ErrnoError } from "../errno/index.ts";
import { RequestRecorder, type RequestStream } from "../machine/index.ts";
import { cachesBelow, frontOf, type Platform, sharesFront } from "../platform/index.ts";
import { runSession, type SessionOptions } from "../session/index.ts";
import type { MarkedSource } from "../trace/index.ts";
import { canonical } from "./plan/name.ts";
import { couplingOf } from "./plan/split.ts";
import { addResults, type GroupResult } from "./result.ts";
import type { Work } from "./unit.ts";
import { resultOf, type WorkResult } from "./work-session.ts";

/** Fronts that are kept. */
const KEPT = 2;

/** Of which it is known whether a unit has asked for them. */
const MOST_KNOWN = 64;

interface Front {
  readonly requests: RequestStream;
  /** What is counted before the last level. */
  readonly groups: readonly GroupResult[];
}

export class Fronts {
  /** The last that were asked for; "seen" where one unit has, "none" where there is not memory enough for it. */
  readonly #fronts = new Map<string, Front | "seen" | "none">();

  /** `bytes`: what the requests of a front may take in memory. */
  constructor(private readonly options: { readonly bytes?: number } = {}) {}

  /** What the work comes to with the front of works before it; undefined where it has to be run whole, or would fail. */
  async result(work: Work, options: SessionOptions, sources: readonly MarkedSource[]): Promise<WorkResult | undefined> {
    const key = frontKey(work, options.platform as Platform);
    if (key === undefined) return undefined;
    const known = this.#fronts.get(key);
    if (known === undefined || known === "none") {
      this.#keep(key, known ?? "seen");
      return undefined;
    }
    try {
      const front = known === "seen" ? await this.#record(options, sources) : known;
      this.#keep(key, front);
      if (front === "none") return undefined;
      const back = resultOf(await runSession(sources, { ...options, requests: front.requests }));
      return (work.part?.index ?? 0) > 0 ? back : together(front, back);
    } catch {
      options.signal?.throwIfAborted();
      // Whatever it was, the whole replay says it.
      this.#keep(key, "none");
      return undefined;
    }
  }

  /** Fronts that something is known of: a sweep may have as many as units. */
  get size(): number {
    return this.#fronts.size;
  }

  async #record({ part: _, ...options }: SessionOptions, sources: readonly MarkedSource[]): Promise<Front | "none"> {
    const recorder = new RequestRecorder(this.options);
    try {
      const { groups } = resultOf(await runSession(sources, { ...options, requests: recorder }));
      return recorder.stream ? { requests: recorder.stream, groups } : "none";
    } catch (error) {
      if (error instanceof ErrnoError && error.code === "ENOMEM") return "none";
      throw error;
    }
  }

  #keep(key: string, front: Front | "seen" | "none"): void {
    this.#fronts.delete(key);
    this.#fronts.set(key, front);
    const streams = [...this.#fronts].filter(([, one]) => typeof one === "object");
    for (const [old] of streams.slice(0, -KEPT)) this.#fronts.set(old, "seen");
    for (const oldest of this.#fronts.keys()) {
      if (this.#fronts.size <= MOST_KNOWN) break;
      this.#fronts.delete(oldest);
    }
  }
}

/** The same where the same requests come to the last level; undefined where there is no front, or not one to be shared. */
function frontKey({ traces, platform: _, schemata, replaying, layout }: Work, platform: Platform): string | undefined {
  if (replaying.timing === "closed" || !sharesFront(platform)) return undefined;
  if ((replaying.script ?? []).some((line) => couplingOf(line) !== undefined)) return undefined;
  const below = cachesBelow(platform);
  const levelsOf = (isLast: boolean) =>
    platform.caches.flatMap(({ level }, i) => ((below[i] === undefined) === isLast ? [level] : []));
  const levels = levelsOf(true).filter((level) => !levelsOf(false).includes(level));
  // In open timing limits of bandwidth act on nothing, and portions of the last level on nothing before it.
  const isBehind = (line: string) =>
    /^\s*MB\s*:/.test(line) || levels.some((level) => new RegExp(`^\\s*L${level}\\s*:`).test(line));
  const before = Object.entries(schemata).flatMap(([group, lines]) => {
    const left = lines.filter((line) => !isBehind(line));
    return left.length > 0 ? [[group, left]] : [];
  });
  return canonical({ traces, replaying, layout, before, front: frontOf(platform) });
}

function together(front: Front, back: WorkResult): WorkResult {
  const groups = back.groups.map((one) => {
    const before = front.groups.find(({ group }) => group === one.group);
    if (!before) throw new Error(`the group ${one.group} was not there when the front was recorded`);
    return addResults(one.group, [before, one]);
  });
  return { ...back, groups };
}
