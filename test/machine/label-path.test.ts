// The path to a label in words: a case of each kind worked out from the register reference 7.4 and 7.5, and, for registers at
// random, that the last words of a path are the label.

import fc from "fast-check";
import { expect, test } from "vitest";
import { labelPath, type RequestKind, SPACE_WORDS, type SystemRegisterName } from "../../src/machine/index.ts";
import { EARLY, EL1_HIGHEST, PLAIN, WHOLE } from "../pe/cpus.ts";
import { registersOf } from "../pe/hardware.ts";

type Pokes = Partial<Record<SystemRegisterName, bigint>>;

const MPAMEN = 1n << 63n;

async function told(profile: object, pokes: Pokes, el: 0 | 1 | 2 | 3, kind: RequestKind = "data"): Promise<string[]> {
  const registers = await registersOf(profile);
  for (const [name, value] of Object.entries(pokes)) registers.poke(name as SystemRegisterName, value);
  return labelPath(registers, el, kind).steps.map(({ text }) => text);
}

test("EL0 data: state, space, enable, register, field, range, mapping, PMG, in this order", async () => {
  // PMG_D 2 [47:40], PARTID_D 5 [31:16]; PMG_I 1 [39:32], PARTID_I 4 [15:0].
  const pokes = { MPAM0_EL1: 0x0000_0201_0005_0004n };
  expect(await told(PLAIN, pokes, 0)).toEqual([
    "EL0 in Non-secure state (SCR_EL3.NS = 1)",
    "PARTIDs of the Non-secure space: that of the security state",
    "MPAM3_EL3.MPAMEN = 1: requests are labelled",
    "EL0: MPAM0_EL1 = 0x00000201_00050004",
    "data: PARTID_D = 5, PMG_D = 2",
    "PARTID 5 is in 0..63 of MPAMIDR_EL1",
    "physical: MPAMHCR_EL2.EL0_VPMEN = 0",
    "PMG 2 is in 0..3",
  ]);
  expect((await told(PLAIN, pokes, 0, "fetch"))[4]).toBe("an instruction fetch: PARTID_I = 4, PMG_I = 1");
});

test("a path ends where nothing more is asked: no MPAM, MPAMEN = 0, SDEFLT", async () => {
  expect(await told({ ...PLAIN, version: "none" }, {}, 0)).toEqual([
    "cpu 0 has none: PARTID 0, PMG 0, in the space of its security state",
    "EL0 in Non-secure state (SCR_EL3.NS = 1)",
  ]);
  expect((await told(PLAIN, { MPAM3_EL3: 0n }, 1)).at(-1)).toBe("MPAM3_EL3.MPAMEN = 0: PARTID 0, PMG 0");
  const secure = { MPAM3_EL3: MPAMEN | (1n << 61n), SCR_EL3: 0n };
  expect((await told(EARLY, secure, 1)).at(-1)).toBe("Secure state and MPAM3_EL3.SDEFLT = 1: PARTID 0, PMG 0");
  const without = { ...PLAIN, el2: false, el3: false };
  expect((await told(without, {}, 1)).slice(0, 3)).toEqual([
    "EL1 in Non-secure state (there is no EL3)",
    "PARTIDs of the Non-secure space: that of the security state",
    "MPAM1_EL1.MPAMEN = 1: requests are labelled",
  ]);
});

test("the alternative space names the bits that chose it, at each exception level", async () => {
  const space = async (pokes: Pokes, el: 0 | 1 | 2 | 3) => (await told(WHOLE, pokes, el))[1];
  const realm = (1n << 62n) | 1n;
  // HEN [57], HFC [56], ALTSP_EL3 [55], RT_ALTSP_NS [52] of MPAM3; HFC [56], ALTSP_EL2 [55] of MPAM2.
  const hen = MPAMEN | (1n << 57n);
  const alternative = "PARTIDs of the Non-secure space: the alternative one, as";
  expect(await space({ SCR_EL3: realm }, 1)).toBe("PARTIDs of the Realm space: that of the security state");
  expect(await space({ SCR_EL3: realm, MPAM3_EL3: MPAMEN | (1n << 56n) }, 2)).toBe(
    `${alternative} MPAM3_EL3.ALTSP_HEN = 0, ALTSP_HFC = 1`,
  );
  expect(await space({ SCR_EL3: realm, MPAM3_EL3: hen, MPAM2_EL2: 1n << 56n }, 0)).toBe(
    `${alternative} MPAM3_EL3.ALTSP_HEN = 1 and MPAM2_EL2.ALTSP_HFC = 1`,
  );
  expect(await space({ SCR_EL3: realm, MPAM3_EL3: hen, MPAM2_EL2: 1n << 55n }, 2)).toBe(
    `${alternative} MPAM3_EL3.ALTSP_HEN = 1 and MPAM2_EL2.ALTSP_EL2 = 1`,
  );
  expect(await space({ MPAM3_EL3: MPAMEN | (1n << 55n) }, 3)).toBe(
    "PARTIDs of the Secure space: the alternative one, as MPAM3_EL3.ALTSP_EL3 = 1, MPAM3_EL3.RT_ALTSP_NS = 0",
  );
  expect((await told(EARLY, { MPAM3_EL3: MPAMEN | (1n << 60n), SCR_EL3: 0n }, 1))[1]).toBe(
    "PARTIDs of the Non-secure space: MPAM3_EL3.FORCE_NS = 1",
  );
});

