/** Platforms drawn at random: what ACPI can say of them in every combination. */

import fc from "fast-check";
import { checkObject, type Platform } from "../../../src/platform/index.ts";

const MSC_WINDOW = 2 ** 16;

const mscShape = fc.record({
  nrdyUsec: fc.nat(20),
  errorInterrupt: fc.constantFrom(0, 17, 44),
  overflowInterrupt: fc.constantFrom(0, 45),
  errorStyle: fc.constantFrom("level", "edge"),
  ris: fc.uniqueArray(fc.nat(15), { minLength: 1, maxLength: 3 }),
  stride: fc.constantFrom(1, 2, 5),
  mailbox: fc.option(fc.nat(1)),
  /** Which of the sets of cpus reaches it. */
  reach: fc.nat(40),
});

const cacheShape = fc.record({
  ways: fc.constantFrom(1, 2, 12, 16),
  sets: fc.nat(4),
  slices: fc.integer({ min: 1, max: 3 }),
  msc: fc.option(mscShape, { freq: 2 }),
});

const cpuShape = fc.record({
  cluster: fc.nat(3),
  /** Place at each level: cpus of one place share a cache; 0: none. */
  l1: fc.nat(1),
  l2: fc.nat(2),
  l3: fc.nat(2),
  node: fc.option(fc.nat(2)),
});

const drawn = fc.record({
  cpus: fc.array(cpuShape, { minLength: 1, maxLength: 8 }),
  l4: fc.boolean(),
  lineBytes: fc.constantFrom(64, 128),
  shapes: fc.array(cacheShape, { minLength: 12, maxLength: 12 }),
  ids: fc.uniqueArray(fc.nat(0xffff), { minLength: 24, maxLength: 24 }),
  nodes: fc.uniqueArray(fc.nat(9), { minLength: 3, maxLength: 3 }),
  memory: fc.array(
    fc.record({
      mebibytes: fc.integer({ min: 1, max: 4096 }),
      hundreds: fc.integer({ min: 1, max: 2000 }),
      channels: fc.integer({ min: 1, max: 3 }),
      msc: fc.option(mscShape, { freq: 2 }),
    }),
    { minLength: 3, maxLength: 3 },
  ),
  mailboxes: fc.array(fc.record({ gap: fc.nat(1), interrupt: fc.constantFrom(0, 60), latencyUsec: fc.nat(100) }), {
    minLength: 2,
    maxLength: 2,
  }),
  smmus: fc.nat(2),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

export const platforms: fc.Arbitrary<Platform> = drawn.map(platformOf);

function platformOf({ cpus, l4, lineBytes, shapes, ids, nodes, memory, mailboxes, smmus }: Drawn): Platform {
  const all = cpus.map((_, cpu) => cpu);
  const grouped = (key: (cpu: Drawn["cpus"][number], index: number) => string | undefined) => {
    const groups = new Map<string, number[]>();
    cpus.forEach((cpu, index) => {
      const name = key(cpu, index);
      if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), index]);
    });
    return [...groups.values()];
  };
  const levels = [
    { level: 3, sets: grouped(({ l3 }) => (l3 ? `${l3}` : undefined)) },
    { level: 1, sets: grouped(({ l1 }, index) => (l1 ? `${index}` : undefined)) },
    { level: 4, sets: l4 ? [all] : [] },
    { level: 2, sets: grouped(({ l3, l2 }) => (l2 ? `${l3} ${l2}` : undefined)) },
  ];
  const sets = [all, ...levels.flatMap((one) => one.sets)];
  let page = 0x1_4000_0000;
  const subspaceOf = (index: number) => index * 3 + (mailboxes[index]?.gap ?? 0);
  const mscOf = (shape: NonNullable<Drawn["shapes"][number]["msc"]>, pages: number, controls: object) => {
    const { mailbox, stride, reach, ris, ...rest } = shape;
    const base = page;
    if (mailbox === null) page += pages * stride * MSC_WINDOW;
    return {
      ...rest,
      ...(mailbox === null ? { base, stride: stride * MSC_WINDOW } : { mailbox: subspaceOf(mailbox) }),
      cpus: sets[reach % sets.length],
      ris: ris.map((number) => ({ ris: number, ...controls })),
    };
  };
  let next = 0;
  const caches = levels.flatMap(({ level, sets: groups }) =>
    groups.map((members) => {
      const { ways, sets: power, slices: several, msc } = shapes[next % shapes.length] as Drawn["shapes"][number];
      const slices = msc ? several : 1;
      return {
        level,
        id: ids[next++],
        cpus: members,
        bytes: slices * ways * lineBytes * 2 ** power,
        ways,
        slices,
        ...(msc ? { msc: mscOf(msc, slices, { cpor: { cpbmWd: 8 } }) } : {}),
      };
    }),
  );
  return checkObject({
    name: "Drawn one",
    cpus: cpus.length,
    processor: { partidMax: 7, pmgMax: 1 },
    lineBytes,
    clusters: grouped(({ cluster }) => (cluster ? `${cluster}` : undefined)),
    smmus: Array.from({ length: smmus }, (_, i) => ({ base: 0x2b40_0000 + i * 0x2_0000, mpam: false })),
    mailboxes: mailboxes.map(({ gap: _, ...rest }, index) => ({
      ...rest,
      subspace: subspaceOf(index),
      base: 0x3_0000_0000 + index * 0x1_0000,
    })),
    caches,
    memory: memory.map(({ mebibytes, hundreds, channels: several, msc }, index) => {
      const channels = msc ? several : 1;
      return {
        node: nodes[index],
        cpus: all.filter((cpu) => cpus[cpu]?.node === index),
        bytes: mebibytes * 2 ** 20,
        channels,
        bytesPerSecond: hundreds * 100e6,
        ...(msc ? { msc: mscOf(msc, channels, { mbw: { bwaWd: 7 } }) } : {}),
      };
    }),
  });
}
