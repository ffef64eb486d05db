// The file mode of a control group (resctrl-fs.md section 7). Pseudo-locking is not built on arm64.

import { getConfig } from "../resctrl/index.ts";
import { commandOf } from "../tree/index.ts";
import type { GroupHandlers } from "./commands.ts";
import type { Group, Mount } from "./group.ts";
import { neighbours, overlaps } from "./masks.ts";

export function modeFile(mount: Mount): GroupHandlers {
  return {
    read: (group) => `${group.mode}\n`,
    write: (group, bytes) => writeMode(mount, group, bytes),
  };
}

function writeMode(mount: Mount, group: Group, bytes: string): void {
  const { status } = mount.core;
  const word = commandOf(bytes);
  if (word === undefined) {
    throw status.refuse("EINVAL", "mode: Invalid input\n", "mode: the command must end with a newline");
  }
  if (word === group.mode) return;
  if (word === "exclusive") checkExclusive(mount, group);
  else if (word !== "shareable") {
    throw status.refuse("EINVAL", "Unknown or unsupported mode\n", `mode: "${word}" is not shareable or exclusive`);
  }
  group.mode = word;
}

/** No bit of the group may be shared with hardware or another group. MPAM shares every bit with other bus masters. */
function checkExclusive(mount: Mount, group: Group): void {
  const { status } = mount.core;
  const caches = mount.schemas.filter(({ resource }) => resource.format === "bitmap");
  if (caches.length === 0) {
    const text = "Cannot be exclusive without CAT/CDP\n";
    throw status.refuse("EINVAL", text, "mode: exclusive needs a cache that can be partitioned");
  }
  const others = neighbours(mount, group);
  for (const schema of caches) {
    for (const d of schema.resource.ctrlDomains) {
      const mask = getConfig(mount.arch, schema.resource, d, group.closid, schema.type);
      if (mask & schema.resource.cache.shareableBits || overlaps(mask, schema, d, others)) {
        const message = `mode: ${schema.name} domain ${d.id} is shared with other bus masters or groups`;
        throw status.refuse("EINVAL", "Schemata overlaps\n", message);
      }
    }
  }
}
