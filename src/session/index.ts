// One run from platform and traces to readings: groups and guests are made, labels are given, a script is followed.
export { type BootFlags, type Booting, bootFrom } from "./booting.ts";
export { groupPath, withParent } from "./group-path.ts";
export { type GroupRule, parseGroupRule } from "./groups.ts";
export { addGuests, type GuestRules, parseGuests, placeGuests } from "./guests.ts";
export { chooseKernelMode, type KernelModeChoice, parseKernelMode } from "./kernel-mode.ts";
export {
  type Phase,
  type PhaseReading,
  runSession,
  type SessionOptions,
  type SessionResult,
  TIMINGS,
} from "./run-session.ts";
export { type SessionFlags, sessionFrom } from "./session-flags.ts";
export { parseWarmup } from "./warmup.ts";
