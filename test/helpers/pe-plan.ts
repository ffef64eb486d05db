/** What is tried of a profile: every combination of selectors, with classes of values in the fields they select among. */

import { type Place, place, type Setting, setting } from "./pe-setup.ts";
import type { PeProfile } from "./pe-subject.ts";
import { hasHcr, hasMpam, highestEl, virtualPartids } from "./plain/pe/has.ts";

export interface Plan {
  /** Fields of one bit. */
  readonly selectors: readonly Place[];
  /** Each a whole set of values. */
  readonly values: readonly (readonly Setting[])[];
}

/** Selectors of labels that can matter to this cpu. Neighbours in the list are flipped more often the earlier they stand. */
export function labelSelectors(profile: PeProfile): Place[] {
  const mpam = hasMpam(profile);
  const found: Place[] = [];
  const add = (there: boolean, register: string, ...fields: string[]) => {
    if (there) found.push(...fields.map((field) => place(register, field)));
  };
  add(mpam, highestRegister(profile), "MPAMEN");
  add(mpam && hasHcr(profile), "MPAMHCR_EL2", "GSTAPP_PLK", "EL1_VPMEN", "EL0_VPMEN");
  add(profile.el2, "HCR_EL2", "E2H", "TGE");
  add(profile.el3, "SCR_EL3", "NS");
  add(profile.rme, "SCR_EL3", "NSE");
  add(profile.el2 && profile.el3, "SCR_EL3", "EEL2");
  add(mpam && profile.sdeflt, "MPAM3_EL3", "SDEFLT");
  add(mpam && profile.forceNs === "rw", "MPAM3_EL3", "FORCE_NS");
  add(mpam && profile.rme, "MPAM3_EL3", "ALTSP_HEN", "ALTSP_HFC", "ALTSP_EL3", "RT_ALTSP_NS");
  add(mpam && profile.rme, "MPAM2_EL2", "ALTSP_HFC", "ALTSP_EL2");
  return found;
}

function highestRegister(profile: PeProfile): string {
  return ["", "MPAM1_EL1", "MPAM2_EL2", "MPAM3_EL3"][highestEl(profile)]!;
}

/**
 * Values of a label: in which class the PARTID of a field is, whether its entry and entry 0 are valid, in which class
 * the mapped PARTID is, in which class the PMG. Classes are dealt to fields and entries in turn, so that each has each
 * once, and no two fields have the same at one time: what comes from the wrong field is seen.
 */
export function labelValues(profile: PeProfile): Setting[][] {
  if (!hasMpam(profile)) return [[]];
  const entries = virtualPartids(profile);
  const partids = partidClasses(profile);
  const mapped = mappedClasses(profile);
  const pmgs = [[0], [profile.pmgMax], aboveUpTo(profile.pmgMax, 0xff)].filter((members) => members.length > 0);
  const found: Setting[][] = [];
  const dealt = hasHcr(profile) ? { mapped: mapped.length, valid: 2, valid0: 2 } : { mapped: 1, valid: 1, valid0: 1 };
  for (let m = 0; m < dealt.mapped; m++) {
    for (let valid = 0; valid < dealt.valid; valid++) {
      for (let valid0 = 0; valid0 < dealt.valid0; valid0++) {
        const mapping = mappingSettings(entries, mapped, m, valid, valid0);
        for (let partid = 0; partid < partids.length; partid++) {
          for (let pmg = 0; pmg < pmgs.length; pmg++) {
            found.push([...mapping, ...fieldSettings(profile, partids, partid, pmgs, pmg)]);
          }
        }
      }
    }
  }
  return found;
}

function partidClasses({ partidMax, ...profile }: PeProfile): number[][] {
  const entries = virtualPartids({ partidMax, ...profile });
  const classes = [
    [0],
    numbers(1, Math.min(entries, partidMax) - 1),
    numbers(Math.max(entries, 1), partidMax - 1),
    [partidMax],
    aboveUpTo(partidMax, 0xffff),
  ];
  return classes.filter((members) => members.length > 0);
}

