// The access log and watchpoints: what they tell, what they let through, and that they change nothing.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import {
  type AccessFilter,
  formatAccess,
  Machine,
  parseAccessFilter,
  type RegisterAccess,
} from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { CMAX, CPBM, EN, MBWU_CTL, MBWU_L, MON_SEL, PART_SEL } from "./compare.ts";
import { CACHE_BASE, platformOf, powerOn } from "./machines.ts";

const IDR = offsetOf("MPAMF_IDR");
const ECR = offsetOf("MPAMF_ECR");
const ESR = offsetOf("MPAMF_ESR");
const RIS = 0x0100_0000;

/** What a log with this filter sees of `body`. */
async function seen(filter: string | AccessFilter, body: (machine: Machine) => void): Promise<RegisterAccess[]> {
  const machine = await powerOn();
  const all: RegisterAccess[] = [];
  const off = machine.log(filter, (access) => all.push(access));
  body(machine);
  off();
  machine.read32(0, IDR);
  return all;
}

describe("the log tells", () => {
  test("of a write: who, when, where, what the word held, what was written and what it reads as", async () => {
    const machine = await powerOn();
    await machine.clock.advance(12_000);
    machine.write32(0, PART_SEL, 3);
    machine.write32(0, CMAX, 0x3fff);
    const all: RegisterAccess[] = [];
    machine.log("*", (access) => all.push(access));
    machine.write32(0, CMAX, 0x8000_1234);
    expect(all).toHaveLength(1);
    const { old, now } = all[0] as RegisterAccess;
    expect(all[0]).toMatchObject({
      time: 12_000,
      by: "host",
      msc: 0,
      space: "ns",
      offset: CMAX,
      register: "MPAMCFG_CMAX",
      access: "write",
      value: 0x8000_1234,
      fields: { CMAX: { value: 0x1234, old: (old ?? 0) & 0xffff, now: (now ?? 0) & 0xffff }, SOFTLIM: { value: 1 } },
    });
    expect(now).toBe(machine.read32(0, CMAX));
    expect(all[0]).not.toHaveProperty("error");
  });

  test("of a read: the word and its fields, and of 8 bytes two words", async () => {
    const all = await seen("MPAMF_IDR", (machine) => machine.read64(0, IDR));
    expect(all.map(({ register, access, old }) => [register, access, old])).toEqual([
      ["MPAMF_IDR", "read", undefined],
      ["MPAMF_IDR_HI", "read", undefined],
    ]);
    expect(all[0]?.fields).toMatchObject({ PARTID_MAX: { value: 15 }, PMG_MAX: { value: 3 }, HAS_MSMON: { value: 1 } });
  });

  test("of words without a register by their offset", async () => {
    const all = await seen("*", (machine) => machine.write32(0, 0x0a00, 5));
    expect(all).toMatchObject([{ register: "0x0a00", value: 5, old: 0, now: 0, fields: {} }]);
    expect(formatAccess(all[0] as RegisterAccess)).toBe("0.000 us  msc 0 ns  write 0x0a00  0 -> 5 (reads 0)  (host)");
  });

  test("of a cpu, the driver and a batch by what they are", async () => {
    const machine = await powerOn();
    const by = new Set<string>();
    const cpus: unknown[] = [];
    machine.log("*", (access) => {
      by.add(access.by);
      cpus.push(access.cpu);
    });
    machine.bus.read({ cpu: 1, space: "ns", address: CACHE_BASE, bytes: 8 });
    expect(cpus).toEqual([1, 1]);
    const batch = machine.batch("firmware");
    batch.read64(0, IDR);
    batch.run();
    await Driver.probe(machine);
    machine.read32(0, IDR, "ns", "tester");
    expect([...by]).toEqual(["cpu 1", "firmware", "driver", "tester"]);
    expect(cpus.at(-1)).toBe(undefined);
  });

  test("of the error that an access records, and of none that was there before", async () => {
    const all = await seen("*", (machine) => {
      machine.write32(0, PART_SEL, 99);
      machine.read32(0, IDR);
      machine.write32(0, MON_SEL, 99);
      machine.write32(0, ESR, 0);
    });
    expect(all.map(({ register, error }) => [register, error])).toEqual([
      ["MPAMCFG_PART_SEL", { code: 1, name: "PARTID_SEL_RANGE", partidOrMon: 99, pmg: 0, ris: 0, overwrote: false }],
      ["MPAMF_IDR", undefined],
      ["MSMON_CFG_MON_SEL", expect.objectContaining({ name: "MONITOR_RANGE", overwrote: true })],
      ["MPAMF_ESR", undefined],
    ]);
  });

  test("each access of a batch, in order, and the batch still reads what it would", async () => {
    const machine = await powerOn();
    const lines: string[] = [];
    const off = machine.log("*", (access) => lines.push(`${access.access} ${access.register} ${access.value}`));
    const batch = machine.batch();
    batch.write32(0, PART_SEL, 2);
    batch.write32(0, CPBM, 0x0f);
    const read = batch.read32(0, CPBM);
    batch.write64(1, MBWU_L, 5n);
    batch.run();
    off();
    expect(batch.value(read)).toBe(0x0f);
    expect(lines).toEqual([
      "write MPAMCFG_PART_SEL 2",
      "write MPAMCFG_CPBM0 15",
      "read MPAMCFG_CPBM0 15",
      "write MSMON_MBWU_L 5",
      "write MSMON_MBWU_L_HI 0",
    ]);
  });

  test("before an interrupt's handlers, and not of what log handlers access themselves", async () => {
    const machine = await powerOn();
    const order: string[] = [];
    machine.write32(0, ECR, 1);
    machine.log("*", ({ register }) => order.push(`${register} ${machine.read32(0, PART_SEL)}`));
    machine.onInterrupt(({ level }) => order.push(`interrupt ${level}`));
    machine.write32(0, MON_SEL, 99);
    machine.write32(0, ESR, 0);
    expect(order).toEqual(["MSMON_CFG_MON_SEL 0", "interrupt 1", "MPAMF_ESR 0", "interrupt 0"]);
  });
});

