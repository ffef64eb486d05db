// /sys/devices/system/node: memory nodes, their cpus and sizes.

import { formatMask } from "../fs/index.ts";
import type { Platform } from "../platform/index.ts";
import { showCpus } from "../written/index.ts";
import type { Files } from "./files.ts";

/** Distances where firmware names none. */
const LOCAL = 10;
const REMOTE = 20;

export function nodeFiles(platform: Platform, online: ReadonlySet<number>): Files {
  const memory = [...platform.memory].sort((a, b) => a.node - b.node);
  const nodes = `${showCpus(memory.map(({ node }) => node))}\n`;
  const withCpus = memory.filter(({ cpus }) => cpus.some((cpu) => online.has(cpu)));
  const files = new Map<string, string>([
    ["online", nodes],
    ["possible", nodes],
    ["has_cpu", `${showCpus(withCpus.map(({ node }) => node))}\n`],
    ["has_memory", nodes],
    ["has_normal_memory", nodes],
  ]);
  for (const { node, cpus, bytes } of memory) {
    const there = cpus.filter((cpu) => online.has(cpu));
    const add = (name: string, text: string) => files.set(`node${node}/${name}`, text);
    add("cpulist", `${showCpus(there)}\n`);
    add("cpumap", `${formatMask(new Set(there), platform.cpus)}\n`);
    add("distance", `${memory.map((other) => (other.node === node ? LOCAL : REMOTE)).join(" ")}\n`);
    add("meminfo", meminfo(node, bytes));
  }
  return files;
}

/** The machine holds no programs: all of its memory is free. */
function meminfo(node: number, bytes: number): string {
  const line = (name: string, kib: number) => `Node ${node} ${`${name}:`.padEnd(16)}${`${kib}`.padStart(8)} kB\n`;
  return [line("MemTotal", bytes / 1024), line("MemFree", bytes / 1024), line("MemUsed", 0)].join("");
}
