/** The parts of a memory system and how addresses and cpus lead to them (docs/modelled.md, "The way of a request"). */
import type { MemoryCache, MemoryConfig, MemoryMsc, MemoryNode } from "../../memory-subject.ts";
import type { SubjectLabel } from "../../subject.ts";
import { hash } from "../mixer.ts";
import { PlainMsc } from "../msc.ts";
import { allocationOf } from "./allocation.ts";
import { PlainCache } from "./cache.ts";
import { ByLabel, noCounts, noEvictions } from "./counts.ts";
import { Partitions } from "./partitions.ts";
import { Port } from "./port.ts";
import type { Held } from "./ports.ts";
import { Rate } from "./rate.ts";
import { Reached } from "./reached.ts";
import { replacementOf } from "./replacement.ts";

const SLICE = 1;
const CHANNEL = 2;

/** What slices and channels have in common. */
interface Place {
  readonly msc: PlainMsc | undefined;
  readonly counts: ByLabel<ReturnType<typeof noCounts>>;
  /** Absent where the downstream side is not regulated. */
  readonly port: Port<Held> | undefined;
}

export interface Slice extends Place {
  readonly kind: "cache";
  readonly cache: Cache;
  readonly lines: PlainCache;
  readonly evictions: ByLabel<ReturnType<typeof noEvictions>>;
}

export interface Channel extends Place {
  readonly kind: "channel";
  readonly port: Port<Held>;
  readonly latencyNs: number;
}

export interface Cache {
  readonly config: MemoryCache;
  readonly slices: readonly Slice[];
}

export class Machine {
  /** In file order. */
  readonly caches: readonly Cache[];
  readonly slices: readonly Slice[];
  readonly channels: readonly Channel[];
  /** In the order of their numbers. */
  readonly mscs: readonly PlainMsc[];
  readonly reached = new Reached();
  readonly #nodes: readonly (readonly Channel[])[];

  constructor(
    readonly config: MemoryConfig,
    private readonly now: () => number,
  ) {
    const all = config.nodes.reduce((sum, { channels, bytesPerSecond }) => sum + channels * bytesPerSecond, 0);
    let number = 0;
    this.caches = config.caches.map((cache) => {
      const slices: Slice[] = [];
      const made: Cache = { config: cache, slices };
      for (let i = 0; i < cache.slices; i++) slices.push(this.#slice(made, number++, all));
      return made;
    });
    this.slices = this.caches.flatMap(({ slices }) => slices);
    this.#nodes = config.nodes.map((node) => Array.from({ length: node.channels }, () => this.#channel(node)));
    this.channels = this.#nodes.flat();
    this.mscs = [...this.slices, ...this.channels].flatMap(({ msc }) => msc ?? []);
  }

  /** The caches of a cpu, the lowest level first. */
  cachesOf(cpu: number): Cache[] {
    const mine = this.caches.filter(({ config }) => config.cpus.includes(cpu));
    return mine.sort((a, b) => a.config.level - b.config.level);
  }

  /** The caches that serve some of the same cpus at lower levels, the lowest first. */
  above({ config: { level, cpus } }: Cache): Cache[] {
    const found = this.caches.filter(
      ({ config }) => config.level < level && config.cpus.some((cpu) => cpus.includes(cpu)),
    );
    return found.sort((a, b) => a.config.level - b.config.level);
  }

  sliceOf({ slices }: Cache, line: number): Slice {
    return slices[hash(SLICE, line) % slices.length] as Slice;
  }

  channelOf(line: number): Channel {
    const channels = this.#nodes[this.#nodeOf(line)] ?? [];
    return channels[hash(CHANNEL, line) % channels.length] as Channel;
  }

  #nodeOf(line: number): number {
    const { numa, lineBytes, pageBytes, nodes } = this.config;
    if (numa === "interleave") return Math.floor((line * lineBytes) / pageBytes) % nodes.length;
    let end = 0;
    const found = nodes.findIndex(({ bytes }) => {
      end += bytes;
      return line * lineBytes < end;
    });
    return found < 0 ? nodes.length - 1 : found;
  }

  /** @param number among all slices @param memory bytes a second of all channels */
  #slice(cache: Cache, number: number, memory: number): Slice {
    const { seed, lineBytes, quantumNs } = this.config;
    const { sets, ways, slices, policy, msc: description, bytesPerSecond } = cache.config;
    const msc = this.#msc("cache", description, (accepts) => {
      return lineBytes * lines.held().filter(({ owner, dirty }) => accepts(owner, dirty)).length;
    });
    const shape = { lines: sets * ways, ways };
    const replacement = replacementOf(policy, ways, seed, number);
    const lines = new PlainCache(
      sets,
      ways,
      replacement,
      (label) => allocationOf(msc, label, shape),
      this.reached.note,
    );
    const regulated = description?.ris.some(({ mbw }) => mbw !== undefined) ?? false;
    const rate = new Rate(bytesPerSecond ?? Math.floor(memory / slices), quantumNs);
    const port = regulated ? this.#port(msc, description, rate) : undefined;
    return {
      kind: "cache",
      cache,
      lines,
      msc,
      port,
      counts: new ByLabel(noCounts),
      evictions: new ByLabel(noEvictions),
    };
  }

  #channel({ msc: description, bytesPerSecond, latencyNs }: MemoryNode): Channel {
    const msc = this.#msc("memory", description, () => 0);
    const port = this.#port(msc, description, new Rate(bytesPerSecond, this.config.quantumNs));
    return { kind: "channel", msc, port, latencyNs, counts: new ByLabel(noCounts) };
  }

  #port(msc: PlainMsc | undefined, description: MemoryMsc | undefined, rate: Rate): Port<Held> {
    return new Port(
      msc,
      rate,
      new Partitions(msc, description?.ris ?? [], rate, this.config.quantumNs),
      this.reached.note,
    );
  }

  #msc(
    kind: "cache" | "memory",
    description: MemoryMsc | undefined,
    bytesHeld: (accepts: (owner: SubjectLabel, dirty: boolean) => boolean) => number,
  ): PlainMsc | undefined {
    if (description === undefined) return undefined;
    const processor = { partidMax: 0xffff, pmgMax: 0xff };
    return new PlainMsc({ kind, iidr: 0, processor, ...description }, { now: this.now, bytesHeld });
  }
}
