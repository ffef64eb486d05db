// A replay with what a report records of it.

import { recordingOf } from "../../src/cli/recording.ts";
import type { Resctrl } from "../../src/fs/index.ts";
import type { Machine } from "../../src/machine/index.ts";
import type { Run } from "../../src/report/index.ts";
import { parseScript } from "../../src/script/index.ts";
import { parseGroupRule } from "../../src/session/groups.ts";
import { runSession, type SessionOptions, type SessionResult } from "../../src/session/run-session.ts";
import { openTraces } from "../../src/trace/index.ts";

export type RunOptions = Omit<Partial<SessionOptions>, "groups" | "script"> & {
  groups?: readonly string[];
  script?: readonly string[];
};

export interface Recorded {
  readonly run: Run;
  readonly result: SessionResult;
  readonly machine: Machine;
  readonly tree: Resctrl;
}

export const bundled = (name: string) => new URL(`../../platforms/${name}.yaml`, import.meta.url).pathname;

export async function session(traces: readonly string[], { groups = [], script = [], ...options }: RunOptions) {
  return runSession(await openTraces(traces), {
    platform: bundled("two-sockets"),
    ...options,
    groups: groups.map(parseGroupRule),
    script: parseScript(script.join("\n"), "script"),
  });
}

export async function recorded(
  traces: readonly string[],
  { reportNs, ...options }: RunOptions & { reportNs?: number } = {},
): Promise<Recorded> {
  const recording = await recordingOf(options, await openTraces(traces), reportNs);
  let seen: { machine: Machine; tree: Resctrl } | undefined;
  const result = await session(traces, {
    ...options,
    recorder(machine, tree) {
      seen = { machine, tree };
      return recording.start(machine, tree, () => {});
    },
  });
  if (!seen) throw new Error("nothing was recorded");
  return { run: recording.run(result.records), result, ...seen };
}

/** Of a column, by the name of its group. */
export function seriesOf(run: Run, group: string) {
  const found = run.groups.find((one) => one.group === group);
  if (!found) throw new Error(`no group ${group}`);
  return found;
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