function mappedClasses({ partidMax, unpredictable }: PeProfile): number[][] {
  const narrow = partidMax === 0 ? 0 : 2 ** partidMax.toString(2).length - 1;
  const largest = unpredictable.phyPartid === "narrow" ? narrow : 0xffff;
  const classes = [[0], numbers(1, partidMax - 1), [partidMax], aboveUpTo(partidMax, largest)];
  return classes.filter((members) => members.length > 0);
}

/** A few numbers past a maximum: the next ones, and the largest of the field. */
function aboveUpTo(max: number, largest: number): number[] {
  return [max + 1, largest, max + 3, largest - 1].filter((value) => value > max && value <= largest);
}

/** At most 40 of them, spread over the whole. */
function numbers(first: number, last: number): number[] {
  const count = Math.min(last - first + 1, 40);
  if (count <= 0) return [];
  return Array.from({ length: count }, (_, i) => first + Math.floor((i * (last - first + 1)) / count));
}

const SOURCES: readonly { readonly register: string; readonly half: "D" | "I" }[] = [
  { register: "MPAM0_EL1", half: "D" },
  { register: "MPAM1_EL1", half: "D" },
  { register: "MPAM2_EL2", half: "D" },
  { register: "MPAM3_EL3", half: "D" },
  { register: "MPAMSM_EL1", half: "D" },
  { register: "MPAM0_EL1", half: "I" },
  { register: "MPAM1_EL1", half: "I" },
  { register: "MPAM2_EL2", half: "I" },
  { register: "MPAM3_EL3", half: "I" },
];

function fieldSettings(profile: PeProfile, partids: number[][], partid: number, pmgs: number[][], pmg: number) {
  const there = (register: string) => {
    if (register === "MPAM2_EL2") return profile.el2;
    if (register === "MPAM3_EL3") return profile.el3;
    return register !== "MPAMSM_EL1" || profile.sme;
  };
  const dealt = (classes: number[][], turn: number, k: number) => {
    const members = classes[(turn + k) % classes.length]!;
    return members[k % members.length]!;
  };
  return SOURCES.flatMap(({ register, half }, k) =>
    there(register)
      ? [
          setting(register, `PARTID_${half}`, dealt(partids, partid, k)),
          setting(register, `PMG_${half}`, dealt(pmgs, pmg, k)),
        ]
      : [],
  );
}

function mappingSettings(entries: number, classes: number[][], turn: number, valid: number, valid0: number): Setting[] {
  return Array.from({ length: entries }, (_, v) => {
    const members = classes[(turn + v) % classes.length]!;
    return [
      setting(`MPAMVPM${Math.floor(v / 4)}_EL2`, `PhyPARTID${v}`, members[(v * 7) % members.length]!),
      setting("MPAMVPMV_EL2", `VPM_V${v}`, v === 0 ? valid0 : (valid + v) % 2),
    ];
  }).flat();
}

/** Of limits: who has one, who is capped, which is lower, and which are scaled or hard. */
export function limitPlan(profile: PeProfile): Plan {
  const limits = limitRegisters(profile);
  const { bandwidth } = profile;
  const selectors = [
    ...limits.map((register) => place(register, "ENABLED")),
    ...labelSelectors(profile).filter(({ register }) => register === "HCR_EL2" || register === "SCR_EL3"),
  ];
  if (bandwidth === "none") return { selectors, values: [[]] };
  // Turn by turn each register is lowest, middle and highest; no two are the same, but in the last.
  const fractions = [0x1000, 0x2000, 0x4000, 0x8000, 0xc000, 0xf000].map(
    (value) => value - (value % 2 ** (16 - bandwidth.bwaWd)),
  );
  const values: Setting[][] = [];
  for (let turn = 0; turn <= fractions.length; turn++) {
    for (const scales of bandwidth.hwScale ? [0, 1, 2, 3] : [0]) {
      for (const hard of bandwidth.maxLim === "both" ? [0, 1, 2] : [0]) {
        values.push(
          limits.flatMap((register, k) => {
            const scaled = scales === 3 ? 1 : scales === 0 ? 0 : (scales + k) % 2;
            const fraction = turn === fractions.length ? fractions[3]! : fractions[(turn + k) % fractions.length]!;
            const max = fraction + (scaled === 1 ? ((k + turn) % 3) * 2 ** 16 : 0);
            const cap = register === "MPAMBWCAP_EL2";
            return [
              ...(bandwidth.hwScale ? [setting(register, "HW_SCALE_ENABLE", scaled)] : []),
              ...(bandwidth.maxLim === "both" && !cap ? [setting(register, "HARDLIM", hard === 2 ? k % 2 : hard)] : []),
              setting(register, cap ? "CAP" : "MAX", max),
            ];
          }),
        );
      }
    }
  }
  return { selectors, values };
}

