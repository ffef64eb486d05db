// What decides how a run goes: the same options for mpam replay, and for a bundle that is to repeat one.

import type { Command } from "commander";
import {
  COMMAND_LINE,
  COMPAT,
  collect,
  DO,
  GROUP,
  GUEST,
  GUEST_PARTID,
  KERNEL_MODE,
  LABELS,
  PLATFORM,
  PROPOSED,
  SCRIPT,
  SEED,
  SMMUS,
  STATISTICS,
  TIMING,
} from "./shared.ts";

export function addSessionOptions(command: Command): Command {
  return command
    .option(...PLATFORM)
    .option(...GROUP, collect, [])
    .option(...GUEST, collect, [])
    .option(...GUEST_PARTID, collect, [])
    .option(...LABELS)
    .option(...DO, collect, [])
    .option(...SCRIPT)
    .option(...SEED)
    .option(...TIMING)
    .option(...STATISTICS)
    .option(...KERNEL_MODE)
    .option(...PROPOSED)
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS);
}
