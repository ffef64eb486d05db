// mpam acpi: the tables of a platform as files, and what files of tables say.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  acpiObject,
  acpiTables,
  acpiText,
  checkAcpi,
  type Finding,
  platformFromAcpi,
  splitAcpi,
} from "../firmware/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { count, plural, UsageError } from "../written/index.ts";
import { report } from "./findings.ts";
import { about, bytesIn, unreadable } from "./input.ts";
import { platformOf } from "./named-platform.ts";
import { print } from "./output.ts";
import { makeFolder, writeTo } from "./places.ts";

interface Flags {
  readonly json?: boolean;
}

const WANTED = "a file or a folder of ACPI tables is needed";

/** One file for each table, named after it. */
export async function build(
  argument: string | undefined,
  { output, json, platform: option }: Flags & { readonly output: string; readonly platform?: string },
): Promise<void> {
  const platform = await loadPlatform(platformOf(argument, option));
  const tables = acpiTables(platform);
  await makeFolder(output);
  const files = await Promise.all(
    tables.map(async (bytes) => {
      const { signature, title } = acpiObject(bytes);
      const file = join(output, `${signature.toLowerCase()}.dat`);
      await writeTo(file, bytes);
      return { file, table: signature, bytes: bytes.length, says: title };
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
  print(json, { platform: platform.name, files }, lines.join("\n"));
}

export async function dump(paths: readonly string[], { json }: Flags): Promise<void> {
  const tables = await readTables(paths);
  if (json) print(true, { tables: tables.map(acpiObject) }, "");
  else print(false, {}, tables.map(acpiText).join("\n\n\n"));
}

/** Files that hold no tables are findings, too. */
export async function check(paths: readonly string[], { json }: Flags): Promise<void> {
  const tables: Uint8Array[] = [];
  const others: Finding[] = [];
  for (const file of await filesIn(paths)) {
    const bytes = await bytesIn(file, WANTED);
    try {
      tables.push(...splitAcpi(bytes));
    } catch (error) {
      // What has the name of a table is one, and the check says what is wrong with it.
      if (/^[A-Z][A-Z0-9_]{3}$/.test(String.fromCharCode(...bytes.subarray(0, 4)))) tables.push(bytes);
      else others.push({ severity: "error", place: file, text: (error as Error).message.replace(/^EINVAL: /, "") });
    }
  }
  const findings = [...others, ...(tables.length === 0 ? [] : checkAcpi(tables))];
  report(plural(tables.length, "table"), findings, json, { tables: tables.length });
}

export async function platform(paths: readonly string[], options: Flags & { readonly output?: string }): Promise<void> {
  const tables = await readTables(paths);
  const { writeGuess } = await import("./platform-file.ts");
  await writeGuess(platformFromAcpi(tables), `the ACPI tables of ${paths.join(", ")}`, options);
}

/** Tables of files, and of all files of folders. */
async function readTables(paths: readonly string[]): Promise<Uint8Array[]> {
  const tables: Uint8Array[] = [];
  for (const file of await filesIn(paths)) {
    const bytes = await bytesIn(file, WANTED);
    tables.push(...about(file, () => splitAcpi(bytes)));
  }
  return tables;
}

/** Of a folder its tables: what there is in it, but for files that are text by their name. */
async function filesIn(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(async (cause) => {
      throw await unreadable(path, path, cause, `; ${WANTED}`);
    });
    if (!found.isDirectory()) {
      files.push(path);
      continue;
    }
    const names = (await readdir(path, { withFileTypes: true })).filter((one) => one.isFile()).map(({ name }) => name);
    const tables = names.filter((name) => !/^\.|\.(dsl|asl|txt|ya?ml|json|log|md)$/i.test(name)).sort();
    if (tables.length === 0) throw new UsageError(`${path} has no files of tables; ${WANTED}`);
    files.push(...tables.map((name) => join(path, name)));
  }
  return files;
}
