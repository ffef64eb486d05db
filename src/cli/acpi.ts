// mpam acpi: the tables of a platform as files, and what files of tables say.

import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Document, isScalar, visit } from "yaml";
import {
  acpiTables,
  checkAcpi,
  dumpTable,
  platformFromAcpi,
  showDump,
  showFinding,
  signatureOf,
  splitTables,
} from "../firmware/index.ts";
import { checkObject, loadPlatform, PlatformError } from "../platform/index.ts";
import { showCpus } from "../written/index.ts";
import { UsageError } from "./failure.ts";
import { count, print } from "./output.ts";

interface Json {
  readonly json?: boolean;
}

/** One file for each table, named after it. */
export async function build(path: string, options: Json & { output: string }): Promise<void> {
  const platform = await loadPlatform(path);
  const tables = acpiTables(platform);
  await mkdir(options.output, { recursive: true });
  const files = await Promise.all(
    tables.map(async (bytes) => {
      const name = signatureOf(bytes);
      const file = join(options.output, `${name.toLowerCase()}.dat`);
      await writeFile(file, bytes);
      return { file, table: name, bytes: bytes.length, says: dumpTable(bytes).title };
    }),
  );
  const width = Math.max(...files.map(({ file }) => file.length));
  const lines = [
    `${platform.name}: ${files.length} tables, ${count(tables.reduce((sum, { length }) => sum + length, 0))} bytes`,
    "",
    ...files.map(({ file, bytes, says }) => `${file.padEnd(width)}  ${count(bytes).padStart(7)}  ${says}`),
    "",
    "For an emulator that takes tables as files:",
    `  ${files.map(({ file }) => `-acpitable file=${file}`).join(" ")}`,
  ];
  print(options.json, { platform: platform.name, files }, lines.join("\n"));
}

export async function dump(paths: readonly string[], options: Json): Promise<void> {
  const tables = (await readTables(paths)).map(({ bytes }) => dumpTable(bytes));
  print(options.json, { tables }, tables.map(showDump).join("\n\n\n"));
}

/** Ends with 1 when there are errors. */
export async function check(paths: readonly string[], options: Json): Promise<void> {
  const files = await readFiles(paths);
  const tables: Uint8Array[] = [];
  for (const { bytes } of files) tables.push(...split(bytes));
  const findings = checkAcpi(tables);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  const said = `${plural(tables.length, "table")}, ${plural(errors, "error")}, ${plural(warnings, "warning")}`;
  print(options.json, { tables: tables.length, errors, findings }, [...findings.map(showFinding), said].join("\n"));
  if (errors > 0) throw new Error(`the tables have ${plural(errors, "error")}`);
}

const plural = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** What cannot be told apart stays whole: a check says what is wrong with it. */
function split(bytes: Uint8Array): Uint8Array[] {
  try {
    return splitTables(bytes);
  } catch {
    return [bytes];
  }
}

export async function platform(paths: readonly string[], options: Json & { output?: string }): Promise<void> {
  const { platform: found, remarks } = platformFromAcpi((await readTables(paths)).map(({ bytes }) => bytes));
  const refused = refusalOf(found);
  const text = yamlOf(found, remarks, refused);
  if (options.output !== undefined) await writeFile(options.output, text);
  if (options.json) print(true, { platform: found, remarks, refused }, "");
  else if (options.output === undefined) process.stdout.write(text);
  else {
    const { cpus, caches, memory } = found;
    const made = `${options.output}: ${plural(cpus, "cpu")}, ${plural(caches.length, "cache")}, ${plural(memory.length, "memory node")}`;
    print(false, {}, [...notes(remarks, refused), made].join("\n"));
  }
  if (refused.length > 0) throw new Error("as it stands the platform would be refused");
}

function notes(remarks: readonly string[], refused: readonly string[]): string[] {
  return [...remarks.map((line) => `note: ${line}`), ...refused.map((line) => `not a platform yet: ${line}`)];
}

function refusalOf(found: object): string[] {
  try {
    checkObject(found, "tables");
    return [];
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return error.problems.map(({ found: what, allowed }) => `${what}; ${allowed}`);
  }
}

const ADDRESSES: ReadonlySet<string> = new Set(["base", "stride"]);

/** As a person would write it: addresses in hexadecimal, cpus as ranges, a list of numbers on one line. */
function yamlOf(found: object, remarks: readonly string[], refused: readonly string[]): string {
  const document = new Document(friendly(found));
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && ADDRESSES.has(String(key.value)) && isScalar(value)) value.format = "HEX";
    },
  });
  const comments = [
    "Made from ACPI tables. Every key, its unit and its range: docs/platform-format.md.",
    ...notes(remarks, refused),
  ];
  return `${comments.map((line) => `# ${line}`).join("\n")}\n\n${document.toString({ lineWidth: 120, flowCollectionPadding: true })}`;
}

function friendly(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const numbers = value.every((item) => typeof item === "number");
    return key === "cpus" && numbers && value.length > 0
      ? showCpus(value)
      : value.map((item) => friendly(item, key === "clusters" ? "cpus" : ""));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, friendly(one, name)]));
  }
  if (typeof value !== "number") return value;
  if (key === "bytes") return exactly(value, BINARY);
  if (key === "bytesPerSecond") {
    const text = exactly(value, DECIMAL);
    return typeof text === "string" ? `${text}/s` : text;
  }
  return value;
}

const BINARY = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;
const DECIMAL = [
  ["GB", 1e9],
  ["MB", 1e6],
] as const;

/** In the largest unit that says it with one digit after the point; otherwise the number. */
function exactly(value: number, units: readonly (readonly [string, number])[]): string | number {
  for (const [unit, size] of units) {
    if (value >= size && Number.isInteger((10 * value) / size)) return `${value / size} ${unit}`;
  }
  return value;
}

interface InFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Tables of files, and of all files of folders. */
async function readTables(paths: readonly string[]): Promise<InFile[]> {
  const tables: InFile[] = [];
  for (const { path, bytes } of await readFiles(paths)) {
    try {
      for (const one of splitTables(bytes)) tables.push({ path, bytes: one });
    } catch (error) {
      throw new UsageError(`${path}: ${error instanceof Error ? error.message.replace(/^EINVAL: /, "") : error}`);
    }
  }
  return tables;
}

async function readFiles(paths: readonly string[]): Promise<InFile[]> {
  const files: InFile[] = [];
  for (const path of paths) {
    for (const file of await filesIn(path)) files.push({ path: file, bytes: new Uint8Array(await readFile(file)) });
  }
  return files;
}

/** Of a folder its tables: what there is in it, but for files that are text by their name. */
async function filesIn(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read (${cause.code}); a file or a folder of tables is needed`);
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  const tables = names.filter((name) => !/\.(dsl|asl|txt|yaml|json|log)$/i.test(basename(name))).sort();
  if (tables.length === 0) throw new UsageError(`${path} has no files; tables are needed`);
  return tables.map((name) => join(path, name));
}
