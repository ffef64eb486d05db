// What mpam replay records when a report is asked for, and the run it makes of that.

import type { Resctrl } from "../fs/index.ts";
import type { Machine } from "../machine/index.ts";
import { makeRun, type Run, RunRecorder } from "../report/index.ts";
import { endOf, type MarkedSource } from "../trace/index.ts";
import { version } from "./version.ts";

/** So many samples, where none are asked for: enough for a picture. */
const SAMPLES = 200;

export interface ReplayRecording {
  start(machine: Machine, tree: Resctrl, beforeRegisters: () => void): RunRecorder;
  run(records: number): Run;
}

/** Options of the command line as it has them. */
type Words = { readonly [name: string]: unknown };

export async function recordingOf(
  options: object,
  sources: readonly MarkedSource[],
  sampleNs: number | undefined,
): Promise<ReplayRecording> {
  const { timing, statistics, seed } = options as Words;
  const everyNs = sampleNs ?? Math.max(1, Math.ceil((await endOf(sources)) / SAMPLES));
  let recorder: RunRecorder | undefined;
  let platform: Machine["platform"] | undefined;
  return {
    start(machine, tree, beforeRegisters) {
      platform = machine.platform;
      const full = statistics === "full";
      recorder = new RunRecorder(machine, tree, { everyNs, full, timed: timing === "closed", beforeRegisters });
      return recorder;
    },
    run(records) {
      if (!recorder || !platform) throw new Error("nothing has been recorded");
      return makeRun(recorder.recording, {
        tool: `mpam-emulator ${version()}`,
        platform,
        traces: sources,
        options: asked(options as Words),
        ...(seed === undefined ? {} : { seed: Number(seed) }),
        records,
        everyNs,
      });
    },
  };
}

/** They say where results go, and nothing about results. */
const NOT_ASKED: ReadonlySet<string> = new Set(["report", "json", "quiet", "workers", "logRegisters"]);

/** What was asked for, as it is written on a command line. */
function asked(options: Words): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (NOT_ASKED.has(name) || value === false) return [];
    const word = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const values = Array.isArray(value) ? value : [value];
    return values.map((one) => (one === true ? word : `${word} ${quoted(String(one))}`));
  });
}

const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
