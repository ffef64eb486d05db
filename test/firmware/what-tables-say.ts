// What the tables of a platform should tell software: their content, made without any bytes.

import type {
  FirmwareCache,
  FirmwareChannel,
  FirmwareDescription,
  FirmwareMsc,
  FirmwareNode,
  FirmwareResource,
} from "../../src/firmware/index.ts";
import {
  type CacheDescription,
  MAILBOX_REGISTERS,
  type MailboxDescription,
  type MemoryDescription,
  mscInstances,
  type Platform,
} from "../../src/platform/index.ts";

/** IHI 0099: the registers of MPAM v1.1 end below 0x4000; a table says the size of the page in use, not of its 64 KiB. */
const MSC_PAGE_BYTES = 0x4000;

export function whatTablesSay(platform: Platform): FirmwareDescription {
  const mscs = describeMscs(platform);
  return {
    cpus: Array.from({ length: platform.cpus }, (_, cpu) => ({ cpu, node: nodeOf(platform, cpu) })),
    caches: platform.caches.map(describeCache),
    nodes: platform.memory.map(describeNode),
    mscs,
    counted: mscs.length,
    channels: platform.mailboxes.map(describeChannel),
    smmus: platform.smmus.map(({ base }, id) => ({ id, address: base })),
    remarks: [],
  };
}

/** Registers of a mailbox as docs/firmware.md lays them out, from MAILBOX_REGISTERS on. */
function describeChannel({ subspace, base, bytes, latencyUsec, interrupt }: MailboxDescription): FirmwareChannel {
  const at = (offset: number) => ({ address: base + MAILBOX_REGISTERS + offset, bytes: 4 }) as const;
  return {
    subspace,
    base,
    bytes,
    interrupt,
    doorbell: { ...at(0x00), preserve: 0n, set: 1n },
    ...(interrupt === 0 ? {} : { acknowledge: { ...at(0x18), preserve: 0n, set: 1n } }),
    complete: { ...at(0x08), mask: 1n },
    update: { ...at(0x10), preserve: 0xffff_fffen, set: 0n },
    error: { ...at(0x20), mask: 1n },
    latencyUsec,
    turnaroundUsec: 0,
  };
}

/** A cpu that no memory claims is of node 0, as a cpu without an SRAT entry is. */
function nodeOf(platform: Platform, cpu: number): number {
  return platform.memory.find((memory) => memory.cpus.includes(cpu))?.node ?? 0;
}

function describeCache(cache: CacheDescription): FirmwareCache {
  return {
    id: cache.id,
    level: cache.level,
    bytes: cache.bytes,
    lineBytes: cache.lineBytes,
    cpus: new Set(cache.cpus),
  };
}

function describeNode(memory: MemoryDescription): FirmwareNode {
  const bandwidth = memory.channels * memory.bytesPerSecond;
  return { node: memory.node, cpus: new Set(memory.cpus), peak: { read: bandwidth, write: bandwidth } };
}

function describeMscs(platform: Platform): FirmwareMsc[] {
  return mscInstances(platform).map(({ msc, address, description, resource }) => {
    const named: Omit<FirmwareResource, "ris"> =
      resource.kind === "cache"
        ? { kind: "cache", id: resource.cache.id, level: resource.cache.level }
        : { kind: "memory", id: resource.memory.node };
    return {
      id: msc,
      ...(address === undefined
        ? { interface: "pcc", address: 0, bytes: 0, subspace: description.mailbox ?? 0 }
        : { interface: "mmio", address, bytes: MSC_PAGE_BYTES }),
      nrdyUsec: description.nrdyUsec,
      errorInterrupt: description.errorInterrupt,
      overflowInterrupt: description.overflowInterrupt,
      cpus: new Set(description.cpus),
      resources: description.ris.map(({ ris }) => ({ ris, ...named })),
    };
  });
}
