import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadPlatform, mscInstances, parsePlatform, platformNotes } from "../../src/platform/index.ts";
import { SMALL, small } from "./small.ts";

const bundled = (name: string) => fileURLToPath(new URL(`../../platforms/${name}.yaml`, import.meta.url));

/** What an MSC has of which its file says nothing. */
const NO_MORE = {
  errata: [],
  power: "kept",
  esr: 64,
  errorStyle: "level",
  errMsi: false,
  noHwOflwIntr: false,
  oflwMsi: false,
  oflowSr: false,
  localCaptEvnt: false,
  captEvents: [],
  tlMonitoring: "between",
  defaultPartid: false,
  selectorCheck: "acs",
  valueClearsStatus: "always",
  unfreeze: "value",
  scaleRounding: "nearest",
};

const PLAIN_MONITORS = {
  capture: false,
  oflowLnkg: false,
  ofsr: false,
  cevntOflw: false,
  oflowCapt: false,
  noMatchPartid: false,
  noMatchPmg: false,
};

describe("the bundled platforms", () => {
  test("one-socket has eight cpus, a 1 MiB cache of 16 portions, and a memory channel with a soft limit", async () => {
    const platform = await loadPlatform(bundled("one-socket"));
    expect(platform).toEqual({
      name: "one-socket",
      description: "Eight cpus that share one L3 and one memory channel",
      cpus: 8,
      firmware: "acpi",
      socId: 0,
      mailboxes: [],
      processor: {
        version: "1.1",
        partidMax: 15,
        pmgMax: 3,
        outstanding: 64,
        requesters: 64,
        el2: true,
        el3: true,
        vpmrMax: 7,
        tidr: false,
        sdeflt: false,
        forceNs: "none",
        rme: false,
        sme: false,
        bandwidth: "none",
        firmware: { enables: true, traps: false },
        vhe: false,
        unpredictable: {
          reset: "zero",
          virtual: "default",
          physical: "zero",
          pmg: "zero",
          pmgOfError: "keep",
          phyPartid: "full",
          streaming: "mpamsm",
          altspFrcd: "any",
        },
        unlike: [],
      },
      quantumNs: 1000,
      lineBytes: 64,
      clusters: [],
      seed: 1,
      numa: "interleave",
      pageBytes: 4096,
      owners: 255,
      memoryLimit: 1_073_741_824,
      caches: [
        {
          level: 3,
          id: 0,
          cpus: [0, 1, 2, 3, 4, 5, 6, 7],
          bytes: 1_048_576,
          ways: 16,
          lineBytes: 64,
          policy: "lru",
          slices: 1,
          inclusive: false,
          relabelOnWriteHit: false,
          mbwu: "downstream",
          latencyNs: 20,
          msc: {
            base: 0x1_4100_0000,
            stride: 65_536,
            version: "1.1",
            iidr: 0,
            spaces: { ns: { partidMax: 15, pmgMax: 3 } },
            nrdyUsec: 0,
            errorInterrupt: 44,
            overflowInterrupt: 45,
            cpus: [0, 1, 2, 3, 4, 5, 6, 7],
            ...NO_MORE,
            ris: [
              {
                ris: 0,
                cpor: { cpbmWd: 16 },
                ccap: { cmaxWd: 8, noCmax: false, cmaxSoftlim: false, cmin: false },
                csu: { monitors: 16, ...PLAIN_MONITORS, nrdy: "hw", csuRo: false, xcl: false },
                mbwu: { monitors: 32, ...PLAIN_MONITORS, nrdy: "sw", counter: 63, rwbw: true, scale: 0 },
              },
            ],
          },
        },
      ],
      memory: [
        {
          node: 0,
          cpus: [0, 1, 2, 3, 4, 5, 6, 7],
          bytes: 8_589_934_592,
          channels: 1,
          bytesPerSecond: 12_800_000_000,
          latencyNs: 100,
          msc: {
            base: 0x1_4200_0000,
            stride: 65_536,
            version: "1.1",
            iidr: 0,
            spaces: { ns: { partidMax: 15, pmgMax: 3 } },
            nrdyUsec: 0,
            errorInterrupt: 46,
            overflowInterrupt: 47,
            cpus: [0, 1, 2, 3, 4, 5, 6, 7],
            ...NO_MORE,
            ris: [
              {
                ris: 0,
                mbw: {
                  bwaWd: 7,
                  max: true,
                  maxLim: "soft",
                  min: false,
                  prop: false,
                  window: "paced",
                  windwr: false,
                  winwdUsec: 1000,
                },
                mbwu: { monitors: 8, ...PLAIN_MONITORS, nrdy: "sw", counter: 44, rwbw: false, scale: 0 },
              },
            ],
          },
        },
      ],
      smmus: [],
      devices: [],
    });
  });

  test("small-server differs in the widths that software tends to have built in", async () => {
    const platform = await loadPlatform(bundled("small-server"));
    const ris = platform.caches[0]?.msc?.ris[0];
    expect(platform.caches[0]).toMatchObject({ id: 4, bytes: 2_097_152, msc: { nrdyUsec: 5 } });
    expect(ris).toMatchObject({ cpor: { cpbmWd: 12 }, mbwu: { counter: 31 } });
    expect(ris?.ccap).toBeUndefined();
  });

  test("everything has what an MSC can have, in four spaces, and nothing that has no effect", async () => {
    const platform = await loadPlatform(bundled("everything"));
    const [cache, memory] = [platform.caches[0]?.msc, platform.memory[0]?.msc];
    expect(Object.keys(cache?.spaces ?? {})).toEqual(["ns", "s", "rt", "rl"]);
    expect(Object.keys(memory?.spaces ?? {})).toEqual(["ns", "s", "rt", "rl"]);
    const instances = [...(cache?.ris ?? []), ...(memory?.ris ?? [])];
    // Whatever can be true, or can stand, is so somewhere.
    const said = new Map<string, Set<unknown>>();
    for (const part of [cache, memory, ...instances]) {
      for (const [key, value] of Object.entries(part ?? {})) {
        const inner = typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : [["", value]];
        for (const [name, one] of inner) {
          const path = `${key}.${name}`;
          said.set(path, (said.get(path) ?? new Set()).add(one));
        }
      }
    }
    const neverTrue = [...said].filter(([, values]) => values.has(false) && !values.has(true)).map(([path]) => path);
    expect(neverTrue).toEqual([]);
    for (const path of ["partidNrw.intPartidMax", "resetFill.", "ccap.cassocWd", "mbw.bwpbmWd", "impl.idr"]) {
      expect(said.has(path), path).toBe(true);
    }
    const both = { errorStyle: 2, selectorCheck: 2, valueClearsStatus: 2, unfreeze: 2, scaleRounding: 2, esr: 2 };
    for (const [key, count] of Object.entries(both)) expect(said.get(`${key}.`)?.size, key).toBe(count);
    expect(said.get("csu.nrdy")).toEqual(new Set(["hw", "none"]));
    expect(said.get("mbwu.counter")).toEqual(new Set([63, 44, 31]));
  });

  test.each(["one-socket", "two-sockets", "small-server", "everything"])(
    "%s, loaded and given back as an object, is the same platform",
    async (name) => {
      const platform = await loadPlatform(bundled(name));
      expect(await loadPlatform(platform)).toEqual(platform);
      expect(platformNotes(platform)).toEqual([]);
    },
  );

  test("a platform can be named by its file URL", async () => {
    const platform = await loadPlatform(new URL("../../platforms/one-socket.yaml", import.meta.url));
    expect(platform.name).toBe("one-socket");
  });
});

