// The kernel mode of a mounted instance as plain data, and back. Groups are named by their paths.

import { pathOf } from "../tree/index.ts";
import type { Group, Mount } from "./group.ts";
import { changeKernelMode, GLOBAL, INHERITING, type KernelMode, PER_GROUP } from "./kernel-mode.ts";

export interface SavedKernelMode {
  readonly name: KernelMode["name"];
  /** Of the global mode. */
  readonly group?: string;
  readonly cpus?: readonly number[];
  /** Of the per-group mode; groups that are not named have the default group. */
  readonly kernelOf?: readonly (readonly [user: string, kernel: string])[];
}

export function saveKernelMode(mode: KernelMode): SavedKernelMode {
  const path = ({ directory }: Group) => pathOf(directory);
  switch (mode.name) {
    case GLOBAL:
      return { name: mode.name, group: path(mode.group), cpus: [...mode.cpus].sort((a, b) => a - b) };
    case PER_GROUP:
      return { name: mode.name, kernelOf: [...mode.kernelOf].map(([user, kernel]) => [path(user), path(kernel)]) };
    default:
      return { name: mode.name };
  }
}

interface Restored {
  readonly byPath: ReadonlyMap<string, Group>;
  /** Cpus that were online when the snapshot was taken. */
  readonly known: ReadonlySet<number>;
}

/** Cpus that have come since have joined, and those that have gone have left, as while mounted. */
export function restoreKernelMode(mount: Mount, saved: SavedKernelMode, { byPath, known }: Restored): void {
  const { group = "", cpus = [], kernelOf = [] } = saved;
  const bound = byPath.get(group);
  if (saved.name === GLOBAL && bound !== undefined) {
    const here = [...mount.core.cpus].filter((cpu) => cpus.includes(cpu) || !known.has(cpu));
    changeKernelMode(mount, { name: GLOBAL, group: bound, cpus: new Set(here) });
  } else if (saved.name === PER_GROUP) {
    const pairs = kernelOf.flatMap((pair) => {
      const [user, kernel] = pair.map((path) => byPath.get(path));
      return user && kernel ? [[user, kernel] as const] : [];
    });
    changeKernelMode(mount, { name: PER_GROUP, kernelOf: new Map(pairs) });
  } else changeKernelMode(mount, INHERITING);
}
