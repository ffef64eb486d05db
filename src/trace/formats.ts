// The recordings that can be imported, and how one is told from another: by its content, and by its name where content is not enough.
import { nearest } from "../written/index.ts";
import { ChampSimParser, CLOUDSUITE_INSTR, INPUT_INSTR, looksLikeChampSim } from "./champsim.ts";
import { type Columns, namesAddress } from "./column-map.ts";
import { CsvParser, cellsOf } from "./csv.ts";
import { DineroParser } from "./dinero.ts";
import { DrmemtraceParser, isDrmemtrace } from "./drmemtrace.ts";
import { Gem5Parser, isGem5 } from "./gem5.ts";
import { LackeyParser } from "./lackey.ts";
import { looksLikeOracleGeneral, OracleGeneralParser } from "./oracle-general.ts";
import type { ParserContext, RecordParser } from "./parser.ts";
import { PerfScriptParser, readSample } from "./perf-script.ts";
import { LoadStoreParser, SimpleO3Parser } from "./ramulator.ts";
import { badOption } from "./refusal.ts";

export const FORMAT_NAMES = [
  "lackey",
  "drmemtrace",
  "din",
  "ramulator",
  "simpleo3",
  "champsim",
  "cloudsuite",
  "gem5",
  "oracleGeneral",
  "perf",
  "csv",
] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

/** How sure the first bytes make it. "maybe": nothing speaks against it. */
type Fit = "surely" | "maybe" | "no";

/** The first bytes of a recording's content. */
interface Head {
  readonly bytes: Uint8Array;
  /** Its first lines that are not blank; none when it is no text. */
  readonly lines: readonly string[];
  readonly columns: Columns | undefined;
}

interface Format {
  /** Names of files that hold such recordings, without .gz and the like. */
  readonly named?: RegExp;
  /** Samples and not every access: good for footprints and rates, never for exact replay. */
  readonly sampled?: true;
  fits(head: Head): Fit;
  parser(context: ParserContext, head: Head): RecordParser;
}

const fit = (found: boolean, otherwise: Fit = "no"): Fit => (found ? "surely" : otherwise);
const every = (head: Head, shape: RegExp): boolean =>
  head.lines.length > 0 && head.lines.slice(0, 64).every((line) => shape.test(line));

const FORMATS: { readonly [name in FormatName]: Format } = {
  lackey: {
    named: /\.lackey$/,
    fits: ({ lines }) => {
      const found = lines.some((line) => /^(I {2}| [LSM] )[0-9a-fA-F]+,\d+\s*$|^==\d+== /.test(line));
      return fit(found, lines.length > 0 ? "maybe" : "no");
    },
    parser: (context) => new LackeyParser(context),
  },
  drmemtrace: {
    fits: ({ bytes }) => fit(isDrmemtrace(bytes)),
    parser: (context) => new DrmemtraceParser(context),
  },
  din: {
    named: /\.din$/,
    fits: (head) =>
      every(head, /^\s*[0-4]\s+(0[xX])?[0-9a-fA-F]+(\s|$)/)
        ? fit(
            head.lines.some((line) => /^\s*\d\s+(0[xX]|[0-9]*[a-fA-F])/.test(line)),
            "maybe",
          )
        : "no",
    parser: (context) => new DineroParser(context),
  },
  ramulator: {
    fits: (head) => fit(every(head, /^\s*(LD|ST)\s+(0[xX][0-9a-fA-F]+|\d+)\s*$/)),
    parser: (context) => new LoadStoreParser(context),
  },
  simpleo3: {
    fits: (head) =>
      every(head, /^\s*\d+\s+\d+(\s+\d+)?\s*$/)
        ? fit(
            head.lines.some((line) => /^\s*(\d\d+|[5-9])\s|^\s*\d+\s+\d+\s+\d/.test(line)),
            "maybe",
          )
        : "no",
    parser: (context) => new SimpleO3Parser(context),
  },
  champsim: {
    named: /champsim/i,
    fits: ({ bytes }) => (looksLikeChampSim(bytes, INPUT_INSTR) ? "maybe" : "no"),
    parser: (context) => new ChampSimParser(context, INPUT_INSTR),
  },
  cloudsuite: {
    named: /cloudsuite/i,
    fits: ({ bytes }) => (looksLikeChampSim(bytes, CLOUDSUITE_INSTR) ? "maybe" : "no"),
    parser: (context) => new ChampSimParser(context, CLOUDSUITE_INSTR),
  },
  gem5: {
    fits: ({ bytes }) => fit(isGem5(bytes)),
    parser: (context) => new Gem5Parser(context),
  },
  oracleGeneral: {
    named: /oracleGeneral/i,
    fits: ({ bytes }) => (looksLikeOracleGeneral(bytes) ? "maybe" : "no"),
    parser: (context) => new OracleGeneralParser(context),
  },
  perf: {
    sampled: true,
    fits: ({ lines }) => fit(lines.some((line) => line.length < 2048 && readSample(line) !== undefined)),
    parser: (context) => new PerfScriptParser(context),
  },
  csv: {
    named: /\.[ct]sv$/,
    fits: ({ lines, columns }) => {
      const first = lines.find((line) => !line.startsWith("#"));
      if (first === undefined) return "no";
      return columns !== undefined || namesAddress(cellsOrNone(first)) ? "surely" : "maybe";
    },
    parser: (context, { lines, columns }) =>
      new CsvParser(context, lines.find((line) => !line.startsWith("#")) ?? "", columns),
  },
};

