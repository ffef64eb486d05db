import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkObject, PlatformError, parsePlatform } from "../../src/platform/index.ts";
import { SMALL, small } from "./small.ts";

/** The lines about a small platform whose cache, or memory, has an MSC with these keys beside its base. */
function told(kind: "cache" | "memory", keys: readonly string[]): string[] {
  const lines = keys.map((line) => `      ${line}`).join("\n");
  const text =
    kind === "cache"
      ? small('      version: "1.1"\n      cpor: { cpbmWd: 8 }', lines)
      : small("      mbwu: { monitors: 2, counter: 63, rwbw: true }", lines);
  try {
    parsePlatform(text, "p.yaml");
  } catch (error) {
    if (error instanceof PlatformError) return error.message.split("\n");
    throw error;
  }
  return ["accepted"];
}

const OLD = 'version: "1.0"';
const CSU = "csu: { monitors: 1 }";
const FOUR = "spaces: { ns: *limits, s: *limits, rt: *limits, rl: *limits }";

/** Keys of the cache's MSC, and what is said of them after "p.yaml:"; the first key is on line 10. */
const VALUES: readonly (readonly [string, string])[] = [
  ["esr: 16", "10:12: caches[0].msc.esr is 16; none, 32 or 64 is allowed"],
  ["errorStyle: pulse", "10:19: caches[0].msc.errorStyle is pulse; level or edge is allowed"],
  ["errMsi: 1", "10:15: caches[0].msc.errMsi is 1; true or false is allowed"],
  ["noHwOflwIntr: 1", "10:21: caches[0].msc.noHwOflwIntr is 1; true or false is allowed"],
  ["oflwMsi: 1", "10:16: caches[0].msc.oflwMsi is 1; true or false is allowed"],
  ["oflowSr: 1", "10:16: caches[0].msc.oflowSr is 1; true or false is allowed"],
  ["localCaptEvnt: 1", "10:22: caches[0].msc.localCaptEvnt is 1; true or false is allowed"],
  ["captEvents: 1", "10:19: caches[0].msc.captEvents is 1; a list (lines that start with '- ') is allowed"],
  ["captEvents: [0]", "10:20: caches[0].msc.captEvents[0] is 0; a capture event, 1 to 6, is allowed"],
  ["captEvents: [7]", "10:20: caches[0].msc.captEvents[0] is 7; a capture event, 1 to 6, is allowed"],
  ["partidNrw: {}", "10:7: caches[0].msc.partidNrw has no intPartidMax; the largest intPARTID, 0 to 65535, is allowed"],
  [
    "partidNrw: { intPartidMax: 65536 }",
    "10:34: caches[0].msc.partidNrw.intPartidMax is 65536; the largest intPARTID, 0 to 65535, is allowed",
  ],
  ["endis: true", "10:14: caches[0].msc.endis is true; a map with the keys nfu is allowed"],
  ["endis: { nfu: forget }", "10:21: caches[0].msc.endis.nfu is forget; none, keep or poison is allowed"],
  ["inTl: { direct: true }", "10:7: caches[0].msc.inTl has no partidMax; the largest PARTID, 0 to 65535, is allowed"],
  [
    "outTl: { partidMax: 65536 }",
    "10:27: caches[0].msc.outTl.partidMax is 65536; the largest PARTID, 0 to 65535, is allowed",
  ],
  ["inTl: { partidMax: 1, baseMask: 1 }", "10:39: caches[0].msc.inTl.baseMask is 1; true or false is allowed"],
  ["tlMonitoring: behind", "10:21: caches[0].msc.tlMonitoring is behind; between, before or after is allowed"],
  ["defaultPartid: 0", "10:22: caches[0].msc.defaultPartid is 0; true or false is allowed"],
  ["selectorCheck: eager", "10:22: caches[0].msc.selectorCheck is eager; acs, reject or lazy is allowed"],
  [
    "resetFill: 0x1_0000_0000",
    "10:18: caches[0].msc.resetFill is 0x1_0000_0000; a word of 32 bits, 0 to 4294967295, is allowed",
  ],
  ["valueClearsStatus: never", "10:26: caches[0].msc.valueClearsStatus is never; always or conditional is allowed"],
  ["unfreeze: frz", "10:17: caches[0].msc.unfreeze is frz; value or value-or-frz is allowed"],
  ["scaleRounding: up", "10:22: caches[0].msc.scaleRounding is up; nearest or floor is allowed"],
  ["impl: {}", "10:7: caches[0].msc.impl has no idr; the value of MPAMF_IMPL_IDR, 0 to 4294967295, is allowed"],
  ["impl: { idr: 1, noPart: 1 }", "10:31: caches[0].msc.impl.noPart is 1; true or false is allowed"],
  [
    "ccap: { cmaxWd: 8, cassocWd: 17 }",
    "10:36: caches[0].msc.ccap.cassocWd is 17; a number of fraction bits, 1 to 16, is allowed",
  ],
  ["ccap: { cmaxWd: 8, cmin: 1 }", "10:32: caches[0].msc.ccap.cmin is 1; true or false is allowed"],
  [
    "mbw: { bwaWd: 8, bwpbmWd: 0 }",
    "10:33: caches[0].msc.mbw.bwpbmWd is 0; a number of bandwidth portions, 1 to 4096, is allowed",
  ],
  [
    "mbw: { bwaWd: 8, bwpbmWd: 4097 }",
    "10:33: caches[0].msc.mbw.bwpbmWd is 4097; a number of bandwidth portions, 1 to 4096, is allowed",
  ],
  [
    "mbw: { bwaWd: 8, winwdUsec: 65536 }",
    "10:35: caches[0].msc.mbw.winwdUsec is 65536; microseconds in steps of 1/256, 0 to 65535.99609375, are allowed",
  ],
  [
    "mbw: { bwaWd: 8, winwdUsec: 0.1 }",
    "10:35: caches[0].msc.mbw.winwdUsec is 0.1; microseconds in steps of 1/256, 0 to 65535.99609375, are allowed",
  ],
  [
    "mbw: { bwaWd: 8, winwdUsec: -1 }",
    "10:35: caches[0].msc.mbw.winwdUsec is -1; microseconds in steps of 1/256, 0 to 65535.99609375, are allowed",
  ],
  ["pri: { intpriWd: 0 }", "10:24: caches[0].msc.pri.intpriWd is 0; a number of priority bits, 1 to 16, is allowed"],
  ["pri: { dspriWd: 17 }", "10:23: caches[0].msc.pri.dspriWd is 17; a number of priority bits, 1 to 16, is allowed"],
  ["csu: { monitors: 1, nrdy: fw }", "10:33: caches[0].msc.csu.nrdy is fw; hw, sw or none is allowed"],
  [
    "mbwu: { monitors: 1, counter: 44, scale: 32 }",
    "10:48: caches[0].msc.mbwu.scale is 32; a number of bits to shift by, 0 to 31, is allowed",
  ],
  [
    "ris: [{ ris: 0, spaces: [nonsecure] }]",
    "10:32: caches[0].msc.ris[0].spaces[0] is nonsecure; ns, s, rt or rl is allowed",
  ],
];