describe("a handler that throws", () => {
  test("changes nothing about a batch: all of it runs, all hear of it, and then whoever ran it does", async () => {
    const [machine, undisturbed] = [await powerOn(), await powerOn()];
    const heard: string[] = [];
    machine.log("*", ({ register }) => {
      throw new Error(`at ${register}`);
    });
    machine.log("*", ({ register }) => heard.push(register));
    machine.onInterrupt(({ kind }) => heard.push(kind));
    const [batch, other] = [machine.batch(), undisturbed.batch()];
    for (const one of [batch, other]) {
      one.write32(0, ECR, 1);
      one.write32(0, MON_SEL, 99);
      one.read32(0, IDR);
    }
    expect(() => batch.run()).toThrow("at MPAMF_ECR");
    expect(batch.value(2)).toBe(other.run().value(2));
    expect(heard).toEqual(["MPAMF_ECR", "MSMON_CFG_MON_SEL", "MPAMF_IDR", "error"]);
  });

  test("does not throw at the next access again", async () => {
    const machine = await powerOn();
    let left = 2;
    machine.log("*", () => {
      if (left-- > 0) throw new Error("broken");
    });
    expect(() => machine.write32(0, PART_SEL, 2)).toThrow("broken");
    expect(() => machine.read32(0, PART_SEL)).toThrow("broken");
    expect(machine.read32(0, PART_SEL)).toBe(2);
  });
});