describe("what a file leaves out", () => {
  const msc = (keys: string) => parsePlatform(small("      cpor: { cpbmWd: 8 }", keys)).caches[0]?.msc;

  test("version 1.0 has an MPAMF_ESR of 32 bits, later ones of 64", () => {
    const of = (version: string) => parsePlatform(small('"1.1"', `"${version}"`)).caches[0]?.msc?.esr;
    expect(["0.1", "1.0", "1.1"].map(of)).toEqual([64, 32, 64]);
  });

  test("parts that can be given empty have their defaults", () => {
    expect(msc("      endis: {}")?.endis).toEqual({ nfu: "none" });
    expect(msc("      inTl: { partidMax: 3 }")?.inTl).toEqual({ partidMax: 3, direct: false, baseMask: false });
    expect(msc("      impl: { idr: 0 }")?.ris).toEqual([{ ris: 0, impl: { idr: 0, noPart: false, noMsmon: false } }]);
    expect(msc("      pri: { dspriWd: 2 }")?.ris).toEqual([
      { ris: 0, pri: { dspriWd: 2, intpri0IsLow: false, dspri0IsLow: false } },
    ]);
  });

  test("what is absent has no key, and 0 is not absent", () => {
    expect(Object.keys(msc("      cpor: { cpbmWd: 8 }") ?? {})).not.toContain("resetFill");
    expect(msc("      resetFill: 0")?.resetFill).toBe(0);
  });
});

