// Device trees as bytes. The same tree gives the same bytes, and those that dtc gives.

import { ErrnoError } from "../../errno/index.ts";
import {
  aligned,
  FDT_BEGIN_NODE,
  FDT_COMPATIBLE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAGIC,
  FDT_PROP,
  FDT_VERSION,
  HEADER,
  HEADER_BYTES,
  NAME,
  RESERVATION_BYTES,
} from "./fdt.ts";
import { DEPTH_MAXIMUM, type DeviceTree, type DtNode, NAME_MAXIMUM } from "./tree.ts";

/** Throws ErrnoError EINVAL for names that a blob cannot have, and for a tree that is too deep. */
export function writeFdt(tree: DeviceTree): Uint8Array {
  const structure = new Bytes();
  const strings = new Strings();
  writeNode(tree.root, 0, structure, strings);
  structure.u32(FDT_END);

  const offDtStruct = HEADER_BYTES + RESERVATION_BYTES * (tree.reservations.length + 1);
  const offDtStrings = offDtStruct + structure.length;
  const totalsize = offDtStrings + strings.bytes.length;
  const blob = new Uint8Array(totalsize);
  const view = new DataView(blob.buffer);
  const header = {
    magic: FDT_MAGIC,
    totalsize,
    offDtStruct,
    offDtStrings,
    offMemRsvmap: HEADER_BYTES,
    version: FDT_VERSION,
    lastCompVersion: FDT_COMPATIBLE,
    bootCpuidPhys: tree.bootCpu,
    sizeDtStrings: strings.bytes.length,
    sizeDtStruct: structure.length,
  };
  for (const [name, at] of Object.entries(HEADER)) view.setUint32(at, header[name as keyof typeof header]);
  tree.reservations.forEach(({ address, bytes }, index) => {
    view.setBigUint64(HEADER_BYTES + RESERVATION_BYTES * index, address);
    view.setBigUint64(HEADER_BYTES + RESERVATION_BYTES * index + 8, bytes);
  });
  blob.set(structure.taken(), offDtStruct);
  blob.set(strings.bytes.taken(), offDtStrings);
  return blob;
}

function writeNode(node: DtNode, depth: number, structure: Bytes, strings: Strings): void {
  if (depth > DEPTH_MAXIMUM) throw new ErrnoError("EINVAL", `device tree: ${node} is deeper than ${DEPTH_MAXIMUM}`);
  if ((depth === 0) !== (node.name === "")) throw new ErrnoError("EINVAL", `device tree: ${node} has no name`);
  structure.u32(FDT_BEGIN_NODE);
  structure.text(named(node.name, node));
  for (const { name, value } of node.properties.values()) {
    structure.u32(FDT_PROP);
    structure.u32(value.length);
    if (name === "") throw new ErrnoError("EINVAL", `device tree: a property of ${node} has no name`);
    structure.u32(strings.offsetOf(named(name, node)));
    structure.put(value);
  }
  for (const child of node.children) writeNode(child, depth + 1, structure, strings);
  structure.u32(FDT_END_NODE);
}

function named(name: string, node: DtNode): string {
  if (NAME.test(name) && name.length <= NAME_MAXIMUM) return name;
  const allowed = `up to ${NAME_MAXIMUM} printable characters without / and blank are allowed`;
  throw new ErrnoError("EINVAL", `device tree: ${node}: ${JSON.stringify(name)} as a name; ${allowed}`);
}

/** Names of properties, each once; one that ends another lies in it, as dtc has it. */
class Strings {
  readonly bytes = new Bytes();
  /** Where each name lies, and each end of one. */
  readonly #offsets = new Map<string, number>();

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const start = this.bytes.length;
    this.bytes.put(new TextEncoder().encode(`${name}\0`), 1);
    for (let cut = 0; cut < name.length; cut++) {
      const end = name.slice(cut);
      if (!this.#offsets.has(end)) this.#offsets.set(end, start + cut);
    }
    return start;
  }
}

/** Bytes that grow. */
class Bytes {
  length = 0;
  #bytes = new Uint8Array(4096);

  u32(value: number): void {
    this.#room(4);
    new DataView(this.#bytes.buffer).setUint32(this.length, value);
    this.length += 4;
  }

  text(text: string): void {
    this.put(new TextEncoder().encode(`${text}\0`));
  }

  put(bytes: Uint8Array, alignment: 1 | 4 = 4): void {
    const end = this.length + bytes.length;
    this.#room(bytes.length + 3);
    this.#bytes.set(bytes, this.length);
    this.length = alignment === 4 ? aligned(end) : end;
  }

  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #room(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.length + bytes));
    larger.set(this.taken());
    this.#bytes = larger;
  }
}
