import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  acpiTables,
  checkAcpi,
  describeAcpi,
  type FirmwareDescription,
  platformFromAcpi,
  showFinding,
} from "../../../src/firmware/index.ts";
import { checkObject, loadPlatform, type Platform, parsePlatform } from "../../../src/platform/index.ts";
import { whatTablesSay } from "../what-tables-say.ts";
import { madtOf, patched, signatureOf } from "./bytes.ts";
import { platforms } from "./platforms.ts";
import * as worked from "./worked.ts";

const folder = new URL("../../../platforms/", import.meta.url);
const bundled = await Promise.all(
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => loadPlatform(new URL(name, folder))),
);
const ofAcpi = bundled.filter(({ firmware }) => firmware === "acpi");

/**
 * What software that reads tables takes a platform for: as firmware says it directly, but for nodes, which are numbered by their first
 * use; cpus of no node, which are of node 0; levels of resources, which no locator says; and bandwidth that no cpu is there to get.
 */
function expected(platform: Platform): FirmwareDescription {
  const direct = whatTablesSay(platform);
  const withCpus = platform.memory.filter(({ cpus }) => cpus.length > 0).map(({ node }) => node);
  const without = platform.memory.filter(({ cpus }) => cpus.length === 0).map(({ node }) => node);
  const order = [...withCpus.sort((a, b) => a - b), ...without];
  const claimed = new Set(platform.memory.flatMap(({ cpus }) => cpus));
  const stray = direct.cpus.map(({ cpu }) => cpu).filter((cpu) => !claimed.has(cpu));
  return {
    ...direct,
    remarks: direct.mscs.length > 0 ? [] : ["MPAM: no MSC is in use"],
    cpus: direct.cpus.map(({ cpu, node }) => ({ cpu, node: claimed.has(cpu) ? order.indexOf(node) : 0 })),
    nodes: order.map((name, node) => {
      const { cpus, peak } = direct.nodes.find((one) => one.node === name) as FirmwareDescription["nodes"][number];
      return {
        node,
        cpus: new Set([...cpus, ...(node === 0 ? stray : [])]),
        ...(peak && withCpus.length > 0 ? { peak } : {}),
      };
    }),
    mscs: direct.mscs.map((msc) => ({
      ...msc,
      resources: msc.resources.map(({ ris, kind, id }) => ({
        ris,
        kind,
        id: kind === "memory" ? order.indexOf(id) : id,
      })),
    })),
  };
}

/** Of an order that says nothing. */
const sorted = (found: FirmwareDescription) => ({
  ...found,
  channels: [...found.channels].sort((a, b) => a.subspace - b.subspace),
});

test.each(ofAcpi)("the tables of $name say what firmware says directly", (platform) => {
  expect(describeAcpi(acpiTables(platform))).toEqual(expected(platform));
});

test("the tables of any platform say what firmware says directly, and nothing in them is odd", () => {
  fc.assert(
    fc.property(platforms, (platform) => {
      const tables = acpiTables(platform);
      expect(describeAcpi(tables)).toEqual(sorted(expected(platform)));
    }),
    { numRuns: 200 },
  );
});

