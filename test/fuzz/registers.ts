/** The registers of the page as the specification numbers them (IHI 0099 B.a, memory-mapped register index), and what is worth writing to each. */

/** What a value written to a register means: which draw of generate.ts makes one. */
export type Flavour =
  | "none"
  | "partSel"
  | "monSel"
  | "fraction"
  | "window"
  | "partid"
  | "any"
  | "intpartid"
  | "bitmap"
  | "filter"
  | "control"
  | "value"
  | "longValue"
  | "captEvnt"
  | "ecr"
  | "esr"
  | "attributes"
  | "label"
  | "translation"
  | "base"
  | "width";

/** What has to be there for the register to exist; generate.ts knows which configuration has it. */
export type Part =
  | "always"
  | "controls"
  | "cpor"
  | "ccap"
  | "mbw"
  | "pbm"
  | "pri"
  | "narrow"
  | "endis"
  | "esr"
  | "errMsi"
  | "monitors"
  | "csu"
  | "mbwu"
  | "long"
  | "oflwMsi"
  | "oflowSr"
  | "localCapture"
  | "inTl"
  | "outTl"
  | "impl";

export interface Register {
  readonly name: string;
  readonly offset: number;
  readonly flavour: Flavour;
  readonly part: Part;
  /** 64 bits: two words. */
  readonly wide?: boolean;
  /** An array: how many, 4 bytes apart. */
  readonly count?: number;
}

const wide = true;

