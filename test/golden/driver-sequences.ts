// Accesses in order, written from linux-driver.md sections 2.2 to 7.5: "R offset", "W offset value". What docs/modelled.md
// ("Driver and resctrl") lists as repaired is repaired here, and *_LINUX_7_3 is what 7.3.4 does in the same circumstances.

function lines(text: string): string[] {
  return text.trim().split(/\s*\n\s*/);
}

/** 2.2: one MSC of version 1.1 with two RIS. RIS 0 has every control and both monitor types, RIS 1 portions only. */
export const PROBE = lines(`
  R 0x020
  R 0x000
  R 0x004
  R 0x018
  W 0x100 0x00000000
  R 0x000
  R 0x004
  W 0x100 0x00000000
  R 0x038
  R 0x030
  R 0x040
  R 0x048
  R 0x080
  R 0x088
  W 0x800 0x00000000
  W 0x810 0x00000000
  W 0x818 0x80030043
  W 0x840 0x80000000
  R 0x840
  W 0x840 0x00000000
  W 0x810 0x00000001
  R 0x840
  R 0x090
  R 0x050
  W 0x100 0x01000000
  R 0x000
  R 0x004
  W 0x100 0x01000000
  R 0x030
  R 0x0f8
  W 0x0fc 0x00000000
  W 0x0f8 0x00000000
`);

/** 2.2: MPAM v1.0, where MPAMF_IDR has one word and there is one RIS; portions only, nothing in MPAMF_ESR. */
export const PROBE_V10 = lines(`
  R 0x020
  R 0x000
  R 0x018
  W 0x100 0x00000000
  R 0x000
  W 0x100 0x00000000
  R 0x030
  R 0x0f8
`);

/** 2.2, 2.4: a part of version 1.1 whose MPAMF_IDR has one word (EXT 0): one RIS, with portions and both monitor types; a stale error. */
export const PROBE_EXT_CLEAR = lines(`
  R 0x020
  R 0x000
  R 0x018
  W 0x100 0x00000000
  R 0x000
  W 0x100 0x00000000
  R 0x030
  R 0x080
  R 0x088
  W 0x800 0x00000000
  W 0x810 0x00000000
  W 0x818 0x80030043
  W 0x840 0x80000000
  R 0x840
  W 0x840 0x00000000
  W 0x810 0x00000001
  R 0x840
  R 0x090
  R 0x0f8
  W 0x0f8 0x00000000
`);

/** 2.2: MPAMF_IDR has two words, and HAS_EXTD_ESR is 0: of a stale error the low word alone is cleared. Portions only. */
export const PROBE_ESR_LOW = lines(`
  R 0x020
  R 0x000
  R 0x004
  R 0x018
  W 0x100 0x00000000
  R 0x000
  R 0x004
  W 0x100 0x00000000
  R 0x030
  R 0x0f8
  W 0x0f8 0x00000000
`);

/** 2.2: RIS_MAX 3. RIS 0 has portions, 1 is a hole, 2 has MBW_MAX and MBWU, 3 has CSU; nothing in MPAMF_ESR. */
export const PROBE_HOLES = lines(`
  R 0x020
  R 0x000
  R 0x004
  R 0x018
  W 0x100 0x00000000
  R 0x000
  R 0x004
  W 0x100 0x00000000
  R 0x030
  W 0x100 0x01000000
  R 0x000
  R 0x004
  W 0x100 0x01000000
  W 0x100 0x02000000
  R 0x000
  R 0x004
  W 0x100 0x02000000
  R 0x040
  R 0x080
  R 0x090
  W 0x100 0x03000000
  R 0x000
  R 0x004
  W 0x100 0x03000000
  R 0x080
  R 0x088
  W 0x800 0x03000000
  W 0x810 0x00000000
  W 0x818 0x80030043
  W 0x840 0x80000000
  R 0x840
  W 0x840 0x00000000
  W 0x810 0x00000001
  R 0x840
  R 0x0f8
`);

/** 2.3: HAS_CCAP, HAS_CPOR, HAS_MBW, HAS_PRI, HAS_MSMON and HAS_PARTID_NRW, every width and NUM_MON 0; one RIS, described. */
export const PROBE_ALL_ZERO = lines(`
  R 0x020
  R 0x000
  R 0x004
  R 0x018
  W 0x100 0x00000000
  R 0x000
  R 0x004
  W 0x100 0x00000000
  R 0x038
  R 0x030
  R 0x040
  R 0x048
  R 0x080
  R 0x088
  R 0x090
  R 0x050
  R 0x0f8
`);

