// The directory info: what the machine offers, and last_cmd_status (resctrl-fs.md section 4).

import { type CtrlDomain, getConfig, getResource } from "../resctrl/index.ts";
import type { InfoHandlers } from "./commands.ts";
import type { Mount, Schema } from "./group.ts";
import { monitorDirectory } from "./info-monitoring.ts";
import { kernelModeFile } from "./kernel-mode-file.ts";
import { throttleModeFile } from "./profile.ts";

export interface InfoFile extends InfoHandlers {
  readonly name: string;
  readonly mode: number;
}

export interface InfoDirectory {
  readonly name: string;
  readonly files: readonly InfoFile[];
  readonly directories?: readonly InfoDirectory[];
}

export function constant(name: string, text: () => string | number): InfoFile {
  return { name, mode: 0o444, read: () => `${text()}\n` };
}

export function infoDirectory(mount: Mount): InfoDirectory {
  const directories = mount.schemas.map((schema) => ({
    name: schema.name,
    files: schema.resource.format === "bitmap" ? cacheFiles(mount, schema) : bandwidthFiles(mount, schema),
  }));
  const monitors = getResource(mount.arch, "L3").monCapable ? [monitorDirectory(mount)] : [];
  const status: InfoFile = { name: "last_cmd_status", mode: 0o444, read: () => mount.core.status.shown };
  return { name: "info", files: [status, ...kernelModeFile(mount)], directories: [...directories, ...monitors] };
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

function bandwidthFiles(mount: Mount, schema: Schema): InfoFile[] {
  const { membw } = schema.resource;
  return [
    constant("num_closids", () => schema.numClosid),
    constant("min_bandwidth", () => membw.minBw),
    constant("bandwidth_gran", () => membw.bwGran),
    constant("delay_linear", () => (membw.delayLinear ? 1 : 0)),
    ...throttleModeFile(mount),
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

/**
 * One letter per bit, highest first: used by hardware and software, hardware, software, one group only, a pseudo-locked region,
 * nobody.
 */
export function bitLetters(length: number, hardware: number, shared: number, exclusive: number, locked = 0): string {
  let letters = "";
  for (let bit = length - 1; bit >= 0; bit--) {
    const has = (mask: number): boolean => ((mask >>> bit) & 1) === 1;
    if (has(hardware)) letters += has(shared) ? "X" : "H";
    else if (has(shared)) letters += "S";
    else if (has(exclusive)) letters += "E";
    else letters += has(locked) ? "P" : "0";
  }
  return letters;
}
