// The label of each kind of request, row by row (IHI 0070, 17.2 to 17.4 and 17.7; more.md 2.3).

import { describe, expect, test } from "vitest";
import { SMMU_REQUEST_KINDS, type SmmuRequestKind } from "../../../src/machine/smmu/index.ts";
import { ALL_STATES, CD, STE, set, smmuOf } from "./smmus.ts";

/** In force: GMPAM 21/1, GBPMPAM 22/2. What the stream has differs from all others. */
const STREAM = { sid: 7, partid: 10, pmg: 1 };
const CDS = { s1mpam: true, substreams: [{ ssid: 0, partid: 3, pmg: 2 }] };
const VMS = { vmid: 9, vms: [0, 0, 0, 20] };

function smmuWith(stream: object, keys: object = {}) {
  const smmu = smmuOf({ streams: [{ ...STREAM, ...stream }], ...keys });
  const [window] = smmu.windows;
  window?.store(0x138, 4, 0x8001_0015, "ns", "test");
  window?.store(0x13c, 4, 0x8002_0016, "ns", "test");
  return smmu;
}

const short = (found: ReturnType<ReturnType<typeof smmuOf>["label"]>) =>
  "aborted" in found ? "aborted" : `${found.space} ${found.partid}/${found.pmg} ${found.from}`;

const OFF = { enabled: false };
const BYPASS = { config: "bypass" };
const STAGE2 = { config: "stage2" };
const STAGE1 = { config: "stage1" };
const NESTED = { config: "nested" };
const SKIPPING = { ...STAGE1, s1mpam: true, s1dss: "bypass", substreams: [{ ssid: 1, partid: 4, pmg: 3 }] };

describe("a request of a client", () => {
  test.each([
    ["while the SMMU is off", BYPASS, OFF, "ns 22/2 GBPMPAM"],
    ["while the SMMU is off, whatever the STE is", { config: "abort" }, OFF, "ns 22/2 GBPMPAM"],
    ["in bypass", BYPASS, {}, "ns 10/1 STE"],
    ["through stage 2", STAGE2, {}, "ns 10/1 STE"],
    ["through stage 1, S1MPAM = 0", STAGE1, {}, "ns 10/1 STE"],
    ["nested, S1MPAM = 0", NESTED, {}, "ns 10/1 STE"],
    ["through stage 1, S1MPAM = 1", { ...STAGE1, ...CDS }, {}, "ns 3/2 CD"],
    ["nested, S1MPAM = 1", { ...NESTED, ...CDS, ...VMS }, {}, "ns 20/2 VMS"],
    ["that skips stage 1 (S1DSS)", SKIPPING, {}, "ns 10/1 STE"],
    ["of a stream that is to abort", { config: "abort" }, {}, "aborted"],
    ["of no valid STE", { sid: 8, ...BYPASS }, {}, "aborted"],
  ] as const)("%s", (_, stream, keys, expected) => {
    expect(short(smmuWith(stream, keys).label(7))).toBe(expected);
  });

  test("nested, of any virtual PARTID has the one that the map says for its lowest five bits", () => {
    const vms = Array.from({ length: 32 }, (_, i) => 31 - i);
    const smmu = smmuWith({ ...NESTED, ...CDS, vmid: 9, vms });
    for (const virtual of [...vms, 32, 0xffff]) {
      set(smmu.stream(7).cd(0), CD.PARTID, virtual);
      smmu.invalidate({ op: "CFGI_CD", sid: 7, ssid: 0 });
      expect(smmu.label(7)).toMatchObject({ partid: 31 - (virtual % 32), flawed: false });
    }
  });

  test("with a substream has the label of that one", () => {
    const smmu = smmuWith({
      ...STAGE1,
      s1mpam: true,
      substreams: [
        { ssid: 0, partid: 3 },
        { ssid: 1, partid: 4 },
        { ssid: 2, partid: 5, pmg: 3 },
      ],
    });
    expect(short(smmu.label(7))).toBe("ns 3/0 CD");
    expect(short(smmu.label(7, { ssid: 1 }))).toBe("ns 4/0 CD");
    expect(short(smmu.label(7, { ssid: 2 }))).toBe("ns 5/3 CD");
    // Of three there are two bits of SubstreamID: 3 has no valid CD, 4 does not fit, and 0 is for requests without one.
    for (const ssid of [0, 3, 4]) expect(short(smmu.label(7, { ssid }))).toBe("aborted");
  });

  test("without a substream ends where S1DSS says so", () => {
    expect(short(smmuWith({ ...SKIPPING, s1dss: "terminate" }).label(7))).toBe("aborted");
  });

  test("with a substream that the stream cannot have ends", () => {
    for (const stream of [BYPASS, STAGE2, STAGE1, NESTED]) {
      expect(short(smmuWith(stream).label(7, { ssid: 0 }))).toBe("aborted");
    }
  });
});

