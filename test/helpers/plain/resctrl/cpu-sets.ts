// Writes to cpus and cpus_list (resctrl-fs.md section 12), and cpus that come and go.

import type { PlainGroup } from "./group.ts";
import { refuse } from "./refused.ts";
import type { PlainStatus } from "./status.ts";
import type { CpuSet } from "./text.ts";

export interface Owners {
  readonly status: PlainStatus;
  readonly root: PlainGroup;
  /** Control groups, the default one first. */
  readonly groups: readonly PlainGroup[];
  readonly online: ReadonlySet<number>;
}

export function writeCpus(parsed: CpuSet, group: PlainGroup, owners: Owners): void {
  if ("errno" in parsed) {
    owners.status.put("Bad CPU list/mask\n");
    refuse(parsed.errno);
  }
  if (parsed.cpus.some((cpu) => !owners.online.has(cpu))) {
    owners.status.put("Can only assign online CPUs\n");
    refuse("EINVAL");
  }
  const wanted = new Set(parsed.cpus);
  if (group.type === "control") ofControl(wanted, group, owners);
  else ofMonitor(wanted, group, owners);
}

function ofControl(wanted: Set<number>, group: PlainGroup, { status, root, groups }: Owners): void {
  const dropped = [...group.cpus].filter((cpu) => !wanted.has(cpu));
  if (group === root && dropped.length > 0) {
    status.put("Can't drop CPUs from default group\n");
    refuse("EINVAL");
  }
  for (const cpu of wanted) {
    if (group.cpus.has(cpu)) continue;
    for (const other of groups) {
      other.cpus.delete(cpu);
      for (const child of other.children) child.cpus.delete(cpu);
    }
  }
  for (const cpu of dropped) root.cpus.add(cpu);
  group.cpus = wanted;
  for (const child of group.children) child.cpus.clear();
}

function ofMonitor(wanted: Set<number>, group: PlainGroup, { status }: Owners): void {
  const parent = group.parent!;
  if ([...wanted].some((cpu) => !parent.cpus.has(cpu))) {
    status.put("Can only add CPUs to mongroup that belong to parent\n");
    refuse("EINVAL");
  }
  for (const sibling of parent.children) for (const cpu of wanted) sibling.cpus.delete(cpu);
  group.cpus = wanted;
}
