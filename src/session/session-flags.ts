// What decides how a run goes, as the command line has it: the same for mpam replay and for what a bundle repeats.

import { choice, given, seedFrom } from "../written/index.ts";
import { type BootFlags, bootFrom } from "./booting.ts";
import { parseGroupRule } from "./groups.ts";
import { parseGuests } from "./guests.ts";
import { parseKernelMode } from "./kernel-mode.ts";
import { type SessionOptions, TIMINGS } from "./run-session.ts";

export interface SessionFlags extends BootFlags {
  group?: string[];
  guest?: string[];
  guestPartid?: string[];
  seed?: string;
  timing?: string;
  statistics?: string;
  kernelMode?: string;
  proposed?: string;
  byEl?: boolean;
}

/** Throws a UsageError. */
export function sessionFrom(flags: SessionFlags): Omit<SessionOptions, "platform" | "script"> {
  const proposed = choice("proposed", flags.proposed, ["kernel-mode"]);
  return {
    ...bootFrom(flags),
    groups: (flags.group ?? []).map(parseGroupRule),
    guests: parseGuests(flags.guest ?? [], flags.guestPartid ?? []),
    byEl: flags.byEl ?? false,
    ...given<Partial<SessionOptions>>({
      timing: choice("timing", flags.timing, TIMINGS),
      statistics: choice("statistics", flags.statistics, ["counts", "full"]),
      kernelMode: flags.kernelMode === undefined ? undefined : parseKernelMode(flags.kernelMode),
      proposed: proposed === undefined ? undefined : [proposed],
      seed: flags.seed === undefined ? undefined : seedFrom(flags.seed),
    }),
  };
}
