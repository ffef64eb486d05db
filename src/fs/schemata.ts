// The files schemata, size and mode of a control group (resctrl-fs.md sections 5 to 7).

import { ErrnoError } from "../errno/index.ts";
import {
  allocCapable,
  cacheBytes,
  defaultControl,
  getConfig,
  getNumClosid,
  getResource,
  RESOURCE_IDS,
  updateDomains,
} from "../resctrl/index.ts";
import type { Core } from "./core.ts";
import type { Group, GroupHandlers, Mount, Schema } from "./group.ts";
import { bitCount, forgetStaged, lowestRun, type Neighbour, overlaps, parseSchemata } from "./schemata-parse.ts";
import { commandOf } from "./text.ts";

/** A CDP-capable resource would need four characters more if it were split. */
const CDP_SUFFIX = 4;

/** In reverse order of registration, which is how they are shown and applied. Widens the name column if need be. */
export function makeSchemas(core: Core): Schema[] {
  const schemas: Schema[] = [];
  for (const rid of [...RESOURCE_IDS].reverse()) {
    const resource = getResource(core.arch, rid);
    if (!resource.allocCapable) continue;
    const numClosid = getNumClosid(core.arch, resource);
    schemas.push({ name: resource.name, type: "none", resource, numClosid });
    const width = resource.name.length + (resource.cdpCapable ? CDP_SUFFIX : 0);
    core.columnWidth = Math.max(core.columnWidth, width);
  }
  return schemas;
}

export function schemataFile(mount: Mount): GroupHandlers {
  return {
    read: (group) =>
      lines(mount, group, (schema, value) => value.toString(schema.resource.format === "bitmap" ? 16 : 10)),
    write: (group, bytes) => writeSchemata(mount, group, bytes),
  };
}

/** Bytes of cache a mask stands for; bandwidth lines repeat the percentage. */
export function sizeFile(mount: Mount): GroupHandlers {
  return {
    read: (group) =>
      lines(mount, group, ({ resource }, value, d) => {
        if (resource.format === "range") return `${value}`;
        return `${Math.floor(cacheBytes(mount.arch, resource, d) / resource.cache.cbmLen) * bitCount(value)}`;
      }),
  };
}

type Domain = Schema["resource"]["ctrlDomains"][number];

function lines(mount: Mount, group: Group, show: (schema: Schema, value: number, d: Domain) => string): string {
  let text = "";
  for (const schema of mount.schemas) {
    if (group.closid >= schema.numClosid) continue;
    const values = schema.resource.ctrlDomains.map((d) => {
      return `${d.id}=${show(schema, getConfig(mount.arch, schema.resource, d, group.closid, schema.type), d)}`;
    });
    text += `${schema.name.padStart(mount.core.columnWidth)}:${values.join(";")}\n`;
  }
  return text;
}

async function writeSchemata(mount: Mount, group: Group, bytes: string): Promise<void> {
  const { status } = mount.core;
  const text = commandOf(bytes);
  if (text === undefined) {
    throw status.refuse("EINVAL", "schemata: Invalid input\n", "schemata: the command must end with a newline");
  }
  const resources = new Set(mount.schemas.map((schema) => schema.resource));
  forgetStaged(resources);
  try {
    const { closid, mode } = group;
    parseSchemata(text, { status, closid, mode, schemas: mount.schemas, others: neighbours(mount, group) });
    for (const resource of resources) await updateDomains(mount.arch, resource, closid);
  } finally {
    forgetStaged(resources);
  }
}

function neighbours(mount: Mount, group: Group): Neighbour[] {
  return mount.groups
    .filter((other) => other !== group)
    .map(({ mode, closid }) => ({
      mode,
      mask: (schema, d) => getConfig(mount.arch, schema.resource, d, closid, schema.type),
    }));
}

/**
 * Gives a new control group its first values: every bit that is shared or that nobody uses, and full bandwidth. On MPAM all
 * bits are shared, so this is everything.
 */
export async function initControls(mount: Mount, closid: number): Promise<void> {
  const { status } = mount.core;
  const resources = new Set(mount.schemas.map((schema) => schema.resource));
  forgetStaged(resources);
  try {
    for (const schema of mount.schemas) {
      for (const d of schema.resource.ctrlDomains) d.staged.set(schema.type, firstValue(mount, schema, d, closid));
    }
    for (const resource of resources) {
      try {
        await updateDomains(mount.arch, resource, closid);
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        throw status.because(error, "Failed to initialize allocations\n");
      }
    }
  } finally {
    forgetStaged(resources);
  }
}

function firstValue(mount: Mount, schema: Schema, d: Domain, closid: number): number {
  const { resource } = schema;
  const whole = defaultControl(resource);
  if (resource.format === "range") return whole;
  const { shareableBits, sparse, minCbmBits } = resource.cache;
  let shared = shareableBits;
  let used = 0;
  for (const other of mount.groups) {
    if (other.closid === closid) continue;
    const mask = getConfig(mount.arch, resource, d, other.closid, schema.type);
    if (other.mode === "shareable") shared |= mask;
    used |= mask;
  }
  const mask = ((shared | ~used) & whole) >>> 0;
  const value = sparse ? mask : lowestRun(mask);
  if (bitCount(value) < minCbmBits) {
    const { status } = mount.core;
    const text = `No space on ${schema.name}:${d.id}\n`;
    throw status.refuseFormatted("ENOSPC", text, `${schema.name} domain ${d.id}: too few bits are free or shared`);
  }
  return value;
}

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
  if (!allocCapable(mount.arch) || caches.length === 0) {
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
