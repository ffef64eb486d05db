// Regions of `reg`, and the way of an address through the buses above it (Devicetree Specification 2.3.6, 2.3.8).

import type { DtNode } from "./tree.ts";

export interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** More than any bus has; each is looked at for each node below. */
const RANGES_MAXIMUM = 256;
/** Buses behind each other that have such ranges; those whose addresses are the ones above do not count. */
const BUSES_MAXIMUM = 8;

/**
 * The regions of a node as the cpus address them, or why there are none; `most`: as many as are wanted. Numbers above 2^53 are
 * refused: nothing here has them.
 */
export function regionsOf(node: DtNode, most = Number.POSITIVE_INFINITY): readonly Region[] | string {
  const parent = node.parent;
  const cells = node.cells("reg");
  if (!parent || cells === undefined) return node.has("reg") ? "reg is no list of cells" : "reg is missing";
  const widths = widthsOf(parent);
  if (typeof widths === "string") return widths;
  const { address, size } = widths;
  const entry = address + size;
  if (size === 0) return `${parent} has #size-cells 0: what reg says is no region`;
  if (cells.length === 0 || cells.length % entry !== 0) {
    return `reg has ${cells.length} cells; entries of ${entry} (address ${address}, size ${size}) are needed`;
  }
  const regions: Region[] = [];
  for (let at = 0; at < cells.length && regions.length < most; at += entry) {
    const start = translate(wide(cells.slice(at, at + address)), parent);
    if (typeof start === "string") return start;
    const bytes = wide(cells.slice(at + address, at + entry));
    if (start + bytes > BigInt(Number.MAX_SAFE_INTEGER)) return "reg ends above 2^53";
    regions.push({ address: Number(start), bytes: Number(bytes) });
  }
  return regions;
}

/** `address` on the bus that `bus` makes for its children, as the cpus see it. */
function translate(address: bigint, bus: DtNode): bigint | string {
  let here = address;
  let buses = 0;
  for (const node of bus.lineage()) {
    const parent = node.parent;
    if (!parent) return here;
    const ranges = rangesOf(node, parent);
    if (typeof ranges === "string") return ranges;
    if (ranges.length === 0) continue;
    if (++buses > BUSES_MAXIMUM) return `${node} is a bus behind more than ${BUSES_MAXIMUM} others`;
    const address = here;
    const range = ranges.find(({ from, end }) => address >= from && address < end);
    if (range === undefined) return `ranges of ${node} does not have address 0x${here.toString(16)}`;
    here += range.to - range.from;
  }
  return here;
}

/** Addresses below a bus, and where they are above it. */
interface Range {
  readonly from: bigint;
  readonly end: bigint;
  readonly to: bigint;
}

/** Those of each bus: every node below it asks for them. */
const rangesOfNodes = new WeakMap<DtNode, readonly Range[] | string>();

function rangesOf(node: DtNode, parent: DtNode): readonly Range[] | string {
  const known = rangesOfNodes.get(node) ?? readRanges(node, parent);
  rangesOfNodes.set(node, known);
  return known;
}

/** The entries of `ranges`, or why there are none. */
function readRanges(node: DtNode, parent: DtNode): readonly Range[] | string {
  const child = widthsOf(node);
  const above = widthsOf(parent);
  if (typeof child === "string") return child;
  if (typeof above === "string") return above;
  const entry = child.address + above.address + child.size;
  const bytes = node.properties.get("ranges")?.value.length;
  if (bytes === undefined) return `${node} has no ranges: addresses below it are not those of the cpus`;
  if (bytes > 4 * entry * RANGES_MAXIMUM) return `ranges of ${node} has more than ${RANGES_MAXIMUM} entries`;
  const cells = node.cells("ranges");
  if (!cells || cells.length % entry !== 0) {
    return `ranges of ${node} has ${bytes / 4} cells; entries of ${entry} are needed`;
  }
  return Array.from({ length: cells.length / entry }, (_, index) => {
    const [from, to, size] = [0, child.address, child.address + above.address].map((at, part) => {
      const width = [child.address, above.address, child.size][part] as number;
      return wide(cells.slice(index * entry + at, index * entry + at + width));
    }) as [bigint, bigint, bigint];
    return { from, end: from + size, to };
  });
}

interface Widths {
  readonly address: number;
  readonly size: number;
}

/** How many cells an address and a size below `node` have. */
function widthsOf(node: DtNode): Widths | string {
  const address = node.has("#address-cells") ? node.cell("#address-cells") : 2;
  const size = node.has("#size-cells") ? node.cell("#size-cells") : 1;
  const usable = (cells: number | undefined, least: number) => cells !== undefined && cells >= least && cells <= 2;
  if (address === undefined || !usable(address, 1)) return `${node} has #address-cells ${address}; 1 or 2 can be read`;
  if (size === undefined || !usable(size, 0)) return `${node} has #size-cells ${size}; 0 to 2 can be read`;
  return { address, size };
}

/** Cells as one number. */
export function wide(cells: readonly number[]): bigint {
  return cells.reduce((number, cell) => (number << 32n) | BigInt(cell), 0n);
}
