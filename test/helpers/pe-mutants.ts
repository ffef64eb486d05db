/** Plain models with one rule wrong each: what a comparison has to notice. */
import type {
  Encoding,
  ExceptionLevel,
  PeAccess,
  PeImplementation,
  PeLabel,
  PeLimit,
  PeProfile,
  RequestKind,
} from "./pe-subject.ts";
import { nameOf } from "./plain/pe/encodings.ts";
import { PlainPe } from "./plain/pe/pe.ts";
import { PeState } from "./plain/pe/state.ts";

/** A field as the rules see it, given what it holds. */
type Sees = (register: string, field: string, value: number, state: PeState) => number;

/** Its rules can be made to see something else than what its registers hold. */
class Mistaken extends PeState {
  sees: Sees | undefined;

  constructor(profile: PeProfile, sees?: Sees) {
    super(profile);
    this.sees = sees;
  }

  override field(register: string, field: string): number {
    const value = this.stored(register, field);
    return this.sees ? this.sees(register, field, value, this) : value;
  }

  /** What comes of it with other eyes, or as another cpu. */
  as<T>({ sees, ...has }: { sees?: Sees } & Partial<PeProfile>, body: () => T): T {
    const before = { sees: this.sees, profile: this.profile };
    Object.assign(this, { sees, profile: { ...this.profile, ...has } });
    const result = body();
    Object.assign(this, before);
    return result;
  }
}

/** Where a field holds something else to the rules of this mutant. */
function fixed(where: string, value: number): Sees {
  return (register, field, held) => (`${register}.${field}` === where ? value : held);
}

class Mutant extends PlainPe {
  declare readonly state: Mistaken;

  honestLabel(el: ExceptionLevel, kind: RequestKind): PeLabel {
    return super.label(el, kind);
  }

  honestLimit(el: ExceptionLevel, kind: RequestKind): PeLimit | undefined {
    return super.limit(el, kind);
  }

  honestRead(encoding: Encoding, el: ExceptionLevel): PeAccess {
    return super.read(encoding, el);
  }
}

function mutant(name: string, create: (profile: PeProfile) => PlainPe): PeImplementation {
  return { name, create: async (profile) => create(profile) };
}

function seeing(name: string, sees: Sees): PeImplementation {
  return mutant(name, (profile) => new PlainPe(new Mistaken(profile, sees)));
}

function notSeeing(where: string, value = 0): PeImplementation {
  return seeing(`${where} counts as ${value}`, fixed(where, value));
}

type LabelRule = (pe: Mutant, el: ExceptionLevel, kind: RequestKind) => PeLabel;
type LimitRule = (pe: Mutant, el: ExceptionLevel, kind: RequestKind) => PeLimit | undefined;
type ReadRule = (pe: Mutant, encoding: Encoding, el: ExceptionLevel) => PeAccess;

function labelling(name: string, rule: LabelRule): PeImplementation {
  return mutant(
    name,
    (profile) =>
      new (class extends Mutant {
        override label(el: ExceptionLevel, kind: RequestKind): PeLabel {
          return rule(this, el, kind);
        }
      })(new Mistaken(profile)),
  );
}

function limiting(name: string, rule: LimitRule): PeImplementation {
  return mutant(
    name,
    (profile) =>
      new (class extends Mutant {
        override limit(el: ExceptionLevel, kind: RequestKind): PeLimit | undefined {
          return rule(this, el, kind);
        }
      })(new Mistaken(profile)),
  );
}

function reading(name: string, rule: ReadRule): PeImplementation {
  return mutant(
    name,
    (profile) =>
      new (class extends Mutant {
        override read(encoding: Encoding, el: ExceptionLevel): PeAccess {
          return rule(this, encoding, el);
        }
      })(new Mistaken(profile)),
  );
}

/** As another cpu would be, from the start. */
function being(name: string, other: (profile: PeProfile) => Partial<PeProfile>): PeImplementation {
  return mutant(name, (profile) => new PlainPe(new PeState({ ...profile, ...other(profile) })));
}

function choosing(choice: Partial<PeProfile["unpredictable"]>): PeImplementation {
  const name = `chooses ${JSON.stringify(choice)} whatever is asked for`;
  return being(name, ({ unpredictable }) => ({ unpredictable: { ...unpredictable, ...choice } }));
}

