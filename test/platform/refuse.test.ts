import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { checkObject, loadPlatform, PlatformError, parsePlatform } from "../../src/platform/index.ts";
import { SMALL, small } from "./small.ts";

/** The lines that a refusal says. */
function refusal(text: string): string[] {
  try {
    parsePlatform(text, "p.yaml");
  } catch (error) {
    if (error instanceof PlatformError) return error.message.split("\n");
    throw error;
  }
  return ["accepted"];
}

/** What is changed in the small file, to what, where the trouble is, and what the line about it says. */
const CASES: readonly (readonly [string, string, string, RegExp])[] = [
  // Keys
  ["cpus: 4", "cpu: 4", "2:1", /unknown key cpu; did you mean cpus\?/],
  ["cpbmWd: 8", "cpbmwd: 8", "11:15", /cpor has the unknown key cpbmwd; did you mean cpbmWd\? .*cpbmWd.* allowed$/],
  ["bytesPerSecond", "bytesPerSec", "14:5", /unknown key bytesPerSec; did you mean bytesPerSecond\?/],
  ["processor:", "colour: 1\nprocessor:", "3:1", /unknown key colour; the keys name, /],
  ["    ways: 16\n", "", "5:5", /caches\[0\] has no ways; a number of ways, 1 to 64, is allowed$/],
  [
    "processor: &limits { partidMax: 7, pmgMax: 1 }\n",
    "",
    "1:1",
    /the platform has no processor; a map .*partidMax, pmgMax/,
  ],
  ["cpus: 4", "cpus: 4\ncpus: 4", "3:1", /stands here twice; once is allowed$/],
  ["{ cpbmWd: 8 }", "8", "11:13", /cpor is 8; a map with the keys cpbmWd is allowed$/],
  [
    "processor: &limits { partidMax: 7, pmgMax: 1 }",
    "processor: [7, 1]",
    "3:12",
    /processor is a list \(\[7,1\]\); a map/,
  ],
  ["cpus: 4", "cpus:", "2:6", /cpus is empty; a number of cpus, 1 to 1024/],
  ["cpus: 4", "cpus:\n  count: 4", "2:1", /cpus is a map; a number of cpus, 1 to 1024/],
  // Ranges, at both ends
  ["cpbmWd: 8", "cpbmWd: 0", "11:23", /cpbmWd is 0; .*\(up to 1024 of them act on traffic\), 1 to 32768, is allowed$/],
  ["cpbmWd: 8", "cpbmWd: 32769", "11:23", /cpbmWd is 32769; .*1 to 32768/],
  ["cpor: { cpbmWd: 8 }", "ccap: { cmaxWd: 0 }", "11:23", /ccap.cmaxWd is 0; .*1 to 16/],
  ["cpor: { cpbmWd: 8 }", "ccap: { cmaxWd: 17 }", "11:23", /ccap.cmaxWd is 17; .*1 to 16/],
  ["cpor: { cpbmWd: 8 }", "mbw: { bwaWd: 0 }", "11:21", /mbw.bwaWd is 0; .*1 to 16/],
  ["cpor: { cpbmWd: 8 }", "mbw: { bwaWd: 17 }", "11:21", /mbw.bwaWd is 17; .*0 to 16/],
  ["cpor: { cpbmWd: 8 }", "mbw: { bwaWd: 7, maxLim: firm }", "11:32", /maxLim is firm; both, soft or hard is allowed$/],
  ["partidMax: 7", "partidMax: 65536", "3:33", /partidMax is 65536; .*0 to 65535/],
  ["partidMax: 7", "partidMax: -1", "3:33", /partidMax is -1; .*0 to 65535/],
  ["pmgMax: 1", "pmgMax: 256", "3:44", /pmgMax is 256; .*0 to 255/],
  ["ways: 16", "ways: 0", "7:11", /ways is 0; .*1 to 64/],
  ["ways: 16", "ways: 65", "7:11", /ways is 65; .*1 to 64/],
  ["ways: 16", "ways: 1.5", "7:11", /ways is 1.5; .*1 to 64/],
  ["monitors: 2", "monitors: 0", "17:25", /monitors is 0; .*1 to 65535/],
  ["monitors: 2", "monitors: 65536", "17:25", /monitors is 65536; .*1 to 65535/],
  ["counter: 63", "counter: 32", "17:37", /counter is 32; a counter of 31, 44 or 63 bits is allowed$/],
  ["rwbw: true", "rwbw: yes", "17:47", /rwbw is yes; true or false is allowed$/],
  ["cpus: 4", "cpus: 4\nowners: 2049", "3:9", /owners is 2049; .*1 to 2048/],
  ["cpus: 4", "cpus: 4\npageBytes: 8 KiB", "3:12", /pageBytes is 8 KiB; 4 KiB, 16 KiB, 64 KiB or 2 MiB/],
  ["64 KiB", "64 KiBs", "6:12", /bytes is 64 KiBs; a size such as "1 MiB"/],
  ["64 KiB", '"64\\nKiBs"', "6:12", /bytes is "64\\nKiBs"; a size such as "1 MiB"/],
  ["0x1_0000", "0x1__0000", "9:13", /base is 0x1__0000; a physical address/],
  ["0x1_0000", "0x10_0000_0000_0000", "9:13", /base is 0x10_0000_0000_0000; a physical address below 2\^52/],
  ['"1.1"', '"1.2"', "10:16", /version is "1.2"; "0.1", "1.0" or "1.1" is allowed$/],
  // The memory system, at both ends
  ["level: 3", "level: 0", "5:12", /level is 0; a cache level, 1 to 4, is allowed$/],
  ["level: 3", "level: 5", "5:12", /level is 5; a cache level, 1 to 4, is allowed$/],
  ["ways: 16", "ways: 16\n    per: core", "8:10", /per is core; cpu, cluster or all is allowed$/],
  ["ways: 16", "ways: 16\n    slices: 65", "8:13", /slices is 65; a number of slices, 1 to 64, is allowed$/],
  ["ways: 16", "ways: 16\n    slices: 0", "8:13", /slices is 0; a number of slices, 1 to 64, is allowed$/],
  ["ways: 16", "ways: 16\n    policy: fifo", "8:13", /policy is fifo; lru, plru, nru or random is allowed$/],
  ["ways: 16", "ways: 16\n    inclusive: 1", "8:16", /inclusive is 1; true or false is allowed$/],
  ["ways: 16", "ways: 16\n    mbwu: both", "8:11", /mbwu is both; downstream or upstream is allowed$/],
  ["ways: 16", "ways: 16\n    latencyNs: 1000001", "8:16", /latencyNs is 1000001; .*nanoseconds, 0 to 1000000/],
  ["ways: 16", "ways: 16\n    bytesPerSecond: 11 TB/s", "8:21", /bytesPerSecond is 11 TB\/s; .*1 to 10 TB\/s/],
  ["bytes: 1 GiB", "bytes: 1 GiB\n    channels: 65", "14:15", /channels is 65; a number of channels, 1 to 64/],
  ["bytes: 1 GiB", "bytes: 1 GiB\n    latencyNs: -1", "14:16", /latencyNs is -1; .*nanoseconds, 0 to 1000000/],
  ["cpus: 4", "cpus: 4\nlineBytes: 512", "3:12", /lineBytes is 512; 32, 64, 128 or 256 is allowed$/],
  ["cpus: 4", "cpus: 4\nnuma: first", "3:7", /numa is first; interleave or fill is allowed$/],
  ["cpus: 4", "cpus: 4\nseed: 0x1_0000_0000", "3:7", /seed is 0x1_0000_0000; a seed, 0 to 4294967295, is allowed$/],
  ["cpus: 4", "cpus: 4\nclusters: 0-3", "3:11", /clusters is 0-3; a list/],
  ["pmgMax: 1 }", "pmgMax: 1, outstanding: 0 }", "3:60", /outstanding is 0; .*requests, 1 to 65536, is allowed$/],
  ["pmgMax: 1 }", "pmgMax: 1, requesters: 4097 }", "3:59", /requesters is 4097; .*requesters, 1 to 4096, is/],
  [
    "cpor: { cpbmWd: 8 }",
    "mbw: { bwaWd: 7, window: sliding }",
    "11:32",
    /window is sliding; paced or fixed is allowed$/,
  ],
  [
    "memory:",
    "  - { level: 3, id: 1, bytes: 64 KiB, ways: 16, cpus: [] }\nmemory:",
    "12:55",
    /cpus is an empty list; cpu n/,
  ],
  // Combinations
  [
    "64 KiB",
    "96 KiB",
    "6:12",
    /bytes makes 96 sets \(98304 bytes in 16 ways of 64-byte lines\); a power of two of sets/,
  ],
  ["ways: 16", "ways: 16\n    cpus: 2-4,9", "8:11", /caches\[0\].cpus names cpu 4,9; cpus 0 to 3 are allowed here$/],
  ["ways: 16", "ways: 16\n    cpus: 3-2", "8:11", /cpus is 3-2; cpu numbers such as 3 or "0-3,6" are allowed$/],
  ["0x1_0000", "0x1_1000", "9:13", /msc.base is 0x11000; a multiple of 64 KiB \(0x1_0000\) is allowed$/],
  [
    "0x2_0000",
    "0x1_0000",
    "16:13",
    /memory\[0\].msc.base: the register page at 0x10000 overlaps that of caches\[0\].msc.base/,
  ],
  [
    "cpor: {",
    "ris: [{ ris: 3 }, { ris: 3 }]\n      cpor: {",
    "11:32",
    /ris\[1\].ris is 3 again; each number is allowed once$/,
  ],
  ["cpor: {", "ris: [{ ris: 0 }]\n      cpor: {", "12:13", /msc.cpor stands beside .*msc.ris; .*not both$/],
  ["cpor: { cpbmWd: 8 }", "ris: []", "11:12", /msc.ris is an empty list; at least one resource instance is needed$/],
  ["cpor: { cpbmWd: 8 }", "ris: [{ ris: 16 }]", "11:20", /ris\[0\].ris is 16; .*0 to 15/],
  ["0x2_0000", '0x2_0000\n      version: "1.0"', "18:37", /mbwu.counter is 63 with version 1.0; a counter of 31 bits/],
  [
    "0x2_0000",
    '0x2_0000\n      version: "1.0"',
    "18:47",
    /mbwu.rwbw is true with version 1.0; false is allowed there$/,
  ],
  [
    'version: "1.1"\n      cpor: { cpbmWd: 8 }',
    'version: "1.0"\n      ris: [{ ris: 0 }, { ris: 1 }]',
    "11:32",
    /ris\[1\].ris is 1 with version 1.0; only resource instance 0 is allowed there$/,
  ],
  [
    '"1.1"',
    '"1.1"\n      spaces: { ns: *limits, s: *limits, rl: *limits }',
    "11:46",
    /msc.spaces has ns, s, rl; ns; ns, s; or ns, s, rt, rl is allowed$/,
  ],
  [
    '"1.1"',
    '"1.0"\n      spaces: { ns: *limits, s: *limits, rt: *limits, rl: *limits }',
    "11:46",
    /spaces.rt stands with version 1.0; Root and Realm are allowed with version 1.1$/,
  ],
  ["name: small", 'name: "a\\nb"', "1:7", /^p.yaml:1:7: name is "a\\nb"; a line of text is allowed$/],
  ["cpus: 4", `cpus: ${"x".repeat(500)}`, "2:7", /^p.yaml:2:7: cpus is x{37}\.\.\.; a number of cpus/],
  ["cpus: 4", `cpus: 4\n${"y".repeat(500)}: 1`, "3:1", /^p.yaml:3:1: the platform has the unknown key y{37}\.\.\.;/],
  ["cpus: 4", "cpus: 4\n? [a, b]\n: 1", "3:3", /^p.yaml:3:3: a key here is a list or a map; a word is allowed$/],
  ["cpus: 4", "cpus: 4\n{ a: 1 }: 2", "3:1", /^p.yaml:3:1: a key here is a list or a map; a word is allowed$/],
  ["cpor: { cpbmWd: 8 }", "cpor: &c { cpbmWd: *c }", "11:26", /: \*c stands in what it names; a plain YAML map/],
  ["bytes: 1 GiB", "bytes: 1048577", "13:12", /memory\[0\].bytes is 1048577; whole pages of 4 KiB are allowed$/],
  [
    "mbwu: {",
    "csu: { monitors: 4 }\n      mbwu: {",
    "17:12",
    /memory\[0\].msc.csu is a control of caches; mbw, pri and mbwu/,
  ],
  [
    '"1.1"',
    '"1.1"\n      spaces: { s: { partidMax: 1, pmgMax: 1 } }',
    "11:7",
    /spaces has no ns; ns is always needed$/,
  ],
];

