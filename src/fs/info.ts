// The directory info: what the machine offers, a few settings, and last_cmd_status (resctrl-fs.md section 4).

import { ErrnoError } from "../errno/index.ts";
import {
  type CtrlDomain,
  getConfig,
  getResource,
  isEvtConfigurable,
  mbmCntrAssignEnabled,
  mbmCntrAssignSet,
} from "../resctrl/index.ts";
import { counterEvents, countersOf, numCounters } from "./counters.ts";
import type { InfoHandlers, Mount, Schema } from "./group.ts";
import { parseBool, parseUnsigned } from "./numbers.ts";
import { commandOf } from "./text.ts";

export interface InfoFile extends InfoHandlers {
  readonly name: string;
  readonly mode: number;
}

export interface InfoDirectory {
  readonly name: string;
  readonly files: readonly InfoFile[];
  readonly directories?: readonly InfoDirectory[];
}

function constant(name: string, text: () => string | number): InfoFile {
  return { name, mode: 0o444, read: () => `${text()}\n` };
}

export function infoDirectory(mount: Mount): InfoDirectory {
  const directories = mount.schemas.map((schema) => ({
    name: schema.name,
    files: schema.resource.format === "bitmap" ? cacheFiles(mount, schema) : bandwidthFiles(schema),
  }));
  const monitors = getResource(mount.arch, "L3").monCapable ? [monitorDirectory(mount)] : [];
  const status: InfoFile = { name: "last_cmd_status", mode: 0o444, read: () => mount.core.status.shown };
  return { name: "info", files: [status], directories: [...directories, ...monitors] };
}

function cacheFiles(mount: Mount, schema: Schema): InfoFile[] {
  const { cache } = schema.resource;
  return [
    constant("num_closids", () => schema.numClosid),
    constant("cbm_mask", () => (2 ** cache.cbmLen - 1).toString(16)),
    constant("min_cbm_bits", () => cache.minCbmBits),
    constant("shareable_bits", () => cache.shareableBits.toString(16)),
    constant("bit_usage", () =>
      schema.resource.ctrlDomains.map((d) => `${d.id}=${bitUsage(mount, schema, d)}`).join(";"),
    ),
    constant("sparse_masks", () => (cache.sparse ? 1 : 0)),
  ];
}

function bandwidthFiles(schema: Schema): InfoFile[] {
  const { membw } = schema.resource;
  return [
    constant("num_closids", () => schema.numClosid),
    constant("min_bandwidth", () => membw.minBw),
    constant("bandwidth_gran", () => membw.bwGran),
    constant("delay_linear", () => (membw.delayLinear ? 1 : 0)),
  ];
}

function bitUsage(mount: Mount, schema: Schema, d: CtrlDomain): string {
  let shared = 0;
  let exclusive = 0;
  for (const group of mount.groups) {
    const mask = getConfig(mount.arch, schema.resource, d, group.closid, schema.type);
    if (group.mode === "shareable") shared |= mask;
    else exclusive |= mask;
  }
  const { cbmLen, shareableBits } = schema.resource.cache;
  return bitLetters(cbmLen, shareableBits, shared, exclusive);
}

/** One letter per bit, highest first: used by hardware and software, hardware, software, one group only, nobody. */
export function bitLetters(length: number, hardware: number, shared: number, exclusive: number): string {
  let letters = "";
  for (let bit = length - 1; bit >= 0; bit--) {
    const has = (mask: number): boolean => ((mask >>> bit) & 1) === 1;
    if (has(hardware)) letters += has(shared) ? "X" : "H";
    else if (has(shared)) letters += "S";
    else letters += has(exclusive) ? "E" : "0";
  }
  return letters;
}

function monitorDirectory(mount: Mount): InfoDirectory {
  const { mon } = getResource(mount.arch, "L3");
  const files: InfoFile[] = [
    constant("num_rmids", () => mon.numRmid),
    constant("mon_features", () => [...mount.arch.events.keys()].sort(byNumber).join("\n")),
    thresholdFile(mount),
    assignModeFile(mount),
  ];
  if (!mon.cntrAssignable) return { name: "L3_MON", files };
  const perDomain = (count: (d: ReturnType<typeof mount.core.monDomains>[number]) => number): string =>
    mount.core
      .monDomains()
      .map((d) => `${d.id}=${count(d)}`)
      .join(";");
  const free: InfoFile = {
    ...constant("available_mbm_cntrs", () => perDomain((d) => countersOf(mount, d).filter((held) => !held).length)),
    readingClears: true,
  };
  files.push(
    constant("num_mbm_cntrs", () => perDomain(() => numCounters(mount))),
    free,
    assignOnMkdirFile(mount),
  );
  const events = counterEvents(mount).map((name) => ({
    name,
    files: [eventFilterFile(mount, isEvtConfigurable(mount.arch, name))],
  }));
  return { name: "L3_MON", files, directories: [{ name: "event_configs", files: [], directories: events }] };
}

/** Occupancy is event 1, and sorts first by its name as well. */
function byNumber(a: string, b: string): number {
  return a < b ? -1 : 1;
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
      const value = parseUnsigned(bytes, 0, 32);
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

/** Counters are assigned wherever there are any, and that cannot be switched. */
function assignModeFile(mount: Mount): InfoFile {
  const resource = getResource(mount.arch, "L3");
  const { status } = mount.core;
  return {
    name: "mbm_assign_mode",
    mode: 0o644,
    read: () => (resource.mon.cntrAssignable ? "[mbm_event]\n" : "[default]\n"),
    write: (bytes) => {
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
      if (enable === mbmCntrAssignEnabled(mount.arch, resource)) return;
      if (resource.mon.assignFixed) {
        const message = "mbm_assign_mode: counters are always assigned on this machine";
        throw status.refuse("EINVAL", "Counter assignment mode is not configurable\n", message);
      }
      mbmCntrAssignSet(mount.arch, resource, enable);
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

/** All transactions are counted. In the order of their bits. */
const TRANSACTIONS = [
  "local_reads",
  "remote_reads",
  "local_non_temporal_writes",
  "remote_non_temporal_writes",
  "local_reads_slow_memory",
  "remote_reads_slow_memory",
  "dirty_victim_writes_all",
];

function eventFilterFile(mount: Mount, configurable: boolean): InfoFile {
  const { status } = mount.core;
  return {
    name: "event_filter",
    mode: configurable ? 0o644 : 0o444,
    readingClears: true,
    read: () => `${TRANSACTIONS.join(",")}\n`,
    write: (bytes) => {
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
  };
}
