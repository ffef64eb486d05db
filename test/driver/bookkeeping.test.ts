// Whatever is configured, read and switched on and off, in any order: registers hold and readings give what the plain driver
// says, which is written from the reference.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import { PlainDriver, type PlainPart, type PlainRis, type Request } from "../helpers/plain-driver.ts";
import { CountingPage } from "./counting-page.ts";
import { EXT, FakeMachine, firmwareFor, idr, idrHigh } from "./machine.ts";

const PARTID_MAX = 7;
const RUNS = 60;

interface Kind {
  readonly name: string;
  readonly counter: 31 | 44 | 63;
  readonly iidr: number;
  readonly errata: readonly ("T241-MPAM-4" | "T241-MPAM-6" | "CMN-650-3642720")[];
}

const KINDS: readonly Kind[] = [
  { name: "counters of 31 bits", counter: 31, iidr: 0, errata: [] },
  { name: "counters of 44 bits", counter: 44, iidr: 0, errata: [] },
  { name: "counters of 63 bits", counter: 63, iidr: 0, errata: [] },
  { name: "T241", counter: 44, iidr: 0x2410_036b, errata: ["T241-MPAM-4", "T241-MPAM-6"] },
  { name: "CMN-650", counter: 31, iidr: 0x43b, errata: ["CMN-650-3642720"] },
];

/** One has portions and the other bandwidth; both have monitors. */
const RIS: readonly PlainRis[] = [
  { ris: 0, cpbmWd: 40, csu: { monitors: 2, xcl: true }, mbwu: { monitors: 2, rwbw: true } },
  { ris: 1, mbw: { bwaWd: 7, min: true, max: true, prop: true }, mbwu: { monitors: 2 } },
];
const PARTS: readonly PlainPart[] = [
  { msc: 0, cpus: [0, 1], power: "lost", nrdyUsec: 10, ris: RIS },
  { msc: 1, cpus: [2], power: "kept", nrdyUsec: 30, ris: RIS },
];

async function start({ counter, iidr, errata }: Kind) {
  const width = { 31: 0, 44: 0x4000_0000, 63: 0x6000_0000 }[counter];
  const registers = (risMax: number) => [
    {
      0: idr(25, EXT, 30),
      4: idrHigh(risMax),
      48: 40,
      128: 0x3_0000,
      136: 0x2000_0002,
      144: (0x1000_0002 | width) >>> 0,
    },
    { 0: idr(26, EXT, 30), 4: idrHigh(risMax), 64: 0x0000_2c07, 128: 0x2_0000, 144: (2 | width) >>> 0 },
  ];
  const unit = errata.includes("T241-MPAM-6") ? 64n : 1n;
  const parts = PARTS.map(({ ris, cpus, nrdyUsec }) => ({
    iidr,
    ris: registers(ris.length - 1).slice(0, ris.length),
    firmware: { cpus: new Set(cpus), nrdyUsec, errorInterrupt: 0 },
  }));
  const pages = parts.map((options) => new CountingPage(options, counter, unit));
  const machine = new FakeMachine(pages);
  const firmware = firmwareFor(parts);
  for (const { address, cpus } of firmware.mscs) machine.reached.set(address, cpus);
  const driver = await Driver.probe(machine, { firmware });
  const plain = new PlainDriver(PARTS, { online: [0, 1, 2, 3], partidMax: PARTID_MAX, counter, errata });
  return { pages, machine, driver, plain, component: driver.classes[0]!.components[0]! };
}

