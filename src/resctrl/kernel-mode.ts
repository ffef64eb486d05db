// Whose label a kernel's own work carries: from groups to the PARTID and PMG of EL1 (more.md section 5). Proposed for Linux, not
// merged.

import { ErrnoError } from "../errno/index.ts";
import type { Arch } from "./arch.ts";
import { rmidIdxEncode } from "./ids.ts";
import { label } from "./labels.ts";
import type { KernelPolicy, LabelPair } from "./needs.ts";

export interface GroupIds {
  readonly closid: number;
  readonly rmid: number;
}

export type KernelMode =
  /** The label of the task. */
  | { readonly policy: "inherit" }
  /** One group for all tasks, on these cpus; on others as inherit. */
  | { readonly policy: "global"; readonly group: GroupIds; readonly cpus: Iterable<number> }
  /** A group for the tasks of each group. */
  | { readonly policy: "per-group"; readonly groups: Iterable<readonly [user: GroupIds, kernel: GroupIds]> };

/** Whether this machine's kernel can be told. */
export function kernelModeCapable(arch: Arch): boolean {
  return arch.driver.machine.processor.kernel !== undefined;
}

/** Takes effect at the next edge. EOPNOTSUPP where nobody can be told. */
export function setKernelMode(arch: Arch, mode: KernelMode): void {
  const { kernel } = arch.driver.machine.processor;
  if (kernel === undefined) throw new ErrnoError("EOPNOTSUPP", "the kernel of this machine has one mode only");
  kernel.mode = policyOf(arch, mode);
}

function policyOf(arch: Arch, mode: KernelMode): KernelPolicy {
  const labelOf = ({ closid, rmid }: GroupIds) => label(arch, closid, rmid);
  switch (mode.policy) {
    case "inherit":
      return { policy: "inherit" };
    case "global":
      return { policy: "global", label: labelOf(mode.group), cpus: [...mode.cpus].sort((a, b) => a - b) };
    case "per-group": {
      // 7.3 can give two groups one label: nobody can tell whose a task is, and the first one counts.
      const pairs = new Map<number, LabelPair>();
      for (const [user, kernel] of mode.groups) {
        const idx = rmidIdxEncode(arch, user.closid, user.rmid);
        if (!pairs.has(idx)) pairs.set(idx, { user: labelOf(user), kernel: labelOf(kernel) });
      }
      return { policy: "per-group", pairs: [...pairs.values()] };
    }
  }
}
