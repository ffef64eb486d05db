/**
 * System registers of a cpu as the specification numbers them (the project's register reference, 7.2 and 7.3; docs/modelled.md, "The
 * processor side", for those beside MPAM). Written from the text and not from assembly/regs.
 */

export interface GoldenSystemRegister {
  readonly name: string;
  /** op0, op1, CRn, CRm, op2. */
  readonly parts: readonly [op0: number, op1: number, crn: number, crm: number, op2: number];
  readonly readOnly?: true;
  /** Offset to which NV2 redirects an access. */
  readonly slot?: number;
  /** Highest and lowest bit of each field. */
  readonly fields: Readonly<Record<string, readonly [high: number, low: number]>>;
}

type Fields = GoldenSystemRegister["fields"];

const label: Fields = { PMG_D: [47, 40], PMG_I: [39, 32], PARTID_D: [31, 16], PARTID_I: [15, 0] };
const mpam1: Fields = { MPAMEN: [63, 63], FORCED_NS: [60, 60], ALTSP_FRCD: [54, 54], ...label };
const limit: Fields = { HW_SCALE_ENABLE: [63, 63], ENABLED: [62, 62], HARDLIM: [61, 61], MAX: [31, 0] };

function entries(n: number): Fields {
  return Object.fromEntries([0, 1, 2, 3].map((i) => [`PhyPARTID${4 * n + i}`, [16 * i + 15, 16 * i] as const]));
}

/** op0 is 3 and CRn 10 for all of MPAM. */
function mpam(
  name: string,
  [op1, crm, op2]: readonly [number, number, number],
  fields: Fields,
  rest: Pick<GoldenSystemRegister, "readOnly" | "slot"> = {},
): GoldenSystemRegister {
  return { name, parts: [3, op1, 10, crm, op2], fields, ...rest };
}

export const goldenSystemRegisters: readonly GoldenSystemRegister[] = [
  mpam(
    "MPAMIDR_EL1",
    [0, 4, 4],
    {
      HAS_SDEFLT: [61, 61],
      HAS_FORCE_NS: [60, 60],
      SP4: [59, 59],
      HAS_TIDR: [58, 58],
      HAS_ALTSP: [57, 57],
      HAS_BW_CTRL: [56, 56],
      PMG_MAX: [39, 32],
      VPMR_MAX: [20, 18],
      HAS_HCR: [17, 17],
      PARTID_MAX: [15, 0],
    },
    { readOnly: true },
  ),
  mpam("MPAMBWIDR_EL1", [0, 4, 5], { HAS_HW_SCALE: [63, 63], MAX_LIM: [31, 30], BWA_WD: [5, 0] }, { readOnly: true }),
  mpam("MPAM1_EL1", [0, 5, 0], mpam1, { slot: 0x900 }),
  mpam("MPAM1_EL12", [5, 5, 0], mpam1, { slot: 0x900 }),
  mpam("MPAM0_EL1", [0, 5, 1], label),
  mpam("MPAMSM_EL1", [0, 5, 3], { PMG_D: [47, 40], PARTID_D: [31, 16] }),
  mpam("MPAMBW1_EL1", [0, 5, 4], limit, { slot: 0x908 }),
  mpam("MPAMBW1_EL12", [5, 5, 4], limit, { slot: 0x908 }),
  mpam("MPAMBW0_EL1", [0, 5, 5], limit),
  mpam("MPAMBWSM_EL1", [0, 5, 7], limit),
  mpam(
    "MPAMHCR_EL2",
    [4, 4, 0],
    { TRAP_MPAMIDR_EL1: [31, 31], GSTAPP_PLK: [8, 8], EL1_VPMEN: [1, 1], EL0_VPMEN: [0, 0] },
    { slot: 0x930 },
  ),
  mpam("MPAMVPMV_EL2", [4, 4, 1], { VPM_V: [31, 0] }, { slot: 0x938 }),
  mpam("MPAM2_EL2", [4, 5, 0], {
    MPAMEN: [63, 63],
    TIDR: [58, 58],
    ALTSP_HFC: [56, 56],
    ALTSP_EL2: [55, 55],
    ALTSP_FRCD: [54, 54],
    EnMPAMSM: [50, 50],
    TRAPMPAM0EL1: [49, 49],
    TRAPMPAM1EL1: [48, 48],
    ...label,
  }),
  mpam("MPAMBW2_EL2", [4, 5, 4], {
    ...limit,
    nTRAP_MPAMBWIDR_EL1: [52, 52],
    nTRAP_MPAMBW0_EL1: [51, 51],
    nTRAP_MPAMBW1_EL1: [50, 50],
    nTRAP_MPAMBWSM_EL1: [49, 49],
  }),
  mpam("MPAMBWCAP_EL2", [4, 5, 6], { HW_SCALE_ENABLE: [63, 63], ENABLED: [62, 62], CAP: [31, 0] }, { slot: 0x910 }),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => mpam(`MPAMVPM${n}_EL2`, [4, 6, n], entries(n), { slot: 0x940 + 8 * n })),
  mpam("MPAM3_EL3", [6, 5, 0], {
    MPAMEN: [63, 63],
    TRAPLOWER: [62, 62],
    SDEFLT: [61, 61],
    FORCE_NS: [60, 60],
    ALTSP_HEN: [57, 57],
    ALTSP_HFC: [56, 56],
    ALTSP_EL3: [55, 55],
    RT_ALTSP_NS: [52, 52],
    ...label,
  }),
  mpam("MPAMBW3_EL3", [6, 5, 4], { ...limit, nTRAPLOWER: [49, 49] }),
  { name: "SCR_EL3", parts: [3, 6, 1, 1, 0], fields: { NS: [0, 0], EEL2: [18, 18], NSE: [62, 62] } },
  {
    name: "HCR_EL2",
    parts: [3, 4, 1, 1, 0],
    slot: 0x078,
    fields: { TID3: [18, 18], TGE: [27, 27], E2H: [34, 34], NV: [42, 42], NV1: [43, 43], NV2: [45, 45] },
  },
  {
    name: "ID_AA64PFR0_EL1",
    parts: [3, 0, 0, 4, 0],
    readOnly: true,
    fields: { EL0: [3, 0], EL1: [7, 4], EL2: [11, 8], EL3: [15, 12], MPAM: [43, 40], RME: [55, 52] },
  },
  {
    name: "ID_AA64PFR1_EL1",
    parts: [3, 0, 0, 4, 1],
    readOnly: true,
    fields: { MPAM_frac: [19, 16], SME: [27, 24] },
  },
];

/** op0 [15:14], op1 [13:11], CRn [10:7], CRm [6:3], op2 [2:0]. */
export function packed([op0, op1, crn, crm, op2]: GoldenSystemRegister["parts"]): number {
  return op0 * 2 ** 14 + op1 * 2 ** 11 + crn * 2 ** 7 + crm * 2 ** 3 + op2;
}

export function maskOfBits([high, low]: readonly [number, number]): bigint {
  return 2n ** BigInt(high + 1) - 2n ** BigInt(low);
}

/** A bit or a field's value in its place, by register and field. */
export function bits(register: string, fields: Readonly<Record<string, number | bigint>>): bigint {
  const known = goldenSystemRegisters.find(({ name }) => name === register);
  if (!known) throw new Error(`no ${register}`);
  return Object.entries(fields).reduce((sum, [field, value]) => {
    const place = known.fields[field];
    if (!place) throw new Error(`${register} has no ${field}`);
    return sum + BigInt(value) * 2n ** BigInt(place[1]);
  }, 0n);
}