const swapped: Sees = (register, field, value, state) => {
  if (field === "EL1_VPMEN") return state.stored(register, "EL0_VPMEN");
  return field === "EL0_VPMEN" ? state.stored(register, "EL1_VPMEN") : value;
};

const halves: Sees = (register, field, value, state) => {
  const other = { PARTID_I: "PARTID_D", PARTID_D: "PARTID_I", PMG_I: "PMG_D", PMG_D: "PMG_I" }[field];
  return other && register !== "MPAMSM_EL1" ? state.stored(register, other) : value;
};

/** Wrong about labels. */
export const labelMutants: readonly PeImplementation[] = [
  seeing("MPAMEN counts as 1", (_register, field, value) => (field === "MPAMEN" ? 1 : value)),
  ...["GSTAPP_PLK", "EL1_VPMEN", "EL0_VPMEN"].map((field) => notSeeing(`MPAMHCR_EL2.${field}`)),
  ...["NS", "NSE", "EEL2"].map((field) => notSeeing(`SCR_EL3.${field}`)),
  notSeeing("SCR_EL3.EEL2", 1),
  ...["E2H", "TGE"].flatMap((field) => [notSeeing(`HCR_EL2.${field}`), notSeeing(`HCR_EL2.${field}`, 1)]),
  ...["SDEFLT", "FORCE_NS", "ALTSP_HEN", "ALTSP_HFC", "ALTSP_EL3", "RT_ALTSP_NS"].map((field) =>
    notSeeing(`MPAM3_EL3.${field}`),
  ),
  notSeeing("MPAM3_EL3.ALTSP_HEN", 1),
  ...["ALTSP_HFC", "ALTSP_EL2"].map((field) => notSeeing(`MPAM2_EL2.${field}`)),
  notSeeing("MPAMVPMV_EL2.VPM_V0"),
  notSeeing("MPAMVPMV_EL2.VPM_V0", 1),
  notSeeing("MPAMVPMV_EL2.VPM_V1", 1),
  seeing("EL1_VPMEN and EL0_VPMEN are exchanged", swapped),
  seeing("fetches have the data's label, and data the fetches'", halves),
  seeing("ALTSP_HFC and ALTSP_EL2 of MPAM2_EL2 are exchanged", (register, field, value, state) => {
    if (register !== "MPAM2_EL2") return value;
    if (field === "ALTSP_HFC") return state.stored(register, "ALTSP_EL2");
    return field === "ALTSP_EL2" ? state.stored(register, "ALTSP_HFC") : value;
  }),
  seeing("FORCE_NS acts only with MPAMEN", (register, field, value, state) =>
    field === "FORCE_NS" && state.stored(register, "MPAMEN") === 0 ? 0 : value,
  ),
  choosing({ virtual: "default" }),
  choosing({ virtual: "zero" }),
  choosing({ virtual: "wrap" }),
  choosing({ physical: "zero" }),
  choosing({ physical: "max" }),
  choosing({ pmg: "zero" }),
  choosing({ pmg: "max" }),
  choosing({ pmgOfError: "keep" }),
  choosing({ pmgOfError: "zero" }),
  choosing({ streaming: "mpamsm" }),
  choosing({ streaming: "el" }),
  being("PMG_MAX + 1 is in range", ({ pmgMax }) => ({ pmgMax: Math.min(pmgMax + 1, 255) })),
  being("PARTID_MAX is itself out of range", ({ partidMax }) => ({ partidMax: Math.max(partidMax - 1, 0) })),
  labelling("a virtual PARTID above PARTID_MAX is mapped where there is an entry", (pe, el, kind) => {
    const honest = pe.honestLabel(el, kind);
    const { partidMax, vpmrMax } = pe.state.profile;
    if (!honest.flawed || vpmrMax === "none" || 4 * vpmrMax + 3 <= partidMax) return honest;
    const wide = pe.state.as({ partidMax: 4 * vpmrMax + 3 }, () => pe.honestLabel(el, kind));
    return wide.partid > partidMax ? honest : wide;
  }),
  labelling("MPAM2_EL2's ALTSP fields count while MPAM3_EL3.MPAMEN = 0", (pe, el, kind) => {
    const { space } = pe.state.as({ sees: fixed("MPAM3_EL3.MPAMEN", 1) }, () => pe.honestLabel(el, kind));
    return { ...pe.honestLabel(el, kind), space };
  }),
  labelling("EL0 of EL2 has the space of EL1", (pe, el, kind) => {
    const honest = pe.honestLabel(el, kind);
    return el === 0 ? { ...honest, space: pe.honestLabel(1, "data").space } : honest;
  }),
  labelling("EL0 of EL2 is virtual", (pe, el, kind) =>
    el === 0
      ? { ...pe.state.as({ sees: fixed("HCR_EL2.E2H", 0) }, () => pe.honestLabel(el, kind)), space: spaceOfEl0(pe) }
      : pe.honestLabel(el, kind),
  ),
  labelling("SDEFLT acts at EL3 only", (pe, el, kind) =>
    el === 3
      ? pe.honestLabel(el, kind)
      : pe.state.as({ sees: fixed("MPAM3_EL3.SDEFLT", 0) }, () => pe.honestLabel(el, kind)),
  ),
  labelling("SDEFLT does not act at EL3", (pe, el, kind) =>
    el === 3
      ? pe.state.as({ sees: fixed("MPAM3_EL3.SDEFLT", 0) }, () => pe.honestLabel(el, kind))
      : pe.honestLabel(el, kind),
  ),
  labelling("SDEFLT acts in Root state", (pe, el, kind) =>
    el === 3 && pe.state.profile.rme && pe.state.stored("MPAM3_EL3", "SDEFLT") === 1
      ? { ...pe.honestLabel(el, kind), partid: 0, pmg: 0, flawed: false }
      : pe.honestLabel(el, kind),
  ),
  labelling("an error moves a request to the Non-secure space", (pe, el, kind) => {
    const honest = pe.honestLabel(el, kind);
    return honest.flawed ? { ...honest, space: "ns" } : honest;
  }),
  labelling("errors are not told", (pe, el, kind) => ({ ...pe.honestLabel(el, kind), flawed: false })),
  labelling("nv2 is labelled as data", (pe, el, kind) => pe.honestLabel(el, kind === "nv2" ? "data" : kind)),
  labelling("nv2 has the space of EL1", (pe, el, kind) => {
    const honest = pe.honestLabel(el, kind);
    return kind === "nv2" ? { ...honest, space: pe.honestLabel(el, "data").space } : honest;
  }),
  labelling("streaming is labelled as data", (pe, el, kind) =>
    pe.honestLabel(el, kind === "streaming" ? "data" : kind),
  ),
  labelling("streaming is never virtual", (pe, el, kind) => {
    const never: Sees = (_register, field, value) => (field.endsWith("_VPMEN") ? 0 : value);
    return pe.state.as(kind === "streaming" ? { sees: never } : {}, () => pe.honestLabel(el, kind));
  }),
  labelling("streaming at EL0 is virtual as EL1 where GSTAPP_PLK", (pe, el, kind) =>
    kind === "streaming" && el === 0 && pe.state.profile.sme && pe.state.stored("MPAMHCR_EL2", "GSTAPP_PLK") === 1
      ? pe.honestLabel(1, kind)
      : pe.honestLabel(el, kind),
  ),
];

