// What a replay did to each group: counts of the hardware, and the two counters as a tool would read them, through resctrl.

import type { LabelStatistics, Machine } from "../machine/index.ts";
import { type Counts, keyOf, type LevelOfWork, type Look } from "./counts.ts";
import type { GroupTree } from "./needs.ts";

export interface GroupReading {
  readonly group: string;
  /** What it counts, as keyOf writes labels. */
  readonly labels: ReadonlySet<string>;
  readonly counts: Counts;
  /** Of a machine that counts exception levels apart. */
  readonly els: readonly LevelOfWork[];
  /** As the files say: a number, or a word such as Unavailable. */
  readonly llcOccupancy: string;
  readonly mbmTotalBytes: string;
}

/** Every control group and every monitor group, the default group first, under its path ("/" for the default). */
export async function groupPaths(tree: GroupTree): Promise<string[]> {
  const paths = [""];
  for (const parent of ["", ...(await controlGroups(tree))]) {
    if (parent !== "") paths.push(parent);
    for (const name of await namesIn(tree, parent, "mon_groups")) paths.push(`${parent}/mon_groups/${name}`);
  }
  return paths;
}

/** What is in a directory of a group; nothing where nothing is monitored, and there is none. */
async function namesIn(tree: GroupTree, group: string, directory: string): Promise<string[]> {
  const isThere = (await tree.readdir(`${group}/`)).includes(directory);
  return isThere ? tree.readdir(`${group}/${directory}`) : [];
}

async function controlGroups(tree: GroupTree): Promise<string[]> {
  const own = new Set(["info", "mon_groups", "mon_data"]);
  const groups: string[] = [];
  for (const name of await tree.readdir("/")) {
    if (!own.has(name) && (await tree.stat(name)).kind === "directory") groups.push(name);
  }
  return groups;
}

/** What each group counts, as keyOf writes labels: of a control group, what its monitor groups do too. */
export async function groupLabels(
  tree: GroupTree,
): Promise<{ readonly path: string; readonly group: string; readonly labels: ReadonlySet<string> }[]> {
  const paths = await groupPaths(tree);
  return paths.map((path) => {
    const own = paths.filter((other) => other === path || other.startsWith(`${path}/mon_groups/`));
    const labels = new Set<string>();
    for (const { partidD, partidI, pmgD, pmgI } of own.map((one) => tree.labelOf(one))) {
      labels.add(keyOf({ space: "ns", partid: partidD, pmg: pmgD }));
      labels.add(keyOf({ space: "ns", partid: partidI, pmg: pmgI }));
    }
    return { path, group: path === "" ? "/" : path, labels };
  });
}

export async function readGroups(machine: Machine, tree: GroupTree, look: Look): Promise<GroupReading[]> {
  const readings: GroupReading[] = [];
  const counted = new Set<string>();
  for (const { path, group, labels } of await groupLabels(tree)) {
    for (const key of labels) counted.add(key);
    readings.push({
      group,
      labels,
      counts: look.counts(labels),
      els: look.levelsOfWork(labels),
      llcOccupancy: await sumOf(tree, path, "llc_occupancy"),
      mbmTotalBytes: await sumOf(tree, path, "mbm_total_bytes"),
    });
  }
  return [...readings, ...readFixed(machine, counted, look)];
}

/** Labels that requesters have of their own, and those of devices, where no group has them: no tree shows those, so the hardware is asked. */
function readFixed(machine: Machine, counted: ReadonlySet<string>, look: Look): GroupReading[] {
  const own = [...machine.processor.fixedLabels.values(), ...machine.devices.labels.values()];
  const keys = new Set(own.map(keyOf));
  const rows = machine.statistics().filter((label) => keys.has(keyOf(label)) && !counted.has(keyOf(label)));
  return [...new Set(rows.map(keyOf))].map((key) => {
    const labels = new Set([key]);
    const sum = (of: (row: LabelStatistics) => number) =>
      String(rows.reduce((total, row) => total + (keyOf(row) === key ? of(row) : 0), 0));
    return {
      group: `label ${key}`,
      labels,
      counts: look.counts(labels),
      els: look.levelsOfWork(labels),
      llcOccupancy: sum((row) => row.bytesHeld),
      mbmTotalBytes: sum((row) => row.bytesRead + row.bytesWritten),
    };
  });
}

/** The event of all domains together: a word instead of a number is passed on as it is. */
async function sumOf(tree: GroupTree, path: string, event: string): Promise<string> {
  let sum = 0n;
  const domains = await namesIn(tree, path, "mon_data");
  if (domains.length === 0) return "-";
  for (const domain of domains) {
    if (!(await tree.readdir(`${path}/mon_data/${domain}`)).includes(event)) return "-";
    const text = (await tree.readFile(`${path}/mon_data/${domain}/${event}`)).trim();
    if (!/^\d+$/.test(text)) return text;
    sum += BigInt(text);
  }
  return sum.toString();
}
