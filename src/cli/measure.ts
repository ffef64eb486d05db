// What a replay did to each group: counts of the hardware, and the two counters as a tool would read them, through resctrl.

import type { Resctrl } from "../fs/index.ts";
import type { Label, LabelStatistics, Machine } from "../machine/index.ts";
import { readCpus } from "../written/index.ts";

export interface GroupReading {
  readonly group: string;
  readonly tasks: readonly number[];
  /** PARTID and PMG of what it counts. */
  readonly labels: ReadonlySet<string>;
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

/** `before` are earlier readings: a group keeps its label when its last task leaves, and no file tells it then. */
export async function readGroups(
  machine: Machine,
  tree: Resctrl,
  before: ReadonlyMap<string, GroupReading> = new Map(),
): Promise<GroupReading[]> {
  const labels = machine.statistics();
  const readings: GroupReading[] = [];
  const counted = new Set<string>();
  for (const path of await groupPaths(tree)) {
    const tasks = (await tree.readFile(`${path}/tasks`))
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
    // Tasks carry the group's label, and so do its cpus for tasks of the default group.
    const cpus = readCpus((await tree.readFile(`${path}/cpus_list`)).trim()) ?? [];
    const group = path === "" ? "/" : path;
    const wanted = new Set<string>(before.get(group)?.labels);
    for (const label of [
      ...tasks.map((tid) => machine.processor.task(tid)?.label),
      ...cpus.map((cpu) => machine.processor.cpuDefault(cpu)),
    ]) {
      if (label) wanted.add(`${label.partidD} ${label.pmgD}`).add(`${label.partidI} ${label.pmgI}`);
    }
    let accesses = 0;
    let misses = 0;
    for (const label of labels) {
      if (label.space !== "ns" || !wanted.has(`${label.partid} ${label.pmg}`)) continue;
      counted.add(nameOf(label));
      accesses += label.accesses;
      misses += label.misses;
    }
    readings.push({
      group,
      tasks,
      labels: wanted,
      accesses,
      misses,
      llcOccupancy: await sumOf(tree, path, "llc_occupancy"),
      mbmTotalBytes: await sumOf(tree, path, "mbm_total_bytes"),
    });
  }
  return [...readings, ...readFixed(machine, labels, counted)];
}

const nameOf = ({ space, partid, pmg }: Label) => `label ${space}:${partid}:${pmg}`;

/** Labels that requesters have of their own, where no group with tasks has them: no tree shows those, so the hardware is asked. */
function readFixed(
  machine: Machine,
  statistics: readonly LabelStatistics[],
  counted: ReadonlySet<string>,
): GroupReading[] {
  const names = new Set([...machine.processor.fixedLabels.values()].map(nameOf));
  return statistics
    .filter((label) => names.has(nameOf(label)) && !counted.has(nameOf(label)))
    .map((label) => ({
      group: nameOf(label),
      tasks: [],
      labels: new Set(),
      accesses: label.accesses,
      misses: label.misses,
      llcOccupancy: String(label.bytesHeld),
      mbmTotalBytes: String(label.bytesRead + label.bytesWritten),
    }));
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