describe("a platform file that is refused says where, what was found and what is allowed", () => {
  test.each(CASES)("%s as %s: at %s", (from, to, place, says) => {
    const lines = refusal(small(from, to));
    const here = lines.find((line) => line.startsWith(`p.yaml:${place}: `));
    expect(here, lines.join("\n")).toMatch(says);
    for (const line of lines) expect(line).toMatch(/^p\.yaml:\d+:\d+: .+; .+$/);
  });
});

test("one cause is one line: a misspelt key is not missing too, and what errMsi needs is told at once", () => {
  expect(refusal(small("name: small", "nmae: small"))).toEqual([
    expect.stringMatching(/^p\.yaml:1:1: the platform has the unknown key nmae; did you mean name\? /),
  ]);
  expect(refusal(small("partidMax: 7", "partidMx: 7"))).toEqual([
    expect.stringMatching(/processor has the unknown key partidMx; did you mean partidMax\? /),
  ]);
  // Far from every key: that one is missing is news.
  expect(refusal(small("name: small", "zzz: small"))).toHaveLength(2);
  expect(refusal(small('"1.1"', '"1.1"\n      esr: none\n      errMsi: true'))).toEqual([
    "p.yaml:12:15: caches[0].msc.errMsi is true with esr none and errorStyle level; it needs esr 32 or 64 and errorStyle edge",
  ]);
});