/** 2.3: portions and narrowing in a RIS that firmware does not describe: its MPAMF_PARTID_NRW_IDR is not read. */
export const PROBE_UNKNOWN_NARROWING = lines(`
  R 0x020
  R 0x000
  R 0x004
  R 0x018
  W 0x100 0x00000000
  R 0x000
  R 0x004
  W 0x100 0x00000000
  R 0x030
  R 0x0f8
`);

/** 2.2: RIS 0 and 1 have portions, RIS 0 alone has HAS_EXTD_ESR; a stale error. Any RIS that has it is enough. */
export const PROBE_EXTD_ESR_OF_FIRST = lines(`
  R 0x020
  R 0x000
  R 0x004
  R 0x018
  W 0x100 0x00000000
  R 0x000
  R 0x004
  W 0x100 0x00000000
  R 0x030
  W 0x100 0x01000000
  R 0x000
  R 0x004
  W 0x100 0x01000000
  R 0x030
  R 0x0f8
  W 0x0fc 0x00000000
  W 0x0f8 0x00000000
`);

/** 2.2 [odd]: the last RIS decides, and it has none. */
export const PROBE_EXTD_ESR_OF_FIRST_LINUX_7_3 = PROBE_EXTD_ESR_OF_FIRST.filter(
  (access) => !access.startsWith("W 0x0fc"),
);

/** 2.2: MPAMF_AIDR that is refused. */
export const PROBE_REFUSED = lines(`
  R 0x020
`);

/** 2.4: the test of RIS 5. */
export const NRDY_TEST = lines(`
  W 0x800 0x05000000
  W 0x810 0x00000000
  W 0x818 0x80030043
  W 0x840 0x80000000
  R 0x840
  W 0x840 0x00000000
  W 0x810 0x00000001
  R 0x840
`);

/** 2.4: what the two reads of MSMON_CSU give, and whether hardware keeps NRDY. */
export const NRDY_TEST_RESULTS: readonly (readonly [set: number, cleared: number, byHardware: boolean])[] = [
  [0x8000_0000, 0x0000_0000, false],
  [0x8000_0000, 0x8000_0000, true],
  [0x0000_0000, 0x0000_0000, true],
  [0x0000_0000, 0x8000_0000, true],
  [0xffff_ffff, 0x7fff_ffff, false],
];

/** 5.1, 5.2: PARTID 5 of RIS 0, nothing configured; 40 portions, 33 bandwidth portions, INTPRI 3 bits with 0 low, DSPRI 4 bits with 0 high. */
export const PROGRAM_RESET = lines(`
  W 0x100 0x00000005
  W 0x600 0x00010005
  W 0x100 0x00010005
  W 0x1000 0xffffffff
  W 0x1004 0x000000ff
  W 0x2000 0xffffffff
  W 0x2004 0x00000001
  W 0x200 0x00000000
  W 0x208 0x0000ffff
  W 0x500 0x00000000
  W 0x108 0x0000ffff
  W 0x110 0x00000000
  W 0x118 0x0000ffff
  W 0x400 0x00000007
`);

/** The same with portions 4 to 35, bandwidth portion 0 and MBW_MAX 0x8000 configured. */
export const PROGRAM_CONFIGURED = lines(`
  W 0x100 0x00000005
  W 0x600 0x00010005
  W 0x100 0x00010005
  W 0x1000 0xfffffff0
  W 0x1004 0x0000000f
  W 0x2000 0x00000001
  W 0x2004 0x00000000
  W 0x200 0x00000000
  W 0x208 0x00008000
  W 0x500 0x00000000
  W 0x108 0x0000ffff
  W 0x110 0x00000000
  W 0x118 0x0000ffff
  W 0x400 0x00000007
`);

/** 5.1 [odd]: portions 4 to 31 and bandwidth portion 0: the first words alone are written, the others keep what they had. */
export const PROGRAM_CONFIGURED_LINUX_7_3 = lines(`
  W 0x100 0x00000005
  W 0x600 0x00010005
  W 0x100 0x00010005
  W 0x1000 0xfffffff0
  W 0x2000 0x00000001
  W 0x200 0x00000000
  W 0x208 0x00008000
  W 0x500 0x00000000
  W 0x108 0x0000ffff
  W 0x110 0x00000000
  W 0x118 0x0000ffff
  W 0x400 0x00000007
`);