describe("what may be written in more than one way", () => {
  test("controls under msc are those of resource instance 0", () => {
    const long = small("      cpor: { cpbmWd: 8 }", "      ris: [{ ris: 0, cpor: { cpbmWd: 8 } }]");
    expect(parsePlatform(long)).toEqual(parsePlatform(SMALL));
  });

  test.each([
    ["64 KiB", "65536"],
    ["64 KiB", "0x1_0000"],
    ["64 KiB", '"65_536"'],
    ["base: 0x1_0000", "base: 65536"],
    ['version: "1.1"', "version: 1.1"],
    ["bytes: 1 GiB", "bytes: 1024 MiB"],
    ["1 GB/s", "1000000000"],
    ["cpus: 4", "cpus: 0x4"],
    ["    ways: 16", "    ways: 16\n    cpus: 0-1,2,3"],
    ["    ways: 16", "    ways: 16\n    cpus: [3, 0, 1, 2]"],
    ["    ways: 16", "    ways: 16\n    cpus: 0 - 3"],
  ])("%s may be written as %s", (from, to) => {
    expect(parsePlatform(small(from, to))).toEqual(parsePlatform(SMALL));
  });

  test("one cpu may be written as its number", () => {
    expect(parsePlatform(small("    ways: 16", "    ways: 16\n    cpus: 3")).caches[0]?.cpus).toEqual([3]);
  });

  test("version 1.0 without quotes is still version 1.0, though YAML reads it as 1", () => {
    expect(parsePlatform(small('version: "1.1"', "version: 1.0")).caches[0]?.msc?.version).toBe("1.0");
  });

  test("a value may be given once and named again by its anchor", () => {
    const text = small("bytes: 64 KiB", "bytes: &size 64 KiB").replace("bytes: 1 GiB", "bytes: 1 GiB\n    node: 0");
    expect(parsePlatform(text)).toEqual(parsePlatform(SMALL));
  });

  test("an MSC may serve four address spaces, each with limits of its own", () => {
    const spaces =
      "spaces: { ns: {partidMax: 7, pmgMax: 1}, s: {partidMax: 3, pmgMax: 0}, rt: {partidMax: 0, pmgMax: 0}, rl: {partidMax: 1, pmgMax: 1} }";
    const platform = parsePlatform(small('version: "1.1"', `version: "1.1"\n      ${spaces}`));
    expect(platform.caches[0]?.msc?.spaces.rl).toEqual({ partidMax: 1, pmgMax: 1 });
  });

  test("the processor may offer more PARTIDs than an MSC has", () => {
    const text = small('version: "1.1"', 'version: "1.1"\n      spaces: { ns: { partidMax: 3, pmgMax: 0 } }');
    expect(parsePlatform(text).processor.partidMax).toBe(7);
  });

  test("a cache without an MSC is an ordinary cache", () => {
    const text = small('    msc:\n      base: 0x1_0000\n      version: "1.1"\n      cpor: { cpbmWd: 8 }\n', "");
    const platform = parsePlatform(text);
    expect(platform.caches[0]?.msc).toBeUndefined();
    expect(mscInstances(platform).map(({ msc, address }) => [msc, address])).toEqual([[0, 0x2_0000]]);
  });
});

