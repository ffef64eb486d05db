// SMMUs and devices in a platform file: defaults, and what is refused, in one line each.

import { describe, expect, test } from "vitest";
import { checkObject, PlatformError } from "../../src/platform/index.ts";

const base = (keys: object) => ({
  name: "t",
  cpus: 2,
  processor: { partidMax: 7, pmgMax: 1 },
  caches: [
    { level: 1, per: "cpu", bytes: "4 KiB", ways: 4 },
    { level: 3, id: 9, bytes: "64 KiB", ways: 16, msc: { base: 0x1_4000_0000, cpor: { cpbmWd: 8 } } },
  ],
  memory: [{ bytes: "1 MiB", bytesPerSecond: "1 GB/s" }],
  ...keys,
});

const SMMU = { base: 0x2b40_0000, partidMax: 31, pmgMax: 3 };
const smmu = (keys: object) => base({ smmus: [{ ...SMMU, ...keys }] });
const stream = (keys: object, more: object = {}) => smmu({ streams: [{ sid: 1, config: "bypass", ...keys }], ...more });
const devices = (...list: object[]) =>
  base({
    smmus: [{ ...SMMU, streams: [{ sid: 1, config: "stage1", substreams: [{ ssid: 2 }] }] }],
    devices: list.map((one, i) => ({ name: `d${i}`, ...one })),
  });
const SECURE = { secure: { partidMax: 3, pmgMax: 0 } };
const REALM = { realm: { base: 0x2b60_0000 } };

function problems(input: object): string[] {
  try {
    checkObject(input);
  } catch (error) {
    if (error instanceof PlatformError) return error.problems.map(({ found, allowed }) => `${found}; ${allowed}`);
    throw error;
  }
  return [];
}

test("there are none unless the file says so", () => {
  expect(checkObject(base({}))).toMatchObject({ smmus: [], devices: [] });
});

test("what is left out has its default", () => {
  const { smmus, devices: found } = checkObject({
    ...stream({}),
    devices: [
      { name: "a" },
      { name: "b", stream: { sid: 1 }, enters: "L3" },
      { name: "c", label: { partid: 3 }, enters: "L1 1" },
    ],
  });
  expect(smmus).toEqual([
    {
      ...{ base: 0x2b40_0000, mpam: true, partidMax: 31, pmgMax: 3 },
      ...{ enabled: true, atschk: false, pasidtt: false },
      streams: [
        {
          ...{ sid: 1, space: "ns", config: "bypass", s1mpam: false, partid: 0, pmg: 0, mpamNs: false },
          ...{ vmid: 0, vms: [], s1dss: "substream0", substreams: [] },
        },
      ],
    },
  ]);
  const none = { space: "ns", partid: 0, pmg: 0 };
  expect(found).toEqual([
    { name: "a", label: none, ats: false, enters: "memory" },
    { name: "b", stream: { smmu: 0, sid: 1, space: "ns" }, label: none, ats: false, enters: { level: 3, id: 9 } },
    { name: "c", label: { ...none, partid: 3 }, ats: false, enters: { level: 1, id: 1 } },
  ]);
});

test("a stage 1 stream has the descriptor of substream 0 unless it says which it has", () => {
  const substreams = (keys: object) => checkObject(stream(keys)).smmus[0]?.streams[0]?.substreams;
  expect(substreams({ config: "stage1" })).toEqual([{ ssid: 0, partid: 0, pmg: 0 }]);
  expect(substreams({ config: "nested" })).toEqual([{ ssid: 0, partid: 0, pmg: 0 }]);
  expect(substreams({ config: "stage2" })).toEqual([]);
  expect(substreams({ config: "stage1", substreams: [{ ssid: 4, pmg: 1 }] })).toEqual([{ ssid: 4, partid: 0, pmg: 1 }]);
});

