// What a slice of a cache holds, to be drawn: whose each line is, many sets at once, and one set in full.

import { cacheSets } from "../platform/index.ts";
import { type CountedLabel, unpackLabel } from "./spaces.ts";
import { type ExportedLine, exportSet, type Parts } from "./statistics.ts";

/** A slice of a cache, by the cache's place in the platform. */
export interface SlicePlace {
  readonly cache: number;
  readonly slice: number;
}

/** `count` sets from `first` on, each `step` after the one before. */
export interface SetRange {
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

/** An empty way; and the bit of a dirty line, above the number of its owner. */
export const EMPTY_WAY = 0xffff;
export const DIRTY_LINE = 0x8000;

function resourceOf({ platform, resources }: Parts, { cache, slice }: SlicePlace) {
  const description = platform.caches[cache];
  if (!description || !(Number.isInteger(slice) && slice >= 0 && slice < description.slices)) {
    throw new RangeError(`cache ${cache}, slice ${slice}: the platform has no such slice`);
  }
  return { description, resource: (resources.caches[cache] as number) + slice };
}

/**
 * The owner of every line, set by set and way by way: owner numbers of `ownerLabels`, with DIRTY_LINE, or EMPTY_WAY. Throws a RangeError
 * for sets that there are not, and where the machine was made without `scratchBytes` for at least one set (2 bytes a way).
 */
export function ownersHeld(parts: Parts, memory: WebAssembly.Memory, place: SlicePlace, range: SetRange): Uint16Array {
  const { description, resource } = resourceOf(parts, place);
  const { first, count, step } = range;
  const sets = cacheSets(description);
  const whole = [first, count, step].every((one) => Number.isInteger(one) && one >= 0);
  if (!whole || (count > 0 && first + (count - 1) * step >= sets)) {
    throw new RangeError(`${count} sets from ${first} on in steps of ${step}: the slice has ${sets}`);
  }
  const { ways } = description;
  const { hardware } = parts;
  const owners = new Uint16Array(count * ways);
  for (let done = 0; done < count; ) {
    const read = hardware.ownersOf(resource, first + done * step, count - done, step);
    if (read === 0) throw new RangeError(`scratchBytes has no room for a set; ${2 * ways} or more is needed`);
    owners.set(new Uint16Array(memory.buffer, hardware.scratch(), read * ways), done * ways);
    done += read;
  }
  return owners;
}

/** The label of each owner number; undefined for a number that carries none now. */
export function ownerLabels({ hardware }: Parts): (CountedLabel | undefined)[] {
  return Array.from({ length: hardware.ownerCount() }, (_, owner) => {
    const word = hardware.ownerLabel(owner);
    return word === 0xffff_ffff ? undefined : unpackLabel(word);
  });
}

/** The lines of one set, newest first. Throws a RangeError for one that there is not. */
export function linesOfSet(parts: Parts, place: SlicePlace, set: number): ExportedLine[] {
  const { description, resource } = resourceOf(parts, place);
  if (!(Number.isInteger(set) && set >= 0 && set < cacheSets(description))) {
    throw new RangeError(`set ${set}: the slice has ${cacheSets(description)}`);
  }
  return exportSet(parts.hardware, resource, set, description.ways);
}