export const REGISTERS: readonly Register[] = [
  { name: "MPAMF_IDR", offset: 0x0000, flavour: "none", part: "always", wide },
  { name: "MPAMF_SIDR", offset: 0x0008, flavour: "none", part: "always" },
  { name: "MPAMF_IIDR", offset: 0x0018, flavour: "none", part: "always" },
  { name: "MPAMF_AIDR", offset: 0x0020, flavour: "none", part: "always" },
  { name: "MPAMF_IMPL_IDR", offset: 0x0028, flavour: "none", part: "impl" },
  { name: "MPAMF_CPOR_IDR", offset: 0x0030, flavour: "none", part: "cpor" },
  { name: "MPAMF_CCAP_IDR", offset: 0x0038, flavour: "none", part: "ccap" },
  { name: "MPAMF_MBW_IDR", offset: 0x0040, flavour: "none", part: "mbw" },
  { name: "MPAMF_PRI_IDR", offset: 0x0048, flavour: "none", part: "pri" },
  { name: "MPAMF_PARTID_NRW_IDR", offset: 0x0050, flavour: "none", part: "narrow" },
  { name: "MPAMF_MSMON_IDR", offset: 0x0080, flavour: "none", part: "monitors" },
  { name: "MPAMF_CSUMON_IDR", offset: 0x0088, flavour: "none", part: "csu" },
  { name: "MPAMF_MBWUMON_IDR", offset: 0x0090, flavour: "none", part: "mbwu" },
  { name: "MPAMF_ERR_MSI_MPAM", offset: 0x00dc, flavour: "label", part: "errMsi" },
  { name: "MPAMF_ERR_MSI_ADDR_L", offset: 0x00e0, flavour: "any", part: "errMsi" },
  { name: "MPAMF_ERR_MSI_ADDR_H", offset: 0x00e4, flavour: "any", part: "errMsi" },
  { name: "MPAMF_ERR_MSI_DATA", offset: 0x00e8, flavour: "any", part: "errMsi" },
  { name: "MPAMF_ERR_MSI_ATTR", offset: 0x00ec, flavour: "attributes", part: "errMsi" },
  { name: "MPAMF_ECR", offset: 0x00f0, flavour: "ecr", part: "esr" },
  { name: "MPAMF_ESR", offset: 0x00f8, flavour: "esr", part: "esr", wide },
  { name: "MPAMCFG_PART_SEL", offset: 0x0100, flavour: "partSel", part: "controls" },
  { name: "MPAMCFG_CMAX", offset: 0x0108, flavour: "fraction", part: "ccap" },
  { name: "MPAMCFG_CMIN", offset: 0x0110, flavour: "fraction", part: "ccap" },
  { name: "MPAMCFG_CASSOC", offset: 0x0118, flavour: "fraction", part: "ccap" },
  { name: "MPAMCFG_MBW_MIN", offset: 0x0200, flavour: "fraction", part: "mbw" },
  { name: "MPAMCFG_MBW_MAX", offset: 0x0208, flavour: "fraction", part: "mbw" },
  { name: "MPAMCFG_MBW_WINWD", offset: 0x0220, flavour: "window", part: "mbw" },
  { name: "MPAMCFG_EN", offset: 0x0300, flavour: "partid", part: "endis" },
  { name: "MPAMCFG_DIS", offset: 0x0310, flavour: "partid", part: "endis" },
  { name: "MPAMCFG_EN_FLAGS", offset: 0x0320, flavour: "bitmap", part: "endis" },
  { name: "MPAMCFG_PRI", offset: 0x0400, flavour: "any", part: "pri" },
  { name: "MPAMCFG_MBW_PROP", offset: 0x0500, flavour: "fraction", part: "mbw" },
  { name: "MPAMCFG_INTPARTID", offset: 0x0600, flavour: "intpartid", part: "narrow" },
  { name: "MSMON_CFG_MON_SEL", offset: 0x0800, flavour: "monSel", part: "monitors" },
  { name: "MSMON_CAPT_EVNT", offset: 0x0808, flavour: "captEvnt", part: "localCapture" },
  { name: "MSMON_CFG_CSU_FLT", offset: 0x0810, flavour: "filter", part: "csu" },
  { name: "MSMON_CFG_CSU_CTL", offset: 0x0818, flavour: "control", part: "csu" },
  { name: "MSMON_CFG_MBWU_FLT", offset: 0x0820, flavour: "filter", part: "mbwu" },
  { name: "MSMON_CFG_MBWU_CTL", offset: 0x0828, flavour: "control", part: "mbwu" },
  { name: "MSMON_CSU", offset: 0x0840, flavour: "value", part: "csu" },
  { name: "MSMON_CSU_CAPTURE", offset: 0x0848, flavour: "value", part: "csu" },
  { name: "MSMON_CSU_OFSR", offset: 0x0858, flavour: "none", part: "csu" },
  { name: "MSMON_MBWU", offset: 0x0860, flavour: "value", part: "mbwu" },
  { name: "MSMON_MBWU_CAPTURE", offset: 0x0868, flavour: "value", part: "mbwu" },
  { name: "MSMON_MBWU_L", offset: 0x0880, flavour: "longValue", part: "long", wide },
  { name: "MSMON_MBWU_L_CAPTURE", offset: 0x0890, flavour: "longValue", part: "long", wide },
  { name: "MSMON_MBWU_OFSR", offset: 0x0898, flavour: "none", part: "mbwu" },
  { name: "MSMON_OFLOW_MSI_MPAM", offset: 0x08dc, flavour: "label", part: "oflwMsi" },
  { name: "MSMON_OFLOW_MSI_ADDR_L", offset: 0x08e0, flavour: "any", part: "oflwMsi" },
  { name: "MSMON_OFLOW_MSI_ADDR_H", offset: 0x08e4, flavour: "any", part: "oflwMsi" },
  { name: "MSMON_OFLOW_MSI_DATA", offset: 0x08e8, flavour: "any", part: "oflwMsi" },
  { name: "MSMON_OFLOW_MSI_ATTR", offset: 0x08ec, flavour: "attributes", part: "oflwMsi" },
  { name: "MSMON_OFLOW_SR", offset: 0x08f0, flavour: "none", part: "oflowSr" },
  { name: "MPAMCFG_CPBM", offset: 0x1000, flavour: "bitmap", part: "cpor", count: 1024 },
  { name: "MPAMCFG_MBW_PBM", offset: 0x2000, flavour: "bitmap", part: "pbm", count: 128 },
  { name: "MPAMF_IN_TL_IDR", offset: 0x3000, flavour: "none", part: "inTl" },
  { name: "MPAMCFG_IN_TL", offset: 0x3008, flavour: "translation", part: "inTl" },
  { name: "MPAMCFG_IN_TL_BASE", offset: 0x3010, flavour: "base", part: "inTl" },
  { name: "MPAMCFG_IN_TL_MASK", offset: 0x3018, flavour: "width", part: "inTl" },
  { name: "MPAMF_OUT_TL_IDR", offset: 0x3200, flavour: "none", part: "outTl" },
  { name: "MPAMCFG_OUT_TL", offset: 0x3208, flavour: "translation", part: "outTl" },
  { name: "MPAMCFG_OUT_TL_BASE", offset: 0x3210, flavour: "base", part: "outTl" },
  { name: "MPAMCFG_OUT_TL_MASK", offset: 0x3218, flavour: "width", part: "outTl" },
];

/** The register that has a word at the offset, and how many bytes into it. */
export function registerAt(offset: number): { readonly register: Register; readonly into: number } | undefined {
  const register = REGISTERS.find(({ offset: first, wide: two, count = two ? 2 : 1 }) => {
    return offset >= first && offset < first + 4 * count;
  });
  return register && { register, into: offset - register.offset };
}

export function offsetNamed(name: string): number {
  const found = REGISTERS.find((register) => register.name === name);
  if (found === undefined) throw new Error(`no register ${name}`);
  return found.offset;
}