test("a complex key makes Node warn of nothing", () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  refusal(small("cpus: 4", "cpus: 4\n? [a, b]\n: 1"));
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test("an object that holds itself is refused in words", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  expect(() => checkObject({ name: circle })).toThrow(/^platform: name is a list; a line of text is allowed$/m);
});

describe("a platform file that is no such thing", () => {
  test.each([
    ["", "p.yaml:1:1: the platform is empty; a map with the keys name, "],
    ["just words", "p.yaml:1:1: the platform is just words; a map with the keys name, "],
    ["- a\n- b", 'p.yaml:1:1: the platform is a list (["a","b"]); a map with the keys name, '],
    ["name: {", "p.yaml:1:8: not YAML: "],
    ["name: a\n\tcpus: 4", "p.yaml:2:1: not YAML: "],
    ["name: a\n---\nname: b", "p.yaml:2:1: a second document begins here; one is allowed"],
    ["a: *b", "p.yaml:1:1: Unresolved alias"],
    ["name: &a [*a]", "p.yaml:1:11: *a stands in what it names; a plain YAML map is allowed"],
    ["name: &a\n  b: { c: [1, *a] }", "p.yaml:2:15: *a stands in what it names; a plain YAML map is allowed"],
    ["1: 2", "p.yaml:1:1: the platform has the unknown key 1; the keys name, "],
    ["__proto__: 2", "p.yaml:1:1: the platform has the unknown key __proto__; the keys name, "],
  ])("%j is refused in one line", (text, line) => {
    expect(
      refusal(text).some((says) => says.startsWith(line)),
      refusal(text).join("\n"),
    ).toBe(true);
  });

  test("a file that is not there is refused by its name", async () => {
    await expect(loadPlatform("no/such.yaml")).rejects.toThrow(
      "no/such.yaml: cannot be read (ENOENT); the path of a platform file is needed",
    );
  });

  test("an object is refused with the path in it, for it has no lines", async () => {
    const platform = parsePlatform(SMALL);
    const bent = { ...platform, caches: [{ ...platform.caches[0], ways: 65 }] };
    await expect(loadPlatform(bent)).rejects.toThrow(/^platform: caches\[0\].ways is 65; a number of ways, 1 to 64/);
  });
});

