// Guests that do to a mailbox whatever comes to mind. Firmware stays what docs/firmware.md says: a small model of that runs beside
// the machine, and everything software can see is compared.

import fc from "fast-check";
import { expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { type AccessBytes, Machine, type RegisterAccess } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { mailboxMachine, POLLED, SHARED } from "./mailboxes.ts";
import { runs } from "./traces.ts";

type Step =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: AccessBytes; readonly value: bigint }
  | { readonly kind: "wait"; readonly ns: number }
  | { readonly kind: "restore" };

const CPBM = offsetOf("MPAMCFG_CPBM");
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");

const write = (offset: number, value: number): Step => ({ kind: "write", offset, bytes: 4, value: BigInt(value) });

const word = fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff }));
/** Mostly one of these. */
const mostly = (...values: number[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: word });

/** A message that means something, as a rule: id and length, MSC, flags, offset and value; then the channel and the doorbell. */
const message: fc.Arbitrary<Step[]> = fc
  .tuple(
    mostly(0, 1),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant([0x6800, 4]) },
      { weight: 6, arbitrary: fc.constant([0x6804, 16]) },
      { weight: 6, arbitrary: fc.constant([0x000c_6805, 20]) },
      { weight: 1, arbitrary: fc.tuple(mostly(0x6804, 0x6806, 0x6905), mostly(4, 16, 20)) },
    ),
    mostly(1, 2, 3),
    mostly(0),
    mostly(CPBM, PART_SEL, CPBM, PART_SEL, 0xfffc, 2, 0x1_0000),
    mostly(0, 1, 2, 3, 0xff),
    fc.boolean(),
  )
  .map(([notify, [command = 0, length = 0], msc, flags, offset, value, waits]) => [
    ...[notify, length, command, msc, flags, offset, value].map((one, index) => write(4 + 4 * index, one)),
    write(0x1010, 0),
    write(0x1000, 1),
    ...(waits ? [{ kind: "wait", ns: 7000 } as const] : []),
  ]);

/** What comes to mind besides. */
const stray: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("wait"), ns: fc.nat({ max: 9000 }) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "restore" }) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(0x1000, 0x1008, 0x1010, 0x1018, 0x1020), mostly(0, 1))
      .map(([offset, value]) => write(offset, value)),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("write"),
      offset: fc.oneof(fc.nat({ max: 280 }), fc.integer({ min: 0x0ff0, max: 0x1040 }), fc.nat({ max: 0xffff })),
      bytes: fc.constantFrom(1, 2, 4, 8),
      value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
  },
);

const steps = fc
  .array(fc.oneof(message, fc.array(stray, { minLength: 1, maxLength: 4 })), { minLength: 5, maxLength: 25 })
  .map((parts) => parts.flat());

/** The mailbox of docs/firmware.md as a list of bytes and four bits. */
class Model {
  readonly bytes: number[];
  complete = 1;
  error = 0;
  raised = 0;
  due = Number.POSITIVE_INFINITY;
  /** MSC, offset, and the value of a write. */
  readonly accesses: (number | undefined)[][] = [];
  readonly levels: number[][] = [];

  constructor(
    readonly subspace: number,
    readonly size: number,
    readonly latency: number,
    readonly hasInterrupt: boolean,
    readonly mscs: readonly number[],
  ) {
    this.bytes = Array.from({ length: size }, () => 0);
    this.set(0, 0x5043_4300 + subspace);
  }

  get(offset: number): number {
    return [3, 2, 1, 0].reduce((sum, i) => sum * 256 + (this.bytes[offset + i] ?? 0), 0);
  }

  set(offset: number, value: number): void {
    for (const i of [0, 1, 2, 3]) this.bytes[offset + i] = Math.floor(value / 256 ** i) % 256;
  }