describe("ATS", () => {
  const check = { atschk: true };
  const named = { ...SKIPPING, s1dss: "substream0" };
  test.each([
    ["a translation request, as a client's", "ats-request", { ...STAGE1, ...CDS }, {}, undefined, "ns 3/2 CD"],
    ["a translation request while the SMMU is off", "ats-request", STAGE1, OFF, undefined, "aborted"],
    ["a translated request without check", "ats-translated", { ...STAGE1, ...CDS }, {}, undefined, "ns 22/2 GBPMPAM"],
    [
      "a translated request without check, STE aborts",
      "ats-translated",
      { config: "abort" },
      {},
      undefined,
      "ns 22/2 GBPMPAM",
    ],
    ["a translated request while the SMMU is off", "ats-translated", STAGE1, OFF, undefined, "aborted"],
    ["a checked one", "ats-translated", { ...STAGE1, ...CDS }, check, undefined, "ns 10/1 STE"],
    ["a checked one that names a substream, PASIDTT = 0", "ats-translated", named, check, 1, "ns 10/1 STE"],
    ["a checked one that names a substream", "ats-translated", named, { ...check, pasidtt: true }, 1, "ns 4/3 CD"],
    ["a checked one that names none", "ats-translated", named, { ...check, pasidtt: true }, undefined, "ns 10/1 STE"],
    [
      "a checked one, S1MPAM = 0",
      "ats-translated",
      { ...named, s1mpam: false },
      { ...check, pasidtt: true },
      1,
      "ns 10/1 STE",
    ],
    [
      "a checked one, nested",
      "ats-translated",
      { ...NESTED, ...CDS, ...VMS },
      { ...check, pasidtt: true },
      0,
      "ns 20/2 VMS",
    ],
    ["a checked one through stage 2", "ats-translated", STAGE2, { ...check, pasidtt: true }, 1, "ns 10/1 STE"],
    ["a checked one of a stream that is to abort", "ats-translated", { config: "abort" }, check, undefined, "aborted"],
  ] as const)("%s", (_, kind, stream, keys, ssid, expected) => {
    const found = smmuWith(stream, keys).label(7, { kind, ...(ssid === undefined ? {} : { ssid }) });
    expect(short(found)).toBe(expected);
  });
});

describe("a request of the SMMU itself", () => {
  const nested = { ...NESTED, ...CDS, ...VMS };
  test.each([
    ["ste-fetch", nested, "ns 21/1 GMPAM"],
    ["queue", nested, "ns 21/1 GMPAM"],
    ["msi", nested, "ns 21/1 GMPAM"],
    ["vms-fetch", nested, "ns 21/1 GMPAM"],
    ["cd-fetch", nested, "ns 10/1 STE"],
    ["cd-fetch", { ...STAGE1, ...CDS }, "ns 10/1 STE"],
    ["cd-fetch", STAGE2, "aborted"],
    ["stage2-walk", nested, "ns 10/1 STE"],
    ["stage2-walk", STAGE2, "ns 10/1 STE"],
    ["stage2-walk", STAGE1, "aborted"],
    ["stage1-walk", nested, "ns 20/2 VMS"],
    ["stage1-walk", { ...STAGE1, ...CDS }, "ns 3/2 CD"],
    ["stage1-walk", STAGE1, "ns 10/1 STE"],
    ["stage1-walk", SKIPPING, "aborted"],
    ["stage1-walk", STAGE2, "aborted"],
    ["gpt-walk", nested, "ns 20/2 VMS"],
    ["gpt-walk", BYPASS, "ns 10/1 STE"],
  ] as const)("%s of %j is %s", (kind, stream, expected) => {
    expect(short(smmuWith(stream).label(7, { kind: kind as SmmuRequestKind }))).toBe(expected);
  });

  test("has a label while the SMMU is off only where it makes such requests", () => {
    const made = SMMU_REQUEST_KINDS.filter((kind) => short(smmuWith(nested, OFF).label(7, { kind })) !== "aborted");
    expect(made).toEqual(["client", "ste-fetch", "queue", "msi", "vms-fetch", "gpt-walk"]);
  });
});

