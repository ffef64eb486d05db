import { describe, expect, test } from "vitest";
import { estimateMemory, type Platform, PlatformError, parsePlatform } from "../../src/platform/index.ts";
import { SMALL, small } from "./small.ts";

const piece = (platform: Platform, words: RegExp) =>
  estimateMemory(platform).pieces.find(({ name }) => words.test(name));

describe("the memory a machine will take is known before it is built", () => {
  test("the whole is the sum of named pieces", () => {
    const { bytes, pieces } = estimateMemory(parsePlatform(SMALL));
    expect(bytes).toBe(pieces.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(new Set(pieces.map(({ name }) => name)).size).toBe(pieces.length);
  });

  test("twice the cache is twice the sets, and nothing else grows", () => {
    const twice = parsePlatform(small("64 KiB", "128 KiB"));
    const lines = piece(parsePlatform(SMALL), /lines of cache/)?.bytes ?? 0;
    expect(piece(twice, /lines of cache/)?.bytes).toBe(2 * lines);
    expect(estimateMemory(twice).bytes - estimateMemory(parsePlatform(SMALL)).bytes).toBe(lines);
    // 64 KiB in 16 ways of 64 bytes are 64 sets, each at least one line of the host.
    expect(lines).toBeGreaterThanOrEqual(64 * 64);
  });

  test("portion bitmaps are stored for every PARTID in words of 32", () => {
    const settings = (cpbmWd: number) => {
      const text = small("cpbmWd: 8", `cpbmWd: ${cpbmWd}`).replace("partidMax: 7", "partidMax: 15");
      return piece(parsePlatform(text), /settings of 16 PARTIDs of MSC 0/)?.bytes ?? 0;
    };
    expect(settings(33) - settings(32)).toBe(16 * 4);
  });

  test("65,536 PARTIDs of 32,768 portions are 256 MiB of bitmaps, which the default limit still allows", () => {
    const text = small("partidMax: 7", "partidMax: 65535").replace("cpbmWd: 8", "cpbmWd: 32768");
    const bytes = piece(parsePlatform(text), /settings of 65536 PARTIDs of MSC 0/)?.bytes ?? 0;
    expect(bytes).toBe(256 * 2 ** 20);
  });
});

describe("an MSC is estimated control by control", () => {
  const BASE = "cpor: { cpbmWd: 32 }";
  const of = (keys: string, partidMax = 1023) =>
    parsePlatform(
      small("      cpor: { cpbmWd: 8 }", `      ${keys}`).replace("partidMax: 7", `partidMax: ${partidMax}`),
    );
  const settings = (keys: string) => piece(of(keys), /settings of \d+ (int)?PARTIDs of MSC 0/)?.bytes;

  test.each([
    ["ccap: { cmaxWd: 8 }", 1],
    ["ccap: { cmaxWd: 8, cmin: true }", 2],
    ["ccap: { cmaxWd: 8, noCmax: true, cmin: true, cassocWd: 3 }", 2],
    ["mbw: { bwaWd: 8 }", 1],
    ["mbw: { bwaWd: 8, min: true, prop: true, windwr: true }", 4],
    ["mbw: { bwaWd: 8, bwpbmWd: 33 }", 3],
    ["pri: { intpriWd: 3, dspriWd: 3 }", 1],
    ["cpor: { cpbmWd: 33 }", 2],
  ])("%s is %s words a PARTID", (keys, words) => {
    expect(settings(keys)).toBe(1024 * words * 4);
  });

  test("narrowing keeps settings by intPARTID, and a table of where each PARTID goes", () => {
    const narrow = `partidNrw: { intPartidMax: 15 }\n      ${BASE}`;
    expect(settings(narrow)).toBe(16 * 4);
    expect(piece(of(narrow), /intPARTIDs of MSC 0, space ns/)?.bytes).toBe(1024 * 4);
  });

  test("default settings are one entry more", () => {
    expect(settings(`defaultPartid: true\n      ${BASE}`)).toBe(1024 * 4 + 64);
  });

  test.each([
    ["endis: {}", /enable bits of MSC 0/, 1024],
    ["inTl: { partidMax: 2047, direct: true }", /ingress translation of MSC 0/, 2048 * 4],
    ["outTl: { partidMax: 2047, direct: true }", /egress translation of MSC 0/, 1024 * 4],
    ["inTl: { partidMax: 2047, baseMask: true }", /ingress/, undefined],
    ["csu: { monitors: 16 }", /^16 monitors of MSC 0, RIS 0, space ns$/, 16 * 48],
    ["mbwu: { monitors: 16, counter: 31 }", /^16 monitors of MSC 0/, 16 * 120],
  ])("%s", (keys, name, bytes) => {
    expect(piece(of(keys), name)?.bytes).toBe(bytes);
  });

  test("a RIS takes nothing in a bank where it does not exist", () => {
    const spaces = "spaces: { ns: *limits, s: *limits }";
    const both = of(`${spaces}\n      ris: [{ ris: 0, ${BASE} }]`);
    const one = of(`${spaces}\n      ris: [{ ris: 0, spaces: [s], ${BASE} }]`);
    expect(estimateMemory(both).bytes - estimateMemory(one).bytes).toBe(1024 * 4);
    expect(piece(one, /settings .* space ns/)).toBeUndefined();
  });
});

describe("a machine that would not fit is refused in words", () => {
  const big = SMALL.replace("partidMax: 7", "partidMax: 65535").replace("cpbmWd: 8", "cpbmWd: 32768");

  test("more than memoryLimit names the largest piece and the limit", () => {
    const text = `${big}memoryLimit: 100 MiB\n`;
    expect(() => parsePlatform(text, "p.yaml")).toThrow(
      /^p\.yaml:18:14: the machine needs 26[0-9](\.\d)? MiB, of which 256 MiB for the settings of 65536 PARTIDs of MSC 0, RIS 0, space ns; memoryLimit allows 100 MiB/,
    );
  });

  test("more than 4 GiB is refused whatever the limit says", () => {
    const instances = Array.from({ length: 16 }, (_, ris) => `{ ris: ${ris}, cpor: { cpbmWd: 32768 } }`).join(", ");
    const text = `${big.replace("cpor: { cpbmWd: 32768 }", `ris: [${instances}]`)}memoryLimit: 4 GiB\n`;
    expect(() => parsePlatform(text)).toThrow(PlatformError);
    expect(() => parsePlatform(text)).toThrow(/no machine may have more than 4 GiB$/);
  });
});
