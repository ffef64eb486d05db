// Whether this host lets anything be mounted.

import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";

/** Why nothing can be mounted here; undefined where it can. */
export function whyNoMount(): string | undefined {
  try {
    accessSync("/dev/fuse", constants.R_OK | constants.W_OK);
  } catch {
    return "/dev/fuse is not there, or not for this user";
  }
  if (process.getuid?.() !== 0) return "this user is not root";
  // In many containers root may not mount.
  const tried = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]);
  return tried.status === 0 ? undefined : "mount(8) is refused here";
}
