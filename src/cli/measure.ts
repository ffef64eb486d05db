// What a replay did to each group: counts of the hardware, and the two counters as a tool would read them, through resctrl.

import type { Resctrl } from "../fs/index.ts";
import type { LabelStatistics, Machine } from "../machine/index.ts";
import { readCpus } from "../written/index.ts";
import { type Counts, keyOf, lookAt } from "./counts.ts";

export interface GroupReading {
  readonly group: string;
  /** What it counts, as keyOf writes labels. */
  readonly labels: ReadonlySet<string>;
  readonly counts: Counts;
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

/**
 * `before` are earlier readings: a group keeps its label when its last task leaves, and no file tells it then. `full`: the machine
 * counts why lines are lost.
 */
export async function readGroups(
  machine: Machine,
  tree: Resctrl,
  before: ReadonlyMap<string, GroupReading>,
  full: boolean,
): Promise<GroupReading[]> {
  const counts = lookAt(machine, full);
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
      if (!label) continue;
      wanted.add(keyOf({ space: "ns", partid: label.partidD, pmg: label.pmgD }));
      wanted.add(keyOf({ space: "ns", partid: label.partidI, pmg: label.pmgI }));
    }
    for (const key of wanted) counted.add(key);
    readings.push({
      group,
      labels: wanted,
      counts: counts(wanted),
      llcOccupancy: await sumOf(tree, path, "llc_occupancy"),
      mbmTotalBytes: await sumOf(tree, path, "mbm_total_bytes"),
    });
  }
  return [...readings, ...readFixed(machine, counted, counts)];
}

/** Labels that requesters have of their own, and those of devices, where no group with tasks has them: no tree shows those, so the hardware is asked. */
function readFixed(
  machine: Machine,
  counted: ReadonlySet<string>,
  counts: (labels: ReadonlySet<string>) => Counts,
): GroupReading[] {
  const own = [...machine.processor.fixedLabels.values(), ...machine.devices.labels.values()];
  const keys = new Set(own.map(keyOf));
  const reading = (label: LabelStatistics): GroupReading => {
    const labels = new Set([keyOf(label)]);
    return {
      group: `label ${keyOf(label)}`,
      labels,
      counts: counts(labels),
      llcOccupancy: String(label.bytesHeld),
      mbmTotalBytes: String(label.bytesRead + label.bytesWritten),
    };
  };
  return machine
    .statistics()
    .filter((label) => keys.has(keyOf(label)) && !counted.has(keyOf(label)))
    .map(reading);
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
