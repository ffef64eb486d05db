// Files that a report becomes: refused before anything has run, written when it has.

import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { filesOf, type ReportSuffix, type Run } from "../report/index.ts";
import { UsageError } from "../written/index.ts";
import { checkPlace } from "./places.ts";

export interface ReportTarget<Suffix extends string = ReportSuffix> {
  readonly path: string;
  readonly suffix: Suffix;
}

/** Throws a UsageError for a name that says no form, and for a place where nothing can be written. */
export async function reportTargets<const Suffix extends string>(
  paths: readonly string[],
  allowed: readonly Suffix[],
): Promise<ReportTarget<Suffix>[]> {
  const targets: ReportTarget<Suffix>[] = [];
  for (const path of paths) {
    const suffix = allowed.find((one) => path.endsWith(`.${one}`));
    if (suffix === undefined) {
      const known = allowed.map((one) => `.${one}`).join(", ");
      throw new UsageError(`report ${path}: the name ends in ${known}, which says what is written`);
    }
    await checkPlace(`report ${path}`, path);
    targets.push({ path, suffix });
  }
  return targets;
}

/** Answers the paths of the files, each of which is there whole or not at all. */
export async function writeReports(run: Run, targets: readonly ReportTarget[]): Promise<string[]> {
  const written: string[] = [];
  for (const { path, suffix } of targets) {
    const stem = path.slice(0, -suffix.length - 1);
    for (const { part, bytes } of await filesOf(run, suffix)) {
      const name = `${stem}${part}.${suffix}`;
      await writeWhole(name, bytes);
      written.push(name);
    }
  }
  return written;
}

export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const begun = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    await writeFile(begun, bytes);
    await rename(begun, path);
  } catch (cause) {
    await rm(begun, { force: true });
    throw new Error(`report ${path}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}
