// The text of a platform file for beginners: each key with its meaning, from the reference of keys.

import { KEY_TABLES, type KeyTable, type KeyTableName } from "../platform/index.ts";

export interface Shape {
  readonly cpus: number;
  /** As the file has it: "1 MiB". */
  readonly l3: string;
  readonly ways: number;
  readonly portions: number;
  readonly channels: number;
}

/** Needed keys alone; those that one changes first; or all there are, the others in comments. */
export type Extent = "minimal" | "usual" | "full";

type Value = string | Block | readonly Block[];

/** Lines of one map: keys with what stands there, and the table that knows their meaning. */
interface Block {
  readonly table: KeyTableName;
  /** Before the keys in the table: "cpor." */
  readonly within?: string;
  /** Tables and places whose other keys are shown too, where all are. */
  readonly others?: readonly (readonly [KeyTableName, string])[];
  readonly keys: { readonly [key in string]: Value };
  /** Keys that `minimal` leaves out. */
  readonly more?: readonly string[];
}

/** Said here with the value that stands there; the reference speaks of all values. */
const EXPLAINED: { readonly [key in string]: string } = {
  "machine.processor": "what a cpu can put on a request",
  "machine.caches": "from the lowest level to the highest",
  "machine.memory": "NUMA nodes",
  "cache.level": "the last before memory",
  "cache.bytes": "ways * 64 bytes * a power of two",
  "cache.msc": "the registers that partition and watch it; without them it is an ordinary cache",
  "memory.bytes": "of the node",
  "memory.msc": "one for each channel",
  "msc.base": "where the register page is in physical memory",
  "msc.cpor": "cache portions: who may fill which part of it",
  "msc.csu": "monitors of what is held",
  "msc.mbwu": "monitors of what is moved",
  "msc.mbw": "limits of bandwidth",
  "controls.cpor.cpbmWd": "how many: bits of MPAMCFG_CPBM<n>",
  "controls.csu.monitors": "how many",
  "controls.mbwu.monitors": "how many",
  "controls.mbwu.counter": "bits: 31, 44 or 63",
  "controls.mbw.bwaWd": "bits of a limit: steps of 1/128",
  "controls.mbw.maxLim": "who is over the limit gets more while nobody else wants it; hard: never",
};

export function platformText(shape: Shape, extent: Extent): string {
  const head = [
    "A machine for mpam: what it is made of. Every key, its unit and its range: docs/platform-format.md.",
    "",
    "  mpam probe FILE            what a driver finds on it",
    "  mpam explain FILE          what resctrl makes of that",
    "  mpam replay TRACE -p FILE  what traffic does to it",
  ];
  const comments = extent === "minimal" ? head.slice(0, 1) : head;
  return [...comments.map((line) => `# ${line}`.trimEnd()), "", ...linesOf(machine(shape), extent, ""), ""].join("\n");
}

function machine({ cpus, l3, ways, portions, channels }: Shape): Block {
  const cpor: Block = { table: "controls", within: "cpor.", keys: { cpbmWd: String(portions) } };
  const csu: Block = { table: "controls", within: "csu.", others: [["monitors", "csu."]], keys: { monitors: "16" } };
  const mbwu: Block = {
    table: "controls",
    within: "mbwu.",
    others: [["monitors", "mbwu."]],
    keys: { monitors: "16", counter: "63" },
  };
  const mbw: Block = { table: "controls", within: "mbw.", keys: { bwaWd: "7", maxLim: "soft" }, more: ["maxLim"] };
  const others = [["choices", ""]] as const;
  const cache: Block = {
    table: "cache",
    keys: {
      level: "3",
      bytes: l3,
      ways: String(ways),
      msc: { table: "msc", others, keys: { base: "0x1_4100_0000", cpor, csu, mbwu }, more: ["csu", "mbwu"] },
    },
  };
  const memory: Block = {
    table: "memory",
    keys: {
      bytes: "8 GiB",
      channels: String(channels),
      bytesPerSecond: "12.8 GB/s",
      msc: { table: "msc", others, keys: { base: "0x1_4200_0000", mbw } },
    },
    more: channels === 1 ? ["channels"] : [],
  };
  return {
    table: "machine",
    keys: {
      name: "mine",
      cpus: String(cpus),
      processor: {
        table: "machine",
        within: "processor.",
        others: [["processor", ""]],
        keys: { partidMax: "15", pmgMax: "3" },
      },
      caches: [cache],
      memory: [memory],
    },
  };
}