/** 5.1: PARTID 2 of RIS 11, with CASSOC, PROP and nothing else, nothing configured; no narrowing. */
export const PROGRAM_FEW = lines(`
  W 0x100 0x0b000002
  W 0x500 0x00000000
  W 0x118 0x0000ffff
`);

/** 5.1: PARTID 3 of RIS 0 with 8 portions, PARTID 3 of RIS 1 with MBW_MAX, one component: portions 0 to 3 and MBW_MAX 0x4000 configured. */
export const PROGRAM_TWO_RIS = lines(`
  W 0x100 0x00000003
  W 0x1000 0x0000000f
  W 0x100 0x01000003
  W 0x208 0x00004000
`);

/** 1.2, 5.3 [odd]: lists are newest first. */
export const PROGRAM_TWO_RIS_LINUX_7_3 = lines(`
  W 0x100 0x01000003
  W 0x208 0x00004000
  W 0x100 0x00000003
  W 0x1000 0x0000000f
`);

/** 5.1, 2.5 (T241-MPAM-4): PARTID 3 of RIS 0 with MBW_MIN and MBW_MAX of 7 bits, nothing configured. */
export const PROGRAM_T241_RESET = lines(`
  W 0x100 0x00000003
  W 0x200 0x0000f135
  W 0x208 0x0000ffff
`);

/** The same with MBW_MAX 0x8000. */
export const PROGRAM_T241_CONFIGURED = lines(`
  W 0x100 0x00000003
  W 0x200 0x00007335
  W 0x208 0x00008000
`);

/** 2.5, T241-MPAM-4: what is written to MBW_MIN, by BWA_WD and the MBW_MAX that is configured, if one is. */
export const T241_MBW_MIN: readonly { readonly bwaWd: number; readonly mbwMax?: number; readonly mbwMin: number }[] = [
  // 0x8000 - 0xccb is less than one step of 1 bit.
  { bwaWd: 1, mbwMin: 0x8000 },
  { bwaWd: 2, mbwMin: 0xb335 },
  { bwaWd: 3, mbwMin: 0xd335 },
  { bwaWd: 4, mbwMin: 0xe335 },
  { bwaWd: 5, mbwMin: 0xeb35 },
  { bwaWd: 6, mbwMin: 0xef35 },
  { bwaWd: 7, mbwMin: 0xf135 },
  { bwaWd: 8, mbwMin: 0xf235 },
  { bwaWd: 9, mbwMin: 0xf2b5 },
  { bwaWd: 10, mbwMin: 0xf2f5 },
  { bwaWd: 11, mbwMin: 0xf315 },
  { bwaWd: 12, mbwMin: 0xf325 },
  { bwaWd: 13, mbwMin: 0xf32d },
  { bwaWd: 14, mbwMin: 0xf331 },
  { bwaWd: 15, mbwMin: 0xf333 },
  { bwaWd: 16, mbwMin: 0xf334 },
  { bwaWd: 7, mbwMax: 0xffff, mbwMin: 0xf334 },
  { bwaWd: 7, mbwMax: 0xfe00, mbwMin: 0xf135 },
  { bwaWd: 7, mbwMax: 0x8000, mbwMin: 0x7335 },
  { bwaWd: 7, mbwMax: 0x1000, mbwMin: 0x0335 },
  { bwaWd: 7, mbwMax: 0x0e00, mbwMin: 0x0200 },
  { bwaWd: 7, mbwMax: 0x0ccc, mbwMin: 0x0200 },
  { bwaWd: 7, mbwMax: 0x0ccb, mbwMin: 0x0200 },
  { bwaWd: 7, mbwMax: 0x0000, mbwMin: 0x0200 },
  { bwaWd: 8, mbwMax: 0x0e00, mbwMin: 0x0135 },
  { bwaWd: 8, mbwMax: 0x0d00, mbwMin: 0x0100 },
  { bwaWd: 16, mbwMax: 0x0ccc, mbwMin: 0x0001 },
  { bwaWd: 16, mbwMax: 0x0000, mbwMin: 0x0001 },
];

