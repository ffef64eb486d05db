// How each vector of golden/resctrl-vectors.json is run.

import golden from "../golden/resctrl-vectors.json" with { type: "json" };
import type { Shape } from "../helpers/plain/resctrl/shape.ts";

export type Kernel = Shape["kernel"];
export const KERNELS: readonly Kernel[] = ["7.3 repaired", "linux-7.3"];

export type Way =
  /** Here, on a machine with a driver and a mounted tree. */
  | { readonly on: "machine"; readonly kernels: readonly Kernel[] }
  /** No MPAM machine is like that: with resources that a test makes up. */
  | { readonly on: "fakes"; readonly file: string }
  /** No file of an MPAM machine leads there: here it is run that the way there is refused, and with made-up resources the line. */
  | { readonly on: "mode file" };

type Case = (typeof golden.schemata.cases)[number];

export interface Applied {
  readonly staged: number;
  readonly reads_back: string;
  readonly hw_mbw_max?: string;
}

/** "L3:0" to what was applied there. */
export function appliedBy({ applied }: Pick<Case, "applied">): [string, Applied][] {
  return Object.entries(applied as Record<string, Applied | undefined>).flatMap(([key, value]) =>
    value ? [[key, value]] : [],
  );
}

/** Environments in which MB was rounded when it was parsed, and differently than now. */
const ROUNDED = ["mpam_wd1", "mpam_wd3", "mpam_wd4"];
const NOT_ROUNDED = ["mpam_wd3_v74", "mpam_wd4_v74"];
const LOCKED = ["rdt_plr", "rdt_locksetup", "rdt_locked"];
const MADE_UP = ["rdt", "rdt_min2", "sparse_min2", "zero_ok", "rdt_peer_excl", "rdt_excl", "mpam_excl"];

export function wayOfSchemata({ env }: Pick<Case, "env">): Way {
  if (LOCKED.includes(env)) return { on: "mode file" };
  if (MADE_UP.includes(env)) return { on: "fakes", file: "test/fs/schemata.test.ts" };
  // Both ways: as the vector says under compat, and by the table of conversions without.
  if (ROUNDED.includes(env)) return { on: "machine", kernels: KERNELS };
  if (NOT_ROUNDED.includes(env)) return { on: "machine", kernels: ["7.3 repaired"] };
  return { on: "machine", kernels: KERNELS };
}

/** Whether the value that a line stages is not the one it says. */
export function isRounded({ env }: Pick<Case, "env">, kernel: Kernel): boolean {
  return ROUNDED.includes(env) && kernel === "linux-7.3";
}

export { golden };

/** Of the other sections: what a machine can be made for. The rest is run with resources that a test makes up. */
export const onMachine = {
  /** A cache is ways times a power of two. */
  size: ({ cache_size }: (typeof golden.size_file)[number]) => cache_size % 65_536 === 0,
  /** All bits are shared with the hardware, and the default group has some. */
  bitUsage: (one: (typeof golden.bit_usage)[number]) =>
    BigInt(`0x${one.shareable_bits}`) === 2n ** BigInt(one.cbm_len) - 1n && one.shareable_groups.length > 0,
  /** What the driver answers with EIO and EINVAL needs hardware that fails in other ways. */
  errorMap: ({ err }: (typeof golden.mon_data_error_map)[number]) =>
    err === null || err === "ENOENT" || err === "EBUSY",
};