function cellsOrNone(line: string): string[] {
  try {
    return cellsOf(line);
  } catch {
    return [];
  }
}

/** Formats whose "maybe" means only that nothing is known: any text. A name has to speak for them. */
const ANY_TEXT: readonly FormatName[] = ["lackey", "csv"];

const MOST_LINES = 512;

/** Text has no control characters; its lines, the last one only where the head is all there is. */
function linesOf(bytes: Uint8Array, whole: boolean): string[] {
  if (bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return [];
  const text = new TextDecoder().decode(bytes);
  const lines = text.split(/\r?\n/);
  if (!whole && lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== "").slice(0, MOST_LINES);
}

export function checkedFormat(name: string): FormatName {
  const found = FORMAT_NAMES.find((one) => one.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(name, FORMAT_NAMES);
  const meant = near === undefined ? "" : `did you mean ${near}? `;
  throw badOption(`format '${name}' is not known; ${meant}${FORMAT_NAMES.join(", ")} are`);
}

export interface Detected {
  readonly format: FormatName;
  readonly sampled: boolean;
  parser(context: ParserContext): RecordParser;
}

/**
 * The format of a recording by its first bytes and its name, or the one told. `whole`: the head is all of it. Throws plain
 * text when no format fits, or more than one.
 */
export function detect(
  bytes: Uint8Array,
  whole: boolean,
  name: string,
  told: { readonly format?: FormatName | undefined; readonly columns?: Columns | undefined },
): Detected {
  const head: Head = { bytes, lines: linesOf(bytes, whole), columns: told.columns };
  const format = told.format ?? choose(head, name);
  return {
    format,
    sampled: FORMATS[format].sampled === true,
    parser: (context) => FORMATS[format].parser(context, head),
  };
}

function choose(head: Head, name: string): FormatName {
  const bare = name.replace(/(\.(gz|xz|zst|lz4|br|zip))+$/, "");
  const sure: FormatName[] = [];
  const maybe: FormatName[] = [];
  for (const format of FORMAT_NAMES) {
    const found = FORMATS[format].fits(head);
    const named = FORMATS[format].named?.test(bare) === true;
    if (found === "surely" || (found === "maybe" && named)) sure.push(format);
    else if (found === "maybe" && !ANY_TEXT.includes(format)) maybe.push(format);
  }
  // A name decides between formats that fit alike.
  const named = sure.filter((format) => FORMATS[format].named?.test(bare) === true);
  const fitting = named.length === 1 ? named : sure.length > 0 ? sure : maybe;
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  if (fitting.length > 1) throw new Error(`could be ${fitting.join(" or ")}; say which with --format`);
  throw new Error(`is of no format that is known by its content; say which with --format: ${FORMAT_NAMES.join(", ")}`);
}
