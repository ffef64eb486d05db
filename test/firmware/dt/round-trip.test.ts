// Platforms as device trees and back: what is written, read and built again says the same.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFdt } from "../../../src/firmware/dt/fdt-read.ts";
import { writeFdt } from "../../../src/firmware/dt/fdt-write.ts";
import { treeText } from "../../../src/firmware/dt/text.ts";
import {
  checkDeviceTree,
  describeDeviceTree,
  describe as describeFirmware,
  deviceTree,
  type FirmwareDescription,
  platformFromDeviceTree,
} from "../../../src/firmware/index.ts";
import { checkObject, loadPlatform, type Platform } from "../../../src/platform/index.ts";
import { compile, complaints, decompile, HAS_DTC } from "./dtc.ts";
import { drawnPlatforms } from "./platforms.ts";

const folder = fileURLToPath(new URL("../../../platforms/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
const platforms = (await Promise.all(files.map((name) => loadPlatform(`${folder}${name}`)))).filter(
  ({ firmware }) => firmware !== "acpi",
);
const named = platforms.map((platform) => [platform.name, platform] as const);

/** What `describe` says, less what the binding of the platform cannot. */
function sayable(platform: Platform): FirmwareDescription {
  const { cpus, caches, nodes, mscs, ...others } = describeFirmware(platform);
  const older = platform.firmware === "android";
  const everyCpu = new Set(cpus.map(({ cpu }) => cpu));
  return {
    ...others,
    cpus,
    caches: older ? [] : [...caches].sort((a, b) => a.level - b.level || a.id - b.id),
    // No bandwidth. A cpu that no memory claims is of node 0, and so belongs to it.
    nodes: nodes.map(({ node }) => ({
      node,
      cpus: new Set(cpus.filter((one) => one.node === node).map(({ cpu }) => cpu)),
    })),
    mscs: older
      ? mscs.map(({ nrdyUsec: _, ...msc }) => ({
          ...msc,
          errorInterrupt: 0,
          overflowInterrupt: 0,
          cpus: everyCpu,
          resources: [],
        }))
      : mscs,
  };
}

/** The same platform in the older binding, with nothing that it cannot say. */
function asOlder(platform: Platform): Platform {
  const open = <T extends { readonly msc?: object }>(part: T): T =>
    part.msc ? { ...part, msc: { ...part.msc, cpus: Array.from({ length: platform.cpus }, (_, cpu) => cpu) } } : part;
  const { caches, memory, ...others } = platform;
  return { ...others, firmware: "android", caches: caches.map(open), memory: memory.map(open) };
}

test("there are platforms of both kinds", () => {
  expect(platforms.map(({ firmware }) => firmware).sort()).toEqual(expect.arrayContaining(["android", "dt"]));
});

describe("a tree says of a platform what firmware has to say", () => {
  test.each(named)("%s", (_, platform) => {
    expect(describeDeviceTree(deviceTree(platform))).toEqual(sayable(platform));
  });

  test("drawn at random", () => {
    fc.assert(
      fc.property(drawnPlatforms, (platform) => {
        expect(describeDeviceTree(deviceTree(platform))).toEqual(sayable(platform));
      }),
      { numRuns: 100 },
    );
  }, 30_000);

  test("drawn at random, in the older binding", () => {
    fc.assert(
      fc.property(drawnPlatforms, (drawn) => {
        const platform = asOlder(drawn);
        expect(describeDeviceTree(deviceTree(platform))).toEqual(sayable(platform));
      }),
      { numRuns: 100 },
    );
  }, 30_000);
});

describe("bytes", () => {
  test.each(named)("are the same each time, and read and written again: %s", (_, platform) => {
    expect(deviceTree(platform)).toEqual(deviceTree(platform));
    expect(writeFdt(readFdt(deviceTree(platform)))).toEqual(deviceTree(platform));
  });

  test("and of platforms drawn at random", () => {
    fc.assert(
      fc.property(drawnPlatforms, (platform) => {
        expect(writeFdt(readFdt(deviceTree(platform)))).toEqual(deviceTree(platform));
      }),
      { numRuns: 100 },
    );
  }, 30_000);

  test.each(named)("have nothing that the check finds: %s", (_, platform) => {
    expect(checkDeviceTree(deviceTree(platform))).toEqual([]);
  });
});

describe("a platform made of a tree has the same tree", () => {
  const again = (platform: Platform) => checkObject(platformFromDeviceTree(deviceTree(platform)).platform);
  /** What the tree says that a machine is: all but guesses, and sizes of what is guessed. */
  const said = (platform: Platform) => describeDeviceTree(deviceTree(platform));

  test.each(named)("%s", (_, platform) => {
    expect(said(again(platform))).toEqual(said(platform));
    expect(again(platform).clusters).toEqual(platform.clusters);
    const shapes = ({ caches }: Platform) =>
      caches.map(({ level, bytes, ways, cpus }) => ({ level, bytes, ways, cpus }));
    if (platform.firmware === "dt") expect(shapes(again(platform))).toEqual(shapes(platform));
  });

  test("drawn at random, down to ways and the kind of the error interrupt", () => {
    fc.assert(
      fc.property(drawnPlatforms, (platform) => {
        const back = again(platform);
        expect(said(back)).toEqual(said(platform));
        const shapes = ({ caches, memory }: Platform) => [
          ...caches.map(({ level, id, ways, slices, msc }) => {
            const edge = msc && msc.errorInterrupt !== 0 && msc.errorStyle;
            return JSON.stringify({ level, id, ways, slices, edge });
          }),
          ...memory.map(({ node, channels, msc }) => JSON.stringify({ node, channels: msc ? channels : 1 })),
        ];
        expect(shapes(back).sort()).toEqual(shapes(platform).sort());
        expect(back.clusters).toEqual(platform.clusters);
      }),
      { numRuns: 100 },
    );
  }, 30_000);
});

describe.skipIf(!HAS_DTC)("beside dtc", () => {
  test.each(named)("our bytes, as source of dtc and compiled again, are our bytes: %s", (_, platform) => {
    const dtb = deviceTree(platform);
    expect(compile(decompile(dtb))).toEqual(dtb);
  });

  test.each(named)("our source compiles to our bytes, and dtc has nothing to say against it: %s", (_, platform) => {
    const dtb = deviceTree(platform);
    const dts = treeText(readFdt(dtb));
    expect(compile(dts)).toEqual(dtb);
    expect(complaints(dts)).toBe("");
  });

  test("drawn at random", () => {
    fc.assert(
      fc.property(drawnPlatforms, (platform) => {
        const dtb = deviceTree(platform);
        expect(compile(decompile(dtb))).toEqual(dtb);
        expect(compile(treeText(readFdt(dtb)))).toEqual(dtb);
      }),
      { numRuns: 20 },
    );
  }, 30_000);
});
