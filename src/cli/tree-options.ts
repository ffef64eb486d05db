// What mpam mount and mpam run are asked to serve, checked before anything starts.

import { resolve } from "node:path";
import { type MountFlags, type Profile, parseMountOptions } from "../fs/index.ts";
import { bundled, DEFAULT_PLATFORM } from "./bundled.ts";
import { UsageError } from "./failure.ts";
import { parseLogRegisters } from "./log-registers.ts";
import { choice, compatFrom, given, number, whole } from "./options.ts";

/** As the command line has them. */
export interface TreeFlags {
  platform?: string;
  options?: string;
  expert?: boolean;
  profile?: string;
  compat?: string;
  tasks?: string;
  replay?: string[];
  loop?: boolean;
  speed?: string;
  script?: string;
  seed?: string;
  journal?: string;
  dumpRegisters?: string;
  logRegisters?: string;
  verbose?: boolean;
}

/** Plain data, for another thread or process. Paths are absolute. */
export interface TreeOptions {
  readonly platform: string;
  readonly mount: MountFlags & { readonly expert?: boolean; readonly profile?: Profile };
  readonly compat?: "linux-7.3";
  readonly tasks: "machine" | "host";
  readonly replay: readonly string[];
  readonly loop: boolean;
  readonly speed: number | "max";
  readonly script?: string;
  readonly seed?: number;
  readonly journal?: string;
  readonly dumpRegisters?: string;
  readonly logRegisters?: string;
  readonly verbose: boolean;
}

export function treeOptions(flags: TreeFlags): TreeOptions {
  if (flags.loop && !flags.replay) throw new UsageError("loop: there is nothing to loop; --replay names traces");
  parseLogRegisters(flags.logRegisters);
  const path = (given: string | undefined) => (given === undefined ? undefined : resolve(given));
  return {
    platform: path(flags.platform) ?? bundled(DEFAULT_PLATFORM),
    mount: {
      ...parseMountOptions(flags.options ?? ""),
      ...given<{ expert?: boolean; profile?: Profile }>({
        expert: flags.expert,
        profile: choice("profile", flags.profile, ["mpam", "x86"]),
      }),
    },
    tasks: choice("tasks", flags.tasks, ["machine", "host"]) ?? "machine",
    replay: flags.replay ?? [],
    loop: flags.loop ?? false,
    speed: speedFrom(flags.speed ?? "1"),
    verbose: flags.verbose ?? false,
    ...compatFrom(flags.compat),
    ...given<Partial<TreeOptions>>({
      script: path(flags.script),
      seed: flags.seed === undefined ? undefined : seedFrom(flags.seed),
      journal: path(flags.journal),
      dumpRegisters: path(flags.dumpRegisters),
      logRegisters: flags.logRegisters,
    }),
  };
}

function speedFrom(text: string): number | "max" {
  if (text === "max") return "max";
  const speed = number("speed", text) ?? 1;
  if (speed <= 0) throw new UsageError(`speed '${text}': a number above 0, or max, is needed`);
  return speed;
}

function seedFrom(text: string): number {
  const seed = whole("seed", text);
  if (seed > 0xffff_ffff) throw new UsageError(`seed '${text}': a whole number from 0 to 4294967295 is needed`);
  return seed;
}
