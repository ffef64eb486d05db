// What the hardware counted and holds, put together over slices, caches and channels.

import {
  type CacheDescription,
  cacheSets,
  cachesBelow,
  type MemoryDescription,
  type Platform,
} from "../platform/index.ts";
import type { Resources } from "./power-on.ts";
import { type CountedLabel, unpackLabel } from "./spaces.ts";
import type { Hardware } from "./wasm.ts";

/** What the hardware counted for one label in use. */
export interface LabelStatistics extends CountedLabel {
  /**
   * Requests that came to the caches where records enter, and those that found their line at no level. 0 where there are
   * no caches: channels count bytes only. A cache that records enter on some cpus and that lies below another on others
   * counts both.
   */
  readonly accesses: number;
  readonly misses: number;
  /** Bytes of the last level held. */
  readonly bytesHeld: number;
  /** Bytes that memory served; of a machine without memory, those past the downstream side of its last level. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** A slice of a cache: its demands and misses, what it holds, and what crossed its downstream side. */
export interface SliceStatistics {
  readonly kind: "cache";
  readonly level: number;
  readonly id: number;
  readonly slice: number;
  readonly labels: readonly LabelStatistics[];
}

/** A channel of a memory node: what it served. */
export interface ChannelStatistics {
  readonly kind: "memory";
  readonly node: number;
  readonly channel: number;
  readonly labels: readonly LabelStatistics[];
}

export type LevelStatistics = SliceStatistics | ChannelStatistics;

export interface ExportedLine extends CountedLabel {
  readonly line: number;
  readonly way: number;
  readonly dirty: boolean;
}

export interface ExportedSlice {
  readonly level: number;
  readonly id: number;
  readonly slice: number;
  /** The first of its sets in `sets`, and how many there are. */
  readonly firstSet: number;
  readonly setCount: number;
}

export interface ExportedSlices {
  /** Caches in file order, slice by slice. */
  readonly slices: readonly ExportedSlice[];
  /** Per set, newest line first; the sets of one slice after those of another. */
  readonly sets: readonly (readonly ExportedLine[])[];
}

/** A machine as far as its counts go. */
export interface Parts {
  readonly hardware: Hardware;
  readonly platform: Platform;
  readonly resources: Resources;
}

interface Slice {
  readonly cache: CacheDescription;
  readonly slice: number;
  readonly resource: number;
  readonly sets: number;
}

interface Channel {
  readonly memory: MemoryDescription;
  readonly channel: number;
  readonly resource: number;
}

export function slicesOf({ platform, resources }: Parts): Slice[] {
  return platform.caches.flatMap((cache, index) =>
    Array.from({ length: cache.slices }, (_, slice) => ({
      cache,
      slice,
      resource: (resources.caches[index] as number) + slice,
      sets: cacheSets(cache),
    })),
  );
}

export function channelsOf({ platform, resources }: Parts): Channel[] {
  return platform.memory.flatMap((memory, index) =>
    Array.from({ length: memory.channels }, (_, channel) => ({
      memory,
      channel,
      resource: (resources.nodes[index] as number) + channel,
    })),
  );
}

/** The labels in use, by number. */
export function labelsInUse(hardware: Hardware): { readonly owner: number; readonly label: CountedLabel }[] {
  const words = Array.from({ length: hardware.ownerCount() }, (_, owner) => hardware.ownerLabel(owner));
  return words.flatMap((word, owner) => (word === 0xffff_ffff ? [] : [{ owner, label: unpackLabel(word) }]));
}

/** One row for each label in use. */
export function labelStatistics(parts: Parts): LabelStatistics[] {
  const { hardware, platform, resources } = parts;
  const below = cachesBelow(platform);
  const slices = slicesOf(parts);
  const entered = new Set(resources.entries);
  const first = slices.filter(({ resource, slice }) => entered.has(resource - slice));
  const last = slices.filter(({ cache }) => below[platform.caches.indexOf(cache)] === undefined);
  const channels = channelsOf(parts);
  const ends: readonly { resource: number }[] = channels.length > 0 ? channels : last;
  const sum = <T>(list: readonly T[], of: (one: T) => number) => list.reduce((total, one) => total + of(one), 0);
  return labelsInUse(hardware).map(({ owner, label }) => ({
    ...label,
    accesses: sum(first, ({ resource }) => Number(hardware.accesses(resource, owner))),
    misses: sum(last, ({ resource }) => Number(hardware.misses(resource, owner))),
    bytesHeld: sum(last, ({ resource }) => hardware.linesHeld(resource, owner)) * platform.lineBytes,
    bytesRead: sum(ends, ({ resource }) => Number(hardware.bytesCrossed(resource, owner, false))),
    bytesWritten: sum(ends, ({ resource }) => Number(hardware.bytesCrossed(resource, owner, true))),
  }));
}

/** A row for each slice and each channel, with the labels that have counts there. */
export function levelStatistics(parts: Parts): LevelStatistics[] {
  const { hardware, platform } = parts;
  const used = labelsInUse(hardware);
  const labels = (resource: number, cached: boolean) =>
    used
      .map(({ owner, label }) => ({
        ...label,
        accesses: cached ? Number(hardware.accesses(resource, owner)) : 0,
        misses: cached ? Number(hardware.misses(resource, owner)) : 0,
        bytesHeld: cached ? hardware.linesHeld(resource, owner) * platform.lineBytes : 0,
        bytesRead: Number(hardware.bytesCrossed(resource, owner, false)),
        bytesWritten: Number(hardware.bytesCrossed(resource, owner, true)),
      }))
      .filter((one) => one.accesses + one.bytesHeld + one.bytesRead + one.bytesWritten > 0);
  return [
    ...slicesOf(parts).map(({ cache: { level, id }, slice, resource }): SliceStatistics => {
      return { kind: "cache", level, id, slice, labels: labels(resource, true) };
    }),
    ...channelsOf(parts).map(({ memory: { node }, channel, resource }): ChannelStatistics => {
      return { kind: "memory", node, channel, labels: labels(resource, false) };
    }),
  ];
}

/** Every line of every slice. */
export function exportSlices(parts: Parts): ExportedSlices {
  const slices: ExportedSlice[] = [];
  const sets: ExportedLine[][] = [];
  for (const { cache, slice, resource } of slicesOf(parts)) {
    const { level, id, ways } = cache;
    const setCount = cacheSets(cache);
    slices.push({ level, id, slice, firstSet: sets.length, setCount });
    for (let set = 0; set < setCount; set++) sets.push(exportSet(parts.hardware, resource, set, ways));
  }
  return { slices, sets };
}

export function exportSet(hardware: Hardware, resource: number, set: number, ways: number): ExportedLine[] {
  const lines: (ExportedLine & { age: number })[] = [];
  for (let way = 0; way < ways; way++) {
    const line = Number(hardware.lineAt(resource, set, way));
    if (line < 0) continue;
    const age = hardware.lineAge(resource, set, way);
    const label = unpackLabel(hardware.ownerLabel(hardware.lineOwner(resource, set, way)));
    lines.push({ line, way, dirty: (age & 0x80) !== 0, age: age & 0x7f, ...label });
  }
  return lines.sort((a, b) => a.age - b.age).map(({ age: _, ...line }) => line);
}
