// What a driver looks for in ID registers, by its names: linux-driver.md 1.1, less those that probing never sets.

import type { Feature } from "../../src/driver/index.ts";

export const FEATURES: readonly Feature[] = [
  "cpor_part",
  "cmax_softlim",
  "cmax_cmax",
  "cmax_cmin",
  "cmax_cassoc",
  "mbw_part",
  "mbw_min",
  "mbw_max",
  "mbw_prop",
  "intpri_part",
  "intpri_part_0_low",
  "dspri_part",
  "dspri_part_0_low",
  "msmon_csu",
  "msmon_csu_xcl",
  "msmon_mbwu",
  "msmon_mbwu_31counter",
  "msmon_mbwu_44counter",
  "msmon_mbwu_63counter",
  "msmon_mbwu_rwbw",
  "partid_nrw",
];
