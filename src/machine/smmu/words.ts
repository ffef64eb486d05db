// Structures of an SMMU in memory, as the 64-bit words that software writes, and their fields that matter here (IHI 0070, 5.2,
// 5.4, 5.6; more.md 2.2).

/** Words of an STE, of a CD, and of the part of a VMS that means something. */
export const WORDS = 8;

export type Words = readonly bigint[];

/** Bits high to low of one word. */
export interface WordField {
  readonly word: number;
  readonly high: number;
  readonly low: number;
}

const field = (word: number, high: number, low = high): WordField => ({ word, high, low });

export const STE_V = field(0, 0);
export const STE_CONFIG = field(0, 3, 1);
export const STE_S1CDMAX = field(0, 63, 59);
export const STE_S1DSS = field(1, 1, 0);
export const STE_S1MPAM = field(1, 26);
export const STE_S2VMID = field(2, 15, 0);
export const STE_PARTID = field(4, 31, 16);
export const STE_PMG = field(5, 7, 0);
export const STE_MPAM_NS = field(5, 8);
/** Bits 55:12 of the address of the VMS. */
export const STE_VMSPTR = field(5, 55, 12);

export const CD_V = field(0, 31);
export const CD_PARTID = field(5, 47, 32);
export const CD_PMG = field(5, 55, 48);

export const CONFIGS = { bypass: 0b100, stage1: 0b101, stage2: 0b110, nested: 0b111 } as const;
export const S1DSS = { terminate: 0b00, bypass: 0b01, substream0: 0b10 } as const;

/** PARTID_MAP[index] of a VMS: 32 entries of 16 bits, four in a word. */
export function mapEntry(index: number): WordField {
  const low = 16 * (index % 4);
  return field(index >>> 2, low + 15, low);
}

const maskOf = ({ high, low }: WordField) => (1n << BigInt(high - low + 1)) - 1n;

export function getField(words: Words, one: WordField): number {
  return Number(((words[one.word] ?? 0n) >> BigInt(one.low)) & maskOf(one));
}

/** The word of the field with another value in it. */
export function withField(word: bigint, one: WordField, value: number): bigint {
  const shift = BigInt(one.low);
  return (word & ~(maskOf(one) << shift)) | ((BigInt(value) & maskOf(one)) << shift);
}

/** Words in which the fields have these values, and all else is 0. */
export function wordsOf(...values: readonly (readonly [WordField, number])[]): bigint[] {
  const words = new Array<bigint>(WORDS).fill(0n);
  for (const [one, value] of values) words[one.word] = withField(words[one.word] as bigint, one, value);
  return words;
}
