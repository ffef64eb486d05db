// How structures of tables are laid out. A layout is written once and serves to read, to write and to show.

import { hex, type TableBytes } from "./bytes.ts";

/** What stands in a field: its size, how it is read and written, what it means. */
export interface Kind<T> {
  readonly bytes: number;
  readonly reserved?: boolean;
  readonly empty: T;
  read(from: TableBytes, at: number): T;
  write(to: DataView, at: number, value: T): void;
  /** The value as people write it, and in words where there are some. */
  show(value: T): { readonly text: string; readonly means?: string };
}

function numeric(bytes: 1 | 2 | 3 | 4 | 6): Kind<number> {
  return {
    bytes,
    empty: 0,
    read: (from, at) => from.number(at, bytes),
    write(to, at, value) {
      if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * bytes)) {
        throw new RangeError(`${value} does not fit into ${bytes} bytes`);
      }
      let rest = value;
      for (let index = 0; index < bytes; index++, rest = Math.floor(rest / 256)) to.setUint8(at + index, rest % 256);
    },
    show: (value) => ({ text: String(value) }),
  };
}

export const u8 = numeric(1);
export const u16 = numeric(2);
export const u32 = numeric(4);

export const u64: Kind<bigint> = {
  bytes: 8,
  empty: 0n,
  read: (from, at) => from.wide(at),
  write(to, at, value) {
    if (BigInt.asUintN(64, value) !== value) throw new RangeError(`${value} does not fit into 8 bytes`);
    to.setBigUint64(at, value, true);
  },
  show: (value) => ({ text: String(value) }),
};

/** An address, an offset, a mask: shown in hexadecimal. */
export function inHex<T extends number | bigint>(kind: Kind<T>): Kind<T> {
  return { ...kind, show: (value) => ({ text: hex(value) }) };
}

/** Has to be 0. */
export function reserved(bytes: 1 | 2 | 3 | 4 | 6): Kind<number> {
  return { ...inHex(numeric(bytes)), reserved: true };
}

export const reserved64: Kind<bigint> = { ...inHex(u64), reserved: true };

export function named(kind: Kind<number>, names: { readonly [value: number]: string }): Kind<number> {
  return { ...kind, show: (value) => ({ text: hex(value), means: names[value] ?? "not defined" }) };
}

/** A part of a word: its lowest and its highest bit; a name for each value, or one for the number. */
export type Bits = readonly [low: number, high: number, names: string | readonly string[]];

export const bitsOf = (word: number, [low, high]: Bits): number => Math.floor(word / 2 ** low) % 2 ** (high - low + 1);

/** A word of flags; bits without a name have to be 0. */
export interface Flags extends Kind<number> {
  readonly parts: readonly Bits[];
  /** Bits that are reserved. */
  stray(word: number): number;
}

export function flags(kind: Kind<number>, parts: readonly Bits[]): Flags {
  const known = parts.reduce((sum, [low, high]) => sum + 2 ** (high + 1) - 2 ** low, 0);
  const stray = (word: number) => Number(BigInt(word) & ~BigInt(known));
  const words = (word: number) =>
    parts.flatMap((part) => {
      const value = bitsOf(word, part);
      const names = part[2];
      if (typeof names !== "string") return names[value] ?? `not defined: ${value}`;
      if (part[0] === part[1]) return value ? names : [];
      return `${names} ${value}`;
    });
  return {
    ...kind,
    parts,
    stray,
    show: (word) => {
      const means = [...words(word), ...(stray(word) ? [`reserved ${hex(stray(word))}`] : [])].join(", ");
      return { text: hex(word), ...(means === "" ? {} : { means }) };
    },
  };
}

/** Characters, the rest NUL. */
export function text(bytes: number): Kind<string> {
  return {
    bytes,
    empty: "",
    read: (from, at) => from.text(at, bytes),
    write(to, at, value) {
      const codes = [...value].map((character) => character.codePointAt(0) ?? 0);
      if (codes.length > bytes || codes.some((code) => code > 255)) {
        throw new RangeError(`"${value}" does not fit into ${bytes} characters`);
      }
      codes.forEach((code, index) => void to.setUint8(at + index, code));
    },
    show: (value) => ({ text: JSON.stringify(value) }),
  };
}

