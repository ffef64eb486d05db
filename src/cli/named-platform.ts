// Which platform file a command is given: a path, or the name of one that comes with the package. A file that is there wins.

import { readdirSync, statSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { nearest, UsageError } from "../written/index.ts";
import { bundled, DEFAULT_PLATFORM } from "./bundled.ts";

const FOLDER = "platforms";

/** Without ".yaml", in the order of the alphabet. */
export function bundledPlatforms(): string[] {
  return readdirSync(bundled(FOLDER))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => basename(name, ".yaml"))
    .sort();
}

/** The path of what was given, or of the default. Throws a UsageError with the name that was probably meant. */
export function platformFile(given: string | undefined, fallback = DEFAULT_PLATFORM): string {
  if (given === undefined) return bundled(fallback);
  if (isFile(given)) return given;
  const names = bundledPlatforms();
  const name = given.replace(/\.ya?ml$/, "");
  if (names.includes(name)) return bundled(`${FOLDER}/${name}.yaml`);
  throw new UsageError(`platform '${given}': there is no such file${meant(given, name, names)}`);
}

/** Of commands that take it as an argument too. */
export function platformOf(argument: string | undefined, option: string | undefined): string {
  if (argument !== undefined && option !== undefined) {
    throw new UsageError(`platform is given twice: as '${argument}' and as --platform '${option}'`);
  }
  return platformFile(argument ?? option);
}

function meant(given: string, name: string, names: readonly string[]): string {
  const beside = nearest(basename(given), filesIn(dirname(given)));
  if (beside !== undefined && given.includes("/")) return `; did you mean ${dirname(given)}/${beside}?`;
  const near = nearest(basename(name), names);
  if (near !== undefined) return `; did you mean ${near}, which comes with mpam?`;
  if (beside !== undefined) return `; did you mean ${beside}?`;
  return `. A platform file is needed, or one of ${names.join(", ")}`;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => [".yaml", ".yml", ".json"].includes(extname(name)));
  } catch {
    return [];
  }
}

/** Or a device, such as standard input; a folder of the same name is not meant. */
function isFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}
