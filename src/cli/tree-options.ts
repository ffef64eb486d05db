// What mpam mount and mpam run are asked to serve, checked before anything starts.

import { accessSync, constants, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type MountOptions, type Proposal, parseMountOptions } from "../fs/index.ts";
import { type BootFlags, bootFrom, parseGuests } from "../session/index.ts";
import { choice, given, number, seedFrom, UsageError } from "../written/index.ts";
import { DEFAULT_PLATFORM } from "./bundled.ts";
import { INTERFACES, type InterfaceOptions } from "./interfaces.ts";
import { parseLogRegisters } from "./log-registers.ts";
import type { BootOptions } from "./mount-worker.ts";
import { platformFile } from "./named-platform.ts";
import { scriptOf } from "./script.ts";

/** As the command line has them. */
export interface TreeFlags extends BootFlags {
  interface?: string;
  platform?: string;
  options?: string;
  expert?: boolean;
  profile?: string;
  proposed?: string;
  tasks?: string;
  replay?: string[];
  loop?: boolean;
  guest?: string[];
  guestPartid?: string[];
  speed?: string;
  script?: string;
  seed?: string;
  journal?: string;
  dumpRegisters?: string;
  logRegisters?: string;
  verbose?: boolean;
}

/** Paths are absolute. */
export type TreeOptions = BootOptions & { readonly journal?: string };

const ANDROID_PLATFORM = "platforms/android.yaml";

/** A script is read to find what is wrong with it; the thread that serves reads it again. */
export async function treeOptions(flags: TreeFlags): Promise<TreeOptions> {
  if (flags.loop && !flags.replay) throw new UsageError("loop: there is nothing to loop; --replay names traces");
  const guests = { guest: flags.guest ?? [], partid: flags.guestPartid ?? [] };
  const isGuests = parseGuests(guests.guest, guests.partid).guests.length > 0;
  if (isGuests && !flags.replay) throw new UsageError("guest: no threads run; --replay names traces that have some");
  if (isGuests && flags.interface === "android")
    throw new UsageError("guest: guests are for resctrl; this is --interface android");
  if (isGuests && flags.tasks === "host")
    throw new UsageError("guest: its vCPUs are threads of the machine; --tasks machine has those");
  parseLogRegisters(flags.logRegisters);
  if (flags.script !== undefined) await scriptOf([], flags.script);
  const path = (given: string | undefined) => (given === undefined ? undefined : resolve(given));
  return {
    ...interfaceOptions(flags),
    platform: resolve(
      platformFile(flags.platform, flags.interface === "android" ? ANDROID_PLATFORM : DEFAULT_PLATFORM),
    ),
    verbose: flags.verbose ?? false,
    ...given<Omit<Partial<TreeOptions>, "interface">>({
      replay: flags.replay,
      loop: flags.loop,
      guests: isGuests ? guests : undefined,
      speed: flags.speed === undefined ? undefined : speedFrom(flags.speed),
      script: path(flags.script),
      tasks: choice("tasks", flags.tasks, ["machine", "host"]),
      seed: flags.seed === undefined ? undefined : seedFrom(flags.seed),
      journal: path(flags.journal),
      dumpRegisters: flags.dumpRegisters === "-" ? "-" : writable("dump-registers", path(flags.dumpRegisters)),
      logRegisters: flags.logRegisters,
    }),
  };
}

function proposedFrom(text: string | undefined): readonly Proposal[] | undefined {
  const proposal = choice("proposed", text, ["kernel-mode"]);
  return proposal === undefined ? undefined : [proposal];
}

function interfaceOptions(flags: TreeFlags): InterfaceOptions {
  if (choice("interface", flags.interface, INTERFACES) === "android") {
    const { options, expert, profile, proposed, commandLine, smmus } = flags;
    const others = Object.entries({ options, expert, profile, proposed, "command-line": commandLine, smmus });
    const [name] = others.find(([, value]) => value !== undefined) ?? [];
    if (name !== undefined) throw new UsageError(`${name}: an option of resctrl; --interface android has none`);
    return { interface: "android", android: given({ compat: choice("compat", flags.compat, ["android-2022"]) }) };
  }
  return {
    mount: {
      ...parseMountOptions(flags.options ?? ""),
      ...given<Pick<MountOptions, "expert" | "profile" | "proposed">>({
        expert: flags.expert,
        profile: choice("profile", flags.profile, ["mpam", "x86"]),
        proposed: proposedFrom(flags.proposed),
      }),
    },
    driver: bootFrom(flags),
  };
}

/** At the end it would be too late. */
function writable(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
  } catch (error) {
    throw new UsageError(`${name} ${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  return path;
}

function speedFrom(text: string): number | "max" {
  if (text === "max") return "max";
  const speed = number("speed", text) ?? 1;
  if (speed <= 0) throw new UsageError(`speed '${text}': a number above 0, or max, is needed`);
  return speed;
}
