// The parts of docs/ that are made: what stands between <!-- WHAT: NAME --> and <!-- /WHAT -->. test/cli/published.test.ts holds the
// files to it; `npm run docs` writes them.

import type { KeyTableName } from "../../platform/index.ts";
import { PLAN_KEYS } from "../../sweep/index.ts";
import { LABEL_MAP_KEYS, METADATA_KEYS } from "../../trace/index.ts";
import { commandTable } from "./command-tables.ts";
import { labelMapJsonSchema, metadataJsonSchema, planJsonSchema, platformJsonSchema } from "./json-schemas.ts";
import { objectTable } from "./object-table.ts";
import { keyTable } from "./platform-keys.ts";
import { runTable } from "./run-tables.ts";

/** By file, from the root of the repository: the text as it should be. */
export function documents(): { readonly [file: string]: (text: string) => string } {
  const platform = platformJsonSchema();
  return {
    "docs/platform-format.md": (text) => between(text, "keys", (name) => keyTable(name as KeyTableName, platform)),
    "docs/command-line.md": (text) => between(text, "table", commandTable),
    "docs/reports.md": (text) => between(text, "run", runTable),
    "docs/replay.md": (text) =>
      between(text, "labels", () => objectTable(labelMapJsonSchema(), LABEL_MAP_KEYS, "src/trace/keys.ts")),
    "docs/sweeps.md": (text) =>
      between(text, "plan", () => objectTable(planJsonSchema(), PLAN_KEYS, "src/sweep/plan/keys.ts")),
    "docs/trace-format.md": (text) =>
      between(text, "metadata", () => objectTable(metadataJsonSchema(), METADATA_KEYS, "src/trace/keys.ts")),
  };
}

function between(text: string, what: string, make: (name: string) => string): string {
  const marks = new RegExp(`(<!-- ${what}: (\\S+) -->\\n)[\\s\\S]*?(<!-- /${what} -->)`, "g");
  return text.replace(marks, (_, open: string, name: string, close: string) => `${open}${make(name)}\n${close}`);
}