/** 2.5, T241-MPAM-1: the window of shadow registers after PARTID 3 was programmed and all slices agree: words of 64 bits. */
export const T241_SHADOW = lines(`
  R 0x360060
  R 0x370060
  R 0x380060
  R 0x390060
  R 0x3a0060
  R 0x3b0060
  R 0x3c0060
  R 0x3d0060
  R 0x3e0060
  R 0x3f0060
  R 0x400060
  R 0x410060
  W 0x1b0000 0x0000000000000000
  W 0x1c0000 0x0000000000000000
`);

/** 5.2: RIS 1 with 8 portions and MBW_MAX is reset, PARTID_MAX 2: class reset after a PARTID was configured. */
export const RESET_RIS = lines(`
  W 0x100 0x01000000
  W 0x1000 0x000000ff
  W 0x208 0x0000ffff
  W 0x100 0x01000001
  W 0x1000 0x000000ff
  W 0x208 0x0000ffff
  W 0x100 0x01000002
  W 0x1000 0x000000ff
  W 0x208 0x0000ffff
`);

/** 5.2: each control alone, of RIS 0 and PARTID 1: what follows the selection. MPAMCFG_PRI: width 3 and 4. */
export const RESET_VALUES: readonly { readonly control: string; readonly writes: readonly string[] }[] = [
  { control: "cpor 0", writes: [] },
  { control: "cpor 1", writes: ["W 0x1000 0x00000001"] },
  { control: "cpor 16", writes: ["W 0x1000 0x0000ffff"] },
  { control: "cpor 31", writes: ["W 0x1000 0x7fffffff"] },
  { control: "cpor 32", writes: ["W 0x1000 0xffffffff"] },
  { control: "cpor 33", writes: ["W 0x1000 0xffffffff", "W 0x1004 0x00000001"] },
  { control: "cpor 64", writes: ["W 0x1000 0xffffffff", "W 0x1004 0xffffffff"] },
  { control: "pbm 7", writes: ["W 0x2000 0x0000007f"] },
  { control: "pbm 70", writes: ["W 0x2000 0xffffffff", "W 0x2004 0xffffffff", "W 0x2008 0x0000003f"] },
  { control: "mbw min", writes: ["W 0x200 0x00000000"] },
  { control: "mbw max", writes: ["W 0x208 0x0000ffff"] },
  { control: "mbw prop", writes: ["W 0x500 0x00000000"] },
  { control: "cmax", writes: ["W 0x108 0x0000ffff"] },
  { control: "cmin", writes: ["W 0x110 0x00000000"] },
  { control: "cassoc", writes: ["W 0x118 0x0000ffff"] },
  { control: "intpri 3, 0 is low", writes: ["W 0x400 0x00000007"] },
  { control: "intpri 3, 0 is high", writes: ["W 0x400 0x00000000"] },
  { control: "dspri 4, 0 is low", writes: ["W 0x400 0x000f0000"] },
  { control: "dspri 4, 0 is high", writes: ["W 0x400 0x00000000"] },
  { control: "intpri 3 and dspri 4, 0 is low", writes: ["W 0x400 0x000f0007"] },
  { control: "intpri 16, 0 is low", writes: ["W 0x400 0x0000ffff"] },
  { control: "narrowing", writes: ["W 0x600 0x00010001", "W 0x100 0x00010001"] },
];

/** 0.1, 5.2: never read or written: WINWD, IMPL_IDR, CAPT_EVNT, the captures. */
export const UNTOUCHED: readonly number[] = [0x220, 0x028, 0x808, 0x848, 0x868, 0x890, 0x894];

/** 5.4: of a RIS that probing has found. */
export const IN_RESET_STATE_WHEN_FOUND = false;

type Event = "apply" | "reset" | "offline" | "online";

/** 5.4: after MPAM was enabled and these, in order: whether the flag is set. `apply` configures PARTID 1; offline is of the last cpu. */
export const IN_RESET_STATE: readonly { readonly events: readonly Event[]; readonly flag: boolean }[] = [
  { events: [], flag: true },
  { events: ["reset"], flag: true },
  { events: ["apply"], flag: false },
  { events: ["apply", "reset"], flag: true },
  { events: ["offline"], flag: false },
  { events: ["offline", "online"], flag: true },
  { events: ["apply", "offline"], flag: false },
  { events: ["apply", "offline", "online"], flag: false },
  { events: ["apply", "reset", "offline", "online"], flag: true },
  { events: ["apply", "offline", "online", "reset"], flag: true },
  { events: ["apply", "offline", "online", "reset", "apply"], flag: false },
];

