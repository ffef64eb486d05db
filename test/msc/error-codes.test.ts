/** The eleven errors: what records each, what it captures, and how it is told: by level, by pulses, by messages, in each bank for itself. */
import { describe, expect, test } from "vitest";
import { offsetOf } from "../golden/registers.ts";
import { clearEsr, get, monSel, NOTHING, partSel, put, type Syndrome, single, syndrome } from "../helpers/registers.ts";
import {
  cacheConfig,
  type MscSubject,
  memoryConfig,
  reads,
  type Space,
  type SubjectConfig,
  writes,
} from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const SPACES = ["ns", "s", "rt", "rl"] as const;
const limits = { partidMax: 31, pmgMax: 3 };

/** RIS 0: portions and monitors; RIS 2: capacity only; RIS 3: portions and one CSU monitor. Narrowing to 8 intPARTIDs, four banks. */
const machine = (different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({
    spaces: { ns: limits, s: limits, rt: limits, rl: limits },
    processor: { partidMax: 63, pmgMax: 7 },
    partidNrw: { intPartidMax: 7 },
    ris: [
      { ris: 0, cpor: { cpbmWd: 16 }, csu: { monitors: 4 }, mbwu: { monitors: 2, counter: 44, rwbw: true } },
      { ris: 2, ccap: { cmaxWd: 8 } },
      { ris: 3, cpor: { cpbmWd: 4 }, csu: { monitors: 1 } },
    ],
    ...different,
  });

interface Stimulus {
  readonly code: number;
  readonly name: string;
  readonly expected: Syndrome;
  cause(msc: MscSubject, space: Space): void;
}

/** One of each code; RIS and PMG are never 0 where they are to be captured. */
const stimuli: readonly Stimulus[] = [
  {
    code: 1,
    name: "PARTID_SEL_Range",
    expected: single(1, 32, { ris: 2 }),
    cause: (msc, space) => partSel(msc, { RIS: 2, PARTID_SEL: 32 }, space),
  },
  {
    code: 2,
    name: "Req_PARTID_Range",
    expected: single(2, 40, { pmg: 2 }),
    cause(msc, space) {
      partSel(msc, { RIS: 3 }, space);
      msc.setLabel(1, "all", { space, partid: 40, pmg: 2 });
      msc.run(reads([5], 1));
    },
  },
  {
    code: 3,
    name: "MSMONCFG_ID_RANGE",
    expected: single(3, 5, { pmg: 6, ris: 3 }),
    cause(msc, space) {
      monSel(msc, 0, 3, space);
      put(msc, "MSMON_CFG_CSU_FLT", { PARTID: 5, PMG: 6 }, space);
    },
  },
  {
    code: 4,
    name: "Req_PMG_Range",
    expected: single(4, 7, { pmg: 5 }),
    cause(msc, space) {
      partSel(msc, { RIS: 3 }, space);
      msc.setLabel(1, "all", { space, partid: 7, pmg: 5 });
      msc.run(reads([5], 1));
    },
  },
  {
    code: 5,
    name: "Monitor_Range",
    expected: single(5, 1, { ris: 3 }),
    cause: (msc, space) => monSel(msc, 1, 3, space),
  },
  {
    code: 6,
    name: "intPARTID_Range",
    expected: single(6, 8),
    cause(msc, space) {
      partSel(msc, { RIS: 3, PARTID_SEL: 9 }, space);
      put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 8, INTERNAL: 1 }, space);
    },
  },
  {
    code: 7,
    name: "Unexpected_INTERNAL",
    expected: single(7, 6),
    cause(msc, space) {
      partSel(msc, { RIS: 3, PARTID_SEL: 6, INTERNAL: 1 }, space);
      put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 1, INTERNAL: 1 }, space);
    },
  },
  {
    code: 8,
    name: "Undefined_RIS_PART_SEL",
    expected: single(8, 4, { ris: 5 }),
    cause: (msc, space) => partSel(msc, { RIS: 5, PARTID_SEL: 4 }, space),
  },
  {
    code: 9,
    name: "RIS_No_Control",
    expected: single(9, 4, { ris: 2 }),
    cause(msc, space) {
      partSel(msc, { RIS: 2, PARTID_SEL: 4, INTERNAL: 1 }, space);
      get(msc, "MPAMCFG_CPBM", space);
    },
  },
  {
    code: 10,
    name: "Undefined_RIS_MON_SEL",
    expected: single(10, 2, { ris: 7 }),
    cause: (msc, space) => monSel(msc, 2, 7, space),
  },
  {
    code: 11,
    name: "RIS_No_Monitor",
    expected: single(11, 0, { ris: 3 }),
    cause(msc, space) {
      monSel(msc, 0, 3, space);
      get(msc, "MSMON_CFG_MBWU_CTL", space);
    },
  },
];

