// mpam bundle open: what is in a bundle, and its files. mpam bundle run: the same run again.

import { createWriteStream, existsSync, mkdirSync, statfsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import { Machine } from "../../machine/index.ts";
import { openTraces, parseTraceArgument, renamedTrace } from "../../trace/index.ts";
import { count, plural, showSize, time, UsageError } from "../../written/index.ts";
import { MOST_TEXT } from "../input.ts";
import { print } from "../output.ts";
import { makeFolder } from "../places.ts";
import { version } from "../version.ts";
import { type Listed, readArchive } from "./archive.ts";
import { type Contents, LABELS, MANIFEST, PLATFORM, SCRIPT, SNAPSHOT, tracePath } from "./contents.ts";
import { describeBundle, plainLine } from "./describe.ts";
import { type Outcome, rerun } from "./rerun.ts";

export async function open(path: string, { extract, json }: { extract?: string; json?: boolean }): Promise<void> {
  if (extract === undefined) {
    const contents = await readArchive(path);
    const others = await otherBuild(contents);
    print(json, { file: path, ...contents }, [describeBundle(contents), ...others].join("\n\n"));
    return;
  }
  // All of it is held against its hashes before anything is written.
  const contents = await readArchive(path);
  await intoEmpty(extract);
  checkRoom(extract, contents.files);
  await writeFile(join(extract, MANIFEST), `${JSON.stringify(contents, null, 2)}\n`, { flag: "wx" });
  const files = new Files(extract);
  await readArchive(path, (file) => files.write(file.name));
  await files.close();
  const said = `\n\n${plural(contents.files.length + 1, "file is", "files are")} in ${extract}.`;
  print(json, { file: path, folder: extract, ...contents }, `${describeBundle(contents)}${said}`);
}

interface RunFlags {
  replay?: string[];
  quiet?: boolean;
  json?: boolean;
}

/** Ends with 1 where the run comes out otherwise. */
export async function run(path: string, { replay, quiet, json }: RunFlags): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mpam-bundle-"));
  try {
    const texts = new Map<string, string>();
    const files = new Files(folder);
    let fits = false;
    const contents = await readArchive(path, ({ name, bytes }, { files: all }) => {
      if (!fits) {
        checkRoom(
          folder,
          all.filter((file) => file.name.startsWith("traces/")),
        );
      }
      fits = true;
      if (name.startsWith("traces/")) return files.write(name);
      return [PLATFORM, SCRIPT, LABELS].includes(name) ? kept(name, bytes, texts) : undefined;
    });
    await files.close();
    const platform = texts.get(PLATFORM);
    if (platform === undefined) throw new UsageError(`${path}: there is no ${PLATFORM} in it`);
    const sources = await openTraces(tracesOf(contents, folder, dirname(path), replay));
    for (const [index, { hash }] of sources.entries()) {
      const { argument, hash: recorded } = contents.traces[index] as Contents["traces"][number];
      if (hash !== recorded)
        throw new UsageError(`${plainLine(argument)}: this is another trace than the one of the bundle`);
    }
    const recipe = {
      platform,
      flags: contents.flags,
      script: texts.get(SCRIPT),
      labels: texts.get(LABELS),
      at: contents.at,
    };
    const outcome = await rerun(recipe, sources, quiet || json || false);
    const differences = compare(contents, outcome);
    const others = await otherBuild(contents);
    const { now, records, state, error } = outcome;
    print(
      json,
      {
        file: path,
        same: differences.length === 0,
        differences,
        others,
        ended: { now, records, state, ...(error === undefined ? {} : { error }) },
      },
      [
        ...others,
        ...(differences.length === 0
          ? [`the same: ${time(now)} of model time, ${count(records)} records, state ${state.slice(0, 12)}`]
          : differences),
        ...(error === undefined ? [] : [`error: ${plainLine(error)}`]),
      ].join("\n"),
    );
    if (differences.length > 0) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line for each thing that ended otherwise. */
function compare({ ended }: Contents, outcome: Outcome): string[] {
  const told = (what: string, then: string, now: string) =>
    then === now ? [] : [`${what}: ${now}; in the bundle ${then}`];
  return [
    ...told("model time", time(ended.now), time(outcome.now)),
    ...told("records", count(ended.records), count(outcome.records)),
    ...told("state", ended.state.slice(0, 12), outcome.state.slice(0, 12)),
    ...told("error", plainLine(ended.error ?? "none"), plainLine(outcome.error ?? "none")),
  ];
}

/** One line where another version made it. */
async function otherBuild({ tool, files }: Contents): Promise<string[]> {
  if (tool.module === (await Machine.moduleHash())) {
    return tool.version === version() ? [] : [`note: made by mpam ${plainLine(tool.version)}; this is ${version()}`];
  }
  const snapshot = files.some(({ name }) => name === SNAPSHOT) ? `; ${SNAPSHOT} opens with that one alone` : "";
  return [
    `note: made by another build of the hardware (mpam ${plainLine(tool.version)}; this is ${version()})${snapshot}`,
  ];
}

/** Where each trace is now: in the bundle, as given, or beside it or here under its name. */
function tracesOf({ traces }: Contents, folder: string, beside: string, given: readonly string[] = []): string[] {
  const unused = [...given];
  return traces.map(({ argument, included }, index) => {
    const { name } = parseTraceArgument(argument);
    if (included) return renamedTrace(argument, join(folder, tracePath(index, name)));
    if (name.startsWith("synth:")) return argument;
    const named = unused.findIndex((one) => basename(one) === basename(name));
    if (named >= 0) return renamedTrace(argument, unused.splice(named, 1)[0] as string);
    // No folder of the one who made it, and none that a stranger names.
    const place = [join(beside, basename(name)), basename(name)].find(existsSync);
    if (place !== undefined) return renamedTrace(argument, place);
    throw new UsageError(`${plainLine(name)}: the bundle has this trace by name alone; --replay says where it is`);
  });
}

function kept(name: string, bytes: number, texts: Map<string, string>): (piece: Uint8Array) => void {
  if (bytes > MOST_TEXT) throw new UsageError(`'${name}' in it is longer than 16 MiB`);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const done = () => texts.set(name, new TextDecoder().decode(Buffer.concat(pieces)));
  if (bytes === 0) texts.set(name, "");
  return (piece) => {
    pieces.push(piece.slice());
    length += piece.length;
    if (length === bytes) done();
  };
}

/** What unpacks from little may be more than the disk has. */
function checkRoom(folder: string, files: readonly Listed[]): void {
  const needed = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = statfsSync(folder);
  if (needed > bavail * bsize) {
    throw new UsageError(`its files have ${showSize(needed)}, and ${folder} has room for ${showSize(bavail * bsize)}`);
  }
}

async function intoEmpty(folder: string): Promise<void> {
  await makeFolder(folder);
  if ((await readdir(folder)).length > 0)
    throw new UsageError(`extract ${folder}: it has files; an empty or a new folder is needed`);
}

/** Files of a bundle in a folder. Their names are those of contents.ts, and lead nowhere else. */
class Files {
  readonly #open: ReturnType<typeof createWriteStream>[] = [];

  constructor(readonly folder: string) {}

  write(name: Listed["name"]): (piece: Uint8Array) => Promise<void> {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    const file = createWriteStream(path, { flags: "wx" });
    this.#open.push(file);
    // A copy: the bytes belong to who unpacks.
    return (piece) =>
      new Promise((resolve, reject) => file.write(piece.slice(), (error) => (error ? reject(error) : resolve())));
  }

  async close(): Promise<void> {
    for (const file of this.#open) {
      file.end();
      await finished(file);
    }
  }
}