/** 6.3: CSU monitor 2 of RIS 0, not configured yet, for PARTID 3 and PMG 1. */
export const CSU_FIRST_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  W 0x810 0x00010003
  W 0x818 0x00030043
  W 0x840 0x00000000
  W 0x818 0x80030043
  R 0x840
`);

/** 6.3: the same, when nothing has to change. */
export const CSU_NEXT_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  R 0x840
`);

/** 6.3: the same where the part has XCL and modified lines alone are asked for. */
export const CSU_XCL_FIRST_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  W 0x810 0x80010003
  W 0x818 0x00030043
  W 0x840 0x00000000
  W 0x818 0x80030043
  R 0x840
`);

/** 6.3: monitor 2 watches PARTID 3 and PMG 1, and is read for PARTID 4 of any PMG. */
export const CSU_OTHER_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  W 0x810 0x00000004
  W 0x818 0x00010043
  W 0x840 0x00000000
  W 0x818 0x80010043
  R 0x840
`);

/** 2.4, 6.3: monitor 0 for PARTID 1 and PMG 0 right after probing: the test has left it configured for just that. */
export const CSU_READ_AS_PROBED = lines(`
  W 0x800 0x00000000
  R 0x818
  R 0x810
  R 0x840
`);

/** 2.4, 6.3: monitor 0 for PARTID 1 and PMG 1 right after probing. */
export const CSU_OTHER_READ_AS_PROBED = lines(`
  W 0x800 0x00000000
  R 0x818
  R 0x810
  W 0x810 0x00010001
  W 0x818 0x00030043
  W 0x840 0x00000000
  W 0x818 0x80030043
  R 0x840
`);

/** 6.2: CSU monitor 2 of RIS 0, not configured yet and not ready the first time. Between the two passes is the wait. */
export const CSU_NOT_READY_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  W 0x810 0x00010003
  W 0x818 0x00030043
  W 0x840 0x00000000
  W 0x818 0x80030043
  R 0x840
  W 0x800 0x00000002
  R 0x818
  R 0x810
  R 0x840
`);

/** 6.2: RIS 0 and RIS 1 of one component have CSU: monitor 2 of both, configured for what is read. */
export const CSU_TWO_RIS_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  R 0x840
  W 0x800 0x01000002
  R 0x818
  R 0x810
  R 0x840
`);

/** 1.2, 6.2 [odd]: lists are newest first. */
export const CSU_TWO_RIS_READ_LINUX_7_3 = lines(`
  W 0x800 0x01000002
  R 0x818
  R 0x810
  R 0x840
  W 0x800 0x00000002
  R 0x818
  R 0x810
  R 0x840
`);

/** 6.2: RIS 0 has CSU and RIS 1 of the same component has no monitors; monitor 2 of RIS 0 is configured for what is read. */
export const CSU_MIXED_RIS_READ = lines(`
  W 0x800 0x00000002
  R 0x818
  R 0x810
  R 0x840
`);

/** 6.2 [odd]: monitor 2 of RIS 1 is configured and read all the same; its registers read 0. */
export const CSU_MIXED_RIS_READ_LINUX_7_3 = lines(`
  W 0x800 0x01000002
  R 0x818
  R 0x810
  W 0x810 0x00010003
  W 0x818 0x00030043
  W 0x840 0x00000000
  W 0x818 0x80030043
  R 0x840
  W 0x800 0x00000002
  R 0x818
  R 0x810
  R 0x840
`);

/** 6.3: a 44-bit MBWU monitor 1 with RWBW for writes of PARTID 3 and PMG 1, not configured yet. */
export const MBWU_WRITES_FIRST_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x40010003
  W 0x828 0x00030042
  W 0x828 0x80030042
  W 0x880 0x00000000
  W 0x884 0x00000000
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.3: the same for reads of PARTID 3 alone, after that. */
export const MBWU_READS_OTHER_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x80000003
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x880 0x00000000
  W 0x884 0x00000000
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.3, 6.4: a 63-bit MBWU monitor 1 for PARTID 3 alone, not configured yet. */
export const MBWU_L_FIRST_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x00000003
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x880 0x00000000
  W 0x884 0x00000000
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.3: the same with a counter of 31 bits. */
export const MBWU_FIRST_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x00000003
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x860 0x00000000
  R 0x860