test("a virtual PARTID is followed through its entry, entry 0, and what is wrong with them", async () => {
  const mapping = async (pokes: Pokes, profile: object = PLAIN) =>
    (await told(profile, { MPAMHCR_EL2: 1n, ...pokes }, 0)).slice(6, -1);
  const virtual = "virtual: MPAMHCR_EL2.EL0_VPMEN = 1";
  // Virtual PARTID 6 is MPAMVPM1_EL2 [47:32].
  const six = { MPAM0_EL1: 6n << 16n };
  expect(await mapping({ ...six, MPAMVPMV_EL2: 1n << 6n, MPAMVPM1_EL2: 9n << 32n })).toEqual([
    virtual,
    "MPAMVPM1_EL2.PhyPARTID6 = 9",
  ]);
  expect(await mapping({ ...six, MPAMVPMV_EL2: 1n, MPAMVPM0_EL2: 3n })).toEqual([
    virtual,
    "its bit of MPAMVPMV_EL2 is 0: entry 0 stands for it",
    "MPAMVPM0_EL2.PhyPARTID0 = 3",
  ]);
  expect(await mapping(six)).toEqual([
    virtual,
    "its bit of MPAMVPMV_EL2 is 0: entry 0 stands for it",
    "that of entry 0 is 0 too: PARTID 0",
  ]);
  expect(await mapping({ ...six, MPAMVPMV_EL2: 1n << 6n, MPAMVPM1_EL2: 64n << 32n })).toEqual([
    virtual,
    "MPAMVPM1_EL2.PhyPARTID6 = 64, above PARTID_MAX 63: an error, PARTID 0",
  ]);
  expect(await mapping({ MPAM0_EL1: 40n << 16n })).toEqual([
    virtual,
    "there are entries 0..31, and none for 40: an error, PARTID 0",
  ]);
  const wraps = { ...PLAIN, unpredictable: { virtual: "wrap", physical: "max" } };
  expect(await mapping({ MPAM0_EL1: 38n << 16n, MPAMVPMV_EL2: 1n << 6n, MPAMVPM1_EL2: 64n << 32n }, wraps)).toEqual([
    virtual,
    "there are entries 0..31: 38 is taken for another (virtual: wrap)",
    "MPAMVPM1_EL2.PhyPARTID6 = 64, above PARTID_MAX: 63 stands for it (physical: max)",
  ]);
});

test("nv2 is EL2's where NV2 makes accesses, at EL1, and data elsewhere: the bits named are those that chose the space", async () => {
  // ALTSP_HEN [57] of MPAM3; ALTSP_HFC [56], ALTSP_EL2 [55] of MPAM2; NSE and NS: Realm.
  const realm = { SCR_EL3: (1n << 62n) | 1n, MPAM3_EL3: MPAMEN | (1n << 57n) };
  const space = async (el: 0 | 1, mpam2: bigint) => (await told(WHOLE, { ...realm, MPAM2_EL2: mpam2 }, el, "nv2"))[1];
  const alternative = "PARTIDs of the Non-secure space: the alternative one, as MPAM3_EL3.ALTSP_HEN = 1 and MPAM2_EL2.";
  expect(await space(1, 1n << 55n)).toBe(`${alternative}ALTSP_EL2 = 1`);
  expect(await space(0, 1n << 56n)).toBe(`${alternative}ALTSP_HFC = 1`);
});

