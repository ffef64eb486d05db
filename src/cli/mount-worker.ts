// What mpam mount and mpam run boot in the thread that serves.

import { messageOf } from "../errno/index.ts";
import { type Served, say, serveInThread } from "../fuse/index.ts";
import { HostThreads } from "../host/index.ts";
import { Live, loopTogether } from "../live/index.ts";
import { Machine } from "../machine/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { describeLine } from "../script/index.ts";
import { addGuests, parseGuests, placeGuests } from "../session/index.ts";
import { openTraces } from "../trace/index.ts";
import { plural } from "../written/index.ts";
import { bootInterface, type Interfaced, type InterfaceOptions } from "./interfaces.ts";
import { logRegisters, parseLogRegisters } from "./log-registers.ts";
import { registersOf, writeDump } from "./register-dump.ts";
import { scriptOf } from "./script.ts";

/** Data that can be copied from thread to thread, and from process to process. */
export type BootOptions = InterfaceOptions & RunOptions;

interface RunOptions {
  /** Path of a platform file. */
  readonly platform: string;
  readonly seed?: number;
  /** Whose threads there are; default those of the machine. */
  readonly tasks?: "machine" | "host";
  /** Traces that run meanwhile, named as for mpam replay. */
  readonly replay?: readonly string[];
  readonly loop?: boolean;
  /** Which of their threads run in guests, as --guest and --guest-partid say it. */
  readonly guests?: { readonly guest: readonly string[]; readonly partid: readonly string[] };
  /** Model time against time of the wall; default 1. */
  readonly speed?: number | "max";
  /** Path of a file of script lines. */
  readonly script?: string;
  /** Where to write what the registers hold at the end. */
  readonly dumpRegisters?: string;
  /** Accesses to print on standard error. */
  readonly logRegisters?: string;
  /** Print on standard error what the driver says and what script lines do. */
  readonly verbose?: boolean;
}

/** What the starting thread hears later: the cpus that are online now. */
export interface CpusChanged {
  readonly online: readonly number[];
}

async function boot(options: BootOptions, tell: (message: CpusChanged) => void): Promise<Served> {
  const { seed, dumpRegisters } = options;
  const filter = parseLogRegisters(options.logRegisters);
  const machine = await Machine.create(await loadPlatform(options.platform), seed === undefined ? {} : { seed });
  if (filter) logRegisters(machine, filter, say);
  const threads = options.tasks === "host" ? new HostThreads() : undefined;
  const { tree, files, says } = await bootInterface(machine, options, threads);
  tellOfCpus(machine, tell);
  const live = await started(machine, files, options);
  return {
    tree,
    pace: {
      get busy() {
        return live.busy || threads?.watching === true;
      },
      catchUp() {
        threads?.glance();
        return live.catchUp();
      },
    },
    modelTime: () => machine.clock.now,
    says,
    end: async () => {
      await live.stop();
      if (dumpRegisters !== undefined) await writeDump(dumpRegisters, registersOf(machine));
      await machine.close();
      await checkScript(live);
    },
  };
}

/** A cpu that goes is told of while it is still online. */
function tellOfCpus(machine: Machine, tell: (message: CpusChanged) => void): void {
  machine.onCpu(({ cpu, online }) => {
    const others = machine.processor.cpus.filter((one) => one.online && one.cpu !== cpu).map((one) => one.cpu);
    tell({ online: online ? [...others, cpu].sort((a, b) => a - b) : others });
  });
}

/** Traces, script lines and model time. What goes wrong with them later is told, and the tree stays. */
async function started(machine: Machine, tree: Interfaced["files"], options: BootOptions): Promise<Live> {
  const { replay = [], loop, speed, script, verbose } = options;
  const sources = await openTraces([...replay]);
  if (options.guests) {
    const rules = parseGuests(options.guests.guest, options.guests.partid);
    // They run as one trace each without an end, and it is those that are picked.
    const traces = loop ? await loopTogether(sources) : sources;
    addGuests(machine, traces, rules);
    await placeGuests(machine, tree, traces, rules);
  }
  const lines = script === undefined ? undefined : await scriptOf([], script);
  const live = new Live(machine, {
    sources,
    ...(loop === undefined ? {} : { loop }),
    ...(speed === undefined ? {} : { speed }),
    ...(lines === undefined
      ? {}
      : {
          script: {
            lines,
            tree,
            hooks: {
              onLine: (told) => {
                const text = verbose || told.met === false ? describeLine(told) : "";
                if (text !== "") say(text.replace(/\n$/, ""));
              },
            },
          },
        }),
  });
  await live.start();
  live.ended.catch((error: unknown) => say(`mpam: ${messageOf(error)}`));
  return live;
}

/** Throws where the script has not come to its end, or has not found what it expected: the exit code says so. */
async function checkScript(live: Live): Promise<void> {
  const failed = await live.ended.then(
    () => false,
    () => true,
  );
  if (failed) throw new Error("traces or script lines went wrong, as was said then");
  if (live.missed > 0) throw new Error(`${plural(live.missed, "expectation was", "expectations were")} not met`);
}

await serveInThread(boot);
