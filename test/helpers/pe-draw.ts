/** Draws cpus, values of registers, and sequences of accesses, with fast-check. */
import fc from "fast-check";
import { exceptionLevels } from "./pe-compare.ts";
import { profileOf } from "./pe-profiles.ts";
import type { Encoding, ExceptionLevel, PeProfile } from "./pe-subject.ts";
import { ENCODINGS, nameOf } from "./plain/pe/encodings.ts";
import { FIELDS } from "./plain/pe/fields.ts";

export type PeStep =
  | { readonly do: "boot" | "reset" }
  | { readonly do: "read"; readonly encoding: Encoding; readonly from: From }
  | { readonly do: "write"; readonly encoding: Encoding; readonly from: From; readonly value: bigint };

/** An EL, or the highest that there is. */
type From = ExceptionLevel | "highest";

/** The EL of an access on this cpu: one that is not there is the highest below it. */
export function levelOf(profile: PeProfile, from: From): ExceptionLevel {
  const there = exceptionLevels(profile).filter((el) => from === "highest" || el <= from);
  return there[there.length - 1]!;
}

const sometimes = (weight: number) =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(false) }, { weight, arbitrary: fc.constant(true) });

const bandwidth: fc.Arbitrary<PeProfile["bandwidth"]> = fc.oneof(
  fc.constant("none" as const),
  fc.record({
    bwaWd: fc.integer({ min: 1, max: 16 }),
    maxLim: fc.constantFrom("both", "soft", "hard"),
    hwScale: fc.boolean(),
  }),
);

/** Profiles that the platform check would accept. Small numbers of PARTIDs are drawn often: they have edges. */
export const profiles: fc.Arbitrary<PeProfile> = fc
  .record({
    version: fc.oneof(
      { weight: 12, arbitrary: fc.constant("1.1" as const) },
      { weight: 3, arbitrary: fc.constant("1.0" as const) },
      { weight: 5, arbitrary: fc.constant("0.1" as const) },
      { weight: 1, arbitrary: fc.constant("none" as const) },
    ),
    partidMax: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(63, 255, 1023, 65_535)),
    pmgMax: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(127, 255)),
    el2: sometimes(8),
    el3: sometimes(7),
    vpmrMax: fc.oneof(
      { weight: 1, arbitrary: fc.constant("none" as const) },
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 7 }) },
    ),
    tidr: fc.boolean(),
    sdeflt: fc.boolean(),
    forceNs: fc.constantFrom("none", "rw", "rao"),
    rme: fc.boolean(),
    sme: sometimes(7),
    bandwidth,
    firmware: fc.record({ enables: sometimes(8), traps: sometimes(3) }),
    unpredictable: fc.record({
      reset: fc.constantFrom("zero", "ones"),
      virtual: fc.constantFrom("default", "zero", "wrap"),
      physical: fc.constantFrom("zero", "max"),
      pmg: fc.constantFrom("zero", "max"),
      pmgOfError: fc.constantFrom("keep", "zero"),
      phyPartid: fc.constantFrom("full", "narrow"),
      streaming: fc.constantFrom("mpamsm", "el"),
      altspFrcd: fc.constantFrom("any", "forced"),
    }),
  })
  .map((drawn) => allowed(profileOf(drawn as PeProfile)));

/** Takes away what this version, or a cpu without these levels, cannot have. */
function allowed(profile: PeProfile): PeProfile {
  const { version, el2, el3 } = profile;
  const none = version === "none";
  const old = version === "1.0" || none;
  return {
    ...profile,
    vpmrMax: el2 && !none ? profile.vpmrMax : "none",
    tidr: profile.tidr && el2 && !old,
    sdeflt: profile.sdeflt && el3 && !old,
    forceNs: version === "0.1" && el3 ? profile.forceNs : "none",
    rme: profile.rme && version === "1.1" && el2 && el3,
    bandwidth: old ? "none" : profile.bandwidth,
  };
}

/** Names that decide over others come often. */
const encodings: fc.Arbitrary<Encoding> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...Object.values(ENCODINGS)) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...["SCR_EL3", "HCR_EL2", "MPAM3_EL3", "MPAM2_EL2", "MPAM1_EL1", "MPAMHCR_EL2"].map((name) => ENCODINGS[name]!),
    ),
  },
  // Neighbours of the MPAM registers, and anything.
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(7), fc.nat(7), fc.nat(7)).map(([a, b, c]) => 0xc500 + a * 0x800 + b * 8 + c),
  },
  { weight: 1, arbitrary: fc.nat(0xffff) },
);

const anything = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** A value that means something in this register, or any. */
export function valuesOf(encoding: Encoding): fc.Arbitrary<bigint> {
  const name = nameOf(encoding)?.replace("_EL12", "_EL1");
  const fields = name === undefined ? [] : FIELDS[name]!;
  if (fields.length === 0) return anything;
  const values = fields.map(({ high, low }) => {
    const largest = 2 ** (high - low + 1) - 1;
    const within = fc.oneof(fc.nat(Math.min(largest, 40)), fc.constantFrom(0, largest), fc.nat(largest));
    return within.map((value) => BigInt(value) << BigInt(low));
  });
  const meant = fc.tuple(...values).map((parts) => parts.reduce((sum, part) => sum | part, 0n));
  return fc.oneof({ weight: 4, arbitrary: meant }, { weight: 1, arbitrary: anything });
}

const from: fc.Arbitrary<From> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("highest" as const) },
  { weight: 1, arbitrary: fc.constant(0 as const) },
  { weight: 5, arbitrary: fc.constant(1 as const) },
  { weight: 4, arbitrary: fc.constant(2 as const) },
  { weight: 1, arbitrary: fc.constant(3 as const) },
);

export const steps: fc.Arbitrary<PeStep[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<PeStep>({ do: "boot" }, { do: "reset" }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), encoding: encodings, from }) },
    {
      weight: 25,
      arbitrary: encodings.chain((encoding) =>
        fc.record({
          do: fc.constant("write" as const),
          encoding: fc.constant(encoding),
          from,
          value: valuesOf(encoding),
        }),
      ),
    },
  ),
  { minLength: 1, maxLength: 40 },
);
