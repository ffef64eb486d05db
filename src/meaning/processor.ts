// The system registers of a cpu: which label its requests carry, who may change that, and what bandwidth it may use.

import type { FieldsMeaning } from "./meaning.ts";

const LABEL = {
  PARTID_I: "the PARTID of instruction fetches",
  PARTID_D: "the PARTID of loads and stores",
  PMG_I: "the PMG of instruction fetches",
  PMG_D: "the PMG of loads and stores",
};

const MPAMEN = "labels are put on requests; else all carry PARTID 0 and PMG 0";
const MPAMEN_COPY = "whether labels are put on requests: shows what the highest level has set";
const FORCED_SPACE = "the labels are of the alternative address space, because a higher level wants it";

const MPAM1: FieldsMeaning = {
  meaning: "the label of what runs at EL1, the kernel",
  fields: {
    ...LABEL,
    ALTSP_FRCD: FORCED_SPACE,
    FORCED_NS: "labels of Secure software are Non-secure ones, because EL3 wants it",
    MPAMEN: MPAMEN_COPY,
  },
  fixed: ["ALTSP_FRCD", "FORCED_NS"],
};

const LIMIT = {
  MAX: "a share of the bandwidth: 0x10000 is all of it, 0x4000 a quarter",
  HARDLIM: "hard: what is more waits; soft: only while the system is busy",
  ENABLED: "whether the limit counts",
  HW_SCALE_ENABLE: "hardware may lower it when several cpus use the PARTID",
};

const LIMIT_VALUES = { HARDLIM: ["soft", "hard"], ENABLED: ["no limit", "limited"], HW_SCALE_ENABLE: ["off", "on"] };

function limit(of: string, more: Readonly<Record<string, string>> = {}): FieldsMeaning {
  return { meaning: `how much bandwidth ${of} may use`, fields: { ...LIMIT, ...more }, values: LIMIT_VALUES };
}

function entries(n: number): FieldsMeaning {
  const numbers = [0, 1, 2, 3].map((entry) => 4 * n + entry);
  return {
    meaning: `which PARTIDs the virtual ones ${numbers[0]} to ${numbers[3]} of a guest stand for`,
    fields: Object.fromEntries(numbers.map((m) => [`PhyPARTID${m}`, `what virtual PARTID ${m} becomes`])),
  };
}

const LEVELS = ["not there", "AArch64", "AArch64 and AArch32"];

