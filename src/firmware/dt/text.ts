// A tree as source text (dts), as dtc reads it.

import { readFdt } from "./fdt-read.ts";
import { DEVICE } from "./msc.ts";
import { type DeviceTree, type DtNode, type Property, stringsIn } from "./tree.ts";

/** Properties whose cells are phandles, all of them. */
const REFERENCES = new Set(["next-level-cache", "interrupt-parent", "cpu", "cpus", DEVICE]);
/** Properties whose cells are places or sizes of memory. */
const ADDRESSES = new Set(["reg", "ranges", "cache-size", "i-cache-size", "d-cache-size"]);
/** Properties that are cells, though the bytes may look like text. */
const NUMBERS = new Set([
  ...ADDRESSES,
  ...REFERENCES,
  "#address-cells",
  "#size-cells",
  "#interrupt-cells",
  "phandle",
  "interrupts",
  "numa-node-id",
  "cache-level",
  "cache-sets",
  "cache-line-size",
  "arm,not-ready-us",
]);

/** Source text of a blob; compiled, it gives the same tree again. Throws ErrnoError EINVAL for what is no device tree. */
export function deviceTreeText(dtb: Uint8Array): string {
  return treeText(readFdt(dtb));
}

export function treeText(tree: DeviceTree): string {
  const labels = labelsOf(tree);
  const reserved = tree.reservations.map(({ address, bytes }) => {
    return `/memreserve/ 0x${address.toString(16)} 0x${bytes.toString(16)};`;
  });
  const lines: string[] = ["/dts-v1/;", ...reserved, ""];
  writeNode(tree.root, "", { tree, labels, lines });
  return `${lines.join("\n")}\n`;
}

interface Writing {
  readonly tree: DeviceTree;
  readonly labels: ReadonlyMap<DtNode, string>;
  readonly lines: string[];
}

function writeNode(node: DtNode, indent: string, writing: Writing): void {
  const { lines, labels } = writing;
  const label = labels.get(node);
  lines.push(`${indent}${label === undefined ? "" : `${label}: `}${node.name === "" ? "/" : node.name} {`);
  const inner = `${indent}\t`;
  for (const property of node.properties.values()) {
    const value = valueText(property, writing);
    lines.push(`${inner}${property.name}${value === "" ? "" : ` = ${value}`};`);
  }
  node.children.forEach((child, at) => {
    if (at > 0 || node.properties.size > 0) lines.push("");
    writeNode(child, inner, writing);
  });
  lines.push(`${indent}};`);
}

/** What stands right of the equals sign; empty for a property that only is there. */
export function valueText({ name, value }: Property, { tree, labels }: Pick<Writing, "tree" | "labels">): string {
  if (value.length === 0) return "";
  const cells = value.length % 4 === 0;
  const strings = cells && NUMBERS.has(name) ? undefined : printable(value);
  if (strings) return strings.map((text) => JSON.stringify(text)).join(", ");
  if (!cells) return `[${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join(" ")}]`;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const texts = Array.from({ length: value.length / 4 }, (_, at) => {
    const cell = view.getUint32(4 * at);
    const label = REFERENCES.has(name) ? labels.get(tree.byPhandle(cell) as DtNode) : undefined;
    if (label !== undefined) return `&${label}`;
    return NUMBERS.has(name) && !ADDRESSES.has(name) ? `${cell}` : `0x${cell.toString(16)}`;
  });
  return `<${texts.join(" ")}>`;
}

/** Strings that text shows as they are: dtc wants nothing escaped then. */
function printable(value: Uint8Array): string[] | undefined {
  const strings = stringsIn(value);
  return strings?.every((text) => /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(text)) ? strings : undefined;
}

/** A name for every node that a property refers to. */
function labelsOf(tree: DeviceTree): Map<DtNode, string> {
  const labels = new Map<DtNode, string>();
  const counts = new Map<string, number>();
  for (const node of tree.root.walk()) {
    const { phandle } = node;
    // What two nodes claim, or what dtc would not take for one, stays a number.
    if (phandle === undefined || phandle === 0 || phandle === 0xffff_ffff || tree.byPhandle(phandle) !== node) continue;
    if (!node.has("phandle")) continue;
    const wanted = node.name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_") || "root";
    const count = (counts.get(wanted) ?? 0) + 1;
    counts.set(wanted, count);
    labels.set(node, count === 1 ? wanted : `${wanted}__${count}`);
  }
  return labels;
}

/** A blob as JSON says it: every property as source text and as bytes in hexadecimal. Throws as deviceTreeText does. */
export function deviceTreeObject(dtb: Uint8Array): object {
  const tree = readFdt(dtb);
  const labels = labelsOf(tree);
  const objectOf = (node: DtNode): object => ({
    name: node.name,
    ...(node.offset === undefined ? {} : { offset: node.offset }),
    properties: [...node.properties.values()].map((property) => ({
      name: property.name,
      value: valueText(property, { tree, labels }),
      bytes: Array.from(property.value, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    })),
    children: node.children.map(objectOf),
  });
  const reservations = tree.reservations.map(({ address, bytes }) => ({
    address: `0x${address.toString(16)}`,
    bytes: `0x${bytes.toString(16)}`,
  }));
  return { bootCpu: tree.bootCpu, reservations, root: objectOf(tree.root) };
}
