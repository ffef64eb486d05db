// The names of formats of recordings, as --format takes them.

import type { FormatName } from "../../trace/index.ts";

/** The importers have the list too, but would have to be loaded for it; the compiler compares. */
const NAMES: { readonly [name in FormatName]: true } = {
  lackey: true,
  drmemtrace: true,
  din: true,
  ramulator: true,
  simpleo3: true,
  champsim: true,
  cloudsuite: true,
  gem5: true,
  oracleGeneral: true,
  perf: true,
  csv: true,
};

/** In the order in which help names them. */
export const FORMATS: readonly string[] = Object.keys(NAMES);