/** Keys that are good by themselves and not together, and every line about them. */
const TOGETHER: readonly (readonly [readonly string[], readonly string[]])[] = [
  // Errors
  [
    ["esr: 32", "ris: [{ ris: 0 }, { ris: 5 }]"],
    [
      "10:12: caches[0].msc.esr is 32 beside resource instance 5; 64 or none is allowed with resource instances above 0",
    ],
  ],
  [["errMsi: true"], ["10:15: caches[0].msc.errMsi is true with errorStyle level; it needs errorStyle edge"]],
  [
    ["esr: none", "errorStyle: edge", "errMsi: true"],
    ["12:15: caches[0].msc.errMsi is true with esr none; it needs esr 32 or 64"],
  ],
  // Narrowing
  [
    ["partidNrw: { intPartidMax: 8 }"],
    ["10:34: caches[0].msc.partidNrw.intPartidMax is 8; at most 7, the largest partidMax, is allowed"],
  ],
  [
    ["partidNrw: { intPartidMax: 3 }", "endis: { nfu: keep }"],
    ["11:21: caches[0].msc.endis.nfu is keep with partidNrw; none is allowed there"],
  ],
  // Capture events
  [
    [CSU.replace("1 }", "1, capture: true }"), "captEvents: [1, 3, 1]"],
    ["11:26: caches[0].msc.captEvents[2] is 1 again; each event is allowed once"],
  ],
  [
    ["localCaptEvnt: true", "cpor: { cpbmWd: 8 }"],
    ["10:22: caches[0].msc.localCaptEvnt is true without monitors; csu or mbwu is needed"],
  ],
  [
    [CSU, "captEvents: [2, 4]"],
    ["11:19: caches[0].msc.captEvents is 2, 4; monitors with capture or oflowLnkg are needed"],
  ],
  [["captEvents: [2]"], ["10:19: caches[0].msc.captEvents is 2; monitors with capture or oflowLnkg are needed"]],
  // Capacity and bandwidth
  [
    ["ccap: { cmaxWd: 8, noCmax: true }"],
    ["10:34: caches[0].msc.ccap.noCmax is true and nothing is left; cmin or cassocWd is needed with it"],
  ],
  [
    ["mbw: { bwaWd: 8, max: false }"],
    ["10:12: caches[0].msc.mbw has neither max nor min, prop or bwpbmWd; at least one is needed"],
  ],
  [
    ["mbw: { bwaWd: 8, max: false, min: true, maxLim: hard }"],
    ["10:55: caches[0].msc.mbw.maxLim is hard without max; max is needed with it"],
  ],
  // Spaces
  [
    ["ris: [{ ris: 0, spaces: [] }]"],
    ["10:31: caches[0].msc.ris[0].spaces is an empty list; at least one of ns is needed"],
  ],
  [
    ["spaces: { ns: *limits, s: *limits }", "ris: [{ ris: 0, spaces: [ns, rl] }]"],
    ["11:36: caches[0].msc.ris[0].spaces[1] is rl, which the msc does not serve; ns, s is allowed here"],
  ],
  [
    ["ris: [{ ris: 0, spaces: [ns, ns] }]"],
    ["10:36: caches[0].msc.ris[0].spaces[1] is ns again; each space is allowed once"],
  ],
  [
    ['version: "0.1"', FOUR],
    ["11:46: caches[0].msc.spaces.rt stands with version 0.1; Root and Realm are allowed with version 1.1"],
  ],
  // Controls
  [
    ["ccap: { cmaxWd: 8, noCmax: true, cmin: true, cmaxSoftlim: true }"],
    ["10:65: caches[0].msc.ccap.cmaxSoftlim is true with noCmax; false is allowed there"],
  ],
  [
    ["mbw: { bwaWd: 0, max: false, prop: true }"],
    ["10:21: caches[0].msc.mbw.bwaWd is 0; a number of fraction bits, 1 to 16, is allowed with max, min or prop"],
  ],
  [["pri: {}"], ["10:12: caches[0].msc.pri has neither intpriWd nor dspriWd; at least one is needed"]],
  [
    ["pri: { dspriWd: 1, intpri0IsLow: true }"],
    ["10:40: caches[0].msc.pri.intpri0IsLow is true without intpriWd; false is allowed there"],
  ],
  [
    ["pri: { intpriWd: 1, dspri0IsLow: true }"],
    ["10:40: caches[0].msc.pri.dspri0IsLow is true without dspriWd; false is allowed there"],
  ],
  [
    ["ris: [{ ris: 0 }]", "impl: { idr: 1 }", "pri: { dspriWd: 1 }"],
    [
      "11:13: caches[0].msc.impl stands beside caches[0].msc.ris; controls are allowed under msc itself, or in each entry of ris, not both",
      "12:12: caches[0].msc.pri stands beside caches[0].msc.ris; controls are allowed under msc itself, or in each entry of ris, not both",
    ],
  ],
];

