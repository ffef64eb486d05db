// Faults put in force and taken away at random, in random accesses on every way in, held against a machine without faults and the
// text of docs/firmware.md.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Fault, type FaultHandle, Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { platformOf } from "./machines.ts";

const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const NRDY = 0x8000_0000;
const ONES = 0xffff_ffff;
const NAMES = [
  "MPAMF_ESR",
  "MPAMF_ECR",
  "MPAMCFG_PART_SEL",
  "MPAMCFG_MBW_MAX",
  "MSMON_CFG_MON_SEL",
  "MSMON_CFG_MBWU_CTL",
  "MSMON_CSU",
  "MSMON_MBWU",
] as const;
const OFFSETS: ReadonlyMap<string, number> = new Map(NAMES.map((name) => [name, offsetOf(name)]));

/** Every name stands for one word but that of MPAMF_ESR. */
function isOf(name: string, offset: number): boolean {
  const first = OFFSETS.get(name) as number;
  return offset === first || (name === "MPAMF_ESR" && offset === first + 4);
}

type Step =
  | { readonly do: "break"; readonly fault: Fault }
  | { readonly do: "mend"; readonly which: number }
  | { readonly do: "watch" }
  | {
      readonly do: "access";
      readonly how: "single" | "bus" | "batch";
      readonly msc: number;
      readonly offset: number;
      readonly value?: number;
    };

const msc = fc.nat({ max: 1 });
const word = fc.oneof(fc.nat({ max: 7 }), fc.nat({ max: ONES }), fc.constant(0x8000_0000));
const register = fc.constantFrom(...NAMES);
const times = fc.integer({ min: 1, max: 4 });

const aFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record(
    { kind: fc.constant("write-lost" as const), msc, register, times },
    { requiredKeys: ["kind", "msc", "register"] },
  ),
  fc.record({
    kind: fc.constant("register-stuck" as const),
    msc,
    register,
    value: word,
    mask: word.map((one) => one || 1),
  }),
  fc.record({ kind: fc.constant("msc-gone" as const), msc, reads: fc.constantFrom("ones", "zeros", "abort") }),
  fc.record(
    { kind: fc.constant("nrdy-stuck" as const), msc, mon: fc.nat({ max: 3 }), type: fc.constant("mbwu" as const) },
    { requiredKeys: ["kind", "msc", "type"] },
  ),
);

const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: aFault.map((fault) => ({ do: "break" as const, fault })) },
  { weight: 1, arbitrary: fc.nat({ max: 9 }).map((which) => ({ do: "mend" as const, which })) },
  { weight: 1, arbitrary: fc.constant({ do: "watch" as const }) },
  {
    weight: 12,
    arbitrary: fc.record(
      {
        do: fc.constant("access" as const),
        how: fc.constantFrom("single", "bus", "batch"),
        msc,
        offset: fc.oneof(
          register.map((name) => OFFSETS.get(name) as number),
          fc.constant((OFFSETS.get("MPAMF_ESR") as number) + 4),
        ),
        value: word,
      },
      { requiredKeys: ["do", "how", "msc", "offset"] },
    ),
  },
);

/** The faults as the text has them, over a machine that has none. */
class Broken {
  readonly list: { readonly fault: Fault; left: number; fired: number; readonly handle: FaultHandle }[] = [];

  constructor(private readonly sound: Machine) {}

  of(kind: Fault["kind"], at: number) {
    return this.list.filter(({ fault }) => fault.kind === kind && (fault as { msc: number }).msc === at);
  }

  act(one: (typeof this.list)[number]): void {
    one.fired++;
    if (--one.left === 0) this.list.splice(this.list.indexOf(one), 1);
  }

  /** What is read, "EIO", or undefined for a write. */
  access({ msc: at, offset, value }: Step & { do: "access" }): number | "EIO" | undefined {
    const [gone] = this.of("msc-gone", at);
    if (gone) {
      this.act(gone);
      const { reads } = gone.fault as Fault & { kind: "msc-gone" };
      if (reads === "abort") return "EIO";
      if (value !== undefined) return undefined;
      return reads === "zeros" ? 0 : ONES;
    }
    if (value !== undefined) {
      const lost = this.of("write-lost", at).find(({ fault }) =>
        isOf((fault as { register: string }).register, offset),
      );
      if (lost) this.act(lost);
      else this.sound.write32(at, offset, value);
      return undefined;
    }
    let read = this.sound.read32(at, offset);
    for (const one of this.of("nrdy-stuck", at)) {
      const selected = this.sound.read32(at, MON_SEL) & 0xffff;
      const { mon = selected } = one.fault as Fault & { kind: "nrdy-stuck" };
      if (offset !== OFFSETS.get("MSMON_MBWU") || selected !== mon || selected >= 8) continue;
      this.act(one);
      read = (read | NRDY) >>> 0;
    }
    for (const one of this.of("register-stuck", at)) {
      const { register: name, value: fixed, mask = ONES } = one.fault as Fault & { kind: "register-stuck" };
      if (!isOf(name, offset)) continue;
      this.act(one);
      read = ((read & ~mask) | (fixed & mask)) >>> 0;
    }
    return read;
  }
}

function touch(machine: Machine, { how, msc: at, offset, value }: Step & { do: "access" }): number | "EIO" | undefined {
  try {
    if (how === "batch") {
      const batch = machine.batch();
      const number = value === undefined ? batch.read32(at, offset) : batch.write32(at, offset, value);
      batch.run();
      return value === undefined ? batch.value(number) : undefined;
    }
    const address = (machine.mscs[at]?.address as number) + offset;
    if (value === undefined) return how === "bus" ? machine.bus.load32(0, "ns", address) : machine.read32(at, offset);
    if (how === "bus") machine.bus.store32(0, "ns", address, value);
    else machine.write32(at, offset, value);
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code === "EIO") return "EIO";
    throw error;
  }
}

test("whatever is broken, software sees what the text says, and what is mended is as before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 20, maxLength: 120 }), async (steps) => {
      const [machine, sound] = await Promise.all([Machine.create(platformOf()), Machine.create(platformOf())]);
      const broken = new Broken(sound);
      let stop: (() => void) | undefined;
      for (const step of steps) {
        if (step.do === "break") {
          const { kind } = step.fault;
          const left = kind === "write-lost" ? (step.fault.times ?? 1) : Number.POSITIVE_INFINITY;
          broken.list.push({ fault: step.fault, left, fired: 0, handle: machine.faults.add(step.fault) });
        } else if (step.do === "mend") {
          const [one] = broken.list.splice(step.which % Math.max(1, broken.list.length), 1);
          one?.handle.remove();
        } else if (step.do === "watch") {
          if (stop) stop();
          stop = stop ? undefined : machine.log("*", () => {});
        } else {
          expect(touch(machine, step)).toBe(broken.access(step));
        }
        expect(machine.faults.list).toEqual(broken.list.map(({ handle }) => handle));
        expect(broken.list.map(({ handle }) => handle.fired)).toEqual(broken.list.map(({ fired }) => fired));
      }
      stop?.();
      for (const { handle } of machine.faults.list.map((handle) => ({ handle }))) handle.remove();
      expect(machine.export()).toEqual(sound.export());
      for (const at of [0, 1]) {
        for (let offset = 0; offset < 0x1000; offset += 4)
          expect(machine.read32(at, offset)).toBe(sound.read32(at, offset));
      }
    }),
    { numRuns: 60 },
  );
});
