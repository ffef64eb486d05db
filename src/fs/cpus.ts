// The files cpus and cpus_list: which cpus give their label to tasks of the default group (resctrl-fs.md section 12).

import { allCpus, setCpuDefaultClosidRmid } from "../resctrl/index.ts";
import type { GroupHandlers } from "./commands.ts";
import { formatList, formatMask, parseList, parseMask } from "./cpumask.ts";
import { allGroups, type Group, type Mount } from "./group.ts";

export function cpusFile(mount: Mount, asList: boolean): GroupHandlers {
  const count = allCpus(mount.arch).length;
  return {
    read: (group) => `${asList ? formatList(group.cpus) : formatMask(group.cpus, count)}\n`,
    write: (group, bytes) => {
      const wanted = onlineCpusIn(mount, bytes, asList, "cpus");
      if (group.kind === "control") setControlCpus(mount, group, wanted);
      else setMonitorCpus(mount, group, wanted);
    },
  };
}

/** What was written to a file of cpus, all of which must be online. The parser's errno for what is no set, EINVAL otherwise. */
export function onlineCpusIn({ core, arch }: Mount, bytes: string, asList: boolean, file: string): Set<number> {
  const { status } = core;
  const count = allCpus(arch).length;
  const wanted = asList ? parseList(bytes, count, arch.odd) : parseMask(bytes, count);
  if (typeof wanted === "string") {
    const message = `${file}: not a ${asList ? "list" : "mask"} of cpus below ${count}`;
    throw status.refuse(wanted, "Bad CPU list/mask\n", message);
  }
  if ([...wanted].some((cpu) => !core.cpus.has(cpu))) {
    throw status.refuse("EINVAL", "Can only assign online CPUs\n", `${file}: a cpu of the set is offline`);
  }
  return wanted;
}

/** Dropped cpus go to the default group, added ones leave where they were; the monitor groups below lose theirs. */
function setControlCpus(mount: Mount, group: Group, wanted: ReadonlySet<number>): void {
  const { defaultGroup, groups } = mount;
  const dropped = [...group.cpus].filter((cpu) => !wanted.has(cpu));
  if (group === defaultGroup && dropped.length > 0) {
    const message = "cpus: a cpu leaves the default group by joining another one";
    throw mount.core.status.refuse("EINVAL", "Can't drop CPUs from default group\n", message);
  }
  for (const cpu of dropped) {
    group.cpus.delete(cpu);
    defaultGroup.cpus.add(cpu);
    label(mount, cpu, defaultGroup);
  }
  for (const cpu of wanted) {
    if (group.cpus.has(cpu)) continue;
    for (const other of groups) {
      other.cpus.delete(cpu);
      for (const monitor of other.monitors) monitor.cpus.delete(cpu);
    }
    group.cpus.add(cpu);
  }
  for (const monitor of group.monitors) monitor.cpus.clear();
  for (const cpu of group.cpus) label(mount, cpu, group);
}

/** The cpus stay the parent's; sibling monitor groups lose what this one takes. */
function setMonitorCpus(mount: Mount, group: Group, wanted: ReadonlySet<number>): void {
  const parent = group.parent;
  if (parent === undefined) return;
  if ([...wanted].some((cpu) => !parent.cpus.has(cpu))) {
    const text = "Can only add CPUs to mongroup that belong to parent\n";
    throw mount.core.status.refuse("EINVAL", text, "cpus: a cpu of the set is not the control group's");
  }
  for (const cpu of group.cpus) if (!wanted.has(cpu)) label(mount, cpu, parent);
  for (const sibling of parent.monitors) for (const cpu of wanted) sibling.cpus.delete(cpu);
  group.cpus.clear();
  for (const cpu of wanted) {
    group.cpus.add(cpu);
    label(mount, cpu, group);
  }
}

/** Gives all cpus of a group that goes to another. */
export function moveAllCpus(mount: Mount, from: Group, to: Group): void {
  for (const cpu of from.cpus) {
    to.cpus.add(cpu);
    label(mount, cpu, to);
  }
  from.cpus.clear();
}

/** A cpu that comes belongs to the default group, whose label it has had while it was away. */
export function addCpu(mount: Mount, cpu: number): void {
  mount.defaultGroup.cpus.add(cpu);
}

/** One that goes leaves its groups, and nothing remembers. */
export function removeCpu(mount: Mount, cpu: number): void {
  for (const group of allGroups(mount)) group.cpus.delete(cpu);
  label(mount, cpu, mount.defaultGroup);
}

export function label(mount: Mount, cpu: number, group: Group): void {
  setCpuDefaultClosidRmid(mount.arch, cpu, group.closid, group.rmid);
}
