// Which column of a CSV file is what: told by the caller, or by names in its first line.
import { badOption } from "./refusal.ts";

export const COLUMN_KEYS = [
  "time",
  "address",
  "bytes",
  "op",
  "requester",
  "asid",
  "pid",
  "tid",
  "cpu",
  "el",
  "comm",
  "device",
  "smmu",
  "sid",
  "ssid",
  "space",
  "partid",
  "pmg",
] as const;

export type ColumnKey = (typeof COLUMN_KEYS)[number];

/** What is written behind a key: time:us, address:hex. */
const TIME_UNITS: { readonly [unit: string]: bigint } = { ns: 1n, us: 1_000n, ms: 1_000_000n, s: 1_000_000_000n };

/** From "time:us" or "address" to a column's number, counted from 0, or its name in the first line. */
export type Columns = Readonly<Record<string, string | number>>;

export interface ColumnMap {
  /** Columns by number; -1 where there is none. */
  readonly at: Readonly<Record<ColumnKey, number>>;
  readonly hexAddress: boolean;
  readonly nsPerTime: bigint;
  /** Whether the first line holds names. */
  readonly header: boolean;
}

/** Names that other tools give these columns. */
const ALIASES: { readonly [name: string]: ColumnKey } = {
  addr: "address",
  vaddr: "address",
  paddr: "address",
  size: "bytes",
  type: "op",
  rw: "op",
  access: "op",
  thread: "tid",
  process: "pid",
  core: "cpu",
};

/** `time=0,address=2` or `address:hex=addr` as the command line has it. */
export function parseColumns(text: string): Columns {
  const columns: Record<string, string | number> = {};
  for (const part of text.split(",")) {
    const [key, column, more] = part.split("=").map((one) => one.trim());
    if (!key || !column || more !== undefined)
      throw badOption(`columns '${text}': "time=0,address=2" is needed, or names of the first line ("address=addr")`);
    columns[key] = /^\d+$/.test(column) ? Number(column) : column;
  }
  return columns;
}

function isKey(name: string): name is ColumnKey {
  return (COLUMN_KEYS as readonly string[]).includes(name);
}

/** The map for a file whose first line has these cells. Throws plain text about the line, options' faults as such. */
export function mapColumns(columns: Columns | undefined, first: readonly string[]): ColumnMap {
  const at = Object.fromEntries(COLUMN_KEYS.map((key) => [key, -1])) as Record<ColumnKey, number>;
  const names = first.map((cell) => cell.trim().toLowerCase());
  let hexAddress = false;
  let nsPerTime = 1n;
  let named = false;
  for (const [told, column] of Object.entries(columns ?? {})) {
    const [key = "", form] = told.split(":");
    const unit = form === undefined ? undefined : TIME_UNITS[form];
    const fits = form === undefined || (key === "time" && unit !== undefined) || (key === "address" && form === "hex");
    if (!isKey(key) || !fits)
      throw badOption(
        `column '${told}' is not known; ${COLUMN_KEYS.join(", ")} are, and time:us (ns, us, ms, s), address:hex`,
      );
    if (key === "time" && unit !== undefined) nsPerTime = unit;
    if (form === "hex") hexAddress = true;
    if (typeof column === "string") {
      at[key] = names.indexOf(column.toLowerCase());
      named = true;
      if (at[key] < 0) throw new Error(`has no column named ${column}; its first line has: ${first.join(", ")}`);
    } else at[key] = column;
  }
  if (columns === undefined) {
    names.forEach((name, i) => {
      const key = isKey(name) ? name : ALIASES[name];
      if (key !== undefined && at[key] < 0) at[key] = i;
    });
    if (at.address < 0)
      throw new Error("its first line names no address column; say which column is what (--columns time=0,address=2)");
    named = true;
  }
  if (at.address < 0) throw badOption("columns: address is missing; every access has one");
  if (at.partid < 0 && (at.space >= 0 || at.pmg >= 0))
    throw badOption("columns: space and pmg are parts of a label; partid is missing");
  const header = named || !/^\s*"?(0[xX])?[0-9a-fA-F]+"?\s*$/.test(first[at.address] ?? "");
  return { at, hexAddress, nsPerTime, header };
}

/** Whether a file without a map is likely one with names in its first line. */
export function namesAddress(first: readonly string[]): boolean {
  return (
    first.length > 1 && first.some((cell) => ["address", "addr", "vaddr", "paddr"].includes(cell.trim().toLowerCase()))
  );
}