`);

/** 6.3: configured and overflowed: the status is written away, the counter left alone. */
export const MBWU_OVERFLOW_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x828 0x80010042
  R 0x860
`);

/** 6.3, 6.4: the same with a long counter: OFLOW_STATUS_L is written away. */
export const MBWU_L_OVERFLOW_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x828 0x80010042
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.3: OFLOW_STATUS of a long counter (bit 26) is not what it overflowed by: it is masked and left alone. */
export const MBWU_L_NEXT_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.3, 6.5: configured for what is read, and to be reset: 31 bits. */
export const MBWU_RESET_READ = MBWU_FIRST_READ;

/** 6.4: configured; one carry between the words. */
export const MBWU_L_ONE_CARRY_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  R 0x884
  R 0x880
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.4: configured; two carries; or three, and then the reading is as one that is not ready. */
export const MBWU_L_TWO_CARRIES_READ = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  R 0x884
  R 0x880
  R 0x884
  R 0x880
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.6: two MBWU monitors of RIS 0, 31 bits: the last cpu goes. */
export const SAVE_31 = lines(`
  W 0x800 0x00000000
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x860
  W 0x860 0x00000000
  W 0x800 0x00000001
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x860
  W 0x860 0x00000000
`);

/** 6.6: two MBWU monitors of RIS 2, 44 or 63 bits. */
export const SAVE_LONG = lines(`
  W 0x800 0x02000000
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x884
  R 0x880
  R 0x884
  W 0x880 0x00000000
  W 0x884 0x00000000
  W 0x800 0x02000001
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x884
  R 0x880
  R 0x884
  W 0x880 0x00000000
  W 0x884 0x00000000
`);

/** 6.6, 6.4: monitor 0, the only one of RIS 0, 63 bits, with one carry between the words. */
export const SAVE_LONG_ONE_CARRY = lines(`
  W 0x800 0x00000000
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x884
  R 0x880
  R 0x884
  R 0x880
  R 0x884
  W 0x880 0x00000000
  W 0x884 0x00000000
`);

/** 6.6: of the two monitors of RIS 0, 31 bits, monitor 1 was enabled for PARTID 3 and PMG 1; monitor 0 was not. Power kept or lost. */
export const RESTORE_31 = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x00010003
  W 0x828 0x00030042
  W 0x828 0x80030042
  W 0x860 0x00000000
  R 0x860
`);

/** 6.6: the same with 44 or 63 bits and PARTID 3 alone, in RIS 2. */
export const RESTORE_LONG = lines(`
  W 0x800 0x02000001
  R 0x828
  R 0x820
  W 0x820 0x00000003
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x880 0x00000000
  W 0x884 0x00000000
  R 0x884
  R 0x880
  R 0x884
`);

/** 6.6: monitor 1 of RIS 0, 31 bits, that counted writes of PARTID 3: it goes on counting writes, or what comes until it is read were lost. */
export const RESTORE_WRITES = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x40000003
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x860 0x00000000
  R 0x860
`);

/** 6.6: RWBW is not saved: it counts both directions until it is read, and is configured anew then. */
export const RESTORE_WRITES_LINUX_7_3 = lines(`
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x00000003
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x860 0x00000000
  R 0x860
`);

/** 7.1: RIS 0 with 8 portions and two MBWU monitors, PARTID_MAX 1: cpus come with the callback, and nothing is to be restored. MPAMF_ECR aside. */
export const ENABLE = lines(`
  W 0x100 0x00000000
  W 0x1000 0x000000ff
  W 0x100 0x00000001
  W 0x1000 0x000000ff
`);

/** 7.2: the same part, PARTID 1 configured with portion 0, monitor 1 of 31 bits was enabled for PARTID 1: its first cpu comes back. */
export const ONLINE = lines(`
  W 0x0f0 0x00000001
  W 0x100 0x00000000
  W 0x1000 0x000000ff
  W 0x100 0x00000001
  W 0x1000 0x00000001
  W 0x800 0x00000001
  R 0x828
  R 0x820
  W 0x820 0x00000001
  W 0x828 0x00010042
  W 0x828 0x80010042
  W 0x860 0x00000000
  R 0x860
`);

/** 7.2: MPAMF_ECR is not written when a cpu comes (later kernels do so): a part that lost its power raises no errors. */
export const ONLINE_LINUX_7_3 = ONLINE.filter((access) => !access.startsWith("W 0x0f0"));