function linesOf(block: Block, extent: Extent, indent: string): string[] {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(block.keys)) {
    if (extent === "minimal" && block.more?.includes(key)) continue;
    if (typeof value === "string") {
      lines.push(explained(`${indent}${key}: ${value}`, block, key, extent, indent));
      continue;
    }
    if (indent === "") lines.push("");
    lines.push(explained(`${indent}${key}:`, block, key, extent, indent));
    if (!Array.isArray(value)) {
      lines.push(...linesOf(value as Block, extent, `${indent}  `));
      continue;
    }
    for (const item of value as readonly Block[]) {
      const inner = linesOf(item, extent, `${indent}    `);
      const first = inner.findIndex((line) => !line.trimStart().startsWith("#"));
      inner[first] = (inner[first] as string).replace(`${indent}    `, `${indent}  - `);
      lines.push(...inner);
    }
  }
  if (extent !== "full") return lines;
  return [...lines, ...(indent === "" ? [""] : []), ...unused(block, indent)];
}

/** A key and its meaning: beside it, or above where that is long. */
function explained(line: string, block: Block, key: string, extent: Extent, indent: string): string {
  if (extent === "minimal") return line;
  const meaning = meaningOf(block, key);
  if (meaning === "") return line;
  const beside = `${line} # ${meaning}`;
  return beside.length <= 120 ? beside : `${folded(meaning, indent)}\n${line}`;
}

/** Keys that keep their defaults, as comments. */
function unused(block: Block, indent: string): string[] {
  const tables = [[block.table, block.within ?? ""] as const, ...(block.others ?? [])];
  // What controls there are is another table's, and stands beside the other keys of an MSC.
  if (block.table === "msc") tables.push(["controls", ""]);
  return tables.flatMap(([table, within]) =>
    Object.entries(KEY_TABLES[table] as KeyTable).flatMap(([keys, [otherwise, meaning]]) =>
      keys
        .split(", ")
        .filter((key) => key.startsWith(within))
        .map((key) => key.slice(within.length))
        .filter((key) => !/[.[*]/.test(key) && !Object.hasOwn(block.keys, key))
        .map((key) => {
          const text = [plain(meaning), `default: ${plain(otherwise)}`].filter((part) => part !== "").join("; ");
          return folded(`${key}: ${text}`, indent);
        }),
    ),
  );
}

function meaningOf(block: Block, key: string): string {
  const full = `${block.within ?? ""}${key}`;
  const own = EXPLAINED[`${block.table}.${full}`] ?? EXPLAINED[`${block.table}.${key}`];
  if (own !== undefined) return own;
  for (const table of [block.table, "controls"] as const) {
    const row = Object.entries(KEY_TABLES[table] as KeyTable).find(([keys]) => keys.split(", ").includes(full));
    if (row) return plain(row[1][1]);
  }
  return "";
}

/** One sentence of Markdown as text. */
function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, (_, label: string) => (label.endsWith(".md") ? `docs/${label}` : label))
    .replaceAll("`", "")
    .replace(/: (here, and )?below\.?$|: below\. /, ". ")
    .trim();
}

/** Comment lines of up to 120 columns. */
function folded(text: string, indent: string): string {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > 120) {
      lines.push(line);
      line = `${indent}#  `;
    }
    line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}