describe("the PARTID space", () => {
  test.each([
    ["ns", false, {}, "ns"],
    ["s", false, {}, "s"],
    ["s", true, {}, "ns"],
    ["rl", false, {}, "rl"],
    ["rl", true, {}, "ns"],
  ] as const)("of a stream of %s with MPAM_NS %s", (space, mpamNs, keys, expected) => {
    const streams = [{ ...STREAM, ...STAGE1, s1mpam: true, space, mpamNs, substreams: [{ ssid: 0, partid: 3 }] }];
    const smmu = smmuOf({ ...ALL_STATES, streams, ...keys });
    expect(short(smmu.label(7, { space }))).toBe(`${expected} 3/0 CD`);
    expect(short(smmu.label(7, { space, kind: "cd-fetch" }))).toBe(`${expected} 10/1 STE`);
    // MPAM_NS of an STE says nothing of what the SMMU asks for itself.
    expect(short(smmu.label(7, { space, kind: "ste-fetch" }))).toBe(`${space} 0/0 GMPAM`);
  });

  test("MPAM_NS is nothing without HAS_MPAM_NS", () => {
    const smmu = smmuOf({ secure: { partidMax: 15, pmgMax: 1 }, streams: [{ ...STREAM, ...BYPASS, space: "s" }] });
    set(smmu.stream(7, "s"), STE.MPAM_NS, 1);
    smmu.invalidate({ op: "CFGI_STE", sid: 7, space: "s" });
    expect(short(smmu.label(7, { space: "s" }))).toBe("s 10/1 STE");
  });

  test("a state has its own stream table", () => {
    const streams = [
      { ...STREAM, ...BYPASS },
      { ...STREAM, ...BYPASS, partid: 4, space: "s" },
    ];
    const smmu = smmuOf({ ...ALL_STATES, streams });
    expect(short(smmu.label(7))).toBe("ns 10/1 STE");
    expect(short(smmu.label(7, { space: "s" }))).toBe("s 4/1 STE");
    expect(short(smmu.label(7, { space: "rl" }))).toBe("aborted");
  });

  test("requests of Realm streams end while its SMMU is off: nothing else would label them", () => {
    const smmu = smmuOf({ ...ALL_STATES, ...OFF, streams: [{ ...STREAM, ...BYPASS, space: "rl" }] });
    expect(short(smmu.label(7, { space: "rl" }))).toBe("aborted");
  });

  test("translated requests are always checked in Realm state, and there are none in Secure state", () => {
    const streams = (["s", "rl"] as const).map((space) => ({ ...STREAM, ...BYPASS, space }));
    const smmu = smmuOf({ ...ALL_STATES, streams });
    expect(short(smmu.label(7, { space: "rl", kind: "ats-translated" }))).toBe("rl 10/1 STE");
    expect(short(smmu.label(7, { space: "s", kind: "ats-translated" }))).toBe("aborted");
    expect(short(smmu.label(7, { space: "s", kind: "ats-request" }))).toBe("aborted");
  });
});

