// What a new control group may use (resctrl-fs.md section 10): every bit that is shared or that nobody uses, and full
// bandwidth. On MPAM all bits are shared, so this is everything.

import { ErrnoError } from "../errno/index.ts";
import { type CtrlDomain, defaultControl, updateDomains } from "../resctrl/index.ts";
import type { Mount, Schema } from "./group.ts";
import { bitCount, lowestRun, maskOf } from "./masks.ts";
import { staging } from "./schemata.ts";

export async function initControls(mount: Mount, closid: number): Promise<void> {
  const { status } = mount.core;
  await staging(mount, async () => {
    for (const schema of mount.schemas) {
      for (const d of schema.resource.ctrlDomains) d.staged.set(schema.type, firstValue(mount, schema, d, closid));
      try {
        await updateDomains(mount.arch, schema.resource, closid);
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        throw status.because(error, "Failed to initialize allocations\n");
      }
    }
  });
}

function firstValue(mount: Mount, schema: Schema, d: CtrlDomain, closid: number): number {
  const { resource } = schema;
  const whole = defaultControl(resource);
  if (resource.format === "range") return whole;
  const { shareableBits, sparse, minCbmBits } = resource.cache;
  let shared = shareableBits;
  let used = 0;
  for (const other of mount.groups) {
    // Nothing to add: so it is on MPAM from the start.
    if (shared === whole) break;
    if (other.closid === closid) continue;
    const mask = maskOf(mount, schema, d, other.closid);
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