/** What version 1.0 does not have: the key, and what is said of it on line 11. */
const NOT_IN_1_0: readonly (readonly [string, string])[] = [
  ["esr: 64", "12: caches[0].msc.esr is 64 with version 1.0; 32 is allowed there"],
  ["esr: none", "12: caches[0].msc.esr is none with version 1.0; 32 is allowed there"],
  ["errMsi: true", "15: caches[0].msc.errMsi is true with version 1.0; false is allowed there"],
  ["noHwOflwIntr: true", "21: caches[0].msc.noHwOflwIntr is true with version 1.0; false is allowed there"],
  ["oflwMsi: true", "16: caches[0].msc.oflwMsi is true with version 1.0; false is allowed there"],
  ["oflowSr: true", "16: caches[0].msc.oflowSr is true with version 1.0; false is allowed there"],
  ["defaultPartid: true", "22: caches[0].msc.defaultPartid is true with version 1.0; false is allowed there"],
  ["endis: {}", "14: caches[0].msc.endis stands with version 1.0; it is allowed with version 0.1 or 1.1"],
  ["inTl: { partidMax: 1 }", "13: caches[0].msc.inTl stands with version 1.0; it is allowed with version 0.1 or 1.1"],
  ["outTl: { partidMax: 1 }", "14: caches[0].msc.outTl stands with version 1.0; it is allowed with version 0.1 or 1.1"],
  ["tlMonitoring: after", "21: caches[0].msc.tlMonitoring is after with version 1.0; between is allowed there"],
  [
    "ris: [{ ris: 1 }]",
    "20: caches[0].msc.ris[0].ris is 1 with version 1.0; only resource instance 0 is allowed there",
  ],
  ["impl: { idr: 1, noPart: true }", "31: caches[0].msc.impl.noPart is true with version 1.0; false is allowed there"],
  [
    "impl: { idr: 1, noMsmon: true }",
    "32: caches[0].msc.impl.noMsmon is true with version 1.0; false is allowed there",
  ],
  ["ccap: { cmaxWd: 8, cmin: true }", "32: caches[0].msc.ccap.cmin is true with version 1.0; false is allowed there"],
  [
    "ccap: { cmaxWd: 8, cmaxSoftlim: true }",
    "39: caches[0].msc.ccap.cmaxSoftlim is true with version 1.0; false is allowed there",
  ],
  [
    "ccap: { cmaxWd: 8, cassocWd: 4 }",
    "36: caches[0].msc.ccap.cassocWd is 4 with version 1.0; it is allowed with version 0.1 or 1.1",
  ],
  ["csu: { monitors: 1, xcl: true }", "32: caches[0].msc.csu.xcl is true with version 1.0; false is allowed there"],
  [
    "mbwu: { monitors: 1, rwbw: true, counter: 31 }",
    "34: caches[0].msc.mbwu.rwbw is true with version 1.0; false is allowed there",
  ],
  [
    "mbwu: { monitors: 1, counter: 44 }",
    "37: caches[0].msc.mbwu.counter is 44 with version 1.0; a counter of 31 bits is allowed there",
  ],
];

