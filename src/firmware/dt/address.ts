// Regions of `reg`, and the way of an address through the buses above it (Devicetree Specification 2.3.6, 2.3.8).

import type { DtNode } from "./tree.ts";

export interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** More than any bus has; each is looked at for each region below. */
const RANGES_MAXIMUM = 256;

/**
 * The regions of a node as the cpus address them, or why there are none. Numbers above 2^53 are refused: nothing here has them.
 */
export function regionsOf(node: DtNode): readonly Region[] | string {
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
  for (let at = 0; at < cells.length; at += entry) {
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
  for (const node of bus.lineage()) {
    const parent = node.parent;
    if (!parent) return here;
    const child = widthsOf(node);
    const above = widthsOf(parent);
    if (typeof child === "string") return child;
    if (typeof above === "string") return above;
    const ranges = rangesOf(node, child.address + above.address + child.size);
    if (typeof ranges === "string") return ranges;
    if (ranges.length === 0) continue;
    const found = throughRanges(here, ranges, child, above.address);
    if (found === undefined) return `ranges of ${node} does not have address 0x${here.toString(16)}`;
    here = found;
  }
  return here;
}

/** Whole entries of `ranges`, or why there are none. Its length comes first: it is asked for by each region below. */
function rangesOf(node: DtNode, entry: number): readonly number[] | string {
  const bytes = node.properties.get("ranges")?.value.length;
  if (bytes === undefined) return `${node} has no ranges: addresses below it are not those of the cpus`;
  if (bytes > 4 * entry * RANGES_MAXIMUM) return `ranges of ${node} has more than ${RANGES_MAXIMUM} entries`;
  const ranges = node.cells("ranges");
  if (ranges && ranges.length % entry === 0) return ranges;
  return `ranges of ${node} has ${bytes / 4} cells; entries of ${entry} are needed`;
}

function throughRanges(address: bigint, ranges: readonly number[], child: Widths, above: number): bigint | undefined {
  const entry = child.address + above + child.size;
  for (let at = 0; at < ranges.length; at += entry) {
    const from = wide(ranges.slice(at, at + child.address));
    const to = wide(ranges.slice(at + child.address, at + child.address + above));
    const bytes = wide(ranges.slice(at + child.address + above, at + entry));
    if (address >= from && address < from + bytes) return address - from + to;
  }
  return undefined;
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
