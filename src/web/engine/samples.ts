// What groups did over time, measured while the page looks: often in time of the wall, so that slow motion has fine steps.

import type { BandwidthMeter, LevelStatistics, Machine } from "../../machine/index.ts";
import { addLimits, keyOf } from "../../report/index.ts";
import type { Coloured } from "./groups.ts";
import type { GroupSeries, Series } from "./protocol.ts";

/** Between two samples, ms of the wall; and how many are kept. */
const EVERY_MS = 50;
const KEPT = 600;

interface GroupSample {
  readonly colour: number;
  readonly bytesHeld: number;
  readonly bytesPerSecond: number;
  readonly limit: number;
  readonly hitRate: number;
  readonly latencyNs: number;
}

interface Sample {
  readonly time: number;
  readonly groups: ReadonlyMap<string, GroupSample>;
}

/** Counts since power-on. */
interface Counts {
  readonly accesses: number;
  readonly misses: number;
  readonly bytes: number;
  readonly requests: number;
  readonly latencyNs: number;
}

const NOTHING: Counts = { accesses: 0, misses: 0, bytes: 0, requests: 0, latencyNs: 0 };

export class Samples {
  #kept: Sample[] = [];
  /** Number of the first that is kept. */
  #first = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #lastNs: number;
  #before = new Map<string, Counts>();
  readonly #meter: BandwidthMeter;
  readonly #last: number;

  constructor(private readonly machine: Machine) {
    this.#meter = machine.bandwidthMeter();
    this.#lastNs = machine.clock.now;
    this.#last = Math.max(0, ...machine.platform.caches.map(({ level }) => level));
  }

  /** Measures, where it is time for that and time has passed. */
  tick(groups: readonly Coloured[]): void {
    const now = performance.now();
    if (now - this.#lastMs < EVERY_MS || this.machine.clock.now === this.#lastNs) return;
    this.#lastMs = now;
    this.#take(groups);
  }

  #take(groups: readonly Coloured[]): void {
    const { now } = this.machine.clock;
    const seconds = (now - this.#lastNs) / 1e9;
    this.#lastNs = now;
    const levels = this.machine.levels();
    const latencies = this.machine.latencies();
    const { ports } = this.#meter.sample(now);
    const before = this.#before;
    this.#before = new Map();
    const sample = new Map<string, GroupSample>();
    for (const { path, colour, labels } of groups) {
      const ours = <T extends Parameters<typeof keyOf>[0]>(list: readonly T[]) =>
        list.filter((one) => labels.has(keyOf(one)));
      const mine = levels.flatMap((level) => ours(level.labels).map((one) => ({ level, one })));
      const sum = (of: (level: LevelStatistics, one: (typeof mine)[number]["one"]) => number) =>
        mine.reduce((total, { level, one }) => total + of(level, one), 0);
      const isLast = (level: LevelStatistics) => level.kind === "cache" && level.level === this.#last;
      const answered = ours(latencies);
      const counts: Counts = {
        accesses: sum((level, one) => (isLast(level) ? one.accesses : 0)),
        misses: sum((level, one) => (isLast(level) ? one.misses : 0)),
        bytes: sum((level, one) => (level.kind === "memory" ? one.bytesRead + one.bytesWritten : 0)),
        requests: answered.reduce((total, one) => total + one.count, 0),
        latencyNs: answered.reduce((total, one) => total + one.count * one.meanNs, 0),
      };
      this.#before.set(path, counts);
      const then = before.get(path) ?? NOTHING;
      const limits = ports
        .filter(({ port }) => port.startsWith("node"))
        .flatMap((port) => ours(port.labels).flatMap(({ limit }) => limit ?? []));
      const per = (part: number, whole: number) => (whole > 0 ? part / whole : Number.NaN);
      sample.set(path, {
        colour,
        bytesHeld: sum((level, one) => (isLast(level) ? one.bytesHeld : 0)),
        bytesPerSecond: per(counts.bytes - then.bytes, seconds),
        limit: limits.length > 0 ? addLimits(limits).bytesPerSecond : Number.NaN,
        hitRate: 1 - per(counts.misses - then.misses, counts.accesses - then.accesses),
        latencyNs: per(counts.latencyNs - then.latencyNs, counts.requests - then.requests),
      });
    }
    this.#kept.push({ time: now, groups: sample });
    if (this.#kept.length > KEPT) {
      this.#kept.shift();
      this.#first++;
    }
  }

  /** What was before is forgotten: the next sample is of what comes from now on. */
  beginHere(groups: readonly Coloured[]): void {
    this.#take(groups);
    this.#first += this.#kept.length;
    this.#kept = [];
  }

  since(number: number): Series {
    const samples = this.#kept.slice(Math.max(0, number - this.#first));
    const paths = [...new Set(samples.flatMap(({ groups }) => [...groups.keys()]))];
    const column = (path: string, of: (sample: GroupSample) => number) =>
      Float64Array.from(samples, ({ groups }) => {
        const sample = groups.get(path);
        return sample ? of(sample) : Number.NaN;
      });
    return {
      time: Float64Array.from(samples, ({ time }) => time),
      groups: paths.map(
        (path): GroupSeries => ({
          path,
          colour: samples.findLast(({ groups }) => groups.has(path))?.groups.get(path)?.colour ?? 0,
          bytesHeld: column(path, ({ bytesHeld }) => bytesHeld),
          bytesPerSecond: column(path, ({ bytesPerSecond }) => bytesPerSecond),
          limit: column(path, ({ limit }) => limit),
          hitRate: column(path, ({ hitRate }) => hitRate),
          latencyNs: column(path, ({ latencyNs }) => latencyNs),
        }),
      ),
      next: this.#first + this.#kept.length,
    };
  }
}
