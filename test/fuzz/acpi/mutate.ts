/** Tables that lie: what a firmware gone wrong, or somebody who means harm, could hand over. */
import { entriesOf, openTable, typeOf } from "../../../src/firmware/acpi/table.ts";
import type { Random } from "../random.ts";

/** The tables with some of them changed, and which those are; most keep a length that is right, half a checksum that is. */
export function mutated(
  tables: readonly Uint8Array[],
  random: Random,
): { readonly set: Uint8Array[]; readonly changed: Uint8Array[] } {
  const set = [...tables];
  const places = new Set<number>();
  for (let changes = random.between(1, 3); changes > 0; changes--) places.add(random.below(set.length));
  const changed = [...places].map((index) => {
    let table: Uint8Array = (set[index] as Uint8Array).slice();
    for (let times = random.between(1, 3); times > 0; times--) table = random.pick(MUTATIONS)(table, random, set);
    set[index] = table;
    if (table.length < 36) return table;
    if (!random.once(4)) put(table, 4, 4, table.length);
    if (random.once(2)) table[9] = ((table[9] as number) - table.reduce((sum, byte) => sum + byte, 0)) & 0xff;
    return table;
  });
  if (random.once(16)) set.push(random.pick(tables));
  return { set, changed };
}

function put(table: Uint8Array, at: number, size: number, value: number): void {
  let rest = value;
  for (let index = 0; index < size && at + index < table.length; index++, rest = Math.floor(rest / 256)) {
    table[at + index] = rest % 256;
  }
}

type Mutation = (table: Uint8Array, random: Random, all: readonly Uint8Array[]) => Uint8Array;

/** Anywhere, more often behind the header. */
const somewhere = (table: Uint8Array, random: Random) =>
  table.length <= 36 || random.once(8) ? random.below(table.length + 1) : random.between(36, table.length - 1);

/** Where structures begin, as far as they can be told. */
function starts(table: Uint8Array): number[] {
  try {
    const opened = openTable(table);
    const type = typeOf(opened);
    const found = type ? entriesOf(opened, type).entries.map(({ at }) => at) : [];
    return found.length > 0 ? found : [36];
  } catch {
    return [36];
  }
}

const MUTATIONS: readonly Mutation[] = [
  function flipBit(table, random) {
    const at = somewhere(table, random);
    if (at < table.length) table[at] = (table[at] as number) ^ (1 << random.below(8));
    return table;
  },
  function putNumber(table, random) {
    const size = random.pick([1, 2, 4, 8]);
    const value = random.pick([
      0,
      1,
      2,
      3,
      0x7f,
      0x80,
      0xff,
      0xffff,
      0x1_0000,
      0x7fff_ffff,
      0xffff_ffff,
      2 ** 52,
      table.length,
      table.length - 1,
    ]);
    put(table, somewhere(table, random), size, value);
    return table;
  },
  function zeroLength(table, random) {
    const at = random.pick(starts(table));
    put(table, at + random.pick([0, 1, 4]), random.pick([1, 2, 4]), 0);
    return table;
  },
  function otherLength(table, random) {
    put(table, random.pick(starts(table)) + random.pick([0, 1, 4]), random.pick([1, 2]), random.below(256));
    return table;
  },
  /** References: to a structure, to its middle, to itself. */
  function pointSomewhere(table, random) {
    const places = starts(table);
    const at = random.pick(places) + 4 * random.between(1, 6);
    put(table, at, 4, random.once(3) ? random.below(table.length + 8) : random.pick(places));
    return table;
  },
  /** Counts: of resources, dependencies, domains. */
  function manyOfThem(table, random) {
    const at = random.pick(starts(table)) + random.pick([12, 16, 20, 68, 92]);
    put(table, at, 4, random.pick([0, 1, 2, 3, 4, 100, 0xffff, 0xffff_ffff]));
    return table;
  },
  function truncate(table, random) {
    return table.slice(0, random.once(4) ? random.below(table.length + 1) : somewhere(table, random));
  },
  function repeatStructure(table, random) {
    const places = [...starts(table), table.length];
    const index = random.below(places.length - 1);
    const part = table.subarray(places[index], places[index + 1]);
    const at = random.pick(places);
    return new Uint8Array([...table.subarray(0, at), ...part, ...table.subarray(at)]);
  },
  function splice(table, random, all) {
    const from = random.pick(all);
    const start = somewhere(from, random);
    const part = from.subarray(start, start + random.between(1, 64));
    const at = somewhere(table, random);
    const end = random.once(2) ? at : Math.min(table.length, at + part.length);
    return new Uint8Array([...table.subarray(0, at), ...part, ...table.subarray(end)]);
  },
  function remove(table, random) {
    const at = somewhere(table, random);
    return new Uint8Array([...table.subarray(0, at), ...table.subarray(at + random.between(1, 32))]);
  },
  function otherRevision(table, random) {
    if (table.length > 8) table[8] = random.below(5);
    return table;
  },
  function becomeAnother(table, random, all) {
    const other = random.pick(all);
    for (let index = 0; index < 4 && index < table.length; index++) table[index] = other[index] ?? 0;
    return table;
  },
];
