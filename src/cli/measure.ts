// What a replay did to each group: counts of the hardware, and the two counters as a tool would read them, through resctrl.

import type { Resctrl } from "../fs/index.ts";
import type { Machine } from "../machine/index.ts";

export interface GroupReading {
  readonly group: string;
  readonly tasks: readonly number[];
  readonly accesses: number;
  readonly misses: number;
  /** As the files say: a number, or a word such as Unavailable. */
  readonly llcOccupancy: string;
  readonly mbmTotalBytes: string;
}

/** Every control group and every monitor group, the default group first, under its path ("/" for the default). */
export async function groupPaths(tree: Resctrl): Promise<string[]> {
  const paths = [""];
  for (const parent of ["", ...(await controlGroups(tree))]) {
    if (parent !== "") paths.push(parent);
    for (const name of await tree.readdir(`${parent}/mon_groups`)) paths.push(`${parent}/mon_groups/${name}`);
  }
  return paths;
}

async function controlGroups(tree: Resctrl): Promise<string[]> {
  const own = new Set(["info", "mon_groups", "mon_data"]);
  const groups: string[] = [];
  for (const name of await tree.readdir("/")) {
    if (!own.has(name) && (await tree.stat(name)).kind === "directory") groups.push(name);
  }
  return groups;
}

export async function readGroups(machine: Machine, tree: Resctrl): Promise<GroupReading[]> {
  const labels = machine.statistics();
  const readings: GroupReading[] = [];
  for (const path of await groupPaths(tree)) {
    const tasks = (await tree.readFile(`${path}/tasks`))
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
    const wanted = new Set<string>();
    for (const tid of tasks) {
      const task = machine.processor.task(tid);
      if (!task) continue;
      const { partidD, partidI, pmgD, pmgI } = machine.processor.effectiveLabel(task);
      wanted.add(`${partidD} ${pmgD}`).add(`${partidI} ${pmgI}`);
    }
    let accesses = 0;
    let misses = 0;
    for (const label of labels) {
      if (label.space !== "ns" || !wanted.has(`${label.partid} ${label.pmg}`)) continue;
      accesses += label.accesses;
      misses += label.misses;
    }
    readings.push({
      group: path === "" ? "/" : path,
      tasks,
      accesses,
      misses,
      llcOccupancy: await sumOf(tree, path, "llc_occupancy"),
      mbmTotalBytes: await sumOf(tree, path, "mbm_total_bytes"),
    });
  }
  return readings;
}

/** The event of all domains together: a word instead of a number is passed on as it is. */
async function sumOf(tree: Resctrl, path: string, event: string): Promise<string> {
  let sum = 0n;
  for (const domain of await tree.readdir(`${path}/mon_data`)) {
    if (!(await tree.readdir(`${path}/mon_data/${domain}`)).includes(event)) return "-";
    const text = (await tree.readFile(`${path}/mon_data/${domain}/${event}`)).trim();
    if (!/^\d+$/.test(text)) return text;
    sum += BigInt(text);
  }
  return sum.toString();
}
