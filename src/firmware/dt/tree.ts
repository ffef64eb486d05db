// A device tree in memory: nodes, their properties, and what the bytes of a property mean (Devicetree Specification,
// chapter 2).

/** Where nodes of a tree may be, counted from the root: as deep as libfdt goes. */
export const DEPTH_MAXIMUM = 64;

/** Longest name of a node or property; the specification asks for 31 characters, and real trees have more. */
export const NAME_MAXIMUM = 255;

/** How much of a path a message shows. */
const PATH_SHOWN = 160;

export interface Property {
  readonly name: string;
  readonly value: Uint8Array;
  /** Of its token in the blob it was read from. */
  readonly offset?: number;
}

/** What a property is made from: cells, a string, a list of strings, bytes, or nothing but being there. */
export type Value = readonly number[] | string | readonly string[] | Uint8Array | true;

export class DtNode {
  readonly properties = new Map<string, Property>();
  readonly children: DtNode[] = [];
  parent: DtNode | undefined;
  #byName: Map<string, DtNode> | undefined;
  #compatible: { readonly value: Uint8Array | undefined; readonly names: ReadonlySet<string> } | undefined;

  /** `offset`: of its token in the blob it was read from. */
  constructor(
    readonly name: string,
    readonly offset?: number,
  ) {}

  add<T extends DtNode>(child: T): T {
    child.parent = this;
    this.children.push(child);
    this.#byName = undefined;
    return child;
  }

  set(name: string, value: Value): this {
    this.properties.set(name, { name, value: bytesOf(value) });
    return this;
  }

  has(name: string): boolean {
    return this.properties.has(name);
  }

  /** 32-bit words, big endian; undefined where there is no such property or its length is no multiple of 4. */
  cells(name: string): number[] | undefined {
    const value = this.properties.get(name)?.value;
    if (value === undefined || value.length % 4 !== 0) return undefined;
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    return Array.from({ length: value.length / 4 }, (_, at) => view.getUint32(4 * at));
  }

  /** The one word of a property that has one. */
  cell(name: string): number | undefined {
    const value = this.properties.get(name)?.value;
    return value?.length === 4 ? this.cells(name)?.[0] : undefined;
  }

  /** The strings of a list, each of which ends in a NUL; undefined where the property is no such list. */
  strings(name: string): string[] | undefined {
    const value = this.properties.get(name)?.value;
    return value && stringsIn(value);
  }

  /** Children ask it of their parent, so that the list is read once. */
  isCompatible(what: string): boolean {
    const value = this.properties.get("compatible")?.value;
    if (this.#compatible?.value !== value) this.#compatible = { value, names: new Set(value && stringsIn(value)) };
    return this.#compatible?.names.has(what) ?? false;
  }

  /** In use: no `status`, or one that says so. */
  get isAvailable(): boolean {
    if (!this.has("status")) return true;
    const status = this.strings("status")?.[0];
    return status === "okay" || status === "ok";
  }

  /** Its name without the unit address. */
  get baseName(): string {
    return this.name.split("@", 1)[0] as string;
  }

  /** What follows the @ in its name. */
  get unitAddress(): string | undefined {
    const at = this.name.indexOf("@");
    return at < 0 ? undefined : this.name.slice(at + 1);
  }

  get phandle(): number | undefined {
    return this.cell("phandle") ?? this.cell("linux,phandle");
  }

  /** Of two children with one name it is the first. */
  child(name: string): DtNode | undefined {
    this.#byName ??= new Map([...this.children].reverse().map((child) => [child.name, child]));
    return this.#byName.get(name);
  }

  /** From itself up to the root. */
  *lineage(): Generator<DtNode> {
    for (let node: DtNode | undefined = this; node; node = node.parent) yield node;
  }

  /** The value of a property that holds for all below: that of the nearest node that has it. */
  inherited(name: string): number | undefined {
    for (const node of this.lineage()) if (node.has(name)) return node.cell(name);
    return undefined;
  }

  /** Itself and all below, in the order of the blob. */
  *walk(): Generator<DtNode> {
    yield this;
    for (const child of this.children) yield* child.walk();
  }

  get path(): string {
    const names = [...this.lineage()].reverse().map(({ name }) => name);
    return names.length === 1 ? "/" : names.join("/");
  }

  /** Its path as a message shows it. */
  toString(): string {
    const { path } = this;
    return path.length <= PATH_SHOWN ? path : `...${path.slice(-PATH_SHOWN)}`;
  }
}

/** Memory that software keeps its hands off. */
export interface Reservation {
  readonly address: bigint;
  readonly bytes: bigint;
}

export class DeviceTree {
  #byPhandle: Map<number, DtNode> | undefined;

  constructor(
    readonly root: DtNode,
    readonly reservations: readonly Reservation[] = [],
    /** `reg` of the cpu that boots. */
    readonly bootCpu = 0,
  ) {}

  /** Of two nodes with one phandle it is the first. */
  byPhandle(phandle: number): DtNode | undefined {
    this.#byPhandle ??= new Map(
      [...this.root.walk()]
        .reverse()
        .flatMap((node) => (node.phandle === undefined ? [] : [[node.phandle, node] as const])),
    );
    return this.#byPhandle.get(phandle);
  }

  byPath(path: string): DtNode | undefined {
    let node: DtNode | undefined = this.root;
    for (const name of path.split("/")) if (name !== "") node = node?.child(name);
    return path.startsWith("/") ? node : undefined;
  }

  /** The node that a property names by its only or first phandle. */
  follow(node: DtNode, name: string): DtNode | undefined {
    const phandle = node.cells(name)?.[0];
    return phandle === undefined ? undefined : this.byPhandle(phandle);
  }
}

/** A 64-bit number as two cells. */
export function twoCells(value: number): [number, number] {
  return [Math.floor(value / 2 ** 32), value % 2 ** 32];
}

/** Text that ends in NULs, as properties have it; undefined for bytes that are something else. */
export function stringsIn(value: Uint8Array): string[] | undefined {
  if (value.length === 0 || value[value.length - 1] !== 0) return undefined;
  return new TextDecoder().decode(value.subarray(0, -1)).split("\0");
}

function bytesOf(value: Value): Uint8Array {
  if (value === true) return new Uint8Array();
  if (value instanceof Uint8Array) return value;
  const list: readonly (string | number)[] = typeof value === "string" ? [value] : value;
  if (list.every((item) => typeof item === "string")) {
    return new TextEncoder().encode(list.map((text) => `${text}\0`).join(""));
  }
  const view = new DataView(new ArrayBuffer(4 * list.length));
  list.forEach((cell, at) => void view.setUint32(4 * at, Number(cell)));
  return new Uint8Array(view.buffer);
}