export const PROCESSOR: Readonly<Record<string, FieldsMeaning>> = {
  MPAM0_EL1: { meaning: "the label of what runs at EL0: programs", fields: LABEL },
  MPAM1_EL1: MPAM1,
  MPAM1_EL12: { ...MPAM1, meaning: "MPAM1_EL1, under the name by which a kernel at EL2 reaches it" },
  MPAM2_EL2: {
    meaning: "the label of what runs at EL2, the hypervisor, and what guests may touch",
    fields: {
      ...LABEL,
      TRAPMPAM1EL1: "a guest that touches MPAM1_EL1 is stopped, and EL2 asked",
      TRAPMPAM0EL1: "a guest that touches MPAM0_EL1 is stopped, and EL2 asked",
      EnMPAMSM: "a guest may touch MPAMSM_EL1",
      ALTSP_FRCD: FORCED_SPACE,
      ALTSP_EL2: "EL2's labels are of the alternative space, where EL3 lets EL2 choose",
      ALTSP_HFC: "labels of EL1 and EL0 are of the alternative space, where EL3 lets EL2 choose",
      TIDR: "a guest that reads MPAMIDR_EL1 is stopped, and EL2 asked",
      MPAMEN: MPAMEN_COPY,
    },
    fixed: ["ALTSP_FRCD"],
  },
  MPAM3_EL3: {
    meaning: "the label of what runs at EL3, the firmware, and what all below may do",
    fields: {
      ...LABEL,
      RT_ALTSP_NS: "which space is the alternative one for EL3",
      ALTSP_EL3: "EL3's labels are of the alternative space",
      ALTSP_HFC: "labels of all below EL3 are of the alternative space, where EL3 decides that",
      ALTSP_HEN: "who decides about the alternative space below EL3",
      FORCE_NS: "labels of Secure software are Non-secure ones",
      SDEFLT: "everything Secure carries PARTID 0 and PMG 0",
      TRAPLOWER: "anybody else who touches registers of MPAM is stopped, and EL3 asked",
      MPAMEN,
    },
    values: { RT_ALTSP_NS: ["Secure", "Non-secure"], ALTSP_HEN: ["EL3", "EL2"] },
  },
  MPAMSM_EL1: {
    meaning: "the label of data of SME and of streaming mode",
    fields: { PARTID_D: "their PARTID", PMG_D: "their PMG" },
  },
  MPAMHCR_EL2: {
    meaning: "what a hypervisor does with the labels of its guests",
    fields: {
      EL0_VPMEN: "PARTIDs of a guest's programs are virtual, and translated",
      EL1_VPMEN: "PARTIDs of a guest's kernel are virtual, and translated",
      GSTAPP_PLK: "a guest's programs carry the label of its kernel",
      TRAP_MPAMIDR_EL1: "a guest that reads MPAMIDR_EL1 is stopped, and EL2 asked",
    },
  },
  MPAMVPMV_EL2: {
    meaning: "which entries of the translation of virtual PARTIDs may be used",
    fields: { VPM_V: "bit x: there is an entry for virtual PARTID x; without one that of 0 is taken" },
  },
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`MPAMVPM${n}_EL2`, entries(n)])),
  MPAMIDR_EL1: {
    meaning: "what MPAM of this cpu can do: how many labels, and which features",
    fields: {
      PARTID_MAX: "the largest PARTID that it can put on a request",
      HAS_HCR: "virtual PARTIDs can be translated for guests",
      VPMR_MAX: "the largest number of a register with entries; each has four",
      PMG_MAX: "the largest PMG that it can put on a request",
      HAS_BW_CTRL: "the cpu itself can hold its requests back (the MPAMBW registers)",
      HAS_ALTSP: "labels can be of an alternative address space",
      HAS_TIDR: "MPAM2_EL2.TIDR is there",
      SP4: "PARTIDs exist in four address spaces, Root and Realm too; else in two",
      HAS_FORCE_NS: "MPAM3_EL3.FORCE_NS is there",
      HAS_SDEFLT: "MPAM3_EL3.SDEFLT is there",
    },
    values: { SP4: ["two spaces", "four spaces"] },
  },
  MPAMBWIDR_EL1: {
    meaning: "how the cpu can limit its own bandwidth",
    fields: {
      BWA_WD: "how many bits of a limit count, from the top of the fraction",
      MAX_LIM: "whether limits are hard, soft, or as HARDLIM says",
      HAS_HW_SCALE: "hardware can lower limits when several cpus use a PARTID",
    },
    values: { MAX_LIM: ["software chooses", "soft only", "hard only", "reserved"] },
  },
  MPAMBW0_EL1: limit("what runs at EL0"),
  MPAMBW1_EL1: limit("what runs at EL1"),
  MPAMBW1_EL12: { ...limit(""), meaning: "MPAMBW1_EL1, under the name by which a kernel at EL2 reaches it" },
  MPAMBWSM_EL1: limit("data of SME and of streaming mode"),
  MPAMBW2_EL2: limit("what runs at EL2", {
    nTRAP_MPAMBWSM_EL1: "a guest may touch MPAMBWSM_EL1; else EL2 is asked",
    nTRAP_MPAMBW1_EL1: "a guest may touch MPAMBW1_EL1; else EL2 is asked",
    nTRAP_MPAMBW0_EL1: "a guest may touch MPAMBW0_EL1; else EL2 is asked",
    nTRAP_MPAMBWIDR_EL1: "a guest may read MPAMBWIDR_EL1; else EL2 is asked",
  }),
  MPAMBW3_EL3: limit("what runs at EL3", { nTRAPLOWER: "those below may touch MPAMBW registers; else EL3 is asked" }),
  MPAMBWCAP_EL2: {
    meaning: "the most that a guest can give itself in its MPAMBW registers",
    fields: {
      CAP: "a share of the bandwidth: 0x10000 is all of it, 0x4000 a quarter",
      ENABLED: "whether the cap counts",
      HW_SCALE_ENABLE: "hardware may lower it when several cpus use the PARTID",
    },
    values: { ENABLED: ["no cap", "capped"], HW_SCALE_ENABLE: ["off", "on"] },
  },
  SCR_EL3: {
    meaning: "in which security state the levels below EL3 run; the fields that MPAM looks at",
    fields: {
      NS: "with NSE: 0 Secure, 1 Non-secure; both set: Realm",
      EEL2: "EL2 is there in Secure state too",
      NSE: "with NS: the levels below are Realm",
    },
  },
  HCR_EL2: {
    meaning: "how a hypervisor runs its guests; the fields that MPAM looks at",
    fields: {
      TID3: "a guest that reads ID registers is stopped, and EL2 asked",
      TGE: "programs run directly under EL2, without a kernel at EL1",
      E2H: "a kernel runs at EL2: names of EL1 reach registers of EL2",
      NV: "a guest that is a hypervisor itself: what it does to EL2's registers is caught",
      NV1: "with NV: such a guest believes that it does not run with E2H",
      NV2: "with NV: what it does to registers goes to memory instead",
    },
  },
  ID_AA64PFR0_EL1: {
    meaning: "what the cpu can do; the fields that MPAM looks at",
    fields: {
      EL0: "how programs can run at EL0",
      EL1: "how software can run at EL1",
      EL2: "how software can run at EL2",
      EL3: "how software can run at EL3",
      MPAM: "the version of MPAM: the number before the point",
      RME: "whether the cpu has Realms",
    },
    values: { EL0: LEVELS, EL1: LEVELS, EL2: LEVELS, EL3: LEVELS, RME: ["no", "yes"] },
  },
  ID_AA64PFR1_EL1: {
    meaning: "what else the cpu can do; the fields that MPAM looks at",
    fields: {
      MPAM_frac: "the version of MPAM: the number behind the point",
      SME: "whether the cpu has SME, instructions for matrices",
    },
    values: { SME: ["no", "SME", "SME2"] },
  },
};