// Few labels and monitors, so that what is done meets what has been done.
const partid = fc.nat(1);
const pmg = fc.nat(1);
const mon = fc.nat(1);
const type = fc.constantFrom("csu" as const, "mbwu" as const, "mbwu" as const);
const place = fc.record({ msc: fc.nat(1), ris: fc.nat(1) });
const request = fc.record({
  type,
  mon,
  partid,
  pmg: fc.constant(0),
  matchPmg: fc.boolean(),
  direction: fc.constantFrom("both" as const, "both" as const, "reads" as const, "writes" as const),
  excludeClean: fc.boolean(),
});
const cpbm = fc.oneof(
  fc.nat(2 ** 20 - 1).map((value) => value * 2 ** 20 + 1),
  fc.constant(2 ** 40 - 1),
);
const mbwMax = fc.oneof(fc.nat(0xffff), fc.constant(0xfe00));
const step = fc.oneof(
  fc.record({ do: fc.constant("apply" as const), partid: fc.nat(2), cpbm, mbwMax }, { requiredKeys: ["do", "partid"] }),
  fc.record({ do: fc.constant("reset" as const) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("offline" as const, "online" as const), cpu: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cycle" as const), msc: fc.nat(1), meanwhile: request }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      place,
      partid,
      pmg: fc.constant(0),
      write: fc.boolean(),
      /** Of what the counter holds, in sixteenths. */
      part: fc.bigInt({ min: 0n, max: 15n }),
    }),
  },
  fc.record({ do: fc.constant("hold" as const), place, partid, pmg, dirty: fc.boolean(), lines: fc.nat(1000) }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), request }) },
  fc.record({ do: fc.constant("forget" as const), mon }),
  fc.record({ do: fc.constant("delay" as const), place, type, mon, reads: fc.nat(3) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

type Session = Awaited<ReturnType<typeof start>>;

async function take(one: Step, session: Session, counter: number): Promise<void> {
  const { pages, driver, plain, component } = session;
  switch (one.do) {
    case "apply": {
      const { partid: which, cpbm: portions, do: _, ...config } = one;
      plain.apply(which, { ...config, ...(portions !== undefined && { cpbm: BigInt(portions) }) });
      return driver.apply(component, which, { ...config, ...(portions !== undefined && { cpbm: portions }) });
    }
    case "reset":
      plain.resetClass();
      return driver.resetClass(component.class);
    case "offline":
      return offline(one.cpu, session);
    case "online":
      return online(one.cpu, session);
    case "cycle": {
      const { cpus } = PARTS[one.msc]!;
      for (const cpu of cpus) await offline(cpu, session);
      expect(await read(one.meanwhile, session)).toEqual(plain.read(one.meanwhile));
      return online(cpus[0]!, session);
    }
    case "send": {
      const bytes = (one.part << BigInt(counter - 4)) * 64n + 64n * one.part;
      const traffic = { partid: one.partid, pmg: one.pmg, write: one.write, bytes };
      // Of two wraps between two looks one is lost, in either.
      plain.traffic(one.place, traffic);
      return pages[one.place.msc]!.send(RIS[one.place.ris]!, traffic);
    }
    case "hold": {
      const lines = [{ partid: one.partid, pmg: one.pmg, dirty: one.dirty, bytes: BigInt(one.lines) * 64n }];
      plain.holds(one.place, lines);
      return pages[one.place.msc]!.hold(one.place.ris, lines);
    }
    case "read":
      return expect(await read(one.request, session)).toEqual(plain.read(one.request));
    case "forget":
      plain.resetMbwu(one.mon);
      return driver.resetMbwu(component, one.mon);
    case "delay": {
      if (one.type === "csu" && one.place.ris === 1) return;
      plain.notReady(one.place, one.type, one.mon, one.reads);
      return pages[one.place.msc]!.delay(one.place.ris, one.type, one.mon, one.reads);
    }
  }
}

async function offline(cpu: number, { pages, machine, plain }: Session): Promise<void> {
  const isOnline = (one: number): boolean => machine.processor.cpus[one]!.online;
  if (machine.processor.cpus.filter((one) => one.online).length === 1 || !isOnline(cpu)) return;
  plain.offline(cpu);
  await machine.offline(cpu);
  for (const { msc, cpus, power } of PARTS) {
    if (power === "lost" && cpus.includes(cpu) && !cpus.some(isOnline)) pages[msc]!.lose();
  }
}

async function online(cpu: number, { machine, plain }: Session): Promise<void> {
  if (machine.processor.cpus[cpu]!.online) return;
  plain.online(cpu);
  await machine.online(cpu);
}

async function read(asked: Request, { machine, driver, component }: Session) {
  machine.sleeps.length = 0;
  const waited = () => machine.sleeps.reduce((sum, ns) => sum + ns, 0) / 1000;
  try {
    return { value: await driver.readMonitor(component, asked), waitedUsec: waited() };
  } catch (error) {
    if (error instanceof ErrnoError) return { error: error.code, waitedUsec: waited() };
    throw error;
  }
}

/** What is wrong with registers and flags, RIS by RIS. */
function check({ pages, machine, driver, plain }: Session): void {
  const saved = driver.save();
  for (const { msc, cpus, ris } of PARTS) {
    const reached = cpus.some((cpu) => machine.processor.cpus[cpu]!.online);
    for (const { ris: index, cpbmWd, mbw } of ris) {
      const at = { msc, ris: index };
      for (let one = 0; one <= PARTID_MAX; one++) {
        const there = (offset: number) => pages[msc]!.part(index, one, offset);
        const found = {
          ...(cpbmWd && { cpbm: [there(0x1000), there(0x1004)] }),
          ...(mbw && { mbwMin: there(0x200), mbwMax: there(0x208), mbwProp: there(0x500) }),
        };
        const lost = Object.values(found)
          .flat()
          .every((value) => value === undefined);
        expect([at, one, lost ? undefined : found]).toEqual([at, one, plain.registers(at, one)]);
      }
      const flag = saved.mscs[msc]!.ris.find((one) => one.index === index)!.inResetState;
      // Of a part that nobody reaches the flag says nothing.
      if (reached) expect([at, flag]).toEqual([at, plain.inResetState(at)]);
    }
  }
}

describe("the driver's bookkeeping", () => {
  for (const kind of KINDS) {
    test(`of parts with ${kind.name} is that of the plain driver`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
          const session = await start(kind);
          check(session);
          for (const one of steps) {
            await take(one, session, kind.counter);
            check(session);
          }
        }),
        { numRuns: RUNS },
      );
    });
  }
});