/** 7.3: the same part, PARTID 1 configured: its last cpu goes. */
export const OFFLINE = lines(`
  W 0x100 0x00000000
  W 0x1000 0x000000ff
  W 0x100 0x00000001
  W 0x1000 0x000000ff
  W 0x800 0x00000000
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x860
  W 0x860 0x00000000
  W 0x800 0x00000001
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x860
  W 0x860 0x00000000
`);

/** 7.3: the same, nothing configured: the RIS is in reset state. */
export const OFFLINE_IN_RESET_STATE = lines(`
  W 0x800 0x00000000
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x860
  W 0x860 0x00000000
  W 0x800 0x00000001
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x860
  W 0x860 0x00000000
`);

/** 7.3: RIS 0 and 1 with 8 portions and one 31-bit MBWU monitor each, PARTID_MAX 0, PARTID 0 configured: RIS by RIS. */
export const OFFLINE_TWO_RIS = lines(`
  W 0x100 0x00000000
  W 0x1000 0x000000ff
  W 0x800 0x00000000
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x860
  W 0x860 0x00000000
  W 0x100 0x01000000
  W 0x1000 0x000000ff
  W 0x800 0x01000000
  R 0x820
  R 0x828
  W 0x828 0x00000000
  R 0x860
  W 0x860 0x00000000
`);

/** 1.2, 7.3 [odd]: lists are newest first. */
export const OFFLINE_TWO_RIS_LINUX_7_3 = [...OFFLINE_TWO_RIS.slice(8), ...OFFLINE_TWO_RIS.slice(0, 8)];

/** 7.4: the error interrupt is requested, and turned on. */
export const ERROR_ON = lines(`
  W 0x0f0 0x00000001
`);

/** 7.4: the handler of an MSC with a 64-bit MPAMF_ESR. */
export const ERROR_HANDLER = lines(`
  R 0x0f8
  R 0x0fc
  R 0x0f8
  W 0x0fc 0x00000000
  W 0x0f8 0x00000000
  W 0x0f0 0x00000000
`);

/** 7.4: with a 32-bit MPAMF_ESR. */
export const ERROR_HANDLER_32 = lines(`
  R 0x0f8
  R 0x0f8
  W 0x0f8 0x00000000
  W 0x0f0 0x00000000
`);

/** 7.4: ERRCODE is 0: not this MSC's; with 64 bits, and with 32. */
export const ERROR_NOT_MINE = lines(`
  R 0x0f8
  R 0x0fc
`);
export const ERROR_NOT_MINE_32 = lines(`
  R 0x0f8
`);

/**
 * 7.5: RIS 0 with 8 portions and one MBWU monitor, PARTID_MAX 1, PARTID 1 configured, an error interrupt: the cpus go (nothing is saved), the
 * interrupt is turned off, the class is reset.
 */
export const DISABLE = lines(`
  W 0x100 0x00000000
  W 0x1000 0x000000ff
  W 0x100 0x00000001
  W 0x1000 0x000000ff
  W 0x0f0 0x00000000
  W 0x100 0x00000000
  W 0x1000 0x000000ff
  W 0x100 0x00000001
  W 0x1000 0x000000ff
`);

/** 7.5: the same with nothing configured: what goes offline is in reset state, and is not afterwards. */
export const DISABLE_IN_RESET_STATE = lines(`
  W 0x0f0 0x00000000
  W 0x100 0x00000000
  W 0x1000 0x000000ff
  W 0x100 0x00000001
  W 0x1000 0x000000ff
`);

/** 7.4: the name of ERRCODE 0, which is nobody's interrupt. */
export const NO_ERROR_NAME = "No error";

/** 7.4: ERRCODE and the name that is printed. */
export const ERROR_NAMES: readonly (readonly [code: number, name: string])[] = [
  [1, "PARTID_SEL_Range"],
  [2, "Req_PARTID_Range"],
  [3, "MSMONCFG_ID_RANGE"],
  [4, "Req_PMG_Range"],
  [5, "Monitor_Range"],
  [6, "intPARTID_Range"],
  [7, "Unexpected_INTERNAL"],
  [8, "Undefined_RIS_PART_SEL"],
  [9, "RIS_No_Control"],
  [10, "Undefined_RIS_MON_SEL"],
  [11, "RIS_No_Monitor"],
  [12, "Reserved"],
  [13, "Reserved"],
  [14, "Reserved"],
  [15, "Reserved"],
];