function spaceOfEl0(pe: Mutant): PeLabel["space"] {
  return pe.honestLabel(0, "data").space;
}

/** Wrong about limits. */
export const limitMutants: readonly PeImplementation[] = [
  notSeeing("MPAMBWCAP_EL2.ENABLED"),
  ...["MPAMBW0_EL1", "MPAMBW1_EL1", "MPAMBWSM_EL1", "MPAMBW2_EL2", "MPAMBW3_EL3"].map((register) =>
    notSeeing(`${register}.ENABLED`, 1),
  ),
  seeing("HARDLIM is never set", (_register, field, value) => (field === "HARDLIM" ? 0 : value)),
  seeing("hardware scaling is not told", (_register, field, value) => (field === "HW_SCALE_ENABLE" ? 0 : value)),
  limiting("streaming is limited as data", (pe, el, kind) => pe.honestLimit(el, kind === "streaming" ? "data" : kind)),
  limiting("nv2 is limited as EL1", (pe, el, kind) => pe.honestLimit(el, kind === "nv2" ? "data" : kind)),
  limiting("EL0 of EL2 is capped", (pe, el, kind) =>
    el === 0
      ? pe.state.as({ sees: fixed("HCR_EL2.TGE", 0) }, () => pe.honestLimit(el, kind))
      : pe.honestLimit(el, kind),
  ),
  limiting("TGE alone makes EL0 EL2's", (pe, el, kind) =>
    pe.state.as({ sees: fixed("HCR_EL2.E2H", 1) }, () => pe.honestLimit(el, kind)),
  ),
  limiting("a cap counts where EL2 is not enabled", (pe, el, kind) =>
    pe.state.as({ sees: fixed("SCR_EL3.EEL2", 1) }, () => pe.honestLimit(el, kind)),
  ),
  limiting("a cap is a limit by itself", (pe, el, kind) => {
    const honest = pe.honestLimit(el, kind);
    if (honest || el !== 1 || kind !== "data" || pe.state.stored("MPAMBWCAP_EL2", "ENABLED") === 0) return honest;
    return pe.state.as({ sees: fixed("MPAMBW1_EL1.ENABLED", 1) }, () => pe.honestLimit(el, kind));
  }),
  limiting("a cap that is lower leaves the scaling of MAX", (pe, el, kind) => {
    const honest = pe.honestLimit(el, kind);
    const uncapped = pe.state.as({ sees: fixed("MPAMBWCAP_EL2.ENABLED", 0) }, () => pe.honestLimit(el, kind));
    return honest && uncapped ? { ...honest, scaled: uncapped.scaled } : honest;
  }),
];

