// Interfaces that are proposed for Linux and not merged: a mount has them only where it asks for them by name (docs/resctrl.md).

import { ErrnoError } from "../errno/index.ts";
import { kernelModeCapable } from "../resctrl/index.ts";
import type { Core } from "./core.ts";
import type { MountOptions } from "./options.ts";

export const PROPOSALS = ["kernel-mode"] as const;

export type Proposal = (typeof PROPOSALS)[number];

/** What tells a file of a proposal from the others. */
export const KERNEL_MODE_MARK = { "user.mpam.proposed": "kernel-mode" } as const;

export function proposes({ proposed = [] }: MountOptions, proposal: Proposal): boolean {
  return proposed.includes(proposal);
}

/** EINVAL for what nobody has proposed. */
export function checkProposals(proposed: MountOptions["proposed"] = []): void {
  const known = (name: string): boolean => (PROPOSALS as readonly string[]).includes(name);
  if (Array.isArray(proposed) && proposed.every(known)) return;
  const wrong = Array.isArray(proposed) ? proposed.find((name) => !known(name)) : proposed;
  throw new ErrnoError("EINVAL", `mount: no proposal "${wrong}"; there is ${PROPOSALS.join(", ")}`);
}

/** EOPNOTSUPP for what this machine cannot do. */
export function checkProposalsHere({ arch }: Core, options: MountOptions): void {
  if (!proposes(options, "kernel-mode") || kernelModeCapable(arch)) return;
  throw new ErrnoError("EOPNOTSUPP", "mount: kernel-mode: kernel work of this machine always carries its task's label");
}
