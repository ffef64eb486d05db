// What several replays have in common before the last level of caches: in open timing it is run once, what comes to the last level
// is recorded, and each of them is run from there on. The numbers are those of whole replays.

import { RequestRecorder, RequestStream, type RequestStreamData } from "../machine/index.ts";
import { cachesBelow, frontOf, type Platform, sharesFront } from "../platform/index.ts";
import type { runSession, SessionOptions } from "../session/index.ts";
import type { MarkedSource } from "../trace/index.ts";
import { canonical } from "./plan/name.ts";
import { couplingOf } from "./plan/split.ts";
import { addResults, type GroupResult } from "./result.ts";
import { OwnStock, type Stock } from "./stock.ts";
import type { Work } from "./unit.ts";
import { resultOf, type WorkResult } from "./work-session.ts";

/** What the requests of one front may take at most, bytes. */
const MOST_FRONT = 2 ** 28;

/** What several replays have in common, as plain data: threads send it each other. */
export interface Front {
  readonly requests: RequestStreamData;
  /** What is counted before the last level. */
  readonly groups: readonly GroupResult[];
}

/** Fronts that together take so many bytes. */
export function frontStock(bytes: number): OwnStock<Front> {
  return new OwnStock({ madeFor: "second", bytesOf: ({ requests }) => new RequestStream(requests).bytes, bytes });
}

export class Fronts {
  readonly #stock: Stock<Front>;
  readonly #bytes: number;

  /** `bytes`: what fronts may take in memory, and one at most half of that; `stock`: where this thread has them. */
  constructor(bytes: number, stock: Stock<Front> = frontStock(bytes)) {
    this.#stock = stock;
    this.#bytes = Math.min(MOST_FRONT, bytes / 2);
  }

  /** What the work comes to with the front of works before it; undefined where it has to be run whole, or would fail. */
  async result(
    work: Work,
    options: SessionOptions,
    sources: readonly MarkedSource[],
    run: typeof runSession,
  ): Promise<WorkResult | undefined> {
    const key = frontKey(work, options.platform as Platform);
    if (key === undefined) return undefined;
    const taken = await this.#stock.take(key);
    // Running it whole takes no longer than waiting does.
    if (taken === "none" || taken === "being made") return undefined;
    try {
      const front =
        taken === "make"
          ? await this.#make(key, (requests) => run(sources, { ...wholeOf(options), requests }))
          : taken.thing;
      if (!front) return undefined;
      const requests = new RequestStream(front.requests);
      const back = resultOf(await run(sources, { ...options, requests }));
      return (work.part?.index ?? 0) > 0 ? back : together(front, back);
    } catch {
      options.signal?.throwIfAborted();
      // Whatever it was, the whole replay says it.
      return undefined;
    }
  }

  async #make(key: string, record: Recording): Promise<Front | undefined> {
    let front: Front | undefined;
    try {
      const recorder = new RequestRecorder({ bytes: this.#bytes, shared: true });
      const { groups } = resultOf(await record(recorder));
      front = recorder.stream && { requests: recorder.stream.data, groups };
    } finally {
      this.#stock.put(key, front);
    }
    return front;
  }
}

type Recording = (requests: RequestRecorder) => ReturnType<typeof runSession>;

/** Parts have their front in common. */
const wholeOf = ({ part: _, ...options }: SessionOptions): SessionOptions => options;

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
