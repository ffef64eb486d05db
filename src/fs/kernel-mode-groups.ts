// The file info/kernel_mode_assignment: which group's label the kernel work of each group carries. It is there while the mode is
// per_group_assign_ctrl_assign_mon. Where it is and how it is written is our choice; the proposal has its lines (more.md section
// 5.4).

import { commandOf, type Directory } from "../tree/index.ts";
import { type InfoHandlers, infoFile } from "./commands.ts";
import { allGroups, type Group, type Mount } from "./group.ts";
import { changeKernelMode, type KernelMode, kernelGroupOf, PER_GROUP } from "./kernel-mode.ts";
import { groupSpelled, spelled } from "./kernel-mode-names.ts";
import { KERNEL_MODE_MARK } from "./proposed.ts";

const NAME = "kernel_mode_assignment";

type PerGroup = Extract<KernelMode, { readonly name: typeof PER_GROUP }>;

export function showAssignments(mount: Mount): void {
  const info = infoOf(mount);
  if (info === undefined) return;
  const { uid, gid } = mount.owner;
  mount.tree.addFile(info, NAME, { mode: 0o644, uid, gid }, infoFile(mount, handlers(mount)));
}

/** Who has it open can still ask, and is told. */
export function hideAssignments(mount: Mount): void {
  const file = infoOf(mount)?.children.get(NAME);
  if (file !== undefined) mount.tree.detach(file);
}

function infoOf({ tree }: Mount): Directory | undefined {
  const info = tree.root.children.get("info");
  return info?.kind === "directory" ? info : undefined;
}

function handlers(mount: Mount): InfoHandlers {
  return {
    // A reader can be refused in words.
    readingClears: true,
    read: () => {
      const { kernelOf } = perGroup(mount);
      return allGroups(mount)
        .map((group) => `${spelled(group)}:${spelled(kernelGroupOf(mount, kernelOf, group))}\n`)
        .join("");
    },
    check: (bytes) => {
      if (commandOf(bytes) !== undefined) return;
      throw mount.core.status.silent("EINVAL", `${NAME}: the command must end with a newline`);
    },
    write: (bytes) => {
      const mode = perGroup(mount);
      const kernelOf = new Map(mode.kernelOf);
      for (const line of (commandOf(bytes) ?? "").split("\n")) {
        const [user, kernel] = pairIn(mount, line);
        kernelOf.set(user, kernel);
      }
      changeKernelMode(mount, { ...mode, kernelOf });
    },
    extended: KERNEL_MODE_MARK,
  };
}

/** EBUSY for a descriptor from before. */
function perGroup({ core, kernelMode: mode }: Mount): PerGroup {
  if (mode?.name === PER_GROUP) return mode;
  throw core.status.refuse("EBUSY", `Kernel mode is not ${PER_GROUP}\n`, `${NAME}: groups have no kernel group now`);
}

/** Names may have a colon, and no slash: the second one ends the first group. */
function pairIn(mount: Mount, line: string): readonly [user: Group, kernel: Group] {
  const [, user, kernel] = /^([^/]*\/[^/]*\/|[^:]*):(.*)$/s.exec(line) ?? [];
  if (user === undefined || kernel === undefined) {
    const text = "Assignment must be <user group>:<kernel group>\n";
    throw mount.core.status.refuse("EINVAL", text, `${NAME}: "${line}" is no pair such as web//:kernel//`);
  }
  return [groupSpelled(mount, user, NAME), groupSpelled(mount, kernel, NAME)];
}
