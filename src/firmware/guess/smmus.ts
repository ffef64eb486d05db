// SMMUs of a platform that tables describe: they say where one is, and nothing of what it can do.

import { SMMU_WINDOW_BYTES } from "../../platform/index.ts";
import type { FirmwareSmmu } from "../description.ts";

export interface GuessedSmmu {
  readonly base: number;
  readonly mpam: false;
}

/** Without MPAM, until somebody reads their registers. Those that lie over another are left out. */
export function guessSmmus(smmus: readonly FirmwareSmmu[], remark: (text: string) => void): GuessedSmmu[] {
  const taken: number[] = [];
  for (const { address, id } of smmus) {
    const over = taken.find((base) => Math.abs(base - address) < SMMU_WINDOW_BYTES);
    if (over === undefined) taken.push(address);
    else remark(`SMMU ${id}: its pages lie over those of another, and it is left out`);
  }
  if (taken.length > 0) remark("SMMUs are taken for ones without MPAM: what they have is in registers");
  return taken.map((base) => ({ base, mpam: false }));
}
