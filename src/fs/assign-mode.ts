// The file mbm_assign_mode: how bandwidth counters come to groups (resctrl-fs.md section 8). On MPAM they are assigned wherever
// there are any, and that cannot be switched.

import { getResource, mbmCntrAssignEnabled, mbmCntrAssignSet } from "../resctrl/index.ts";
import { commandOf } from "../tree/index.ts";
import type { Mount } from "./group.ts";
import type { InfoFile } from "./info.ts";

export function assignModeFile(mount: Mount): InfoFile {
  const { mon } = getResource(mount.arch, "L3");
  return {
    name: "mbm_assign_mode",
    mode: 0o644,
    read: () => (mon.cntrAssignable ? "[mbm_event]\n" : "[default]\n"),
    write: (bytes) => setAssignMode(mount, bytes),
  };
}

function setAssignMode(mount: Mount, bytes: string): void {
  const resource = getResource(mount.arch, "L3");
  const { status } = mount.core;
  const word = commandOf(bytes);
  if (word === undefined) {
    const message = "mbm_assign_mode: the command must end with a newline";
    throw status.refuse("EINVAL", "mbm_assign_mode: Invalid input\n", message);
  }
  if (word !== "default" && word !== "mbm_event") {
    const message = `mbm_assign_mode: "${word}" is not default or mbm_event`;
    throw status.refuse("EINVAL", "Unsupported assign mode\n", message);
  }
  const enable = word === "mbm_event";
  if (enable && !resource.mon.cntrAssignable) {
    const message = "mbm_assign_mode: this machine has no counters to assign";
    throw status.refuse("EINVAL", "mbm_event mode is not supported\n", message);
  }
  // True without any counter, so that 7.3 refuses the mode it shows.
  if (enable === mbmCntrAssignEnabled(mount.arch, resource)) return;
  if (resource.mon.assignFixed) {
    const message = "mbm_assign_mode: counters are always assigned on this machine";
    throw status.refuse("EINVAL", "Counter assignment mode is not configurable\n", message);
  }
  mbmCntrAssignSet(mount.arch, resource, enable);
}
