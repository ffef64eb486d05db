// What a driver and resctrl make of the ready platforms, worked out from each file, from the rules of resctrl-glue.md 2 and the
// arithmetic of its section 7 (min_bw, bw_gran), and from the merging rules of linux-driver.md 3.3.

export interface ExpectedClass {
  readonly ids: string;
  readonly cpus: string;
  /** What all its parts have in common. */
  readonly has: readonly string[];
  /** What it is exported as, or the rules that refuse it. Left out: it is no class of that kind. */
  readonly exports: { readonly [name: string]: string | readonly string[] };
  readonly unused?: readonly string[];
  /** "lost CPBM: first part; second part". */
  readonly lost?: readonly string[];
}

export interface ExpectedPlatform {
  readonly partids: number;
  readonly pmgs: number;
  /** MSCs that allow no more PARTIDs than can be used, and whether the cpus do. */
  readonly partidsFrom: readonly [mscs: readonly number[] | "all", cpus: boolean];
  /** In the order of numbers. */
  readonly mscs: readonly string[];
  /** Register pages by number; undefined: by mailbox. */
  readonly pages: { readonly [msc: number]: number | undefined };
  readonly iidr?: number;
  readonly errata?: readonly string[];
  readonly classes: { readonly [name: string]: ExpectedClass };
  /** Beginnings of what is said of the whole. */
  readonly remarks: readonly string[];
  /** Lines that stand in the text of probe. */
  readonly text: readonly string[];
}

