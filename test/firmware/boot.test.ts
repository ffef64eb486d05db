import { expect, test } from "vitest";
import { describe as describeFirmware } from "../../src/firmware/index.ts";
import { parsePlatform } from "../../src/platform/index.ts";

const platform = parsePlatform(`
name: two-clusters
cpus: 4
processor: { partidMax: 7, pmgMax: 1 }
caches:
  - { level: 3, id: 0x300, cpus: 0-1, bytes: 64 KiB, ways: 16,
      msc: { base: 0x1_4100_0000, cpus: 0-2, nrdyUsec: 5, errorInterrupt: 44, overflowInterrupt: 45,
             ris: [{ ris: 0, cpor: { cpbmWd: 8 } }, { ris: 2, csu: { monitors: 1 } }] } }
memory:
  - { node: 1, cpus: 2-3, bytes: 1 GiB, bytesPerSecond: 1 GB/s, msc: { base: 0x1_4200_0000, mbw: { bwaWd: 7 } } }
`);

test("firmware tells caches, nodes and every MSC with what each of its resource instances controls", () => {
  expect(describeFirmware(platform)).toEqual({
    cpus: [
      { cpu: 0, node: 0 },
      { cpu: 1, node: 0 },
      { cpu: 2, node: 0 },
      { cpu: 3, node: 0 },
    ],
    caches: [{ id: 0x300, level: 3, bytes: 65_536, lineBytes: 64, cpus: new Set([0, 1]) }],
    // Domain 1 is the first that is named, and so node 0 for software: that of the cpus of no domain, too.
    nodes: [{ node: 0, cpus: new Set([0, 1, 2, 3]), peak: { read: 1e9, write: 1e9 } }],
    counted: 2,
    channels: [],
    smmus: [],
    remarks: [],
    mscs: [
      {
        id: 0,
        interface: "mmio",
        address: 0x1_4100_0000,
        bytes: 0x4000,
        nrdyUsec: 5,
        errorInterrupt: 44,
        overflowInterrupt: 45,
        cpus: new Set([0, 1, 2]),
        resources: [
          { ris: 0, kind: "cache", id: 0x300 },
          { ris: 2, kind: "cache", id: 0x300 },
        ],
      },
      {
        id: 1,
        interface: "mmio",
        address: 0x1_4200_0000,
        bytes: 0x4000,
        nrdyUsec: 0,
        errorInterrupt: 0,
        overflowInterrupt: 0,
        cpus: new Set([0, 1, 2, 3]),
        resources: [{ ris: 0, kind: "memory", id: 0 }],
      },
    ],
  });
});

test("firmware tells nothing that software should read from registers", () => {
  const told = JSON.stringify(describeFirmware(platform), (_, value) => (value instanceof Set ? [...value] : value));
  expect(told).not.toMatch(/cpbm|cmax|monitors|partidMax|bwaWd|counter/);
});