const NESTED = { config: "nested", s1mpam: true };
describe("is refused", () => {
  test.each([
    [base({ smmus: [{ base: 0 }] }), "smmus[0] has no partidMax; it is needed, or mpam: false"],
    [smmu({ base: 0x2b40_1000 }), "smmus[0].base is 0x2b401000; a multiple of 64 KiB (0x1_0000) is allowed"],
    [smmu({ realm: { base: 4096 } }), "smmus[0].realm.base is 0x1000; a multiple of 64 KiB (0x1_0000) is allowed"],
    [smmu({ mpam: false, pmgMax: 0 }), "smmus[0].partidMax is 31 with mpam: false; 0 is allowed, or mpam: true"],
    [
      base({ smmus: [{ base: 0, mpam: false, ...SECURE }] }),
      "smmus[0].secure.partidMax is 3 with mpam: false; 0 is allowed, or mpam: true",
    ],
    [
      base({ smmus: [SMMU, { ...SMMU, base: 0x2b41_0000 }] }),
      "smmus[1].base: the SMMU at 0x2b410000 overlaps that of smmus[0].base; each needs 128 KiB of its own",
    ],
    [
      smmu({ realm: { base: 0x2b40_0000 } }),
      "smmus[0].realm.base: the SMMU at 0x2b400000 overlaps that of smmus[0].base; each needs 128 KiB of its own",
    ],
    [
      smmu({ base: 0x1_3fff_0000 }),
      "smmus[0].base: the SMMU at 0x13fff0000 overlaps that of caches[1].msc.base; each needs 128 KiB of its own",
    ],
    [
      smmu({
        streams: [
          { sid: 1, config: "abort" },
          { sid: 1, config: "abort" },
        ],
      }),
      "smmus[0].streams[1].sid is 1, as streams[0] has it; each of a space has its own",
    ],
    [
      stream({ space: "s" }),
      "smmus[0].streams[0].space is s, and the SMMU has no secure; ns is allowed, or secure beside base",
    ],
    [
      stream({ space: "rl" }),
      "smmus[0].streams[0].space is rl, and the SMMU has no realm; ns is allowed, or realm beside base",
    ],
    [stream({ mpamNs: true }), "smmus[0].streams[0].mpamNs is true in space ns; space s or rl is needed"],
    [
      stream({ space: "rl", mpamNs: true }, REALM),
      "smmus[0].streams[0].mpamNs is true in space rl; mpamNs: true beside the limits of its space is needed",
    ],
    [stream({ s1mpam: true }), "smmus[0].streams[0].s1mpam is true with config bypass; stage1 or nested is needed"],
    [
      stream({ substreams: [{ ssid: 0 }] }),
      "smmus[0].streams[0].substreams stands with config bypass; stage1 or nested is needed",
    ],
    [
      stream({ config: "nested", vms: [1] }),
      "smmus[0].streams[0].vms is not used; config: nested and s1mpam: true are needed",
    ],
    [stream({ ...NESTED, vms: new Array(33).fill(0) }), "smmus[0].streams[0].vms has 33 entries; up to 32 are allowed"],
    [stream({ ...NESTED, vms: [0, 32] }), "smmus[0].streams[0].vms[1] is 32; the SMMU allows 0 to 31 here"],
    [stream({ partid: 32 }), "smmus[0].streams[0].partid is 32; the SMMU allows 0 to 31 here"],
    [stream({ pmg: 4 }), "smmus[0].streams[0].pmg is 4; the SMMU allows 0 to 3 here"],
    [stream({ space: "s", partid: 4 }, SECURE), "smmus[0].streams[0].partid is 4; the SMMU allows 0 to 3 here"],
    [
      stream({ config: "stage1", substreams: [{ ssid: 1 }, { ssid: 1 }] }),
      "smmus[0].streams[0].substreams[1].ssid is 1, as substreams[0] has it; each has its own",
    ],
    [
      stream({ ...NESTED, substreams: [{ ssid: 0, partid: 32 }] }, { partidMax: 63 }),
      "smmus[0].streams[0].substreams[0].partid is 32; the SMMU allows 0 to 31 here",
    ],
    [
      smmu({
        streams: [
          { sid: 1, ...NESTED, vms: [1] },
          { sid: 2, ...NESTED, vms: [2] },
        ],
      }),
      "smmus[0].streams[1].vms differs from that of streams[0], which has vmid 0 too; streams of one vmid share one map",
    ],
    [devices({ name: "x" }, { name: "x" }), "devices[1].name is x, as devices[0] has it; each has its own"],
    [
      devices({ stream: { sid: 1, ssid: 2 }, label: { partid: 1 } }),
      "devices[0].label stands beside stream; an SMMU labels all requests: one of them is allowed",
    ],
    [devices({ ats: true }), "devices[0].ats is true without a stream; the SMMU that translates is needed"],
    [devices({ stream: { smmu: 1, sid: 1 } }), "devices[0].stream.smmu is 1; 0 to 0 is allowed"],
    [base({ devices: [{ name: "d", stream: { sid: 1 } }] }), "devices[0].stream.smmu is 0; the key smmus is needed"],
    [
      devices({ stream: { sid: 3 } }),
      "devices[0].stream.sid is 3, and smmus[0] has no such stream in space ns; one of its streams (1) is allowed",
    ],
    [
      devices({ stream: { sid: 1, ssid: 3 } }),
      "devices[0].stream.ssid is 3, and the stream has no such substream; one of them (2) is allowed",
    ],
    [devices({ enters: "L2" }), "devices[0].enters is L2; memory, L1, L3 are there"],
    [devices({ enters: "L1" }), "devices[0].enters is L1, and there are 2; one of them is needed, such as L1 0"],
    [devices({ enters: "L3 8" }), "devices[0].enters is L3 8; L3 with one of the ids 9 is allowed"],
  ])("%#: %s", (input, line) => {
    expect(problems(input)).toContain(line);
  });

  test.each([
    [{ enters: "l3" }, /devices\[0\]\.enters is .*; "memory" or a cache such as "L3" or "L3 0" is allowed/],
    [{ enters: 3 }, /devices\[0\]\.enters is 3/],
    [{ name: "a b" }, /devices\[0\]\.name is .*; a name of letters, digits/],
    [{ steam: 1 }, /did you mean stream\?/],
  ])("a value of another kind: %j", (keys, line) => {
    expect(problems(devices(keys)).join("\n")).toMatch(line);
  });
});

test("streams of different spaces may have the same number, and virtual PARTIDs go by the map and not by the limit", () => {
  expect(
    problems(
      smmu({
        ...{ ...SECURE, partidMax: 7 },
        streams: [
          { sid: 1, ...NESTED, vmid: 1, vms: [7], substreams: [{ ssid: 0, partid: 31 }] },
          { sid: 1, ...NESTED, vmid: 1, vms: [3], space: "s" },
        ],
      }),
    ),
  ).toEqual([]);
});
