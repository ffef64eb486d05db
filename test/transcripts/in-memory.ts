// A transcript on a tree in memory.

import { Android } from "../../src/android/index.ts";
import { Driver } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Live } from "../../src/live/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { parseScript } from "../../src/script/index.ts";
import { openTraces } from "../../src/trace/index.ts";
import { FakeWall } from "../live/fake-wall.ts";
import { Shell } from "./shell/shell.ts";
import type { ShellTree } from "./shell/tree.ts";
import { asPrinted, type Transcript } from "./transcript.ts";

export interface Printed {
  /** Where the command stands, and what it is. */
  readonly command: string;
  readonly expected: string;
  readonly printed: string;
}

export async function runInMemory(transcript: Transcript): Promise<readonly Printed[]> {
  const platform = new URL(`../../platforms/${transcript.platform}.yaml`, import.meta.url);
  const machine = await Machine.create(await loadPlatform(platform));
  const tree = await mount(machine, transcript);
  if (typeof tree === "string") {
    return [{ command: "mount", expected: transcript.refused ?? "", printed: tree }];
  }
  const sources = await openTraces(transcript.replay);
  for (const source of sources) machine.addTasks(source);
  const wall = new FakeWall();
  const script = { tree, lines: parseScript(transcript.script, "script") };
  const live = new Live(machine, { wall, sources, script });
  await live.start();
  await wall.settle();
  const shell = new Shell(tree);
  const printed: Printed[] = [];
  for (const step of transcript.steps) {
    if ("advanceNs" in step) {
      await wall.pass(step.advanceNs / 1e6, 50);
      await live.catchUp();
    } else {
      const { command, line, expected } = step;
      printed.push({
        command: `${line}: ${command}`,
        expected,
        printed: asPrinted(await answered(shell.run(command), wall)),
      });
    }
  }
  await live.stop();
  return printed;
}

/** Time passes only for a command that waits for it. */
async function answered(running: Promise<string>, wall: FakeWall): Promise<string> {
  let done = false;
  const ended = running.finally(() => {
    done = true;
  });
  while (!done) {
    await wall.settle();
    if (!done) await wall.pass(1);
  }
  return ended;
}

/** The errno where the mount is refused. */
async function mount(machine: Machine, transcript: Transcript): Promise<ShellTree | string> {
  const { options, expert, profile, proposed, compat } = transcript;
  try {
    if (transcript.interface === "android") {
      const android = await Android.load(machine, compat === "android-2022" ? { compat } : {});
      await android.mount();
      return android;
    }
    const driver = await Driver.probe(machine, compat === "linux-7.3" ? { compat } : {});
    return await Resctrl.mount(driver, {
      ...flagsOf(options),
      ...(expert ? { expert } : {}),
      ...profileOf(profile),
      ...(proposed === "kernel-mode" ? { proposed: [proposed] } : {}),
    });
  } catch (error) {
    if (error instanceof ErrnoError) return error.code;
    throw error;
  }
}

function flagsOf(options: string): object {
  return Object.fromEntries(options.split(",").flatMap((name) => (name === "" ? [] : [[name, true]])));
}

function profileOf(profile: string | undefined): { profile: "x86" } | object {
  return profile === "x86" ? { profile } : {};
}