const MONITOR_FLAGS = ["oflowLnkg", "ofsr", "cevntOflw", "oflowCapt", "noMatchPartid", "noMatchPmg"];

describe("a value that a key of an MSC cannot have is refused with those it can", () => {
  test.each(VALUES)("%s", (key, says) => {
    expect(told("cache", [key])).toEqual([`p.yaml:${says}`]);
  });
});

describe("keys of an MSC that cannot stand together are refused", () => {
  test.each(TOGETHER)("%j", (keys, says) => {
    expect(told("cache", keys)).toEqual(says.map((line) => `p.yaml:${line}`));
  });

  test.each(["cpor: { cpbmWd: 8 }", "ccap: { cmaxWd: 8 }", "csu: { monitors: 1 }"])("%s at memory", (key) => {
    const name = key.split(":")[0];
    expect(told("memory", [key])).toEqual([
      `p.yaml:17:${9 + String(name).length}: memory[0].msc.${name} is a control of caches; mbw, pri and mbwu are allowed at memory`,
    ]);
  });
});

describe("version 1.0 has none of what came later", () => {
  test.each(NOT_IN_1_0)("%s", (key, says) => {
    expect(told("cache", [OLD, key])).toEqual([`p.yaml:11:${says}`]);
  });

  test.each(MONITOR_FLAGS)("%s of either monitor type", (flag) => {
    const [csu, mbwu] = [`csu: { monitors: 1, ${flag}: true }`, `mbwu: { monitors: 1, counter: 31, ${flag}: true }`];
    expect(told("cache", [OLD, csu, mbwu])).toEqual([
      `p.yaml:11:${29 + flag.length}: caches[0].msc.csu.${flag} is true with version 1.0; false is allowed there`,
      `p.yaml:12:${43 + flag.length}: caches[0].msc.mbwu.${flag} is true with version 1.0; false is allowed there`,
    ]);
  });

  test("noCmax, with what makes it possible", () => {
    const keys = "ccap: { cmaxWd: 8, noCmax: true, cassocWd: 4 }";
    expect(told("cache", [OLD, keys])).toEqual([
      "p.yaml:11:34: caches[0].msc.ccap.noCmax is true with version 1.0; false is allowed there",
      "p.yaml:11:50: caches[0].msc.ccap.cassocWd is 4 with version 1.0; it is allowed with version 0.1 or 1.1",
    ]);
  });
});