test("MSCs are numbered caches first, then memory channels, whatever their addresses", () => {
  const platform = parsePlatform(small("base: 0x1_0000", "base: 0x9_0000"));
  expect(mscInstances(platform).map(({ msc, address, resource }) => [msc, address, resource.kind])).toEqual([
    [0, 0x9_0000, "cache"],
    [1, 0x2_0000, "memory"],
  ]);
});

test("portions beyond those that act on traffic are allowed, and a note says so", () => {
  expect(platformNotes(parsePlatform(small("cpbmWd: 8", "cpbmWd: 1024")))).toEqual([]);
  expect(platformNotes(parsePlatform(small("cpbmWd: 8", "cpbmWd: 1025")))).toEqual([
    "cache 0: cpbmWd 1025 is stored in full; only 1024 portions act on traffic",
  ]);
});

describe("a note says of a field that exists that it has nothing to act on", () => {
  const notes = (keys: string) => platformNotes(parsePlatform(small("      cpor: { cpbmWd: 8 }", `      ${keys}`)));

  test.each([
    ["csu: { monitors: 1, oflowLnkg: true }", "has oflowLnkg, and captEvents has no event that it could raise"],
    [
      "csu: { monitors: 1, cevntOflw: true }",
      "has cevntOflw, and without capture there is no event that it could wait for",
    ],
    [
      "csu: { monitors: 1, oflowCapt: true }",
      "has oflowCapt, and without capture there is no register that it could copy to",
    ],
  ])("%s", (keys, says) => {
    expect(notes(keys)).toEqual([`cache 0: csu of RIS 0 ${says}`]);
  });

  test("overflow interrupts of a part without monitors", () => {
    expect(notes("cpor: { cpbmWd: 8 }\n      oflwMsi: true\n      oflowSr: true")).toEqual([
      "cache 0: oflwMsi shows nowhere, for there are no monitors",
      "cache 0: oflowSr shows nowhere, for there are no monitors",
    ]);
  });

  const CPOR = "cpor: { cpbmWd: 8 }";
  test.each([
    [
      `${CPOR}\n      tlMonitoring: before`,
      "tlMonitoring is before, and without inTl or outTl there is but one PARTID to compare",
    ],
    [`${CPOR}\n      inTl: { partidMax: 3 }`, "inTl has neither direct nor baseMask, and changes no PARTID"],
    [`${CPOR}\n      outTl: { partidMax: 3 }`, "outTl has neither direct nor baseMask, and changes no PARTID"],
    [`ris: [{ ris: 0, ${CPOR} }, { ris: 2, spaces: [ns] }]`, "RIS 2 has neither a control nor a monitor"],
    ["ris: [{ ris: 0 }, { ris: 2 }]", "its msc has neither a control nor a monitor"],
    ["iidr: 1", "its msc has neither a control nor a monitor"],
    [
      `ris: [{ ris: 5, ${CPOR} }]`,
      "RIS 5 stands alone, where the architecture expects two or more of a part with HAS_RIS",
    ],
  ])("%s", (keys, says) => {
    expect(notes(keys)).toEqual([`cache 0: ${says}`]);
  });

  test.each([
    `${CPOR}\n      tlMonitoring: after\n      outTl: { partidMax: 3, direct: true }`,
    `${CPOR}\n      inTl: { partidMax: 3, baseMask: true }`,
    `ris: [{ ris: 0, ${CPOR} }, { ris: 2, csu: { monitors: 1 } }]`,
    "impl: { idr: 1 }",
  ])("not of %s", (keys) => {
    expect(notes(keys)).toEqual([]);
  });
});
