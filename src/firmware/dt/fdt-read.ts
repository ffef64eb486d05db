// A device tree from its bytes, which may be anything: every length is checked, each byte is looked at a few times at most,
// and what is wrong is told with its offset.

import { ErrnoError } from "../../errno/index.ts";
import {
  aligned,
  FDT_BEGIN_NODE,
  FDT_COMPATIBLE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAGIC,
  FDT_NOP,
  FDT_PROP,
  FDT_VERSION,
  HEADER,
  HEADER_BYTES,
  NAME,
  RESERVATION_BYTES,
} from "./fdt.ts";
import { DEPTH_MAXIMUM, DeviceTree, DtNode, NAME_MAXIMUM, type Reservation } from "./tree.ts";

/** A part of the blob that something has to end in. */
interface Block {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Throws FdtError (EINVAL) for bytes that are no device tree. Bytes after the blob are not looked at. */
export function readFdt(bytes: Uint8Array): DeviceTree {
  return new FdtReader(bytes).tree();
}

/** What the header says of the size; the file may be longer. */
export function totalSize(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(HEADER.totalsize);
}

class FdtReader {
  readonly #view: DataView;
  readonly #structure: Block;
  readonly #strings: Block;
  readonly #names = new Map<number, string>();
  #at = 0;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length < HEADER_BYTES) {
      throw refusal(0, `${bytes.length} bytes are no device tree; its header alone has ${HEADER_BYTES}`);
    }
    const magic = this.#header("magic");
    if (magic !== FDT_MAGIC) throw refusal(0, `the first word is ${hex(magic)}, not ${hex(FDT_MAGIC)}: no device tree`);
    const version = this.#header("version");
    const compatible = this.#header("lastCompVersion");
    if (version < FDT_COMPATIBLE || compatible > FDT_VERSION) {
      const says = `version ${version}, compatible with ${compatible}`;
      throw refusal(HEADER.version, `${says}; versions ${FDT_COMPATIBLE} and ${FDT_VERSION} can be read`);
    }
    const totalsize = this.#header("totalsize");
    if (totalsize > bytes.length || totalsize < HEADER_BYTES) {
      throw refusal(HEADER.totalsize, `the tree says it has ${totalsize} bytes; there are ${bytes.length}`);
    }
    const whole: Block = { name: "blob", start: 0, end: totalsize };
    this.#strings = this.#block("strings block", "offDtStrings", this.#header("sizeDtStrings"), 1, whole);
    const offset = this.#header("offDtStruct");
    const size = version >= FDT_VERSION ? this.#header("sizeDtStruct") : Math.max(0, totalsize - offset);
    this.#structure = this.#block("structure block", "offDtStruct", size, 4, whole);
  }

  tree(): DeviceTree {
    const reservations = this.#reservations();
    this.#at = this.#structure.start;
    const token = this.#token();
    if (token !== FDT_BEGIN_NODE) {
      throw refusal(this.#at - 4, `token ${hex(token)} at the beginning of the structure block; a node is expected`);
    }
    const root = this.#nodes();
    return new DeviceTree(root, reservations, this.#header("bootCpuidPhys"));
  }

  /** All nodes, from the name of the root on. A loop, so that no blob decides how deep calls go. */
  #nodes(): DtNode {
    const root = new DtNode(this.#nodeName(), this.#structure.start);
    if (root.name !== "") throw refusal(this.#structure.start, `the root is called ${root.name}; it has no name`);
    let node = root;
    let depth = 0;
    for (;;) {
      const start = this.#at;
      const token = this.#token();
      if (token === FDT_NOP) continue;
      if (token === FDT_PROP) this.#property(node, start);
      else if (token === FDT_BEGIN_NODE) {
        const name = this.#nodeName();
        if (name === "") throw refusal(start, `a node in ${node} has no name; only the root has none`);
        if (++depth > DEPTH_MAXIMUM) throw refusal(start, `nodes lie deeper than ${DEPTH_MAXIMUM}`);
        node = node.add(new DtNode(name, start));
      } else if (token === FDT_END_NODE) {
        if (depth-- === 0) return this.#ended(root);
        node = node.parent as DtNode;
      } else if (token === FDT_END) {
        throw refusal(start, `the structure block ends in the middle of ${node}`);
      } else {
        throw refusal(start, `token ${hex(token)} in ${node}; 1 to 4 and 9 are tokens`);
      }
    }
  }

  #ended(root: DtNode): DtNode {
    for (;;) {
      const token = this.#token();
      if (token === FDT_END) return root;
      if (token !== FDT_NOP) throw refusal(this.#at - 4, `token ${hex(token)} after the root; the end (9) is expected`);
    }
  }

  #property(node: DtNode, start: number): void {
    const length = this.#u32(this.#structure);
    const nameOffset = this.#u32(this.#structure);
    const name = this.#propertyName(nameOffset, start);
    if (node.children.length > 0) {
      throw refusal(start, `property ${name} of ${node} comes after its nodes; properties come first`);
    }
    if (node.has(name)) throw refusal(start, `property ${name} stands in ${node} twice`);
    this.#need(length, `the value of ${name}, ${length} bytes long,`, this.#structure);
    const value = this.bytes.subarray(this.#at, this.#at + length);
    this.#at = aligned(this.#at + length);
    node.properties.set(name, { name, value, offset: start });
  }

  #nodeName(): string {
    const start = this.#at;
    const name = this.#text(start, this.#structure, "the name of a node");
    this.#at = aligned(start + name.length + 1);
    return name;
  }

  #propertyName(offset: number, property: number): string {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const start = this.#strings.start + offset;
    if (start >= this.#strings.end) {
      const size = this.#strings.end - this.#strings.start;
      throw refusal(property, `its name is at ${hex(offset)} of the strings block, which has ${size} bytes`);
    }
    const name = this.#text(start, this.#strings, "the name of a property");
    if (name === "") throw refusal(property, "a property has no name");
    this.#names.set(offset, name);
    return name;
  }

  #text(start: number, block: Block, what: string): string {
    const most = Math.min(block.end, start + NAME_MAXIMUM + 1);
    const end = this.bytes.subarray(start, most).indexOf(0);
    if (end < 0) {
      const why = most === block.end ? `is not ended in the ${block.name}` : `has more than ${NAME_MAXIMUM} characters`;
      throw refusal(start, `${what} ${why}`);
    }
    const name = String.fromCharCode(...this.bytes.subarray(start, start + end));
    if (!NAME.test(name)) throw refusal(start, `${what} is ${JSON.stringify(name)}; printable characters are allowed`);
    return name;
  }

  #reservations(): Reservation[] {
    const start = this.#header("offMemRsvmap");
    if (start % 8 !== 0)
      throw refusal(HEADER.offMemRsvmap, `reservations at ${hex(start)}; a multiple of 8 is allowed`);
    const list: Reservation[] = [];
    for (let at = start; ; at += RESERVATION_BYTES) {
      if (at + RESERVATION_BYTES > this.#header("totalsize")) {
        throw refusal(at, "the list of reserved memory has no end: an entry of zeros");
      }
      const entry = { address: this.#view.getBigUint64(at), bytes: this.#view.getBigUint64(at + 8) };
      if (entry.address === 0n && entry.bytes === 0n) return list;
      list.push(entry);
    }
  }

  #block(name: string, offset: keyof typeof HEADER, size: number, alignment: number, whole: Block): Block {
    const start = this.#header(offset);
    const place = `the ${name} at ${hex(start)}`;
    if (start % alignment !== 0) throw refusal(HEADER[offset], `${place}; a multiple of ${alignment} is allowed`);
    if (start < HEADER_BYTES) throw refusal(HEADER[offset], `${place} lies in the header`);
    if (start + size > whole.end) {
      throw refusal(HEADER[offset], `${place}, ${size} bytes long, ends past the tree, which has ${whole.end} bytes`);
    }
    return { name, start, end: start + size };
  }

  #header(field: keyof typeof HEADER): number {
    return this.#view.getUint32(HEADER[field]);
  }

  #token(): number {
    return this.#u32(this.#structure);
  }

  #u32(block: Block): number {
    this.#need(4, "a word", block);
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  #need(bytes: number, what: string, block: Block): void {
    if (this.#at + bytes <= block.end) return;
    throw refusal(this.#at, `${what} ends past the ${block.name}, which ends at ${hex(block.end)}`);
  }
}

/** Bytes that are no device tree; `offset`: where. */
export class FdtError extends ErrnoError {
  constructor(
    readonly offset: number,
    readonly problem: string,
  ) {
    super("EINVAL", `device tree: offset ${hex(offset)}: ${problem}`);
  }
}

function refusal(offset: number, problem: string): FdtError {
  return new FdtError(offset, problem);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