const isMpam = (encoding: Encoding) => nameOf(encoding)?.startsWith("MPAM") === true;

/** Wrong about accesses. */
export const accessMutants: readonly PeImplementation[] = [
  notSeeing("MPAM3_EL3.TRAPLOWER"),
  notSeeing("MPAMBW3_EL3.nTRAPLOWER", 1),
  ...["TRAPMPAM0EL1", "TRAPMPAM1EL1", "TIDR"].map((field) => notSeeing(`MPAM2_EL2.${field}`)),
  notSeeing("MPAM2_EL2.EnMPAMSM", 1),
  notSeeing("MPAMHCR_EL2.TRAP_MPAMIDR_EL1"),
  ...["MPAMBW0_EL1", "MPAMBW1_EL1", "MPAMBWSM_EL1", "MPAMBWIDR_EL1"].map((name) =>
    notSeeing(`MPAMBW2_EL2.nTRAP_${name}`, 1),
  ),
  ...["TID3", "E2H", "NV", "NV1", "NV2"].map((field) => notSeeing(`HCR_EL2.${field}`)),
  notSeeing("HCR_EL2.NV1", 1),
  notSeeing("HCR_EL2.NV2", 1),
  notSeeing("SCR_EL3.EEL2", 1),
  choosing({ reset: "zero" }),
  choosing({ reset: "ones" }),
  choosing({ phyPartid: "full" }),
  choosing({ phyPartid: "narrow" }),
  choosing({ altspFrcd: "any" }),
  choosing({ altspFrcd: "forced" }),
  being("one more virtual PARTID register", ({ vpmrMax }) =>
    vpmrMax === "none" ? {} : { vpmrMax: Math.min(vpmrMax + 1, 7) },
  ),
  being("one more bit of fractions", ({ bandwidth }) =>
    bandwidth === "none" ? {} : { bandwidth: { ...bandwidth, bwaWd: Math.min(bandwidth.bwaWd + 1, 16) } },
  ),
  being("HARDLIM can be written", ({ bandwidth }) =>
    bandwidth === "none" ? {} : { bandwidth: { ...bandwidth, maxLim: "both" } },
  ),
  being("hardware scaling everywhere", ({ bandwidth }) =>
    bandwidth === "none" ? {} : { bandwidth: { ...bandwidth, hwScale: true } },
  ),
  being("SME everywhere", () => ({ sme: true })),
  being("FORCE_NS can be written", ({ forceNs }) => (forceNs === "rao" ? { forceNs: "rw" } : {})),
  being("firmware enables always", ({ firmware }) => ({ firmware: { ...firmware, enables: true } })),
  being("firmware never traps", ({ firmware }) => ({ firmware: { ...firmware, traps: false } })),
  being("TIDR is not known", () => ({ tidr: false })),
  reading("EL2 traps come before EL3's", (pe, encoding, el) => {
    const honest = pe.honestRead(encoding, el);
    if (honest.outcome !== "trap" || honest.to !== 3) return honest;
    const untrapped: Sees = (_register, field, value) => {
      if (field === "TRAPLOWER") return 0;
      return field === "nTRAPLOWER" ? 1 : value;
    };
    const next = pe.state.as({ sees: untrapped }, () => pe.honestRead(encoding, el));
    return next.outcome === "trap" ? next : honest;
  }),
  reading("_EL12 names are exempt from TRAPLOWER", (pe, encoding, el) =>
    nameOf(encoding)?.endsWith("_EL12")
      ? pe.state.as({ sees: fixed("MPAM3_EL3.TRAPLOWER", 0) }, () => pe.honestRead(encoding, el))
      : pe.honestRead(encoding, el),
  ),
  reading("redirected MPAM1_EL1 is exempt from TRAPLOWER", (pe, encoding, el) =>
    el === 2 && nameOf(encoding) === "MPAM1_EL1" && pe.state.stored("HCR_EL2", "E2H") === 1
      ? pe.state.as({ sees: fixed("MPAM3_EL3.TRAPLOWER", 0) }, () => pe.honestRead(encoding, el))
      : pe.honestRead(encoding, el),
  ),
  reading("TRAPLOWER comes before the redirection to memory", (pe, encoding, el) => {
    const honest = pe.honestRead(encoding, el);
    if (honest.outcome !== "memory" || !isMpam(encoding) || pe.state.stored("MPAM3_EL3", "TRAPLOWER") === 0) {
      return honest;
    }
    return { outcome: "trap", to: 3, ec: 0x18, iss: 0 };
  }),
  reading("what NV2 redirects of names of EL1 is not trapped", (pe, encoding, el) => {
    const honest = pe.honestRead(encoding, el);
    const offset = nameOf(encoding) === "MPAM1_EL1" ? 0x900 : nameOf(encoding) === "MPAMBW1_EL1" ? 0x908 : undefined;
    const redirects = ["NV", "NV1", "NV2"].every((field) => pe.state.fieldOfEl2("HCR_EL2", field) === 1);
    return honest.outcome === "trap" && el === 1 && offset !== undefined && redirects
      ? { outcome: "memory", offset }
      : honest;
  }),
  reading("the trap of a read says that it is a write", (pe, encoding, el) => {
    const honest = pe.honestRead(encoding, el);
    return honest.outcome === "trap" ? { ...honest, iss: honest.iss - 1 } : honest;
  }),
  reading("FORCED_NS shows FORCE_NS in any state", (pe, encoding, el) =>
    nameOf(encoding) === "MPAM1_EL1"
      ? pe.state.as({ sees: fixed("SCR_EL3.NS", 0) }, () => pe.honestRead(encoding, el))
      : pe.honestRead(encoding, el),
  ),
  reading("ALTSP_FRCD counts MPAM2_EL2 while MPAM3_EL3.MPAMEN = 0", (pe, encoding, el) =>
    pe.state.as({ sees: fixed("MPAM3_EL3.MPAMEN", 1) }, () => pe.honestRead(encoding, el)),
  ),
  reading("_EL12 names are there for EL3 where EL2 is not enabled", (pe, encoding, el) =>
    el === 3 && nameOf(encoding)?.endsWith("_EL12")
      ? pe.state.as({ sees: fixed("SCR_EL3.EEL2", 1) }, () => pe.honestRead(encoding, el))
      : pe.honestRead(encoding, el),
  ),
  mutant("a write of a read-only register is ignored", (profile) => {
    return new (class extends Mutant {
      override write(encoding: Encoding, value: bigint, el: ExceptionLevel): PeAccess {
        const read = super.read(encoding, el);
        const done = nameOf(encoding) === "MPAMIDR_EL1" && read.outcome === "done";
        return done ? { outcome: "done", value } : super.write(encoding, value, el);
      }
    })(new Mistaken(profile));
  }),
  mutant("reset does not undo MPAM0_EL1", (profile) => {
    return new (class extends Mutant {
      override reset(): void {
        const kept = super.read(0xc529, 1);
        super.reset();
        if (kept.outcome === "done") this.state.write("MPAM0_EL1", kept.value);
      }
    })(new Mistaken(profile));
  }),
];
