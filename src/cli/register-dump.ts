// --dump-registers: what the control registers of every PARTID and the cpus hold, for people or, in a file .json, for programs.

import { writeFile } from "node:fs/promises";
import { say } from "../fuse/index.ts";
import type { Machine, Settings, TaskLabel } from "../machine/index.ts";
import { settingsOf } from "../machine/index.ts";
import { showCpus } from "../written/index.ts";

export interface RegisterDump {
  /** What a cpu puts on requests of threads in the default group. */
  readonly cpus: readonly ({ readonly cpu: number } & TaskLabel)[];
  readonly settings: readonly Settings[];
}

export function registersOf(machine: Machine): RegisterDump {
  const { processor, platform } = machine;
  const cpus = processor.cpus.flatMap(({ cpu }) => {
    const label = processor.cpuDefault(cpu);
    return label === undefined ? [] : [{ cpu, ...label }];
  });
  return { cpus, settings: settingsOf(machine, platform) };
}

/** @param path "-": standard error. */
export async function writeDump(path: string, dump: RegisterDump): Promise<void> {
  if (path === "-") return say(textOf(dump).trimEnd());
  await writeFile(path, path.endsWith(".json") ? `${JSON.stringify(dump)}\n` : textOf(dump));
}

export function textOf({ cpus, settings }: RegisterDump): string {
  const lines = folded(cpus, ({ cpu: _, ...label }) => showLabel(label)).map(
    ([label, some]) => `cpus ${showCpus(some.map(({ cpu }) => cpu))}: ${label}`,
  );
  const parts = folded(settings, ({ msc, name, ris }) => `MSC ${msc} (${name}), RIS ${ris}`);
  for (const [title, some] of parts) lines.push(title, ...some.map(showSettings));
  return `${lines.join("\n")}\n`;
}

function showLabel({ partidD, partidI, pmgD, pmgI }: TaskLabel): string {
  const data = `PARTID ${partidD}, PMG ${pmgD}`;
  return partidD === partidI && pmgD === pmgI ? data : `${data}; for fetches PARTID ${partidI}, PMG ${pmgI}`;
}

function showSettings({ partids, registers }: Settings): string {
  const values = Object.entries(registers).map(([name, value]) => `${name} ${value}`);
  return `  PARTID ${showCpus(partids)}: ${values.join(", ")}`;
}

/** Groups of what has the same title, in order. */
function folded<T>(all: readonly T[], titleOf: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(titleOf(one), [...(groups.get(titleOf(one)) ?? []), one]);
  return [...groups];
}