/** Of reads: what decides over all names; and no trap to EL2 of a single name, or one of them, or all. */
export function readPlan(profile: PeProfile): Plan {
  const { el2, el3, rme, bandwidth } = profile;
  const selectors = [
    ...(el2 ? ["E2H", "TGE", "NV", "NV1", "NV2"].map((field) => place("HCR_EL2", field)) : []),
    ...(el3 ? ["NS", ...(el2 ? ["EEL2"] : []), ...(rme ? ["NSE"] : [])].map((field) => place("SCR_EL3", field)) : []),
    ...(el3 && hasMpam(profile) ? [place("MPAM3_EL3", "TRAPLOWER")] : []),
    ...(el3 && hasMpam(profile) && bandwidth !== "none" ? [place("MPAMBW3_EL3", "nTRAPLOWER")] : []),
  ];
  const traps = el2 ? singleTraps(profile) : [];
  const which = [[], traps, ...traps.map((trap) => [trap])];
  const values = which.map((set) =>
    traps.map((trap) => ({ place: trap.place, value: set.includes(trap) ? trap.value : 1 - trap.value })),
  );
  return { selectors, values };
}

/** Bits that trap one name from EL1, at the value that does. */
function singleTraps(profile: PeProfile): Setting[] {
  if (!hasMpam(profile)) return [setting("HCR_EL2", "TID3", 1)];
  return [
    setting("HCR_EL2", "TID3", 1),
    setting("MPAM2_EL2", "TRAPMPAM0EL1", 1),
    setting("MPAM2_EL2", "TRAPMPAM1EL1", 1),
    ...(profile.tidr ? [setting("MPAM2_EL2", "TIDR", 1)] : []),
    ...(hasHcr(profile) ? [setting("MPAMHCR_EL2", "TRAP_MPAMIDR_EL1", 1)] : []),
    ...(profile.sme ? [setting("MPAM2_EL2", "EnMPAMSM", 0)] : []),
    ...(profile.bandwidth === "none" ? [] : bandwidthTraps(profile)),
  ];
}

function bandwidthTraps({ sme }: PeProfile): Setting[] {
  const names = ["MPAMBWIDR_EL1", "MPAMBW0_EL1", "MPAMBW1_EL1", ...(sme ? ["MPAMBWSM_EL1"] : [])];
  return names.map((name) => setting("MPAMBW2_EL2", `nTRAP_${name}`, 0));
}

function limitRegisters(profile: PeProfile): string[] {
  const { el2, el3, sme } = profile;
  if (!hasMpam(profile) || profile.bandwidth === "none") return [];
  return [
    "MPAMBW0_EL1",
    "MPAMBW1_EL1",
    ...(sme ? ["MPAMBWSM_EL1"] : []),
    ...(el2 ? ["MPAMBW2_EL2"] : []),
    ...(el3 ? ["MPAMBW3_EL3"] : []),
    ...(hasHcr(profile) ? ["MPAMBWCAP_EL2"] : []),
  ];
}

export function labelPlan(profile: PeProfile): Plan {
  return { selectors: labelSelectors(profile), values: labelValues(profile) };
}
