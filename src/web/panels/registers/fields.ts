// The fields of a whole register, of 32 or 64 bits, from the top down.

import { CPOR_IDR_CPBM_WD, fieldGet, MBW_IDR_BWPBM_WD } from "../../../../assembly/regs/index.ts";
import { MPAMCFG_CPBM, MPAMCFG_MBW_PBM } from "../../../../assembly/regs/offsets.ts";
import type { Register, WideFields } from "../../../machine/index.ts";
import type { Identity } from "../../../meaning/index.ts";
import { extentOf } from "./numbers.ts";
import type { Row } from "./rows.ts";

export interface Field {
  readonly name: string;
  readonly mask: bigint;
  readonly low: number;
  readonly bits: number;
}

/** What of a 64-bit register goes on in its upper word is one field. */
export function fieldsOf({ words }: Pick<Register, "words">): Field[] {
  const masks = new Map<string, bigint>();
  for (const [n, word] of words.entries()) {
    for (const [name, mask] of Object.entries(word)) {
      masks.set(name, (masks.get(name) ?? 0n) | (BigInt(mask) << BigInt(32 * n)));
    }
  }
  return fromTop([...masks]);
}

/** The same, without the bits of a bitmap that stand for no portion. */
export function fieldsHere(row: Row, of: Identity | undefined): Field[] {
  const portions = of && portionsIn(row, of);
  const fields = fieldsOf(row.register);
  if (portions === undefined) return fields;
  const mask = (1n << BigInt(Math.max(0, Math.min(32, portions)))) - 1n;
  return fromTop(fields.map(({ name, mask: whole }) => [name, whole & mask] as const)).filter(
    (field) => field.mask !== 0n,
  );
}

/** How many portions there are from the word on; undefined for what is no bitmap. */
function portionsIn({ register, offsets: [offset = 0] }: Row, of: Identity): number | undefined {
  const before = 8 * (offset - register.offset);
  if (register.offset === MPAMCFG_CPBM) return fieldGet(CPOR_IDR_CPBM_WD, of.cpor) - before;
  if (register.offset === MPAMCFG_MBW_PBM) return fieldGet(MBW_IDR_BWPBM_WD, of.mbw) - before;
  return undefined;
}

export function wideFieldsOf(fields: WideFields): Field[] {
  return fromTop(Object.entries(fields));
}

function fromTop(masks: readonly (readonly [string, bigint])[]): Field[] {
  return masks.map(([name, mask]) => ({ name, mask, ...extentOf(mask) })).sort((a, b) => b.low - a.low);
}

/** A stretch of the row of bits: a field, or bits that belong to none. */
export interface Stretch {
  readonly field?: Field;
  /** The bits of it that are in this row, from the top. */
  readonly bits: readonly number[];
}

/** The 32 bits from `high` down, in stretches. */
export function stretchesOf(fields: readonly Field[], high: number): Stretch[] {
  const stretches: { field?: Field; bits: number[] }[] = [];
  for (let bit = high; bit > high - 32; bit--) {
    const field = fields.find(({ mask }) => (mask >> BigInt(bit)) & 1n);
    const last = stretches.at(-1);
    if (last && last.field === field) last.bits.push(bit);
    else stretches.push({ ...(field ? { field } : {}), bits: [bit] });
  }
  return stretches;
}

/** [31:24], or [7] for a single bit. */
export function placeOf({ low, bits }: Field): string {
  return bits === 1 ? `[${low}]` : `[${low + bits - 1}:${low}]`;
}