test("why a PARTID is physical, and where the register comes from, is said for each case", async () => {
  const at = async (
    step: number,
    pokes: Pokes,
    el: 0 | 1 | 2 | 3,
    kind: RequestKind = "data",
    profile: object = WHOLE,
  ) => (await told(profile, pokes, el, kind))[step];
  expect(await at(6, {}, 2)).toBe("physical: MPAM2_EL2 holds physical PARTIDs");
  expect(await at(6, {}, 1)).toBe("physical: MPAMHCR_EL2.EL1_VPMEN = 0");
  expect(await at(6, {}, 1, "data", EL1_HIGHEST)).toBe("physical: the cpu has no virtual PARTIDs");
  // E2H [34] and TGE [27].
  expect(await at(6, { MPAMHCR_EL2: 1n, HCR_EL2: (1n << 34n) | (1n << 27n) }, 0)).toBe(
    "physical: HCR_EL2.E2H and TGE are 1: EL0 is the host's",
  );
  expect(await at(6, { MPAMHCR_EL2: 1n, SCR_EL3: 0n }, 0)).toBe("physical: EL2 is not enabled");
  const secureHost = { MPAMHCR_EL2: 1n, SCR_EL3: 0n, HCR_EL2: (1n << 34n) | (1n << 27n) };
  expect(await at(6, secureHost, 0)).toBe("physical: EL2 is not enabled");
  expect(await at(6, {}, 3, "streaming")).toBe("physical: those of EL3 are");
  const locked = { MPAMHCR_EL2: 1n << 8n, MPAM1_EL1: 7n << 16n };
  expect(await at(3, locked, 0)).toBe(
    "EL0 with MPAMHCR_EL2.GSTAPP_PLK = 1 and HCR_EL2.TGE = 0: MPAM1_EL1 = 0x80000000_00070000",
  );
  expect(await at(3, { MPAMSM_EL1: 2n << 16n }, 0, "streaming")).toBe(
    "data of streaming mode: MPAMSM_EL1 = 0x00000000_00020000",
  );
  expect(await at(3, { MPAM2_EL2: 3n << 16n }, 1, "nv2")).toBe(
    "an access made by NV2: MPAM2_EL2 = 0x80000000_00030000",
  );
});

test("errors of the register itself, and what becomes of the PMG with them", async () => {
  const pokes = { MPAM0_EL1: 0x0000_0900_0040_0000n };
  expect((await told(PLAIN, pokes, 0)).slice(5)).toEqual([
    "PARTID 64 is above PARTID_MAX 63: an error, PARTID 0",
    "PMG 9 is above PMG_MAX 3: an error, PMG 0",
  ]);
  const zero = { ...PLAIN, unpredictable: { pmgOfError: "zero" } };
  expect((await told(zero, { MPAM0_EL1: 0x0000_0300_0040_0000n }, 0)).at(-1)).toBe(
    "PMG 0, because of the error (pmgOfError: zero)",
  );
});

test("for registers at random the last PARTID, PMG and space of a path are those of the label", async () => {
  const profiles = [WHOLE, EARLY, PLAIN, EL1_HIGHEST];
  const cpus = await Promise.all(profiles.map((profile) => registersOf(profile)));
  const small = fc.bigInt({ min: 0n, max: 80n });
  const label = fc
    .tuple(small, small, fc.bigInt({ min: 0n, max: 5n }))
    .map(([d, i, g]) => (g << 40n) | (g << 32n) | (d << 16n) | i);
  fc.assert(
    fc.property(
      fc.nat(3),
      fc.record({
        MPAM0_EL1: label,
        MPAM1_EL1: label,
        MPAM2_EL2: fc.tuple(label, fc.bigInt({ min: 0n, max: 3n })).map(([l, alt]) => l | (alt << 55n)),
        MPAM3_EL3: fc.tuple(label, fc.bigInt({ min: 0n, max: 1023n })).map(([l, top]) => l | (top << 52n) | MPAMEN),
        MPAMHCR_EL2: fc.bigInt({ min: 0n, max: 0x103n }),
        MPAMVPMV_EL2: fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
        MPAMVPM0_EL2: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((v) => v & 0x0047_0047_0047_0047n),
        HCR_EL2: fc.constantFrom(0n, 1n << 34n, (1n << 34n) | (1n << 27n)),
        SCR_EL3: fc.constantFrom(0n, 1n, 1n << 18n, (1n << 62n) | 1n),
      }),
      fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3),
      fc.constantFrom<RequestKind>("data", "fetch"),
      (n, pokes, el, kind) => {
        const registers = cpus[n] as (typeof cpus)[number];
        const { el2, el3 } = registers.description;
        if ((el === 2 && !el2) || (el === 3 && !el3)) return;
        for (const [name, value] of Object.entries(pokes)) {
          if (registers.has(name as SystemRegisterName)) registers.poke(name as SystemRegisterName, value);
        }
        const { label: generated, steps } = labelPath(registers, el, kind);
        const text = steps.map((step) => step.text).join("\n");
        const ends = (words: RegExp) => Number([...text.matchAll(words)].at(-1)?.[1]);
        expect(ends(/(?:PARTID|PARTID_[DI] =|PhyPARTID\d+ =) (\d+)\b(?! is above| is in)/g)).toBe(generated.partid);
        expect(ends(/PMG (\d+)\b(?! is above)/g)).toBe(generated.pmg);
        expect(text).toContain(`PARTIDs of the ${SPACE_WORDS[generated.space]} space`);
        expect(/an error|above PMG_MAX/.test(text)).toBe(generated.flawed);
      },
    ),
    { numRuns: 3000 },
  );
});
