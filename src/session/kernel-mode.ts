// --kernel-mode: under whose label the kernel works, in one word, and what info/kernel_mode is told for it (docs/processor.md,
// "Kernel work").

import type { Resctrl } from "../fs/index.ts";
import { groupPaths } from "../report/index.ts";
import { UsageError } from "../written/index.ts";
import { groupPath, partsOf } from "./group-path.ts";

/** Groups are paths of the tree without a slash before or behind; "" is the default group. */
export type KernelModeChoice =
  | { readonly policy: "inherit" | "default" }
  | { readonly policy: "group"; readonly group: string }
  | { readonly policy: "per-group"; readonly pairs: readonly (readonly [user: string, kernel: string])[] };

export const KERNEL_MODE_ALLOWED = "inherit, default, group:GROUP or per-group:GROUP=GROUP,...";

export function parseKernelMode(text: string): KernelModeChoice {
  if (text === "inherit" || text === "default") return { policy: text };
  const [, word, rest = ""] = /^([^:]*):(.+)$/s.exec(text) ?? [];
  if (word === "group") return { policy: "group", group: groupPath(rest) };
  if (word !== "per-group") throw new UsageError(`kernel-mode '${text}': ${KERNEL_MODE_ALLOWED} is allowed`);
  const pairs = rest.split(",").map((pair) => {
    const [user, kernel, ...more] = pair.split("=");
    if (!user || !kernel || more.length > 0) {
      throw new UsageError(
        `kernel-mode '${text}': '${pair}' is no GROUP=GROUP, a group and the one of its kernel work, as in web=/`,
      );
    }
    return [groupPath(user), groupPath(kernel)] as const;
  });
  const users = pairs.map(([user]) => user);
  const twice = users.find((user, i) => users.indexOf(user) < i);
  if (twice !== undefined) throw new UsageError(`kernel-mode '${text}': ${twice || "/"} stands there twice`);
  return { policy: "per-group", pairs };
}

/** Tells a tree that has the proposed files. Throws a UsageError for a group that there is not. */
export async function chooseKernelMode(tree: Resctrl, mode: KernelModeChoice): Promise<void> {
  const there = new Set((await groupPaths(tree)).map(groupPath));
  for (const group of groupsOf(mode)) {
    if (there.has(group)) continue;
    throw new UsageError(`kernel-mode: there is no group ${group}; -d "@0 mkdir ${group}" makes one before`);
  }
  const write = (file: string, text: string) => tree.writeFile(`info/${file}`, `${text}\n`);
  switch (mode.policy) {
    case "inherit":
      return write("kernel_mode", "inherit_ctrl_and_mon");
    case "default":
      return write("kernel_mode", "global_assign_ctrl_assign_mon_per_cpu:group=//");
    case "group":
      return write("kernel_mode", `global_assign_ctrl_assign_mon_per_cpu:group=${spelled(mode.group)}`);
    case "per-group": {
      await write("kernel_mode", "per_group_assign_ctrl_assign_mon");
      const lines = mode.pairs.map(([user, kernel]) => `${spelled(user)}:${spelled(kernel)}`);
      return write("kernel_mode_assignment", lines.join("\n"));
    }
  }
}

function groupsOf(mode: KernelModeChoice): readonly string[] {
  if (mode.policy === "group") return [mode.group];
  return mode.policy === "per-group" ? mode.pairs.flat() : [];
}

/** As those files have groups: ctrl/mon/. */
function spelled(path: string): string {
  const { control, monitor = "" } = partsOf(path);
  return `${control}/${monitor}/`;
}