test("nothing is wrong in the tables of any platform", () => {
  fc.assert(
    fc.property(platforms, (platform) => {
      const errors = checkAcpi(acpiTables(platform)).filter(({ severity }) => severity === "error");
      expect(errors.map(showFinding).filter((line) => !/has no MSC/.test(line))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

/** What tables can say of a platform. */
function sayable(platform: Platform) {
  const msc = (one: Platform["caches"][number]["msc"], pages: number) =>
    one && {
      base: one.base,
      ...(pages > 1 && one.base !== undefined ? { stride: one.stride } : {}),
      mailbox: one.mailbox,
      nrdyUsec: one.nrdyUsec,
      errorInterrupt: one.errorInterrupt,
      overflowInterrupt: one.overflowInterrupt,
      errorStyle: one.errorStyle,
      cpus: one.cpus,
      ris: one.ris.map(({ ris }) => ris),
    };
  const inClusters = new Set(platform.clusters.flat());
  const others = Array.from({ length: platform.cpus }, (_, cpu) => cpu).filter((cpu) => !inClusters.has(cpu));
  const clusters = [...platform.clusters, ...(others.length > 0 ? [others] : [])];
  return {
    name: platform.name.toLowerCase().slice(0, 8),
    cpus: platform.cpus,
    firmware: platform.firmware,
    lineBytes: platform.caches.length > 0 ? platform.lineBytes : undefined,
    // Cpus of no cluster are one more.
    clusters: clusters.length > 1 ? clusters : [],
    mailboxes: platform.mailboxes,
    smmus: platform.smmus.map(({ base }) => base),
    caches: platform.caches.map((one) => ({
      level: one.level,
      id: one.id,
      cpus: one.cpus,
      bytes: one.bytes,
      ways: one.ways,
      slices: one.msc ? one.slices : 1,
      msc: msc(one.msc, one.slices),
    })),
    memory: platform.memory.map((one) => ({
      node: one.node,
      cpus: one.cpus,
      bytes: one.bytes,
      channels: one.msc ? one.channels : 1,
      // Without cpus that would get it no bandwidth is said.
      rate: platform.memory.every(({ cpus }) => cpus.length === 0)
        ? undefined
        : one.bytesPerSecond * (one.msc ? 1 : one.channels),
      msc: msc(one.msc, one.channels),
    })),
  };
}

function thereAndBack(platform: Platform) {
  const found = sayable(checkObject(platformFromAcpi(acpiTables(platform)).platform));
  const wanted = sayable(platform);
  return {
    found: {
      ...found,
      memory: found.memory.map((one, index) => ({ ...one, rate: wanted.memory[index]?.rate && one.rate })),
    },
    wanted,
  };
}

test.each(ofAcpi)("$name comes back from its tables with all that they can say", (platform) => {
  const { found, wanted } = thereAndBack(platform);
  expect(found).toEqual(wanted);
});

test("any platform comes back from its tables with all that they can say", () => {
  fc.assert(
    fc.property(platforms, (platform) => {
      const { found, wanted } = thereAndBack(platform);
      expect(found).toEqual(wanted);
    }),
    { numRuns: 200 },
  );
});

const SMALL = `
name: small
processor: { partidMax: 7, pmgMax: 1 }
memory: [{ bytes: 1 GiB, bytesPerSecond: 1 GB/s }]
`;

test("sets of cpus that cross make no tree, and are named", () => {
  const platform = parsePlatform(`${SMALL}
cpus: 4
caches:
  - { level: 2, id: 7, cpus: 0-1, bytes: 64 KiB, ways: 16 }
  - { level: 3, id: 8, cpus: 0-3, bytes: 64 KiB, ways: 16, msc: { base: 0x1_4100_0000, cpus: 1-3, cpor: { cpbmWd: 8 } } }
`);
  expect(() => acpiTables(platform)).toThrow(
    "EINVAL: PPTT: cpus 0-1 share L2 cache 7, cpus 1-3 reach MSC 0; ACPI needs sets of cpus that lie in one another or apart",
  );
});

test("a level without a cache has structures that count, so that software finds the others at their levels", () => {
  const platform = parsePlatform(`${SMALL}
cpus: 2
caches:
  - { level: 2, id: 20, cpus: 0, bytes: 64 KiB, ways: 16 }
  - { level: 4, id: 40, bytes: 64 KiB, ways: 16 }
`);
  const { caches, remarks } = describeAcpi(acpiTables(platform));
  expect(caches.map(({ id, level, cpus }) => [id, level, [...cpus]])).toEqual([
    [20, 2, [0]],
    [40, 4, [0, 1]],
  ]);
  expect(remarks).toEqual(["MPAM: no MSC is in use"]);
});

test("a thousand cpus have an MPIDR each, with the cluster in Aff1", () => {
  const { cpus, remarks } = describeAcpi(acpiTables(parsePlatform(`${SMALL}\ncpus: 1024\n`)));
  expect(cpus).toHaveLength(1024);
  expect(remarks).toEqual(["MPAM: no MSC is in use"]);
  const alone = Array.from({ length: 600 }, (_, cpu) => `[${cpu}]`).join(", ");
  const clusters = parsePlatform(`${SMALL}\ncpus: 600\nclusters: [${alone}]\n`);
  expect(describeAcpi(acpiTables(clusters)).cpus).toHaveLength(600);
});

describe("MSCs of one cache", () => {
  const slices = (...stride: readonly number[]) => {
    const platform = parsePlatform(`${SMALL}
cpus: 1
caches: [{ level: 3, bytes: 192 KiB, ways: 16, slices: 3, msc: { base: 0x1_4100_0000, cpor: { cpbmWd: 8 } } }]
`);
    const tables = acpiTables(platform).map((table) =>
      // Each MSC takes 96 bytes; its address is at 8.
      signatureOf(table) === "MPAM"
        ? patched(table, ...stride.map((at, n): [number, number, number] => [36 + 96 * n + 8, 8, 0x1_4100_0000 + at]))
        : table,
    );
    const { platform: found, remarks } = platformFromAcpi(tables);
    const [cache] = checkObject(found).caches;
    return {
      slices: cache?.slices,
      stride: cache?.msc?.stride,
      remarks: remarks.filter((line) => /distance|moves/.test(line)),
    };
  };

  test("are its slices where their pages have one distance", () => {
    expect(slices(0, 0x2_0000, 0x4_0000)).toEqual({ slices: 3, stride: 0x2_0000, remarks: [] });
  });

  test.each([
    ["distances that differ", [0, 0x1_0000, 0x3_0000]],
    ["no distance", [0, 0, 0]],
  ])("are taken for one at %s, and that is told", (_, strides) => {
    expect(slices(...strides)).toMatchObject({
      slices: 1,
      remarks: ["3 MSCs stand before cache 0: 2 of them are left out, as they do not lie at equal distances"],
    });
  });

  test("are its slices by their places, whatever their numbers are", () => {
    expect(slices(0x4_0000, 0x2_0000, 0)).toMatchObject({ slices: 3, stride: 0x2_0000 });
  });

  test("get 64 KiB each where their pages lie nearer, and that is told", () => {
    expect(slices(0, 0x1000, 0x2000)).toMatchObject({
      slices: 3,
      stride: 0x1_0000,
      remarks: ["MSC 0 moves to 0x141000000, and 2 more behind it: here each register page has 64 KiB of its own"],
    });
  });
});

test("the worked tables make a platform, and what it cannot have is told", () => {
  const { platform, remarks } = platformFromAcpi([madtOf(0, 1), worked.PPTT, worked.MPAM]);
  const found = checkObject(platform);
  expect(found.caches.map(({ level, id, bytes, cpus }) => [level, id, bytes, cpus])).toEqual([
    [3, 0x300, 65_536, [0, 1]],
    [2, 0x102, 65_536, [0]],
    [1, 0x101, 65_536, [0]],
    [2, 0x112, 65_536, [1]],
    [1, 0x111, 65_536, [1]],
  ]);
  expect(found.caches[0]?.msc).toMatchObject({ base: 0x1_4100_0000, nrdyUsec: 5, errorInterrupt: 44 });
  for (const what of [
    /^MSC 7 controls cache 768 and node 0; here it stands before the first/,
    /a platform has no instruction caches/,
    /^cache 768: the number of its ways is a guess/,
    /^SRAT: no memory is described/,
  ]) {
    expect(remarks).toContainEqual(expect.stringMatching(what));
  }
});

test("bandwidth that no unit divides is rounded to what 16 bits can say", () => {
  const one = parsePlatform(`${SMALL.replace("1 GB/s", "65_537_000_000")}\ncpus: 1\n`);
  const [node] = describeAcpi(acpiTables(one)).nodes;
  expect(node?.peak?.read).toBe(65_537e6);
  const two = parsePlatform(`
name: two
cpus: 2
processor: { partidMax: 7, pmgMax: 1 }
memory:
  - { node: 0, cpus: 0, bytes: 1 GiB, bytesPerSecond: 3_000_000 }
  - { node: 1, cpus: 1, bytes: 1 GiB, bytesPerSecond: 700_001_000_000 }
`);
  const rates = describeAcpi(acpiTables(two)).nodes.map(({ peak }) => (peak?.read ?? 0) / 1e6);
  // 700001 / 0xfffe is between 10 and 11: steps of 11 MB/s, and at least one of them.
  expect(rates).toEqual([11, 11 * Math.round(700_001 / 11)]);
});
