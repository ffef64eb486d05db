// All there is to ask for, in the order in which help shows it.

import { clock } from "./clock.ts";
import type { Command } from "./command.ts";
import { cpu } from "./cpu.ts";
import { doLine } from "./do.ts";
import { fault } from "./fault.ts";
import { info } from "./info.ts";
import { irq } from "./irq.ts";
import { label } from "./label.ts";
import { log } from "./log.ts";
import { quit } from "./quit.ts";
import { decode, read } from "./read.ts";
import { replay } from "./replay.ts";
import { reset } from "./reset.ts";
import { restore } from "./restore.ts";
import { snapshot } from "./snapshot.ts";
import { space } from "./space.ts";
import { write } from "./write.ts";

export const COMMANDS: readonly Command[] = [
  info,
  read,
  write,
  decode,
  space,
  cpu,
  label,
  irq,
  log,
  clock,
  replay,
  fault,
  doLine,
  snapshot,
  restore,
  reset,
  quit,
];
