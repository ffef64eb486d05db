// Which files a unit may have read here: whoever can write to the queue names them.

import { realpath, stat } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { parseTraceArgument, renamedTrace } from "../../trace/index.ts";
import { UnitLost } from "../threads/hand.ts";
import type { TraceNamed, Unit } from "../unit.ts";

/** The unit with its traces where they are here. Throws UnitLost for what does not lie in one of the folders. */
export async function withinFolders(unit: Unit, folders: readonly string[]): Promise<Unit> {
  if (folders.length === 0) return unit;
  const traces = await Promise.all(unit.work.traces.map((trace) => found(trace, folders)));
  return { ...unit, work: { ...unit.work, traces } };
}

async function found(trace: TraceNamed, folders: readonly string[]): Promise<TraceNamed> {
  const { name } = parseTraceArgument(trace.argument);
  if (/^(synth:|https?:\/\/)/.test(name)) return trace;
  for (const folder of folders) {
    // As it is named, if that is in the folder; else what is called the same there.
    for (const path of [resolve(name), join(folder, basename(name))]) {
      if (await liesIn(path, folder)) return { ...trace, argument: renamedTrace(trace.argument, path) };
    }
  }
  throw new UnitLost(`trace ${basename(name)} is in none of the folders of --traces (${folders.join(", ")})`);
}

/** Links are followed first. */
async function liesIn(path: string, folder: string): Promise<boolean> {
  try {
    const [file, above] = await Promise.all([realpath(path), realpath(folder)]);
    // What is no file may have no end.
    return file.startsWith(above.endsWith(sep) ? above : above + sep) && (await stat(file)).isFile();
  } catch {
    return false;
  }
}
