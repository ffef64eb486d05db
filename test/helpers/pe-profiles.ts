/** Profiles of cpus: all that differ in what they have, and the choices that the architecture leaves. */
import type { PeProfile } from "./pe-subject.ts";

type Unpredictable = PeProfile["unpredictable"];
type Bandwidth = PeProfile["bandwidth"];

/** The defaults of docs/modelled.md. */
export const DEFAULTS: Unpredictable = {
  reset: "zero",
  virtual: "default",
  physical: "zero",
  pmg: "zero",
  pmgOfError: "keep",
  phyPartid: "full",
  streaming: "mpamsm",
  altspFrcd: "any",
};

export function profileOf(has: Partial<PeProfile> = {}): PeProfile {
  return {
    version: "1.1",
    partidMax: 63,
    pmgMax: 3,
    el2: true,
    el3: true,
    vpmrMax: 7,
    tidr: false,
    sdeflt: false,
    forceNs: "none",
    rme: false,
    sme: false,
    bandwidth: "none",
    firmware: { enables: true, traps: false },
    unpredictable: DEFAULTS,
    ...has,
  };
}

const BOTH = [false, true];

/** Every choice that can show in a label. */
export const LABEL_CHOICES: readonly Unpredictable[] = (["default", "zero", "wrap"] as const).flatMap((virtual) =>
  (["zero", "max"] as const).flatMap((physical) =>
    (["zero", "max"] as const).flatMap((pmg) =>
      (["keep", "zero"] as const).flatMap((pmgOfError) =>
        (["full", "narrow"] as const).flatMap((phyPartid) =>
          (["mpamsm", "el"] as const).map((streaming) => ({
            ...DEFAULTS,
            virtual,
            physical,
            pmg,
            pmgOfError,
            phyPartid,
            streaming,
          })),
        ),
      ),
    ),
  ),
);

/** Limits in all their relations: fewer PARTIDs than entries, more, the same; PMGs up to all that the field holds. */
const SIZES: readonly Pick<PeProfile, "partidMax" | "pmgMax" | "vpmrMax">[] = [
  { partidMax: 20, pmgMax: 2, vpmrMax: 1 },
  { partidMax: 63, pmgMax: 255, vpmrMax: 7 },
  { partidMax: 2, pmgMax: 0, vpmrMax: 7 },
  { partidMax: 65_535, pmgMax: 1, vpmrMax: 0 },
  { partidMax: 31, pmgMax: 3, vpmrMax: 7 },
  { partidMax: 511, pmgMax: 127, vpmrMax: 4 },
  { partidMax: 0, pmgMax: 0, vpmrMax: 0 },
];

/** What a cpu has that shows in labels, in every combination that there can be. Choices go round, and so do sizes or each has all. */
export function labelProfiles(everySize: boolean): PeProfile[] {
  const found: PeProfile[] = [];
  for (let shift = 0; shift < (everySize ? SIZES.length : 1); shift++) addLabelProfiles(found, shift);
  return found;
}

function addLabelProfiles(found: PeProfile[], shift: number): void {
  const first = found.length;
  for (const version of ["none", "0.1", "1.0", "1.1"] as const) {
    for (const el2 of BOTH) {
      for (const el3 of BOTH) {
        for (const hcr of el2 && version !== "none" ? BOTH : [false]) {
          for (const sdeflt of el3 && (version === "0.1" || version === "1.1") ? BOTH : [false]) {
            for (const forceNs of version === "0.1" && el3 ? (["none", "rw", "rao"] as const) : ["none" as const]) {
              for (const rme of version === "1.1" && el2 && el3 ? BOTH : [false]) {
                for (const sme of BOTH) {
                  const turn = found.length;
                  const size = SIZES[(Math.floor((turn - first) / 2) + shift) % SIZES.length]!;
                  const unpredictable = LABEL_CHOICES[(turn * 37) % LABEL_CHOICES.length]!;
                  const vpmrMax = hcr ? size.vpmrMax : "none";
                  const has = { version, el2, el3, sdeflt, forceNs, rme, sme, unpredictable };
                  found.push(profileOf({ ...size, ...has, vpmrMax }));
                }
              }
            }
          }
        }
      }
    }
  }
}

/** Few selectors and every choice: here all values meet all choices. Sizes go round, or each choice has all. */
export function choiceProfiles(everySize: boolean): PeProfile[] {
  return LABEL_CHOICES.flatMap((unpredictable, turn) => {
    const sizes = everySize ? SIZES : [SIZES[turn % SIZES.length]!];
    return sizes.map((size) => profileOf({ ...size, el3: false, sme: true, unpredictable }));
  });
}

/** Limits: what bandwidth control there can be, on cpus with more and fewer levels. */
export function limitProfiles(): PeProfile[] {
  const kinds: Bandwidth[] = [
    "none",
    { bwaWd: 16, maxLim: "both", hwScale: true },
    { bwaWd: 8, maxLim: "both", hwScale: false },
    { bwaWd: 4, maxLim: "hard", hwScale: true },
    { bwaWd: 1, maxLim: "soft", hwScale: false },
  ];
  const cpus: Partial<PeProfile>[] = [
    { sme: true },
    { sme: true, rme: true },
    { el3: false, sme: true },
    { el3: false, vpmrMax: "none" },
    { el2: false, vpmrMax: "none" },
    { el2: false, el3: false, vpmrMax: "none", sme: true },
    { version: "0.1" },
    { version: "none" },
  ];
  return cpus.flatMap((has) => kinds.map((bandwidth) => profileOf({ ...has, bandwidth })));
}

/** Reads: what decides whether a name is there, and who may trap it. */
export function readProfiles(): PeProfile[] {
  const bandwidth: Bandwidth = { bwaWd: 8, maxLim: "both", hwScale: true };
  return [
    profileOf({ sme: true, tidr: true, bandwidth }),
    profileOf({ rme: true, vpmrMax: 2, bandwidth }),
    profileOf({ el3: false, sme: true, tidr: true, bandwidth }),
    profileOf({ el2: false, vpmrMax: "none", sme: true, bandwidth }),
    profileOf({ version: "1.0", vpmrMax: "none", sme: true }),
    profileOf({ version: "0.1", forceNs: "rw", tidr: true, bandwidth }),
    profileOf({ version: "none", vpmrMax: "none" }),
  ];
}
