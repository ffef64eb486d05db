// What a mount is asked for: the flags of `mount -o`, and what only an emulated machine has (resctrl-fs.md section 1).

import { ErrnoError } from "../errno/index.ts";
import type { Tasks } from "../resctrl/index.ts";
import type { Caller } from "../tree/index.ts";
import { checkProposals, type Proposal } from "./proposed.ts";

/** In the order in which /proc/mounts shows them. */
const FLAGS = ["cdp", "cdpl2", "mba_MBps", "debug"] as const;

/** The flags of `mount -o`. */
export type MountFlags = { readonly [flag in (typeof FLAGS)[number]]?: boolean };

/** Whose file layout is shown: that of MPAM, or one that tools for x86 know. */
export type Profile = "mpam" | "x86";

/** How resctrl is mounted. */
export interface MountOptions extends MountFlags {
  /** A kernel built with CONFIG_EXPERT: without it code/data prioritisation is refused with EOPNOTSUPP. */
  readonly expert?: boolean;
  /** x86: with files that MPAM machines do not have, for programs that insist on them. */
  readonly profile?: Profile;
  /** Interfaces that are proposed for Linux and not merged; none where nothing is said. */
  readonly proposed?: readonly Proposal[];
  /** Where threads come from; those of the machine where nothing is said. */
  readonly tasks?: Tasks;
  /** Who calls where a call does not say: root, and no thread. What is made at mount belongs to this one. */
  readonly caller?: Caller;
}

const KNOWN: readonly string[] = [...FLAGS, "expert", "profile", "proposed", "tasks", "caller"];

/** "cdp,debug", as after `mount -o`. EINVAL for a flag there is not, or one with a value. */
export function parseMountOptions(text: string): MountFlags {
  const flags: { [flag: string]: boolean } = {};
  for (const word of text.split(",")) {
    if (word === "") continue;
    if (!isFlag(word)) throw new ErrnoError("EINVAL", `mount: no option "${word}"; there is ${FLAGS.join(", ")}`);
    flags[word] = true;
  }
  return flags;
}

function isFlag(word: string): boolean {
  return (FLAGS as readonly string[]).includes(word);
}

/** EINVAL for what no mount can have. */
export function checkOptions(options: MountOptions): void {
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    throw new ErrnoError("EINVAL", `mount: no option ${unknown}; there is ${KNOWN.join(", ")}`);
  }
  const { profile = "mpam" } = options;
  if (profile !== "mpam" && profile !== "x86") {
    throw new ErrnoError("EINVAL", `mount: no profile "${profile}"; there is mpam and x86`);
  }
  checkProposals(options.proposed);
}

/**
 * EINVAL for mba_MBps, which no MPAM machine has: bandwidth is not linear in bytes, nor are its counters free for the controller.
 * A kernel sees that when it parses the options, before anything is done.
 */
export function checkController({ mba_MBps: wanted = false }: MountFlags): void {
  if (!wanted) return;
  const text = "mba_MBps requires MBM (mbm_event mode not supported) and linear scale MBA at L3 scope";
  throw new ErrnoError("EINVAL", `mount: ${text}`);
}

/** As in /proc/mounts: a comma before each flag that is on. */
export function shownOptions(flags: MountFlags): string {
  return FLAGS.filter((flag) => flags[flag])
    .map((flag) => `,${flag}`)
    .join("");
}
