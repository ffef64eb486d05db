// How the driver of a session boots, and the options that say it: the same of all commands that boot one.

import { choice, given } from "../written/index.ts";

export interface Booting {
  readonly compat?: "linux-7.3";
  readonly commandLine?: string;
  readonly smmus?: boolean;
}

/** As the command line has them. */
export interface BootFlags {
  compat?: string;
  commandLine?: string;
  smmus?: boolean;
}

/** --compat, --command-line and --smmus as what the driver takes. */
export function bootFrom({ compat, commandLine, smmus }: BootFlags): Booting {
  return given<Booting>({ compat: choice("compat", compat, ["linux-7.3"]), commandLine, smmus });
}