const list = (prefix: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${prefix}${from + at}`);

const RWBW = "MBWU of reads or writes (RWBW)";
const SOFT = "MB is a soft limit";
const NO_LOCAL = "mbm_local_bytes is never there";
/** MBW_MAX of 7 bits. */
const MB_7 = "1 to 100 percent, 128 steps of 1 percent or less, soft";
/** MBW_MAX of 8 bits. */
const MB_8 = "0 to 100 percent, 256 steps of 1 percent or less, soft";

const turns = (monitors: number) => `${monitors} monitor${monitors === 1 ? "" : "s"} that groups take turns at`;
const counters = (count: number, bits: number, groups: number) =>
  `${count} counter${count === 1 ? "" : "s"} of ${bits} bits to assign, fewer than the ${groups} groups there can be`;

export const EXPECTED: { readonly [name: string]: ExpectedPlatform } = {
  minimal: {
    partids: 2,
    pmgs: 1,
    partidsFrom: ["all", true],
    mscs: ["L3 0"],
    pages: { 0: 0x1_4000_0000 },
    classes: {
      L3: {
        ids: "0",
        cpus: "0",
        has: ["CPBM (2 portions)", "CSU (1 monitor)"],
        exports: {
          L3: "2 portions, masks 1 to 3",
          MB: ["limit"],
          llc_occupancy: turns(1),
          mbm_total_bytes: ["monitors"],
        },
      },
    },
    remarks: [],
    text: ["MSC 0: L3 0", "  PARTIDs to 1, from MSC 0 (L3 0) and the cpus"],
  },

  "one-socket": {
    partids: 16,
    pmgs: 4,
    partidsFrom: ["all", true],
    mscs: ["L3 0", "node 0"],
    pages: { 0: 0x1_4100_0000, 1: 0x1_4200_0000 },
    classes: {
      L3: {
        ids: "0",
        cpus: "0-7",
        has: ["CPBM (16 portions)", "CMAX (8 bits)", "CSU (16 monitors)", "MBWU (32 monitors of 63 bits)", RWBW],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: ["limit"],
          llc_occupancy: turns(16),
          mbm_total_bytes: counters(32, 63, 64),
        },
        unused: ["CMAX (8 bits)"],
      },
      memory: {
        ids: "0",
        cpus: "0-7",
        has: ["MBW_MAX (7 bits)", "MBWU (8 monitors of 44 bits)"],
        exports: { MB: MB_7, mbm_total_bytes: ["preferred"] },
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 1: node 0", "  RIS 0: MBW_MAX (7 bits), MBWU (8 monitors of 44 bits)"],
  },

  io: {
    partids: 64,
    pmgs: 4,
    partidsFrom: ["all", true],
    mscs: ["L3 0", "node 0"],
    pages: { 0: 0x1_4000_0000, 1: 0x1_5000_0000 },
    classes: {
      L3: {
        ids: "0",
        cpus: "0-3",
        has: ["CPBM (16 portions)", "CSU (16 monitors)", "MBWU (16 monitors of 63 bits)", RWBW],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: ["limit"],
          llc_occupancy: turns(16),
          mbm_total_bytes: counters(16, 63, 256),
        },
      },
      memory: {
        ids: "0",
        cpus: "0-3",
        has: ["MBW_MAX (8 bits)", "MBWU (16 monitors of 63 bits)", RWBW],
        exports: { MB: MB_8, mbm_total_bytes: ["preferred"] },
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 1: node 0", "  PARTIDs to 63, from MSC 0 (L3 0), MSC 1 (node 0) and the cpus"],
  },

  "small-server": {
    partids: 32,
    pmgs: 2,
    partidsFrom: ["all", true],
    mscs: ["L3 4", "node 0"],
    pages: { 0: 0x1_4100_0000, 1: 0x1_4200_0000 },
    classes: {
      L3: {
        ids: "4",
        cpus: "0-15",
        has: ["CPBM (12 portions)", "CSU (4 monitors)", "MBWU (8 monitors of 31 bits)"],
        exports: {
          L3: "12 portions, masks 1 to fff",
          MB: ["limit"],
          llc_occupancy: turns(4),
          mbm_total_bytes: counters(8, 31, 64),
        },
      },
      memory: {
        ids: "0",
        cpus: "0-15",
        has: ["MBW_MAX (5 bits)", "MBWU (4 monitors of 31 bits)"],
        exports: { MB: "3 to 100 percent, 32 steps of 4 percent or less, soft", mbm_total_bytes: ["preferred"] },
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["  monitors not ready up to 5 us"],
  },

  "private-l2": {
    partids: 16,
    pmgs: 4,
    partidsFrom: ["all", true],
    // The L3 has the lowest id, as ids differ over all levels and the last level comes first.
    mscs: [...list("L2 ", 1, 8), "L3 0", "node 0"],
    pages: { 0: 0x1_4000_0000, 7: 0x1_4007_0000, 8: 0x1_4100_0000, 9: 0x1_4200_0000 },
    classes: {
      L2: {
        ids: "1-8",
        cpus: "0-7",
        has: ["CPBM (8 portions)", "CSU (8 monitors)"],
        exports: { L2: "8 portions, masks 1 to ff", llc_occupancy: ["l3-or-memory"] },
      },
      L3: {
        ids: "0",
        cpus: "0-7",
        has: [
          "CPBM (16 portions)",
          "CMAX (8 bits)",
          "CMAX.SOFTLIM",
          "CMIN (8 bits)",
          "CSU (16 monitors)",
          "MBWU (32 monitors of 63 bits)",
          RWBW,
        ],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: ["limit"],
          llc_occupancy: turns(16),
          mbm_total_bytes: counters(32, 63, 64),
        },
        unused: ["CMAX (8 bits)", "CMAX.SOFTLIM", "CMIN (8 bits)"],
      },
      memory: {
        ids: "0",
        cpus: "0-7",
        has: ["MBW_MAX (7 bits)", "MBW_MIN (7 bits)", "MBWU (8 monitors of 44 bits)"],
        exports: { MB: MB_7, mbm_total_bytes: ["preferred"] },
        unused: ["MBW_MIN (7 bits)"],
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 0-7: L2 1 to 8", "class L2 cache, ids 1-8, cpus 0-7: MSC 0-7 in 8 components"],
  },

  "two-sockets": {
    partids: 32,
    pmgs: 4,
    partidsFrom: ["all", true],
    mscs: [
      ...list("L2 ", 2, 17),
      ...list("L3 0.", 0, 3),
      ...list("L3 1.", 0, 3),
      ...list("node 0.", 0, 1),
      ...list("node 1.", 0, 1),
    ],
    pages: { 15: 0x1_400f_0000, 16: 0x1_4100_0000, 20: 0x1_4104_0000, 25: 0x1_4201_0000, 27: 0x1_4281_0000 },
    classes: {
      L2: {
        ids: "2-17",
        cpus: "0-15",
        has: ["CPBM (8 portions)", "CSU (4 monitors)", "MBWU (4 monitors of 44 bits)", RWBW],
        exports: {
          L2: "8 portions, masks 1 to ff",
          llc_occupancy: ["l3-or-memory"],
          mbm_total_bytes: ["l3-or-memory", "cpus-of-l3", "l3-traffic"],
        },
      },
      L3: {
        ids: "0-1",
        cpus: "0-15",
        has: [
          "CPBM (16 portions)",
          "CMAX (8 bits)",
          "MBW_MAX (7 bits)",
          "CSU (16 monitors)",
          "MBWU (16 monitors of 63 bits)",
          RWBW,
        ],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: MB_7,
          llc_occupancy: turns(16),
          mbm_total_bytes: counters(16, 63, 128),
        },
        unused: ["CMAX (8 bits)"],
      },
      memory: {
        ids: "0-1",
        cpus: "0-15",
        has: ["MBW_MAX (7 bits)", "MBW_MIN (7 bits)", "MBWU (8 monitors of 44 bits)"],
        exports: { MB: ["one-l3", "one-node"], mbm_total_bytes: ["one-l3", "one-node"] },
        unused: ["MBW_MIN (7 bits)"],
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 16-23: L3 0.0 to 1.3", "MSC 26-27: node 1.0 to 1.1"],
  },

  everything: {
    // partidNrw.intPartidMax of the L3 is 7.
    partids: 8,
    pmgs: 4,
    partidsFrom: [[0], false],
    mscs: ["L3 0", "node 0"],
    pages: { 0: 0x1_4100_0000, 1: 0x1_4200_0000 },
    iidr: 0x0201_043b,
    classes: {
      L3: {
        ids: "0",
        cpus: "0-3",
        // RIS of one MSC: what any has. Narrowing belongs to the MSC.
        has: [
          "CPBM (40 portions)",
          "CMAX (8 bits)",
          "CMAX.SOFTLIM",
          "CMIN (8 bits)",
          "CASSOC (4 bits)",
          "MBW_PBM (48 portions)",
          "MBW_MAX (10 bits)",
          "MBW_MIN (10 bits)",
          "MBW_PROP (10 bits)",
          "INTPRI (4 bits, 0 the lowest)",
          "DSPRI (3 bits)",
          "CSU (1 monitor)",
          "CSU of dirty lines (XCL)",
          "MBWU (1 monitor of 63 bits)",
          RWBW,
          "PARTID narrowing",
        ],
        exports: {
          L3: ["portions-fit"],
          MB: "0 to 100 percent, 1024 steps of 1 percent or less, soft",
          llc_occupancy: turns(1),
          mbm_total_bytes: counters(1, 63, 32),
        },
        unused: [
          "CMAX (8 bits)",
          "CMAX.SOFTLIM",
          "CMIN (8 bits)",
          "CASSOC (4 bits)",
          "MBW_PBM (48 portions)",
          "MBW_MIN (10 bits)",
          "MBW_PROP (10 bits)",
          "INTPRI (4 bits, 0 the lowest)",
          "DSPRI (3 bits)",
        ],
        lost: [
          "reduced CMAX, CMIN: L3 0, MSC 0 RIS 0: CMAX, CMIN 12 bits; L3 0, MSC 0 RIS 4: CMIN 8 bits",
          "reduced CSU: L3 0, MSC 0 RIS 0: CSU 8 monitors; L3 0, MSC 0 RIS 3: CSU 1 monitor",
          "reduced MBWU: L3 0, MSC 0 RIS 1: MBWU 40 monitors; L3 0, MSC 0 RIS 3: MBWU 1 monitor",
          "mixed MBWU counter: L3 0, MSC 0 RIS 1: 63 bits; L3 0, MSC 0 RIS 3: 44 bits",
        ],
      },
      memory: {
        ids: "0",
        cpus: "0-3",
        has: ["MBW_MAX (7 bits)", "DSPRI (2 bits, 0 the lowest)", "MBWU (4 monitors of 31 bits)"],
        exports: { MB: ["preferred"], mbm_total_bytes: ["preferred"] },
        unused: ["DSPRI (2 bits, 0 the lowest)"],
      },
      // RIS 2, a hole.
      unknown: { ids: "0", cpus: "", has: [], exports: {} },
    },
    remarks: [SOFT, "There is no L3 schema", NO_LOCAL],
    text: ["  RIS 2: nothing to control or count, and firmware does not name it", "  PARTIDs to 7, from MSC 0 (L3 0)"],
  },

  server: {
    partids: 64,
    pmgs: 4,
    partidsFrom: ["all", true],
    mscs: [...list("L3 0.", 0, 31), ...list("node 0.", 0, 7)],
    pages: { 0: 0x1_4000_0000, 31: 0x1_401f_0000, 32: 0x1_5000_0000, 39: 0x1_5007_0000 },
    classes: {
      L3: {
        ids: "0",
        cpus: "0-63",
        has: ["CPBM (16 portions)", "CMAX (8 bits)", "CSU (16 monitors)"],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: ["limit"],
          llc_occupancy: turns(16),
          mbm_total_bytes: ["monitors"],
        },
        unused: ["CMAX (8 bits)"],
      },
      memory: {
        ids: "0",
        cpus: "0-63",
        has: ["MBW_MAX (8 bits)", "MBWU (32 monitors of 63 bits)", RWBW],
        exports: { MB: MB_8, mbm_total_bytes: counters(32, 63, 256) },
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 0-31: L3 0.0 to 0.31", "MSC 32-39: node 0.0 to 0.7"],
  },

  t241: {
    partids: 64,
    pmgs: 2,
    partidsFrom: ["all", true],
    mscs: [0, 1, 2, 3].flatMap((chip) => list(`L3 ${chip}.`, 0, 11)),
    // The chip is bits 44:43.
    pages: { 0: 0x0001_4100_0000, 12: 0x0801_4100_0000, 24: 0x1001_4100_0000, 47: 0x1801_410b_0000 },
    iidr: 0x2410_036b,
    errata: ["T241-MPAM-1", "T241-MPAM-4", "T241-MPAM-6"],
    classes: {
      L3: {
        ids: "0-3",
        cpus: "0-63",
        has: ["CPBM (16 portions)", "MBW_MAX (7 bits)", "CSU (16 monitors)", "MBWU (32 monitors of 44 bits)"],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: MB_7,
          llc_occupancy: turns(16),
          mbm_total_bytes: counters(32, 44, 128),
        },
        lost: ["lost MBW_MIN: L3 0, MSC 0: 7 bits"],
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 36-47: L3 3.0 to 3.11", "  worked around: T241-MPAM-1, T241-MPAM-4, T241-MPAM-6"],
  },

  "cmn-650": {
    partids: 32,
    pmgs: 2,
    partidsFrom: ["all", true],
    mscs: list("L3 0.", 0, 15),
    pages: { 0: 0x1_4000_0000, 15: 0x1_400f_0000 },
    iidr: 0x0000_043b,
    errata: ["CMN-650-3642720"],
    classes: {
      L3: {
        ids: "0",
        cpus: "0-31",
        has: ["CPBM (16 portions)", "CSU (4 monitors)"],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: ["limit"],
          llc_occupancy: turns(4),
          mbm_total_bytes: ["monitors"],
        },
      },
    },
    remarks: [],
    text: ["  worked around: CMN-650-3642720", "  monitors not ready up to 10 us"],
  },

  "many-slices": {
    partids: 64,
    pmgs: 4,
    partidsFrom: ["all", true],
    mscs: [
      ...list("L2 ", 2, 65),
      ...list("L3 0.", 0, 31),
      ...list("L3 1.", 0, 31),
      ...list("node 0.", 0, 3),
      ...list("node 1.", 0, 3),
    ],
    pages: { 63: 0x1_403f_0000, 96: 0x1_5020_0000, 131: 0x1_6003_0000, 132: 0x1_6100_0000 },
    classes: {
      L2: { ids: "2-65", cpus: "0-63", has: ["CPBM (8 portions)"], exports: { L2: "8 portions, masks 1 to ff" } },
      L3: {
        ids: "0-1",
        cpus: "0-63",
        has: [
          "CPBM (16 portions)",
          "CMAX (8 bits)",
          "MBW_MAX (7 bits)",
          "CSU (8 monitors)",
          "MBWU (64 monitors of 63 bits)",
          RWBW,
        ],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: MB_7,
          llc_occupancy: turns(8),
          mbm_total_bytes: counters(64, 63, 256),
        },
        unused: ["CMAX (8 bits)"],
      },
      memory: {
        ids: "0-1",
        cpus: "0-63",
        has: ["MBW_MAX (7 bits)", "MBW_MIN (7 bits)"],
        exports: { MB: ["one-l3", "one-node"], mbm_total_bytes: ["monitors", "one-l3", "one-node"] },
        unused: ["MBW_MIN (7 bits)"],
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 64-127: L3 0.0 to 1.31", "class L3 cache, ids 0-1, cpus 0-63: MSC 64-127 in 2 components"],
  },

  "four-spaces": {
    // Those of the Non-secure bank of the L3.
    partids: 32,
    pmgs: 4,
    partidsFrom: [[0], false],
    mscs: ["L3 0", "node 0"],
    pages: { 0: 0x1_4100_0000, 1: 0x1_4200_0000 },
    classes: {
      L3: {
        ids: "0",
        cpus: "0-7",
        // RIS 1 is in the Secure and the Root bank only.
        has: [
          "CPBM (16 portions)",
          "CMAX (8 bits)",
          "CMIN (8 bits)",
          "CSU (8 monitors)",
          "MBWU (8 monitors of 63 bits)",
        ],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: ["limit"],
          llc_occupancy: turns(8),
          mbm_total_bytes: counters(8, 63, 128),
        },
        unused: ["CMAX (8 bits)", "CMIN (8 bits)"],
      },
      memory: {
        ids: "0",
        cpus: "0-7",
        has: ["MBW_MAX (7 bits)"],
        exports: { MB: MB_7, mbm_total_bytes: ["monitors"] },
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["  PARTIDs to 31, from MSC 0 (L3 0)", "  RIS 1: nothing to control or count"],
  },

  "scarce-monitors": {
    partids: 16,
    pmgs: 4,
    partidsFrom: ["all", true],
    mscs: ["L3 0", "L3 1"],
    pages: { 0: 0x1_4100_0000, 1: 0x1_4200_0000 },
    classes: {
      L3: {
        ids: "0-1",
        cpus: "0-7",
        has: ["CPBM (16 portions)", "MBW_MAX (6 bits)", "CSU (1 monitor)", "MBWU (3 monitors of 31 bits)"],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: "2 to 100 percent, 64 steps of 2 percent or less, soft",
          llc_occupancy: turns(1),
          mbm_total_bytes: counters(3, 31, 64),
        },
        lost: [
          "reduced MBW_MAX: L3 0, MSC 0 RIS 0: MBW_MAX 8 bits; L3 1, MSC 1 RIS 0: MBW_MAX 6 bits",
          "reduced CSU: L3 0, MSC 0 RIS 0: CSU 2 monitors; L3 1, MSC 1 RIS 0: CSU 1 monitor",
          "reduced MBWU: L3 0, MSC 0 RIS 0: MBWU 8 monitors; L3 1, MSC 1 RIS 0: MBWU 3 monitors",
          "lost MBWU of reads or writes (RWBW): L3 0, MSC 0: yes; L3 1, MSC 1: none",
          "reduced MBWU counter: L3 0, MSC 0 RIS 0: 63 bits; L3 1, MSC 1 RIS 0: 44 bits",
        ],
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["  monitors not ready up to 50 us"],
  },

  "big-little": {
    partids: 32,
    pmgs: 2,
    partidsFrom: ["all", true],
    mscs: ["L2 0", "L2 4", "L3 0", "node 0"],
    pages: { 0: 0x1_4000_0000, 1: 0x1_4001_0000, 2: 0x1_4100_0000, 3: 0x1_4200_0000 },
    classes: {
      L2: {
        ids: "0,4",
        cpus: "0-7",
        has: ["CMAX (8 bits)", "CSU (4 monitors)"],
        exports: { L2: ["portions"], llc_occupancy: ["l3-or-memory"] },
        unused: ["CMAX (8 bits)"],
        lost: [
          "lost CPBM: L2 0, MSC 0: 8 portions; L2 4, MSC 1: 16 portions",
          "reduced CMAX: L2 4, MSC 1 RIS 0: CMAX 12 bits; L2 0, MSC 0 RIS 0: CMAX 8 bits",
          "lost CMAX.SOFTLIM: L2 4, MSC 1: yes; L2 0, MSC 0: none",
          "reduced CSU: L2 4, MSC 1 RIS 0: CSU 8 monitors; L2 0, MSC 0 RIS 0: CSU 4 monitors",
          "lost CSU of dirty lines (XCL): L2 4, MSC 1: yes; L2 0, MSC 0: none",
        ],
      },
      L3: {
        ids: "0",
        cpus: "0-7",
        has: ["CPBM (16 portions)", "CSU (16 monitors)", "MBWU (16 monitors of 44 bits)"],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: ["limit"],
          llc_occupancy: turns(16),
          mbm_total_bytes: counters(16, 44, 64),
        },
      },
      memory: {
        ids: "0",
        cpus: "0-7",
        has: ["MBW_MAX (6 bits)", "MBWU (8 monitors of 44 bits)"],
        exports: { MB: "2 to 100 percent, 64 steps of 2 percent or less, soft", mbm_total_bytes: ["preferred"] },
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 1: L2 4", "  page at 0x1_4001_0000, reached by cpus 4-7"],
  },

  "firmware-backed": {
    partids: 16,
    pmgs: 2,
    partidsFrom: ["all", true],
    mscs: [...list("L2 ", 1, 8), ...list("L3 0.", 0, 3), ...list("node 0.", 0, 1)],
    pages: { 0: 0x1_4000_0000, 7: 0x1_4007_0000, 8: undefined, 13: undefined },
    classes: {
      L2: { ids: "1-8", cpus: "0-7", has: ["CPBM (8 portions)"], exports: { L2: "8 portions, masks 1 to ff" } },
      L3: {
        ids: "0",
        cpus: "0-7",
        has: ["CPBM (16 portions)", "CSU (8 monitors)", "MBWU (8 monitors of 63 bits)"],
        exports: {
          L3: "16 portions, masks 1 to ffff",
          MB: ["limit"],
          llc_occupancy: turns(8),
          mbm_total_bytes: counters(8, 63, 32),
        },
      },
      memory: {
        ids: "0",
        cpus: "0-7",
        has: ["MBW_MAX (7 bits)", "MBWU (4 monitors of 44 bits)"],
        exports: { MB: MB_7, mbm_total_bytes: ["preferred"] },
      },
    },
    remarks: [SOFT, NO_LOCAL],
    text: ["MSC 8-11: L3 0.0 to 0.3", "  mailbox 0, reached by cpus 0-7"],
  },

  android: {
    // The older device tree says where the registers are, and not what they control.
    partids: 64,
    pmgs: 1,
    partidsFrom: ["all", true],
    mscs: ["L3 0"],
    pages: { 0: 0x3000_0000 },
    classes: { unknown: { ids: "0", cpus: "", has: ["CPBM (8 portions)", "CMAX (8 bits)"], exports: {} } },
    remarks: ["Nothing can be allocated or monitored", "There is no mon_data"],
    text: ["  RIS 0: CPBM (8 portions), CMAX (8 bits), and firmware does not name it"],
  },
};
