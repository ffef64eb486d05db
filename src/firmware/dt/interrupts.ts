// Interrupts of a GIC as a device tree writes them: <type number flags>, where types count from bases of their own (binding
// arm,gic-v3).

import type { DeviceTree, DtNode } from "./tree.ts";

/** Kinds of interrupts that a node can name: the type in the first cell, and the INTIDs of the kind. */
const KINDS = [
  { type: 0, name: "SPI", first: 32, last: 1019 },
  { type: 1, name: "PPI", first: 16, last: 31 },
  { type: 2, name: "extended SPI", first: 4096, last: 5119 },
  { type: 3, name: "extended PPI", first: 1056, last: 1119 },
] as const;

export const EDGE_RISING = 1;
export const LEVEL_HIGH = 4;

/** In words, what numbers there are. */
export const INTERRUPTS = KINDS.map(({ name, first, last }) => `${first} to ${last} (${name})`).join(", ");

/** The cells of INTID `intid`; undefined where it is of no kind. */
export function interruptCells(intid: number, flags: number): [number, number, number] | undefined {
  const kind = KINDS.find(({ first, last }) => intid >= first && intid <= last);
  return kind && [kind.type, intid - kind.first, flags];
}

export interface Interrupt {
  readonly intid: number;
  readonly flags: number;
}

/**
 * The interrupts of a node, in order, or why they cannot be told. Of `interrupts` and `interrupts-extended` the second counts
 * (Devicetree Specification 2.4.1).
 */
export function interruptsOf(node: DtNode, tree: DeviceTree): readonly Interrupt[] | string {
  const extended = node.cells("interrupts-extended");
  const cells = extended ?? node.cells("interrupts");
  if (cells === undefined) return node.has("interrupts") ? "interrupts is no list of cells" : [];
  const list: Interrupt[] = [];
  for (let at = 0; at < cells.length; ) {
    const phandle = extended ? cells[at++] : node.inherited("interrupt-parent");
    const controller = phandle === undefined ? undefined : tree.byPhandle(phandle);
    if (controller === undefined) return "no interrupt-parent says whose interrupts these are";
    const width = controller.cell("#interrupt-cells");
    if (width === undefined || width < 3 || width > 8) return `${controller} is no GIC: #interrupt-cells is ${width}`;
    const [type, number, flags] = cells.slice(at, at + width);
    if (at + width > cells.length) return `the last entry has fewer than ${width} cells`;
    at += width;
    const kind = KINDS.find((one) => one.type === type);
    const intid = (kind?.first ?? 0) + (number as number);
    if (!kind || intid > kind.last) return `<${type} ${number}> is no interrupt of a GIC; ${INTERRUPTS} are`;
    list.push({ intid, flags: flags as number });
  }
  return list;
}