describe("a value that is too large", () => {
  test("of an STE is 0, and the other half stays", () => {
    const smmu = smmuWith(BYPASS);
    set(smmu.stream(7), STE.PARTID, 32);
    smmu.invalidate({ op: "CFGI_STE", sid: 7 });
    expect(smmu.label(7)).toEqual({ space: "ns", partid: 0, pmg: 1, from: "STE", flawed: true });
    set(smmu.stream(7), STE.PARTID, 31);
    set(smmu.stream(7), STE.PMG, 4);
    smmu.invalidate({ op: "CFGI_STE", sid: 7 });
    expect(smmu.label(7)).toEqual({ space: "ns", partid: 31, pmg: 0, from: "STE", flawed: true });
  });

  test("of a CD, and of a VMS", () => {
    const smmu = smmuWith({ ...NESTED, ...CDS, ...VMS });
    // Virtual PARTIDs have five bits.
    set(smmu.stream(7).cd(0), CD.PARTID, 0xffe3);
    smmu.invalidate({ op: "CFGI_CD", sid: 7, ssid: 0 });
    expect(smmu.label(7)).toEqual({ space: "ns", partid: 20, pmg: 2, from: "VMS", flawed: false });
    smmu.vms(10 * 4096).write(0, 32n << 48n);
    smmu.invalidate({ op: "CFGI_VMS_PIDM", vmid: 9 });
    smmu.invalidate({ op: "CFGI_STE", sid: 7 });
    expect(smmu.label(7)).toEqual({ space: "ns", partid: 0, pmg: 2, from: "VMS", flawed: true });
  });

  test("is measured by the space that it is for", () => {
    const stream = { ...STREAM, ...BYPASS, space: "s", partid: 15 };
    const smmu = smmuOf({ ...ALL_STATES, streams: [stream] });
    const label = (partid: number, mpamNs: number) => {
      set(smmu.stream(7, "s"), STE.PARTID, partid);
      set(smmu.stream(7, "s"), STE.MPAM_NS, mpamNs);
      smmu.invalidate({ op: "CFGI_STE", sid: 7, space: "s" });
      return short(smmu.label(7, { space: "s" }));
    };
    expect(label(15, 0)).toBe("s 15/1 STE");
    expect(label(16, 0)).toBe("s 0/1 STE");
    expect(label(16, 1)).toBe("ns 16/1 STE");
    expect(label(32, 1)).toBe("ns 0/1 STE");
  });
});

describe("an SMMU without MPAM", () => {
  test.each([
    ["mpam: false", { mpam: false, partidMax: 0, pmgMax: 0 }],
    ["a state with both maxima 0", { partidMax: 0, pmgMax: 0 }],
  ])("labels nothing: %s", (_, keys) => {
    const smmu = smmuOf({ ...keys, streams: [{ sid: 7, ...NESTED }] });
    set(smmu.stream(7), STE.PARTID, 5);
    set(smmu.stream(7), STE.PMG, 1);
    smmu.invalidate({ op: "CFGI_STE", sid: 7 });
    expect(smmu.label(7)).toEqual({ space: "ns", partid: 0, pmg: 0, from: "STE", flawed: false });
    set(smmu.stream(7), STE.S1MPAM, 1);
    set(smmu.stream(7).cd(0), CD.PARTID, 3);
    smmu.invalidate({ op: "CFGI_ALL" });
    expect(smmu.label(7)).toMatchObject({ partid: 0, pmg: 0, flawed: false });
    expect(() => smmu.invalidate({ op: "CFGI_VMS_PIDM", vmid: 0 })).toThrow(/CERROR_ILL/);
  });

  test("has PMGs alone, where it has PMGs alone", () => {
    const smmu = smmuOf({ partidMax: 0, pmgMax: 3, streams: [{ sid: 7, pmg: 3, ...NESTED }] });
    expect(smmu.label(7)).toMatchObject({ partid: 0, pmg: 3, flawed: false });
    set(smmu.stream(7), STE.S1MPAM, 1);
    set(smmu.stream(7).cd(0), CD.PARTID, 3);
    set(smmu.stream(7).cd(0), CD.PMG, 2);
    smmu.invalidate({ op: "CFGI_STE", sid: 7 });
    // Without PARTIDs there is no VMS.
    expect(smmu.label(7)).toEqual({ space: "ns", partid: 0, pmg: 2, from: "VMS", flawed: false });
  });
});
