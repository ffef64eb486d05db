// Many configurations at once: plans, units, results, and the answers made of them.

export { SWEEP_SUFFIXES, type SweepSuffix, sweepReport } from "./answers/files.ts";
export { readSweep } from "./answers/read-sweep.ts";
export { describeSweep } from "./answers/table.ts";
