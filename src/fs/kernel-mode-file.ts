// The file info/kernel_mode: which modes there are, and choosing one (more.md section 5.3).

import { commandOf, trim } from "../tree/index.ts";
import type { Mount } from "./group.ts";
import type { InfoFile } from "./info.ts";
import {
  boundGroup,
  changeKernelMode,
  GLOBAL,
  GLOBAL_CONTROL,
  INHERIT,
  INHERITING,
  type KernelMode,
  PER_GROUP,
} from "./kernel-mode.ts";
import { groupSpelled, NO_GROUP, spelled } from "./kernel-mode-names.ts";
import { KERNEL_MODE_MARK } from "./proposed.ts";

/** In the order in which they are shown. */
const MODES = [INHERIT, GLOBAL, PER_GROUP] as const;

/** None where the mount does not ask for the proposal. */
export function kernelModeFile(mount: Mount): InfoFile[] {
  if (mount.kernelMode === undefined) return [];
  const file: InfoFile = {
    name: "kernel_mode",
    mode: 0o644,
    read: () => MODES.map((name) => `${shown(mount, name)}\n`).join(""),
    check: (bytes) => {
      if (commandOf(bytes) !== undefined) return;
      throw mount.core.status.silent("EINVAL", "kernel_mode: the command must end with a newline");
    },
    write: (bytes) => writeMode(mount, trim(commandOf(bytes) ?? "")),
    extended: KERNEL_MODE_MARK,
  };
  return [file];
}

/** Only the global mode has a group. */
function shown({ kernelMode }: Mount, name: KernelMode["name"]): string {
  const group = boundGroup(kernelMode);
  const line = name === GLOBAL ? `${name}:group=${group === undefined ? NO_GROUP : spelled(group)}` : name;
  return kernelMode?.name === name ? `[${line}]` : line;
}

function writeMode(mount: Mount, command: string): void {
  const { status } = mount.core;
  const [word, group] = cutGroup(command);
  switch (word) {
    case INHERIT:
      // Whatever group is named.
      if (mount.kernelMode?.name !== INHERIT) changeKernelMode(mount, INHERITING);
      return;
    case GLOBAL:
      bind(mount, group ?? "//");
      return;
    case PER_GROUP:
      if (group !== undefined) {
        const message = `kernel_mode: ${PER_GROUP} takes no group; info/kernel_mode_assignment has one for each`;
        throw status.refuse("EINVAL", `${PER_GROUP} takes no group\n`, message);
      }
      if (mount.kernelMode?.name !== PER_GROUP) changeKernelMode(mount, { name: PER_GROUP, kernelOf: new Map() });
      return;
    case GLOBAL_CONTROL: {
      const message = "kernel_mode: a PMG means something with its PARTID only, so that kernel work has both or none";
      throw status.refuse("EINVAL", "Kernel mode not available\n", message);
    }
    default:
      throw status.refuse(
        "EINVAL",
        "Unknown kernel mode\n",
        `kernel_mode: "${word}" is not ${INHERIT}, ${GLOBAL} or ${PER_GROUP}`,
      );
  }
}

/** Bound anew, a group has all cpus that are online; bound already, the ones it has. */
function bind(mount: Mount, text: string): void {
  const group = groupSpelled(mount, text, "kernel_mode");
  if (boundGroup(mount.kernelMode) === group) return;
  changeKernelMode(mount, { name: GLOBAL, group, cpus: new Set(mount.core.cpus) });
}

const GROUP = ":group=";

/** Names of groups may begin with a blank: what follows the sign is taken as it is. */
function cutGroup(command: string): readonly [word: string, group: string | undefined] {
  const at = command.indexOf(GROUP);
  return at < 0 ? [command, undefined] : [trim(command.slice(0, at)), command.slice(at + GROUP.length)];
}
