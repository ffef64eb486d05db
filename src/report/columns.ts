// What is measured of a label or a group, as columns of numbers: so that what is new since an earlier look is a difference, what
// several did together a sum, and two spans of time become one by adding.

import { LATENCY_BUCKETS, type Label, type Machine } from "../machine/index.ts";
import type { Platform } from "../platform/index.ts";
import { keyOf, REASONS } from "./counts.ts";

/** A cache slice or a memory channel. */
export interface Part {
  /** As ports are named: `L3 0.1`, `node 0`. */
  readonly name: string;
  /** Of a cache. */
  readonly level?: number;
}

export interface Counted {
  /** What adds up over time. */
  readonly flows: Float64Array;
  /** Bytes held by each part, at the end. */
  readonly held: Float64Array;
  /** The longest latency until then, ns. */
  readonly mostNs: number;
}

const PER_PART = 4;
/** Of a part, or of the machine as a whole. */
export const PART_FLOWS = ["accesses", "misses", "bytesRead", "bytesWritten"] as const;
export const LATENCY_FLOWS = ["count", "sumNs", "heldNs", "stalledNs"] as const;

/** Where in `flows` what stands. */
export class Columns {
  readonly parts: readonly Part[];
  readonly levels: readonly number[];
  readonly latency: number;
  readonly buckets: number;
  readonly width: number;
  readonly full: boolean;
  readonly timed: boolean;
  readonly #lost: number;

  constructor(platform: Platform, { full, timed }: { readonly full: boolean; readonly timed: boolean }) {
    this.parts = partsOf(platform);
    this.levels = [...new Set(platform.caches.map(({ level }) => level))].sort((a, b) => a - b);
    this.full = full;
    this.timed = timed;
    // The machine as a whole comes after its parts.
    this.#lost = PER_PART * (this.parts.length + 1);
    this.latency = this.#lost + (full ? this.levels.length * REASONS.length : 0);
    this.buckets = this.latency + LATENCY_FLOWS.length;
    this.width = timed ? this.buckets + LATENCY_BUCKETS : this.latency;
  }

  /** The four of PART_FLOWS of a part; of `parts.length` those of the machine. */
  part(index: number): number {
    return PER_PART * index;
  }

  /** The reasons of REASONS at the level of that index. */
  lost(level: number): number {
    return this.#lost + level * REASONS.length;
  }

  empty() {
    return { flows: new Float64Array(this.width), held: new Float64Array(this.parts.length), mostNs: 0 };
  }

  /** Since power-on, by label as keyOf writes it. */
  look(machine: Machine): Map<string, Counted> {
    const found = new Map<string, { flows: Float64Array; held: Float64Array; mostNs: number }>();
    const of = (label: Label) => {
      const key = keyOf(label);
      const known = found.get(key) ?? this.empty();
      found.set(key, known);
      return known;
    };
    const add = (to: Float64Array, at: number, values: readonly number[]) => {
      for (let n = 0; n < values.length; n++) to[at + n] = (to[at + n] as number) + (values[n] as number);
    };
    const whole = this.part(this.parts.length);
    for (const one of machine.statistics()) add(of(one).flows, whole, valuesOf(one, PART_FLOWS));
    for (const [index, { labels }] of machine.levels().entries()) {
      for (const one of labels) {
        const { flows, held } = of(one);
        add(flows, this.part(index), valuesOf(one, PART_FLOWS));
        add(held, index, [one.bytesHeld]);
      }
    }
    for (const { level, lost } of this.full ? machine.details() : []) {
      const at = this.lost(this.levels.indexOf(level));
      for (const one of lost) add(of(one).flows, at, valuesOf(one, REASONS));
    }
    for (const one of this.timed ? machine.latencyHistograms() : []) {
      const label = of(one);
      add(label.flows, this.latency, valuesOf(one, LATENCY_FLOWS));
      add(label.flows, this.buckets, one.buckets);
      label.mostNs = Math.max(label.mostNs, one.maxNs);
    }
    return found;
  }
}

function valuesOf<K extends string>(one: { readonly [key in K]: number }, keys: readonly K[]): number[] {
  return keys.map((key) => one[key]);
}

function partsOf({ caches, memory }: Platform): Part[] {
  const several = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => (count === 1 ? name : `${name}.${index}`));
  return [
    ...caches.flatMap(({ level, id, slices }) => several(`L${level} ${id}`, slices).map((name) => ({ name, level }))),
    ...memory.flatMap(({ node, channels }) => several(`node ${node}`, channels).map((name) => ({ name }))),
  ];
}

/** What is new; a label that was given up and came back began at 0 again. */
export function newSince(now: Counted, then: Counted | undefined): Counted {
  if (!then || now.flows.some((value, index) => value < (then.flows[index] as number))) return now;
  return { ...now, flows: now.flows.map((value, index) => value - (then.flows[index] as number)) };
}

/** What two labels did in the same time. */
export function both(a: Counted, b: Counted): Counted {
  return { flows: plus(a.flows, b.flows), held: plus(a.held, b.held), mostNs: Math.max(a.mostNs, b.mostNs) };
}

/** What one label did in two spans of time, one after the other. */
export function afterwards(a: Counted, b: Counted): Counted {
  return { flows: plus(a.flows, b.flows), held: b.held, mostNs: Math.max(a.mostNs, b.mostNs) };
}

function plus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, index) => value + (b[index] as number));
}
