// What a picture shows: the owners of many lines, as colours.

import { DIRTY_LINE, EMPTY_WAY, type Machine } from "../../machine/index.ts";
import { cacheSets } from "../../platform/index.ts";
import { keyOf } from "../../report/index.ts";
import type { Groups } from "./groups.ts";
import { DIRTY, type Frame, type FrameRequest, type LineView, OTHER } from "./protocol.ts";

/** What cells and lines of a frame come from. */
export class Pictures {
  /** By owner number; above them the same, dirty. */
  #colours = new Uint8Array(2 * DIRTY_LINE);

  constructor(
    private readonly machine: Machine,
    private readonly groups: Groups,
  ) {}

  frameOf({ cache, slice, first, count, step }: FrameRequest): Pick<Frame, "cells" | "ways" | "lines"> {
    const { platform } = this.machine;
    const description = platform.caches[cache];
    const lines = new Float64Array(OTHER + 1);
    // What was asked for may be of the machine before this one.
    if (!description || slice >= description.slices || first + (count - 1) * step >= cacheSets(description)) {
      return { cells: new Uint8Array(0), ways: 1, lines };
    }
    const colours = this.#colours;
    for (const [owner, label] of this.machine.ownerLabels().entries()) {
      const colour = label ? (this.groups.colourOf(label) ?? OTHER) : OTHER;
      colours[owner] = colour;
      colours[owner | DIRTY_LINE] = colour | DIRTY;
    }
    colours[EMPTY_WAY] = 0;
    const owners = this.machine.ownersHeld({ cache, slice }, { first, count, step });
    const cells = new Uint8Array(owners.length);
    for (let i = 0; i < owners.length; i++) cells[i] = colours[owners[i] as number] as number;
    for (const level of this.machine.levels()) {
      if (level.kind !== "cache" || level.level !== description.level || level.id !== description.id) continue;
      for (const label of level.labels) {
        const colour = this.groups.colourOf(label) ?? OTHER;
        lines[colour] = (lines[colour] as number) + label.bytesHeld / platform.lineBytes;
      }
    }
    return { cells, ways: description.ways, lines };
  }

  lineOf({ cache, slice }: FrameRequest, set: number, way: number): LineView {
    const found = this.machine.linesOfSet({ cache, slice }, set).find((line) => line.way === way);
    if (!found) return { set, way };
    const { line, dirty, space, partid, pmg } = found;
    const group = this.groups.pathOf(found) ?? `label ${keyOf(found)}`;
    return { set, way, address: line * this.machine.platform.lineBytes, dirty, group, space, partid, pmg };
  }
}