test("the refusal carries the file and the first place, and one line for each problem in file order", () => {
  const text = small("pmgMax: 1", "pmgMax: 300").replace("ways: 16", "ways: 0").replace("cpus: 4", "cpus: 0");
  try {
    parsePlatform(text, "p.yaml");
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    expect(error).toMatchObject({ file: "p.yaml", line: 2, column: 7 });
    expect((error as PlatformError).problems.map((problem) => problem.line)).toEqual([2, 3, 7]);
  }
});

test("a second cache of a level, its taken id and its taken cpus are all told", () => {
  const second = (id: string) => `  - { level: 3, bytes: 64 KiB, ways: 16, cpus: 2-3${id} }\nmemory:`;
  const says = "caches[1].cpus has cpu 2-3, as caches[0] does; a cpu is allowed in one cache of level 3";
  expect(refusal(small("memory:", second("")))).toEqual([`p.yaml:12:48: ${says}`]);
  const text = small("memory:", second(", id: 4")).replace("- level: 3\n", "- level: 3\n    id: 4\n");
  expect(refusal(text)).toEqual([
    `p.yaml:13:48: ${says}`,
    "p.yaml:13:57: caches[1].id is 4, as caches[0] has it; each has its own",
  ]);
});

test("problems are told in the order of the file, whatever order its keys have", () => {
  const text = small("name: small\n", "").replace("rwbw: true", "rwbw: 1").replace("cpus: 4", "cpus: 0");
  expect(refusal(`${text}quantumNs: 0\nname: 7\n`).map((line) => line.split(":")[1])).toEqual(["1", "16", "17", "18"]);
});

test("whatever one value is replaced by, the answer is a platform or lines that name a place", () => {
  const keys = ["cpus", "processor", "caches", "memory", "owners", "quantumNs", "name", "pageBytes", "memoryLimit"];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
      try {
        const platform = checkObject({ ...parsePlatform(SMALL), [key]: value });
        expect(checkObject(platform)).toEqual(platform);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        for (const line of error.message.split("\n")) expect(line).toMatch(/^platform: .+; .+$/);
      }
    }),
  );
});