describe("filters", () => {
  const traffic = (machine: Machine) => {
    machine.write32(0, PART_SEL, 1);
    machine.read32(0, CMAX);
    machine.write32(0, CPBM, 3);
    machine.write32(1, PART_SEL, 2, "s");
    machine.read32(1, IDR + 4);
  };

  test.each([
    ["*", ["PART_SEL", "CMAX", "CPBM0", "PART_SEL", "IDR_HI"]],
    ["MPAMCFG_*", ["PART_SEL", "CMAX", "CPBM0", "PART_SEL"]],
    ["mpamcfg_cpbm,MPAMF_IDR", ["CPBM0", "IDR_HI"]],
    ["MPAMCFG_CPBM0", ["CPBM0"]],
    ["MPAMCFG_CPBM1", []],
    ["MPAMCFG_CM??", ["CMAX"]],
    ["*.PARTID_SEL", ["PART_SEL", "PART_SEL"]],
    ["MPAMCFG_CMAX.SOFTLIM, *.HAS_RIS", ["CMAX", "IDR_HI"]],
    ["read", ["CMAX", "IDR_HI"]],
    ["write,msc:0", ["PART_SEL", "CPBM0"]],
    ["read,write,msc:1", ["PART_SEL", "IDR_HI"]],
    ["space:s", ["PART_SEL"]],
    ["by:driver", []],
  ])("%s", async (filter, registers) => {
    const all = await seen(filter, traffic);
    expect(all.map(({ register }) => register.replace(/^MPAM(F|CFG)_/, ""))).toEqual(registers);
  });

  test.each([
    ["MPAMCFG_CMAXX", /'MPAMCFG_CMAXX': no register has that name/],
    ["MPAMCFG_CMAX.MAX", /no field has that name there: CMAX, SOFTLIM/],
    ["*.NOTHING", /no field has that name there$/],
    ["MPAMCFG_CMAX.CMAX.1", /no register/],
    ["msc:one", /msc:N/],
    ["space:x", /space:ns\|s\|rt\|rl/],
    ["since:3", /is allowed/],
    ["read,,write", /a term is empty/],
    ["", /a term is empty/],
  ])("'%s' is refused", (filter, words) => {
    expect(() => parseAccessFilter(filter)).toThrow(words);
    expect(() => parseAccessFilter(filter)).toThrow(RangeError);
  });

  test.each([
    [
      { registers: "MPAMF_IDR" },
      "registers': there is no such condition; register, msc, space, access, by are allowed",
    ],
    [{ access: "reads" }, 'access: "reads"\': read or write is allowed; absent is both'],
    [{ access: ["read"] }, 'access: ["read"]\': read or write is allowed; absent is both'],
    [{ space: "NS" }, 'space: "NS"\': ns, s, rt, rl or a list of them is allowed'],
    [{ space: ["ns", "x"] }, 'space: ["ns","x"]\': ns, s, rt, rl or a list of them is allowed'],
    [{ msc: "0" }, 'msc: "0"\': the number of an msc or a list of numbers is allowed'],
    [{ by: 3 }, "by: 3': a name such as driver or a list of names is allowed"],
    [{ register: [1] }, "register: [1]': the name of a register or a list of names is allowed"],
    [null, "null': a text or an object with conditions is allowed"],
    [["MPAMF_IDR"], '["MPAMF_IDR"]\': a text or an object with conditions is allowed'],
  ])("%j is refused", async (filter, words) => {
    const machine = await powerOn();
    const log = () => machine.log(filter as unknown as AccessFilter, () => undefined);
    expect(log).toThrow(new RangeError(`register filter '${words}`));
  });

  test("of nothing lets everything through, and what is undefined does not matter", async () => {
    const all = await seen({ register: undefined } as unknown as AccessFilter, traffic);
    expect(all).toHaveLength(5);
    expect(await seen({}, traffic)).toHaveLength(5);
  });

  test("an MSC that the machine lacks is refused when it is watched", async () => {
    const machine = await powerOn();
    expect(() => machine.log("msc:2", () => {})).toThrow(/'msc:2': this machine has msc 0..1/);
  });
});

