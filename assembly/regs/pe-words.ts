// Words that cross about a cpu and that no register holds: what it chooses, what becomes of an access, how a label came about.

// What a cpu chooses where the architecture leaves a choice, as one word of addPe (docs/modelled.md, "The processor side").
export const PE_RESET_ONES: u32 = 0x0000_0001;
export const PE_VIRTUAL: u32 = 0x0000_0006;
export const VIRTUAL_DEFAULT: u32 = 0;
export const VIRTUAL_ZERO: u32 = 1;
export const VIRTUAL_WRAP: u32 = 2;
export const PE_PHYSICAL_MAX: u32 = 0x0000_0008;
export const PE_PMG_MAX: u32 = 0x0000_0010;
export const PE_ERROR_PMG_ZERO: u32 = 0x0000_0020;
export const PE_NARROW_PHYPARTID: u32 = 0x0000_0040;
export const PE_STREAMING_AS_EL: u32 = 0x0000_0080;
export const PE_FRCD_FORCED: u32 = 0x0000_0100;
/** MPAM3_EL3.FORCE_NS is 1 whatever is written. */
export const PE_FORCE_NS_RAO: u32 = 0x0000_0200;
/** What boot firmware does. */
export const PE_FIRMWARE_ENABLES: u32 = 0x0000_0400;
export const PE_FIRMWARE_TRAPS: u32 = 0x0000_0800;

// What becomes of an access.
export const ACCESS_DONE: u32 = 0;
export const ACCESS_UNDEFINED: u32 = 1;
export const ACCESS_TRAP_EL2: u32 = 2;
export const ACCESS_TRAP_EL3: u32 = 3;
/** Redirected to an offset of the page that VNCR_EL2 names. */
export const ACCESS_MEMORY: u32 = 4;

// Kinds of request.
export const KIND_DATA: u32 = 0;
export const KIND_FETCH: u32 = 1;
/** Data of SME and of streaming mode. */
export const KIND_STREAMING: u32 = 2;
/** An access that NV2 made of an access to a register. */
export const KIND_NV2: u32 = 3;

/** In place of a security state: the one that the cpu's registers say. */
export const WORLD_NOW: u32 = 0xffff_ffff;

// How a label came about. The register it was taken from: 0 to 3 MPAM0_EL1 to MPAM3_EL3, or MPAMSM_EL1.
export const GENERATED_SOURCE: u32 = 0x0000_0007;
export const SOURCE_MPAMSM: u32 = 4;
/** No register was asked: the cpu has no MPAM; or MPAMEN is 0; or SDEFLT is 1 in Secure state. */
export const GENERATED_NO_MPAM: u32 = 0x0000_0008;
export const GENERATED_DISABLED: u32 = 0x0000_0010;
export const GENERATED_SDEFLT: u32 = 0x0000_0020;
/** The register holds a virtual PARTID, and which entry it led to, unless it was an error before or no entry was valid. */
export const GENERATED_VIRTUAL: u32 = 0x0000_0040;
export const GENERATED_MAPPED: u32 = 0x0000_0080;
export const GENERATED_ENTRY: u32 = 0x0000_1f00;
/** The entry was not valid, and entry 0 stands for it; nor was entry 0. */
export const GENERATED_ENTRY_INVALID: u32 = 0x0000_2000;
export const GENERATED_ZERO_INVALID: u32 = 0x0000_4000;
/** The virtual PARTID has no entry, and another one's was taken; the physical PARTID was above PARTID_MAX, which stands for it. */
export const GENERATED_VIRTUAL_MOVED: u32 = 0x0000_8000;
export const GENERATED_PHYSICAL_CAPPED: u32 = 0x0001_0000;
/** Errors that made the PARTID 0: the register's above PARTID_MAX; a virtual one without an entry; an entry's above PARTID_MAX. */
export const GENERATED_ERROR_PARTID: u32 = 0x0002_0000;
export const GENERATED_ERROR_VIRTUAL: u32 = 0x0004_0000;
export const GENERATED_ERROR_PHYSICAL: u32 = 0x0008_0000;
/** The PMG was above PMG_MAX. */
export const GENERATED_ERROR_PMG: u32 = 0x0010_0000;
/** The space is the alternative one; and: it is Non-secure by FORCE_NS. */
export const GENERATED_ALTERNATIVE: u32 = 0x0020_0000;
export const GENERATED_FORCED_NS: u32 = 0x0040_0000;
/** The security state, MPAM_SP. */
export const GENERATED_STATE: u32 = 0x0300_0000;

/** Any of these makes a label flawed. */
export const GENERATED_ERRORS: u32 = 0x001e_0000;

// High word of a bandwidth limit, whose low word is a 16.16 number.
export const LIMIT_HI_THERE: u32 = 0x0000_0001;
export const LIMIT_HI_HARD: u32 = 0x0000_0002;
export const LIMIT_HI_SCALED: u32 = 0x0000_0004;