  /** True where the access is refused. */
  write(offset: number, bytes: number, value: bigint, now: number): boolean {
    if (offset % bytes !== 0 || (offset >= 0x1000 && bytes !== 4)) return true;
    if (offset < 0x1000) {
      for (let i = 0; i < bytes; i++) {
        if (offset + i < this.size) this.bytes[offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
      }
      return false;
    }
    const bit = Number(value & 1n);
    if (offset === 0x1000 && bit === 1 && this.due === Number.POSITIVE_INFINITY) {
      if (this.complete === 1) this.error = 1;
      else this.due = now + this.latency;
    }
    if (offset === 0x1010) this.complete = bit;
    if (offset === 0x1018 && bit === 1) this.wire(0, now);
    if (offset === 0x1020) this.error = bit;
    return false;
  }

  wire(level: number, now: number): void {
    if (level !== this.raised) this.levels.push([level, now]);
    this.raised = level;
  }

  /** `read` answers what the MSC has. */
  pass(to: number, read: (msc: number, offset: number) => number): void {
    if (this.due > to) return;
    const now = this.due;
    this.due = Number.POSITIVE_INFINITY;
    const notify = this.get(4) % 2 === 1;
    const answer = this.answer(read).map((one) => (one < 0 ? 2 ** 32 + one : one));
    this.set(8, 4 + 4 * answer.length);
    for (const [index, one] of answer.entries()) this.set(16 + 4 * index, one);
    this.complete = 1;
    if (notify && this.hasInterrupt) this.wire(1, now);
  }

  answer(read: (msc: number, offset: number) => number): number[] {
    const command = this.get(12);
    const id = command % 256;
    const type = Math.floor(command / 2 ** 8) % 4;
    const protocol = Math.floor(command / 2 ** 10) % 256;
    if (protocol !== 0x1a || ![0, 4, 5].includes(id)) return [-1];
    if (type !== 0 || this.get(8) !== { 0: 4, 4: 16, 5: 20 }[id]) return [-10];
    if (id === 0) return [0, 0x0001_0000];
    const [msc, flags, offset, value] = [16, 20, 24, 28].map((one) => this.get(one)) as [
      number,
      number,
      number,
      number,
    ];
    if (!this.mscs.includes(msc)) return [-4];
    if (flags !== 0) return [-2];
    if (offset % 4 !== 0 || offset >= 0x1_0000) return [-5];
    this.accesses.push([msc, offset, ...(id === 5 ? [value] : [])]);
    return id === 4 ? [0, read(msc, offset)] : [0];
  }
}

test.each([
  ["with an interrupt", SHARED, () => new Model(3, 256, 7000, true, [1, 2])],
  ["that is polled, of the least size", POLLED, () => new Model(0, 32, 2000, false, [3])],
])("a mailbox %s does what is written, whatever a guest does", async (_, base, modelOf) => {
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const model = modelOf();
      const accesses: RegisterAccess[] = [];
      const levels: unknown[] = [];
      const listen = (one: Machine): Machine => {
        one.log("by:firmware", (access) => void accesses.push(access));
        one.onInterrupt(({ kind, level, time }) => {
          if (kind === "mailbox") levels.push([level, time]);
        });
        return one;
      };
      let machine = listen(await mailboxMachine());
      for (const one of drawn) {
        if (one.kind === "wait") {
          const now = machine.clock.now + one.ns;
          await machine.clock.advance(one.ns);
          // Reads of MSCs are made once: what they found is in the log.
          model.pass(now, () => accesses.at(-1)?.value ?? -1);
        } else if (one.kind === "restore") {
          machine = listen(await Machine.restore(machine.snapshot()));
        } else {
          const { offset, bytes, value } = one;
          const access = { cpu: 1, space: "ns", address: base + offset, bytes } as const;
          let refused = false;
          try {
            machine.bus.write({ ...access, value });
          } catch (error) {
            refused = error instanceof ErrnoError && error.code === "EINVAL";
            if (!refused) throw error;
          }
          expect(refused).toBe(model.write(offset, bytes, value, machine.clock.now));
        }
        const load = (offset: number) => machine.bus.load32(0, "ns", base + offset);
        const words = Array.from({ length: model.size / 4 }, (_, i) => 4 * i);
        expect(words.map(load).join()).toBe(words.map((offset) => model.get(offset)).join());
        const registers = [0x1000, 0x1008, 0x1010, 0x1018, 0x1020].map(load);
        expect(registers).toEqual([0, model.complete, model.complete, 0, model.error]);
      }
      const made = accesses.map(({ msc, space, offset, access, value }) => {
        expect(space).toBe("ns");
        return [msc, offset, ...(access === "write" ? [value] : [])];
      });
      expect(made).toEqual(model.accesses);
      expect(levels).toEqual(model.levels);
    }),
    runs(25),
  );
});