describe("what does stand together is accepted", () => {
  test.each<readonly (readonly string[])[]>([
    [["esr: none", "ris: [{ ris: 0 }, { ris: 5 }]"]],
    [["esr: none", "errorStyle: edge"]],
    [["esr: 32", "errorStyle: edge", "errMsi: true"]],
    [['version: "0.1"', "esr: 32", "endis: { nfu: poison }", "defaultPartid: true"]],
    [["partidNrw: { intPartidMax: 7 }", "endis: { nfu: none }"]],
    [["spaces: { ns: {partidMax: 3, pmgMax: 0}, s: *limits }", "partidNrw: { intPartidMax: 7 }"]],
    [["csu: { monitors: 1, capture: true }", "captEvents: [6, 1]"]],
    [["mbwu: { monitors: 1, counter: 31, oflowLnkg: true }", "captEvents: [1]"]],
    [["mbwu: { monitors: 1, counter: 31, oflowLnkg: true }"]],
    [["localCaptEvnt: true", CSU]],
    [["mbw: { bwaWd: 0, max: false, bwpbmWd: 4096 }"]],
    [["mbw: { bwaWd: 8, bwpbmWd: 1, winwdUsec: 65535.99609375 }", "pri: { intpriWd: 16 }"]],
    [["ccap: { cmaxWd: 16, noCmax: true, cassocWd: 16 }"]],
    [[FOUR, "ris: [{ ris: 15, spaces: [rt] }, { ris: 0, spaces: [ns, s, rl], csu: { monitors: 1 } }]"]],
    [[OLD, "esr: 32", "errorStyle: edge", "impl: { idr: 1 }", "partidNrw: { intPartidMax: 1 }", "pri: { dspriWd: 1 }"]],
    [[OLD, "mbw: { bwaWd: 8, min: true, prop: true, bwpbmWd: 4, windwr: true }", "selectorCheck: reject"]],
    [[OLD, "csu: { monitors: 1, csuRo: true, capture: true, nrdy: none }", "captEvents: [1]", "localCaptEvnt: true"]],
    [[OLD, "mbwu: { monitors: 1, counter: 31, scale: 31, capture: true, nrdy: hw }"]],
  ])("%j", (keys) => {
    expect(told("cache", keys)).toEqual(["accepted"]);
  });

  test("bandwidth, priority and their monitors at a memory channel", () => {
    expect(told("memory", ["mbw: { bwaWd: 8 }", "pri: { intpriWd: 3 }"])).toEqual(["accepted"]);
  });
});

test("whatever keys stand together, the answer is the same platform again or lines that name a place", () => {
  const flag = fc.boolean();
  const monitors = {
    monitors: fc.integer({ min: 1, max: 4 }),
    capture: flag,
    oflowLnkg: flag,
    cevntOflw: flag,
    nrdy: fc.constantFrom("hw", "sw", "none"),
  };
  const some = (keys: Record<string, fc.Arbitrary<unknown>>, needed: string[] = []) =>
    fc.record(keys, { requiredKeys: needed });
  const ris = {
    ris: fc.integer({ min: 0, max: 3 }),
    spaces: fc.subarray(["ns", "s"]),
    ccap: some({ cmaxWd: fc.constant(8), noCmax: flag, cmin: flag, cmaxSoftlim: flag }, ["cmaxWd"]),
    mbw: some({ bwaWd: fc.constantFrom(0, 8), max: flag, min: flag, bwpbmWd: fc.constant(9) }, ["bwaWd"]),
    pri: some({ intpriWd: fc.constant(3), intpri0IsLow: flag }),
    csu: some(monitors, ["monitors"]),
  };
  const keys = {
    version: fc.constantFrom("0.1", "1.0", "1.1"),
    esr: fc.constantFrom("none", 32, 64),
    errorStyle: fc.constantFrom("level", "edge"),
    errMsi: flag,
    captEvents: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
    localCaptEvnt: flag,
    partidNrw: some({ intPartidMax: fc.integer({ min: 0, max: 9 }) }, ["intPartidMax"]),
    endis: some({ nfu: fc.constantFrom("none", "keep", "poison") }),
    defaultPartid: flag,
    ris: fc.array(some(ris, ["ris"]), { maxLength: 3 }),
  };
  const good = parsePlatform(SMALL);
  fc.assert(
    fc.property(some(keys), (msc) => {
      try {
        const platform = checkObject({ ...good, caches: [{ ...good.caches[0], msc: { base: 0x1_0000, ...msc } }] });
        expect(checkObject(platform)).toEqual(platform);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        for (const line of error.message.split("\n")) expect(line).toMatch(/^platform: caches\[0\]\.msc\..+; .+$/);
      }
    }),
  );
});
