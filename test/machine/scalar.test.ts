// The build without vectors: where the other one keeps to the wide layout, the two leave the same bytes.

import fc from "fast-check";
import { expect, test } from "vitest";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";
import type { SubjectRecord } from "../helpers/subject.ts";
import { Bare, type Build, bytesOf } from "./hardware.ts";

const POLICIES = ["lru", "plru", "nru", "random"] as const;

interface Shape {
  readonly policy: (typeof POLICIES)[number];
  readonly ways: number;
  readonly slices: number;
  readonly channels: number;
  readonly isPrivate: boolean;
}

const shapes = fc.record<Shape>({
  policy: fc.constantFrom(...POLICIES),
  ways: fc.constantFrom(1, 4, 16, 17, 32, 48, 64),
  slices: fc.constantFrom(1, 2, 3, 4),
  channels: fc.constantFrom(1, 2, 4),
  isPrivate: fc.boolean(),
});

const records = fc.array(
  fc.record<SubjectRecord>({
    line: fc.nat(2000),
    requester: fc.nat(3),
    op: fc.nat(3),
    bytes: fc.integer({ min: 1, max: 64 }),
  }),
  { minLength: 200, maxLength: 4000 },
);

function platformOf({ policy, ways, slices, channels, isPrivate }: Shape) {
  const ris = { cpor: { cpbmWd: 16 }, ccap: { cmaxWd: 8, cmin: true, cassocWd: 4 }, csu: { monitors: 2 } };
  const l3 = { level: 3, slices, bytes: 8 * 64 * ways * slices, ways, policy, msc: { base: 0x1_4100_0000, ...ris } };
  const l2 = [0, 1].map((cpu) => ({ level: 2, id: cpu, cpus: [cpu], bytes: 4096, ways: 4, policy }));
  return checkObject(
    {
      name: "scalar",
      cpus: 2,
      processor: { partidMax: 7, pmgMax: 1 },
      caches: isPrivate ? [...l2, l3] : [l3],
      memory: [{ bytes: "1 GiB", channels, bytesPerSecond: 1e9 }],
    },
    "scalar",
  );
}

/** Partitions that overlap, a label for each requester, then records, and half of them again behind an edge. */
async function driven(build: Build, shape: Shape, rows: readonly SubjectRecord[], settings: readonly number[]) {
  const bare = await Bare.powerOn(build, platformOf(shape));
  const { hardware } = bare;
  hardware.setWide(true);
  for (const requester of [0, 1, 2, 3]) {
    for (const op of [0, 1, 2, 3]) bare.label(requester, op, requester, op === 2 ? 1 : 0);
    if (shape.isPrivate) hardware.setEntry(requester, requester & 1);
    hardware.setCpu(requester, requester & 1);
  }
  const set = (name: string, value: number) => bare.write(0, offsetOf(name), value);
  const configure = (from: number) => {
    for (const partid of [0, 1, 2, 3]) {
      set("MPAMCFG_PART_SEL", partid);
      set("MPAMCFG_CPBM", (settings[from + partid] as number) & 0xffff);
      set("MPAMCFG_CMAX", (settings[from + 4 + partid] as number) & 0xff00);
      set("MPAMCFG_CASSOC", (settings[from + 8 + partid] as number) & 0xf000);
    }
    hardware.edge();
  };
  hardware.fit(4096);
  bare.run(rows);
  configure(0);
  bare.run(rows.slice(rows.length >> 1));
  configure(12);
  bare.run(rows);
  return bare;
}

const settings = fc.array(fc.nat(0xffff), { minLength: 24, maxLength: 24 });

/** What does not depend on the layout: the line, its label and whether it is dirty, way by way, in the order of ages. */
function contents({ hardware }: Bare, shape: Shape): string {
  const first = shape.isPrivate ? 2 : 0;
  const sets: string[] = [];
  for (let resource = 0; resource < first + shape.slices; resource++) {
    const [setCount, ways] = resource < first ? [16, 4] : [8, shape.ways];
    for (let set = 0; set < setCount; set++) {
      const lines = Array.from({ length: ways }, (_, way) => {
        const line = hardware.lineAt(resource, set, way);
        const age = hardware.lineAge(resource, set, way);
        const label = line < 0n ? 0 : hardware.ownerLabel(hardware.lineOwner(resource, set, way));
        return { age: age & 0x7f, text: `${way}:${line}:${label}:${line < 0n ? 0 : age >>> 7}` };
      });
      sets.push(
        lines
          .sort((a, b) => a.age - b.age)
          .map(({ text }) => text)
          .join(" "),
      );
    }
  }
  return sets.join("\n");
}

test("without vectors the memory ends up the same, byte by byte, as on the wide layout with them", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, records, settings, async (shape, rows, words) => {
      const plain = await driven("plain", shape, rows, words);
      const scalar = await driven("scalar", shape, rows, words);
      expect(scalar.top).toBe(plain.top);
      expect(Buffer.compare(scalar.image(), plain.image())).toBe(0);
    }),
    { numRuns: 40, endOnFailure: true },
  );
}, 60_000);

test("a memory that vectors have left in the narrow layout goes on without them, once fit has been called", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, records, async (shape, rows) => {
      const plain = await Bare.powerOn("plain", platformOf(shape));
      for (const requester of [0, 1, 2, 3]) {
        for (const op of [0, 1, 2, 3]) plain.label(requester, op, requester);
        if (shape.isPrivate) plain.hardware.setEntry(requester, requester & 1);
      }
      plain.hardware.edge();
      plain.hardware.fit(4096);
      plain.run(rows);
      const copy = await Bare.on("scalar", plain.image(), plain.top);
      copy.hardware.fit(4096);
      for (const bare of [plain, copy]) bare.run(rows);
      expect(contents(copy, shape)).toBe(contents(plain, shape));
    }),
    { numRuns: 20, endOnFailure: true },
  );
}, 60_000);

test("the build without vectors has no instruction of theirs, and the other one has", async () => {
  const { default: binaryen } = await import("binaryen");
  const features = (build: Build) => {
    const module = binaryen.readBinary(bytesOf(build));
    module.setFeatures(binaryen.Features.All & ~binaryen.Features.SIMD128);
    return module.validate();
  };
  expect([features("scalar"), features("plain")]).toEqual([1, 0]);
});
