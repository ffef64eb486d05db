// The files kmode_cpus and kmode_cpus_list: on which cpus kernel work has the label of the bound group, in whose directory they
// are (more.md section 5.3).

import { allCpus } from "../resctrl/index.ts";
import { groupFile } from "./commands.ts";
import { formatList, formatMask } from "./cpumask.ts";
import { onlineCpusIn } from "./cpus.ts";
import type { Group, Mount } from "./group.ts";
import { changeKernelMode, GLOBAL, INHERIT, type KernelMode } from "./kernel-mode.ts";
import { KERNEL_MODE_MARK } from "./proposed.ts";

const FILES = [
  { name: "kmode_cpus", asList: false },
  { name: "kmode_cpus_list", asList: true },
];

type Bound = Extract<KernelMode, { readonly name: typeof GLOBAL }>;

/** In the directory of every group these names are taken, whether it is bound or not. */
export function isKernelCpus({ kernelMode }: Mount, name: string): boolean {
  return kernelMode !== undefined && FILES.some((file) => file.name === name);
}

export function showKernelCpus(mount: Mount, group: Group): void {
  const { uid, gid } = group.made;
  const count = allCpus(mount.arch).length;
  for (const { name, asList } of FILES) {
    const content = groupFile(mount, group, {
      read: () => {
        const { cpus } = boundTo(mount, group);
        return `${asList ? formatList(cpus) : formatMask(cpus, count)}\n`;
      },
      write: (_group, bytes) => {
        const bound = boundTo(mount, group);
        changeKernelMode(mount, { ...bound, cpus: onlineCpusIn(mount, bytes, asList, name) });
      },
    });
    mount.tree.addFile(group.directory, name, { mode: 0o644, uid, gid }, { ...content, extended: KERNEL_MODE_MARK });
  }
}

/** Who has them open can still ask, and is told what has become of the binding. */
export function hideKernelCpus({ tree }: Mount, { directory }: Group): void {
  for (const { name } of FILES) {
    const file = directory.children.get(name);
    if (file !== undefined) tree.detach(file);
  }
}

/** EBUSY for a descriptor from before: the group is not bound any more. */
function boundTo({ core, kernelMode: mode }: Mount, group: Group): Bound {
  if (mode?.name === GLOBAL && mode.group === group) return mode;
  const text =
    mode?.name === INHERIT ? "No active kernel-mode binding\n" : "Group is not the active kernel-mode binding\n";
  throw core.status.refuse("EBUSY", text, "kmode_cpus: kernel work does not have the label of this group");
}
