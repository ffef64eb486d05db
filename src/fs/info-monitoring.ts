// The directory info/L3_MON: what is counted, and the settings of counting (resctrl-fs.md sections 4 and 8).

import { getResource, isEvtConfigurable, type MonDomain } from "../resctrl/index.ts";
import { parseBool, parseUnsigned, untilNul } from "../tree/index.ts";
import { assignModeFile } from "./assign-mode.ts";
import { countersOf, numCounters } from "./counters.ts";
import { eventFilterFile } from "./event-filter.ts";
import type { Mount } from "./group.ts";
import { constant, type InfoDirectory, type InfoFile } from "./info.ts";
import { shownEvents } from "./profile.ts";

export function monitorDirectory(mount: Mount): InfoDirectory {
  const { mon } = getResource(mount.arch, "L3");
  const events = shownEvents(mount);
  const files: InfoFile[] = [
    constant("num_rmids", () => mon.numRmid),
    constant("mon_features", () => events.map(({ name }) => name).join("\n")),
    thresholdFile(mount),
    assignModeFile(mount),
  ];
  if (!mon.cntrAssignable) return { name: "L3_MON", files };
  files.push(...counterFiles(mount), assignOnMkdirFile(mount));
  const filters = events
    .filter(({ event }) => event !== "llc_occupancy")
    .map(({ name, event, extended }) => {
      return { name, files: [eventFilterFile(mount, name, isEvtConfigurable(mount.arch, event), extended)] };
    });
  return { name: "L3_MON", files, directories: [{ name: "event_configs", files: [], directories: filters }] };
}

function counterFiles(mount: Mount): InfoFile[] {
  const perDomain = (count: (d: MonDomain) => number): string =>
    mount.core
      .monDomains()
      .map((d) => `${d.id}=${count(d)}`)
      .join(";");
  const free = (d: MonDomain): number => countersOf(mount, d).filter((held) => !held).length;
  return [
    constant("num_mbm_cntrs", () => perDomain(() => numCounters(mount))),
    { ...constant("available_mbm_cntrs", () => perDomain(free)), readingClears: true },
  ];
}

/** Bytes of a freed group that may still lie in a cache when its RMID is given out again. */
function thresholdFile(mount: Mount): InfoFile {
  const { arch } = mount;
  const { status } = mount.core;
  return {
    name: "max_threshold_occupancy",
    mode: 0o644,
    read: () => `${arch.rmidThresholdBytes}\n`,
    write: (bytes) => {
      const value = parseUnsigned(untilNul(bytes), 0, 32);
      if (typeof value === "string") {
        const message = "max_threshold_occupancy: not a number of bytes below 2^32";
        throw status.refuse(value, "max_threshold_occupancy: Invalid input\n", message);
      }
      if (value > arch.rmidLimitBytes) {
        const text = `max_threshold_occupancy: Exceeds limit (before adjustment) of ${arch.rmidLimitBytes} bytes\n`;
        const message = `max_threshold_occupancy: ${value} is more than the cache's ${arch.rmidLimitBytes} bytes`;
        throw status.refuseFormatted("EINVAL", text, message);
      }
      arch.rmidThresholdBytes = Number(value);
    },
  };
}

function assignOnMkdirFile(mount: Mount): InfoFile {
  const { core } = mount;
  return {
    name: "mbm_assign_on_mkdir",
    mode: 0o644,
    readingClears: true,
    read: () => `${core.assignOnMkdir ? 1 : 0}\n`,
    write: (bytes) => {
      const value = parseBool(bytes);
      if (value === undefined) {
        const message = "mbm_assign_on_mkdir: not a boolean; 0 or 1 would be";
        throw core.status.refuse("EINVAL", "mbm_assign_on_mkdir: Invalid input\n", message);
      }
      core.assignOnMkdir = value;
    },
  };
}