describe("a watchpoint", () => {
  test("tells of writes that change the field, and of no others", async () => {
    const machine = await powerOn();
    const told: unknown[] = [];
    const off = machine.watch("MSMON_CFG_MBWU_CTL.EN", ({ fields }) => told.push(fields.EN));
    machine.write32(0, MBWU_CTL, EN);
    machine.write32(0, MBWU_CTL, EN + 0x0001_0000);
    machine.read32(0, MBWU_CTL);
    machine.write32(0, MBWU_CTL, 0x42);
    off();
    machine.write32(0, MBWU_CTL, EN);
    expect(told).toEqual([
      { value: 1, old: 0, now: 1 },
      { value: 0, old: 1, now: 0 },
    ]);
  });

  test("on a register tells of any change, and of what is written to a word that reads 0", async () => {
    const machine = await powerOn();
    const told: unknown[] = [];
    machine.watch("MPAMCFG_CMAX", ({ value, now }) => told.push([value, now]));
    machine.watch("MPAMCFG_EN", ({ value, now }) => told.push([value, now]));
    const full = machine.read32(0, CMAX);
    // Past the implemented bits: nothing changes.
    machine.write32(0, CMAX, 0xffff);
    machine.write32(0, CMAX, 0x8000);
    machine.write32(0, 0x0300, 5);
    expect(full & 0xffff).not.toBe(0x8000);
    expect(told).toEqual([
      [0x8000, 0x8000],
      [5, 0],
    ]);
  });

  test("is an iterator too, which keeps what nobody has asked for yet and ends when it is left", async () => {
    const machine = await powerOn();
    const watch = machine.watch("MPAMCFG_PART_SEL.PARTID_SEL");
    for (const partid of [1, 2, 2, 3]) machine.write32(0, PART_SEL, partid);
    const partids: number[] = [];
    for await (const { value } of watch) {
      partids.push(value);
      if (value === 3) setTimeout(() => machine.write32(0, PART_SEL, 4));
      if (value === 4) break;
    }
    machine.write32(0, PART_SEL, 5);
    expect(partids).toEqual([1, 2, 3, 4]);
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  test("that is left while somebody waits for it ends that wait", async () => {
    const machine = await powerOn();
    const log = machine.log();
    const waiting = log.next();
    await log.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

test("a line shows changes, what was not taken, and the error", async () => {
  const machine = await powerOn();
  await machine.clock.advance(12_000);
  const lines: string[] = [];
  machine.write32(0, CMAX, 0xffff);
  machine.log("*", (access) => lines.push(formatAccess(access)));
  const by = "driver";
  machine.write32(0, PART_SEL, 0, "ns", by);
  machine.write32(0, PART_SEL, 12, "ns", by);
  machine.write32(0, MBWU_CTL, EN, "ns", by);
  machine.write32(0, MBWU_CTL, EN + 0x42, "ns", by);
  machine.read32(0, PART_SEL, "ns", by);
  machine.write32(1, PART_SEL, 99);
  expect(lines).toEqual([
    "12.000 us  msc 0 ns  write MPAMCFG_PART_SEL  0  (driver)",
    "12.000 us  msc 0 ns  write MPAMCFG_PART_SEL  PARTID_SEL 0 -> 0xc  (driver)",
    "12.000 us  msc 0 ns  write MSMON_CFG_MBWU_CTL  TYPE 0x42 -> 0 (reads 0x42), EN 0 -> 1  (driver)",
    "12.000 us  msc 0 ns  write MSMON_CFG_MBWU_CTL  TYPE 0x42, EN 1  (driver)",
    "12.000 us  msc 0 ns  read  MPAMCFG_PART_SEL  PARTID_SEL 0xc  (driver)",
    expect.stringMatching(
      /^12\.000 us {2}msc 1 ns {2}write MPAMCFG_PART_SEL {2}.*\(host\) {2}error 1 PARTID_SEL_RANGE, PARTID_MON 99, PMG 0, RIS 0$/,
    ),
  ]);
});

describe("a machine that is watched", () => {
  const offsets = [
    PART_SEL,
    PART_SEL,
    MON_SEL,
    CPBM,
    CMAX,
    MBWU_CTL,
    MBWU_L,
    MBWU_L + 4,
    ESR,
    ESR + 4,
    ECR,
    IDR,
    0x0a00,
  ];
  const accesses = fc.array(
    fc.record({
      msc: fc.nat({ max: 1 }),
      offset: fc.constantFrom(...offsets),
      space: fc.constantFrom("ns", "s" as const),
      value: fc.option(
        fc.oneof(
          fc.nat({ max: 20 }),
          fc.constantFrom(0, RIS, RIS, RIS + 3, 2 * RIS),
          fc.integer({ min: 0, max: 0xffff_ffff }),
        ),
      ),
    }),
    { maxLength: 80 },
  );

  /** Level or edge, as far as the hardware knows the difference. */
  const machineOf = (errorStyle: "level" | "edge") => {
    // What RIS 1 lacks is an error to read, too.
    const platform = platformOf({
      ris: [
        { ris: 0, cpor: { cpbmWd: 16 }, ccap: { cmaxWd: 8 }, mbwu: { monitors: 8, counter: 63, rwbw: true } },
        { ris: 1, csu: { monitors: 2 } },
      ],
    });
    const caches = platform.caches.map((cache) => ({
      ...cache,
      ...(cache.msc && {
        msc: { ...cache.msc, errorStyle, spaces: { ...cache.msc.spaces, s: { partidMax: 3, pmgMax: 1 } } },
      }),
    }));
    return Machine.create({ ...platform, caches });
  };

  test.each([
    ["level", false],
    ["edge", false],
    ["level", true],
    ["edge", true],
  ] as const)("answers and interrupts as one that is not: %s, in batches: %s", async (style, batched) => {
    await fc.assert(
      fc.asyncProperty(accesses, fc.nat({ max: 1 }), async (list, inten) => {
        const results = [];
        for (const watched of [false, true]) {
          const machine = await machineOf(style);
          const told: unknown[] = [];
          machine.onInterrupt((event) => told.push(event));
          if (watched) machine.log("*", () => {});
          for (const msc of [0, 1]) machine.write32(msc, ECR, inten);
          if (batched) {
            const batch = machine.batch();
            for (const { msc, offset, value, space } of list) {
              if (value === null) batch.read32(msc, offset, space);
              else batch.write32(msc, offset, value, space);
            }
            batch.run();
            for (let i = 0; i < list.length; i++) told.push(batch.value(i));
          } else {
            for (const { msc, offset, value, space } of list) {
              if (value === null) told.push(machine.read32(msc, offset, space));
              else machine.write32(msc, offset, value, space);
            }
          }
          for (const msc of [0, 1]) {
            for (const space of ["ns", "s"] as const) {
              for (const offset of [ESR, ESR + 4, ...offsets]) told.push(machine.read32(msc, offset, space));
            }
          }
          results.push(told);
        }
        expect(results[1]).toEqual(results[0]);
      }),
      { numRuns: 40 },
    );
  });

  test("records one error where an access makes one, though the log has looked at the word three times", async () => {
    const machine = await machineOf("level");
    const levels: number[] = [];
    const errors: unknown[] = [];
    machine.onInterrupt(({ level }) => levels.push(level));
    machine.write32(0, ECR, 1);
    machine.log("write", ({ register, error }) => errors.push([register, error?.name, error?.overwrote]));
    machine.write32(0, PART_SEL, RIS + 2);
    machine.write32(0, CPBM, 1);
    expect(errors).toEqual([
      ["MPAMCFG_PART_SEL", undefined, undefined],
      ["MPAMCFG_CPBM0", "RIS_NO_CONTROL", false],
    ]);
    expect(levels).toEqual([1]);
    expect(machine.read64(0, ESR)).toBe(0x1_0900_0002n);
  });

  test("goes the short way again when the last one has left", async () => {
    const machine = await powerOn();
    let told = 0;
    const [one, two] = [machine.log("*", () => told++), machine.watch("MPAMCFG_PART_SEL", () => told++)];
    machine.write32(0, PART_SEL, 1);
    one();
    machine.write32(0, PART_SEL, 2);
    two();
    two();
    machine.write32(0, PART_SEL, 3);
    expect(told).toBe(3);
  });
});