/** Sets where the error messages of a bank go. */
function aim(msc: MscSubject, space: Space, n: number): void {
  put(msc, "MPAMF_ERR_MSI_MPAM", { PARTID: 10 + n, PMG: n }, space);
  put(msc, "MPAMF_ERR_MSI_ADDR_L", 0x8000_1000 + 4 * n, space);
  put(msc, "MPAMF_ERR_MSI_ADDR_H", 0xf_0000 + n, space);
  put(msc, "MPAMF_ERR_MSI_DATA", 0xdada_0000 + n, space);
  put(msc, "MPAMF_ERR_MSI_ATTR", { MSIEN: 1, MSI_MEMATTR: 0xf - n, MSI_SH: 3 }, space);
}

const aimed = (n: number): object => ({
  address: (0xf_0000 + n) * 2 ** 32 + 0x8000_1000 + 4 * n,
  data: 0xdada_0000 + n,
  memattr: 0xf - n,
  shareability: 3,
  partid: 10 + n,
  pmg: n,
});

describe.each(factories)("error codes of the $name", ({ create }) => {
  test.each(stimuli)("$code, $name, captures what it should in the bank it is of", async ({ expected, cause }) => {
    for (const space of SPACES) {
      const msc = await create(machine());
      cause(msc, space);
      for (const bank of SPACES)
        expect([bank, syndrome(msc, bank)]).toEqual([bank, bank === space ? expected : NOTHING]);
      expect(msc.interrupts()).toEqual([]);
    }
  });

  test.each(stimuli)("$code, $name, overwrites an older error and says so", async ({ expected, cause }) => {
    const msc = await create(machine());
    put(msc, "MPAMF_ESR", { ERRCODE: 12, PMG: 0xff, PARTID_MON: 0xffff });
    put(msc, "MPAMF_ESR_HI", { RIS: 15 });
    cause(msc, "ns");
    expect(syndrome(msc)).toEqual({ ...expected, ovrwr: 1 });
  });

  test.each(stimuli)(
    "$code, $name, after a cleared one is a first one, whatever else ESR holds",
    async ({ expected, cause }) => {
      const msc = await create(machine());
      put(msc, "MPAMF_ESR", { PMG: 0xff, PARTID_MON: 0xffff });
      cause(msc, "ns");
      expect(syndrome(msc)).toEqual(expected);
    },
  );

  test.each(stimuli)("$code, $name, raises the wire, pulses it, or sends a message", async ({ cause }) => {
    for (const [n, space] of SPACES.entries()) {
      const level = await create(machine());
      put(level, "MPAMF_ECR", { INTEN: 1 }, space);
      cause(level, space);
      expect(level.interrupts()).toMatchObject([{ kind: "error", level: 1 }]);
      clearEsr(level, space);
      expect(level.interrupts()).toEqual([{ kind: "error", level: 0 }]);

      const edge = await create(machine({ errorStyle: "edge", errMsi: true }));
      put(edge, "MPAMF_ECR", { INTEN: 1 }, space);
      cause(edge, space);
      expect(edge.interrupts()).toMatchObject([{ kind: "error", level: 1, delivery: "pulse", space, count: 1 }]);
      clearEsr(edge, space);
      expect(edge.interrupts()).toEqual([]);

      aim(edge, space, n);
      // In another RIS and PARTID first, so that the cause is not told already.
      partSel(edge, {}, space);
      monSel(edge, 0, 0, space);
      cause(edge, space);
      expect(edge.interrupts()).toMatchObject([
        { kind: "error", level: 1, delivery: "msi", space, count: 1, msi: aimed(n) },
      ]);
    }
  });

  test("writing INTERNAL as 0 into an association is error 6 with the intPARTID", async () => {
    const msc = await create(machine());
    partSel(msc, { PARTID_SEL: 9 });
    put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 3 });
    expect(syndrome(msc)).toEqual(single(6, 3));
  });

  test("of a request whose PARTID and PMG are both out of range the PARTID is told", async () => {
    const msc = await create(machine());
    msc.setLabel(1, "all", { space: "ns", partid: 50, pmg: 6 });
    msc.run(reads([5], 1));
    expect(syndrome(msc)).toEqual(single(2, 50, { pmg: 6 }));
  });

  test("every request out of range is recorded, hits and writes too, and the last stays", async () => {
    const msc = await create(machine({ errorStyle: "edge" }));
    put(msc, "MPAMF_ECR", { INTEN: 1 });
    msc.setLabel(1, "all", { space: "ns", partid: 50, pmg: 0 });
    msc.setLabel(2, "all", { space: "ns", partid: 3, pmg: 7 });
    msc.run([...reads([1, 2]), ...reads([1], 1), ...writes([1, 2], 2), ...reads([9])]);
    expect(syndrome(msc)).toEqual(single(4, 3, { pmg: 7, ovrwr: 1 }));
    expect(msc.interrupts()).toEqual([
      { kind: "error", level: 1, delivery: "pulse", space: "ns", count: 3, record: 2 },
    ]);
  });

  test("a channel checks the requests that reach it", async () => {
    const msc = await create(memoryConfig());
    msc.setLabel(1, "all", { space: "s", partid: 16, pmg: 1 });
    msc.run(reads([1], 1));
    expect(syndrome(msc, "s")).toEqual(single(2, 16, { pmg: 1 }));
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("a request of a space without a bank is an error nowhere", async () => {
    const msc = await create(cacheConfig({ spaces: { ns: limits } }));
    put(msc, "MPAMF_ECR", { INTEN: 1 });
    msc.setLabel(1, "all", { space: "rl", partid: 60, pmg: 3 });
    msc.run(reads([1], 1));
    expect(syndrome(msc)).toEqual(NOTHING);
    expect(msc.interrupts()).toEqual([]);
  });

  test("the one level wire stays up until no bank has an enabled error", async () => {
    const msc = await create(machine());
    for (const space of SPACES) put(msc, "MPAMF_ECR", { INTEN: 1 }, space);
    put(msc, "MPAMF_ESR", { ERRCODE: 15 }, "s");
    put(msc, "MPAMF_ESR", { ERRCODE: 15 }, "rl");
    put(msc, "MPAMF_ESR", { ERRCODE: 15 }, "ns");
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 1 }]);
    clearEsr(msc, "s");
    put(msc, "MPAMF_ECR", 0, "rl");
    expect(msc.interrupts()).toEqual([]);
    clearEsr(msc, "ns");
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 0 }]);
    put(msc, "MPAMF_ECR", 1, "rl");
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 1 }]);
  });

  test("OVRWR alone holds no wire up", async () => {
    const msc = await create(machine());
    put(msc, "MPAMF_ECR", { INTEN: 1 });
    put(msc, "MPAMF_ESR", { OVRWR: 1, PMG: 3, PARTID_MON: 9 });
    expect(msc.interrupts()).toEqual([]);
  });

  test("pulses of one bank gather into a count, and each bank has its own", async () => {
    const msc = await create(machine({ errorStyle: "edge" }));
    for (const space of SPACES) put(msc, "MPAMF_ECR", { INTEN: 1 }, space);
    for (const partid of [32, 33, 34]) partSel(msc, { PARTID_SEL: partid });
    partSel(msc, { PARTID_SEL: 32 }, "rt");
    const pulse = { kind: "error", level: 1, delivery: "pulse" };
    const seen = msc.interrupts().toSorted((a, b) => (a.space ?? "").localeCompare(b.space ?? ""));
    expect(seen).toEqual([
      { ...pulse, space: "ns", count: 3 },
      { ...pulse, space: "rt", count: 1 },
    ]);
    partSel(msc, { PARTID_SEL: 35 });
    expect(msc.interrupts()).toEqual([{ ...pulse, space: "ns", count: 1 }]);
  });

  test("with edges nothing but a recorded error pulses: neither enabling it late nor writing a code", async () => {
    const msc = await create(machine({ errorStyle: "edge", errMsi: true }));
    partSel(msc, { PARTID_SEL: 32 });
    expect(msc.interrupts()).toEqual([]);
    put(msc, "MPAMF_ECR", { INTEN: 1 });
    put(msc, "MPAMF_ESR", { ERRCODE: 3 });
    aim(msc, "ns", 0);
    put(msc, "MPAMF_ESR", { ERRCODE: 4 });
    expect(msc.interrupts()).toEqual([]);
    partSel(msc, { PARTID_SEL: 33 });
    expect(msc.interrupts()).toHaveLength(1);
  });

  test("messages need both their own enable and that of the errors", async () => {
    const msc = await create(machine({ errorStyle: "edge", errMsi: true }));
    aim(msc, "ns", 2);
    partSel(msc, { PARTID_SEL: 32 });
    expect(msc.interrupts()).toEqual([]);
    put(msc, "MPAMF_ECR", { INTEN: 1 });
    partSel(msc, { PARTID_SEL: 33 });
    expect(msc.interrupts()).toEqual([
      { kind: "error", level: 1, delivery: "msi", space: "ns", count: 1, msi: aimed(2) },
    ]);
    put(msc, "MPAMF_ERR_MSI_ATTR", { MSIEN: 0 });
    partSel(msc, { PARTID_SEL: 34 });
    expect(msc.interrupts()).toEqual([{ kind: "error", level: 1, delivery: "pulse", space: "ns", count: 1 }]);
  });

  test("a message has the four message registers of its own bank", async () => {
    const msc = await create(machine({ errorStyle: "edge", errMsi: true }));
    for (const [n, space] of SPACES.entries()) {
      aim(msc, space, n);
      put(msc, "MPAMF_ECR", { INTEN: 1 }, space);
    }
    for (const [n, space] of SPACES.entries()) {
      partSel(msc, { PARTID_SEL: 32 }, space);
      expect(msc.interrupts()).toMatchObject([{ delivery: "msi", space, count: 1, msi: aimed(n) }]);
    }
  });

  test("without error registers nothing is recorded and nobody is told", async () => {
    const msc = await create(machine({ esr: "none" }));
    put(msc, "MPAMF_ECR", 1);
    for (const { cause } of stimuli) cause(msc, "ns");
    expect([get(msc, "MPAMF_ECR"), msc.read64(offsetOf("MPAMF_ESR"))]).toEqual([0, 0n]);
    expect(msc.interrupts()).toEqual([]);
  });

  test("a 32-bit ESR has the errors without an instance", async () => {
    const msc = await create(cacheConfig({ esr: 32 }));
    partSel(msc, { PARTID_SEL: 32 });
    expect(msc.read64(offsetOf("MPAMF_ESR"))).toBe(0x0100_0020n);
    put(msc, "MPAMF_ESR_HI", 0xf);
    expect(get(msc, "MPAMF_ESR_HI")).toBe(0);
  });

  test("a filter out of range is stored as it is written, and PARTID or PMG alone is enough", async () => {
    const msc = await create(machine());
    for (const [flt, expected] of [
      [0x0003_001f, NOTHING],
      [0x0004_001f, single(3, 31, { pmg: 4 })],
      [0x0003_0020, single(3, 32, { pmg: 3 })],
    ] as const) {
      clearEsr(msc);
      put(msc, "MSMON_CFG_MBWU_FLT", flt);
      expect(syndrome(msc)).toEqual(expected);
      expect(get(msc, "MSMON_CFG_MBWU_FLT")).toBe(flt);
    }
  });
});
