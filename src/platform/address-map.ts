// The physical address map: register pages, mailboxes, and the window that one erratum needs.

import { MSC_WINDOW_BYTES, mscInstances } from "./instances.ts";
import type { MscInstance, Platform } from "./types.ts";
import { SMMU_WINDOW_BYTES } from "./types-io.ts";

/** The last byte that an address can name. */
export const ADDRESS_MAXIMUM = 2 ** 52 - 1;

/** A mailbox: its shared memory, and its registers from MAILBOX_REGISTERS on. */
export const MAILBOX_WINDOW_BYTES = 2 ** 16;
export const MAILBOX_REGISTERS = 0x1000;

/** T241-MPAM-1: the shadow registers of a chip. */
export const SHADOW_WINDOW_BYTES = 2 ** 23;

/** Where the shadow registers are of the chip in which an MSC at `base` lies (linux-driver.md 2.5). */
export function shadowWindow(base: number): number {
  const chip = Math.floor(base / 2 ** 43) % 4;
  return chip * 2 ** 44 + 0x1900_0000;
}

export interface AddressRange {
  readonly start: number;
  readonly bytes: number;
  readonly what: "register page" | "mailbox" | "shadow window" | "SMMU";
  /** An MSC, the index of a mailbox, or an SMMU by its index, with the key that says where. */
  readonly of: MscInstance | number | { readonly smmu: number; readonly key: readonly string[] };
  /** In file order. */
  readonly order: number;
}

/** MSC by MSC, then mailboxes, then a shadow window for each chip that needs one, then SMMUs. */
export function addressMap(platform: Platform): AddressRange[] {
  const ranges: Omit<AddressRange, "order">[] = [];
  const windows = new Map<number, MscInstance>();
  for (const msc of mscInstances(platform)) {
    const { address, description } = msc;
    if (address === undefined) continue;
    ranges.push({ start: address, bytes: MSC_WINDOW_BYTES, what: "register page", of: msc });
    const window = shadowWindow(address);
    if (description.errata.includes("T241-MPAM-1") && !windows.has(window)) windows.set(window, msc);
  }
  platform.mailboxes.forEach(({ base }, index) => {
    ranges.push({ start: base, bytes: MAILBOX_WINDOW_BYTES, what: "mailbox", of: index });
  });
  for (const [start, msc] of windows) {
    ranges.push({ start, bytes: SHADOW_WINDOW_BYTES, what: "shadow window", of: msc });
  }
  platform.smmus.forEach(({ base, realm }, smmu) => {
    const pages = { bytes: SMMU_WINDOW_BYTES, what: "SMMU" } as const;
    ranges.push({ ...pages, start: base, of: { smmu, key: ["base"] } });
    if (realm) ranges.push({ ...pages, start: realm.base, of: { smmu, key: ["realm", "base"] } });
  });
  return ranges.map((range, order) => ({ ...range, order }));
}
