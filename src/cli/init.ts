// mpam init: a platform file to begin with.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { PlatformError, parsePlatform } from "../platform/index.ts";
import { readSize, showBytes, UsageError, whole } from "../written/index.ts";
import { bundled } from "./bundled.ts";
import { type Extent, platformText, type Shape } from "./init-text.ts";
import { platformFile } from "./named-platform.ts";

interface Flags {
  output?: string;
  cpus?: string;
  l3?: string;
  ways?: string;
  channels?: string;
  preset?: string;
  minimal?: boolean;
  full?: boolean;
  force?: boolean;
}

const SCHEMA = "dist/schemas/platform.schema.json";

export async function init(argument: string | undefined, flags: Flags): Promise<void> {
  if (argument !== undefined && flags.output !== undefined) {
    throw new UsageError(`file is given twice: as '${argument}' and as --output '${flags.output}'`);
  }
  const file = argument ?? flags.output ?? "platform.yaml";
  const text = `# yaml-language-server: $schema=${schemaFrom(file)}\n${await body(flags)}`;
  if (file === "-") {
    process.stdout.write(text);
    return;
  }
  await writeFile(file, text, { flag: flags.force ? "w" : "wx" }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EEXIST") throw new UsageError(`${file} is there already; --force writes over it`);
    throw new UsageError(`${file} cannot be written (${cause.code})`, { cause });
  });
  process.stdout.write(`${file} is written. Next:\n  mpam probe ${file}\n  mpam explain ${file}\n`);
}

async function body(flags: Flags): Promise<string> {
  if (flags.minimal && flags.full) throw new UsageError("minimal, full: one of them, or neither, is allowed");
  if (flags.preset !== undefined) {
    const other = (["cpus", "l3", "ways", "channels", "minimal", "full"] as const).find(
      (key) => flags[key] !== undefined,
    );
    if (other !== undefined) {
      throw new UsageError(`preset: a bundled platform comes as it is; without --preset, --${other} shapes one`);
    }
    return readFile(platformFile(flags.preset), "utf8");
  }
  const shape = shapeFrom(flags);
  const extent: Extent = flags.minimal ? "minimal" : flags.full ? "full" : "usual";
  const text = platformText(shape, extent);
  try {
    parsePlatform(text, "the platform");
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const [first] = error.problems;
    throw new UsageError(`there is no such machine: ${first?.found}; ${first?.allowed}`, { cause: error });
  }
  return text;
}

/** What a resctrl mask has room for. */
const MOST_PORTIONS = 32;
const LINE_BYTES = 64;
/** Tried in this order: the usual, then those that parts have for sizes that are no power of two. */
const WAYS = [16, 12, 20, 24, 28, 18, 22, 14, 10, 11, 13, 15, 8, 4, 2, 1];

function shapeFrom(flags: Flags): Shape {
  const cpus = flags.cpus === undefined ? 8 : between("cpus", flags.cpus, 1, 1024);
  const bytes =
    flags.l3 === undefined ? 2 ** 20 * 2 ** Math.ceil(Math.log2(Math.max(1, cpus / 8))) : sizeFrom(flags.l3);
  const channels = flags.channels === undefined ? 1 : between("channels", flags.channels, 1, 64);
  const fits = (ways: number) => Number.isInteger(Math.log2(bytes / (ways * LINE_BYTES)));
  const ways = flags.ways === undefined ? WAYS.find(fits) : between("ways", flags.ways, 1, 64);
  if (ways === undefined || !fits(ways)) {
    const found = WAYS.filter(fits);
    const said = flags.ways === undefined ? "" : ` in ${flags.ways} ways`;
    throw new UsageError(
      `l3 ${showBytes(bytes)}${said}: sets are a power of two, so ways * 64 * 2^n bytes are allowed${found.length > 0 ? `; with --ways ${found[0]} it would do` : ", such as 8 MiB"}`,
    );
  }
  return { cpus, l3: exactly(bytes), ways, portions: Math.min(ways, MOST_PORTIONS), channels };
}

function between(name: string, text: string, min: number, max: number): number {
  const value = whole(name, text);
  if (value < min || value > max) throw new UsageError(`${name} '${text}': ${min} to ${max} is allowed`);
  return value;
}

function sizeFrom(text: string): number {
  const bytes = readSize(text);
  if (bytes === undefined || !Number.isInteger(bytes) || bytes < LINE_BYTES || bytes > 2 ** 30) {
    throw new UsageError(`l3 '${text}': a size such as "8 MiB", 64 bytes to 1 GiB, is needed`);
  }
  return bytes;
}

function exactly(bytes: number): string {
  const unit = (["GiB", "MiB", "KiB"] as const).find((_, index) => bytes % 2 ** (30 - 10 * index) === 0);
  return unit === undefined ? String(bytes) : showBytes(bytes);
}

/**
 * Where an editor finds the schema of the file: within the project that has this package, a path that is the same for everybody;
 * elsewhere where this package is on this host.
 */
function schemaFrom(file: string): string {
  const folder = resolve(file === "-" ? "." : dirname(file));
  const own = bundled(SCHEMA);
  for (let above = folder; ; above = dirname(above)) {
    const installed = join(above, "node_modules/mpam-emulator", SCHEMA);
    if (existsSync(installed)) return asPath(relative(folder, installed));
    if (own === join(above, SCHEMA)) return asPath(relative(folder, own));
    if (above === dirname(above)) return pathToFileURL(own).href;
  }
}

function asPath(path: string): string {
  const slashed = path.split(sep).join("/");
  return slashed.startsWith(".") ? slashed : `./${slashed}`;
}
