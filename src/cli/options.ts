// The options of all commands that boot a driver, as what the driver takes.

import type { Booting } from "../session/index.ts";
import { choice, given } from "../written/index.ts";

/** --compat, --command-line and --smmus of all commands that boot a driver, as what the driver takes. */
export function bootFrom({ compat, commandLine, smmus }: BootFlags): Booting {
  return given<Booting>({ compat: choice("compat", compat, ["linux-7.3"]), commandLine, smmus });
}

/** As the command line has them. */
export interface BootFlags {
  compat?: string;
  commandLine?: string;
  smmus?: boolean;
}