/** Fields one after the other, as one: a generic address. */
export function group<F extends Fields>(fields: F): Kind<FieldValues<F>> & { readonly fields: F } {
  const bytes = sizeOf(fields);
  const order = Object.entries(fields);
  return {
    bytes,
    fields,
    empty: Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, kind.empty])) as FieldValues<F>,
    read(from, start) {
      const values: { [name: string]: unknown } = {};
      let at = start;
      for (const [name, kind] of order) {
        values[name] = kind.read(from, at);
        at += kind.bytes;
      }
      return values as FieldValues<F>;
    },
    write(to, at, value) {
      let place = at;
      for (const [name, kind] of order) {
        kind.write(to, place, (value as { [name: string]: unknown })[name] ?? kind.empty);
        place += kind.bytes;
      }
    },
    show: (value) => ({
      text: order
        .filter(([, kind]) => !kind.reserved)
        .map(([name, kind]) => `${wordsOf(name)} ${kind.show((value as { [name: string]: unknown })[name]).text}`)
        .join(", "),
    }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a field of any kind; FieldValues has the exact ones.
export type Fields = { readonly [name: string]: Kind<any> };
export type FieldValues<F extends Fields> = { -readonly [name in keyof F]: F[name] extends Kind<infer T> ? T : never };

const sizeOf = (fields: Fields) => Object.values(fields).reduce((sum, { bytes }) => sum + bytes, 0);

/** A list behind the fields: what it holds, and the fields whose product is its length. */
// biome-ignore lint/suspicious/noExplicitAny: a list of any kind; Values has the exact ones.
export type Lists = { readonly [name: string]: readonly [of: Kind<any>, ...counts: string[]] };
type ListValues<L extends Lists> = {
  -readonly [name in keyof L]: L[name][0] extends Kind<infer T> ? readonly T[] : never;
};

export interface Layout<F extends Fields = Fields, L extends Lists = Lists> {
  readonly name: string;
  /** What its field `type` says. */
  readonly type?: number;
  readonly fields: F;
  readonly lists: L;
  /** The fields as they follow each other. */
  readonly order: readonly (readonly [name: string, kind: F[string]])[];
  /** Of the fields. */
  readonly bytes: number;
  /** What every revision of it has; fields past that may be missing. */
  readonly least: number;
}

/** Of a layout that is not known: nothing can be said. */
export type Values<T extends Layout> = string extends keyof T["fields"]
  ? object
  : FieldValues<T["fields"]> & ListValues<T["lists"]>;

export function layout<const F extends Fields, const L extends Lists = Record<never, never>>(
  name: string,
  fields: F,
  more: { readonly type?: number; readonly lists?: L; readonly least?: number } = {},
): Layout<F, L> {
  const bytes = sizeOf(fields);
  const { type, lists = {} as L, least = bytes } = more;
  const order = Object.entries(fields) as [string, F[string]][];
  return { name, ...(type === undefined ? {} : { type }), fields, lists, order, bytes, least };
}

/** The values between `at` and `end`. Fields past the end are 0 and lists end there; the fields every revision has are there. */
export function readLayout<T extends Layout>(layout: T, from: TableBytes, at: number, end: number): Values<T> {
  const values: { [name: string]: unknown } = {};
  let place = at;
  for (const [name, kind] of layout.order) {
    values[name] = place + kind.bytes <= end || place < at + layout.least ? kind.read(from, place) : kind.empty;
    place += kind.bytes;
  }
  for (const [name, [kind, ...counts]] of Object.entries(layout.lists)) {
    const room = Math.max(0, Math.floor((end - place) / kind.bytes));
    const items = Array.from({ length: Math.min(room, countOf(values, counts)) }, (_, index) =>
      kind.read(from, place + index * kind.bytes),
    );
    values[name] = items;
    place += items.length * kind.bytes;
  }
  return values as Values<T>;
}

/** Bytes that a structure of these values takes, all of its lists included. */
export function lengthOf(layout: Layout, values: object): number {
  return Object.values(layout.lists).reduce(
    (sum, [kind, ...counts]) => sum + kind.bytes * countOf(values as { [name: string]: unknown }, counts),
    layout.bytes,
  );
}

const countOf = (values: { readonly [name: string]: unknown }, counts: readonly string[]) =>
  counts.reduce((product, name) => product * (values[name] as number), 1);

/** The bytes of a structure. What is left out is 0; `type`, `length` and the lengths of lists follow from the rest. */
export function writeLayout<T extends Layout>(layout: T, given: Partial<Values<T>>, bytes = layout.bytes): Uint8Array {
  const values: { [name: string]: unknown } = { ...given };
  for (const [name, [, ...counts]] of Object.entries(layout.lists)) {
    const [count, second] = counts;
    if (count !== undefined && second === undefined) {
      values[count] ??= ((values[name] as readonly unknown[] | undefined) ?? []).length;
    }
  }
  const size = Object.entries(layout.lists).reduce(
    (sum, [name, [kind]]) => sum + kind.bytes * ((values[name] as readonly unknown[] | undefined) ?? []).length,
    bytes,
  );
  values.type ??= layout.type;
  values.length ??= size;
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  for (const { kind, at, value } of placesOf(layout, values, bytes)) kind.write(view, at, value);
  return out;
}

export interface Place {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: of any kind.
  readonly kind: Kind<any>;
  /** From the beginning of the structure. */
  readonly at: number;
  readonly value: unknown;
}

/** Every field and every item of the lists, in the order of the bytes; of fields those that end within `bytes`. */
export function placesOf(layout: Layout, values: object, bytes = layout.bytes): Place[] {
  const given = values as { readonly [name: string]: unknown };
  const places: Place[] = [];
  let at = 0;
  for (const [name, kind] of layout.order) {
    if (at + kind.bytes > bytes) break;
    places.push({ name, kind, at, value: given[name] ?? kind.empty });
    at += kind.bytes;
  }
  for (const [name, [kind]] of Object.entries(layout.lists)) {
    ((given[name] as readonly unknown[] | undefined) ?? []).forEach((value, index) => {
      places.push({ name: `${name} ${index}`, kind, at, value });
      at += kind.bytes;
    });
  }
  return places;
}

/** maxNrdyUsec as words: "max nrdy usec". */
export function wordsOf(name: string): string {
  return name.replace(
    /[A-Z]+(?![a-z])|[A-Z]/g,
    (letters) => ` ${letters.length > 1 ? letters : letters.toLowerCase()}`,
  );
}
