// The files event_filter: which memory transactions an event counts (resctrl-fs.md section 8). An MSC counts all of them, and
// that cannot be chosen.

import { ErrnoError } from "../errno/index.ts";
import { commandOf } from "../tree/index.ts";
import type { Mount } from "./group.ts";
import type { InfoFile } from "./info.ts";

/** In the order of their bits. */
const ALL = [
  "local_reads",
  "remote_reads",
  "local_non_temporal_writes",
  "remote_non_temporal_writes",
  "local_reads_slow_memory",
  "remote_reads_slow_memory",
  "dirty_victim_writes_all",
];

/** What the kernel has for mbm_local_bytes. */
const LOCAL = ["local_reads", "local_non_temporal_writes", "local_reads_slow_memory"];

export function eventFilterFile(
  mount: Mount,
  event: string,
  configurable: boolean,
  extended: InfoFile["extended"],
): InfoFile {
  const transactions = event === "mbm_local_bytes" ? LOCAL : ALL;
  return {
    name: "event_filter",
    mode: configurable ? 0o644 : 0o444,
    readingClears: true,
    read: () => `${transactions.join(",")}\n`,
    write: (bytes) => {
      const { status } = mount.core;
      if (commandOf(bytes) === undefined) {
        const message = "event_filter: the command must end with a newline";
        throw status.refuse("EINVAL", "event_filter: Invalid input\n", message);
      }
      if (!configurable) {
        const message = "event_filter: an MSC counts all transactions";
        throw status.refuse("EPERM", "event_filter is not configurable\n", message);
      }
      throw new ErrnoError("EINVAL", "event_filter: nothing can be chosen");
    },
    ...(extended && { extended }),
  };
}
