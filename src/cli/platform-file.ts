// A platform that was made of tables: as the text of its file, and as what a command says of it.

import { Document, isPair, isScalar, visit } from "yaml";
import type { PlatformGuess } from "../firmware/index.ts";
import { checkObject, PlatformError } from "../platform/index.ts";
import { plural, showCpus } from "../written/index.ts";
import { print } from "./output.ts";
import { writeTo } from "./places.ts";

/** To a file, or to standard output. Throws where the platform would be refused as it stands; the reasons are in it. */
export async function writeGuess(
  { platform, remarks }: PlatformGuess,
  from: string,
  { output, json }: { readonly output?: string; readonly json?: boolean },
): Promise<void> {
  const refused = refusalsOf(platform);
  const notes = [...remarks.map((line) => `note: ${line}`), ...refused.map((line) => `not a platform yet: ${line}`)];
  const text = platformFile(platform, [
    `Made from ${from}.`,
    ...notes,
    "Every key, its unit and its range: docs/platform-format.md.",
  ]);
  if (output !== undefined) await writeTo(output, text);
  if (json) print(true, { ...(output === undefined ? {} : { file: output }), platform, remarks, refused }, "");
  else if (output === undefined) process.stdout.write(text);
  else {
    const { name, cpus, caches = [], memory } = platform;
    const counts = [plural(cpus, "cpu"), plural(caches.length, "entry of caches", "entries of caches")];
    print(
      false,
      {},
      [...notes, `${output}: ${name}, ${counts.join(", ")}, ${plural(memory.length, "memory node")}`].join("\n"),
    );
  }
  if (refused.length > 0) throw new Error("as it stands the platform would be refused");
}

function refusalsOf(platform: object): string[] {
  try {
    checkObject(platform);
    return [];
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return error.problems.map(({ found, allowed }) => `${found}; ${allowed}`);
  }
}

/** YAML that parsePlatform takes, with comments above it. */
function platformFile(platform: object, comments: readonly string[]): string {
  const document = new Document(readable(platform), { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, pair) {
      if (isPair(pair) && isScalar(pair.key) && isScalar(pair.value) && pair.key.value === "base") {
        pair.value.format = "HEX";
      }
    },
    // Controls fit on a line each.
    Map(_, map, path) {
      const inner = map.items.every(({ value }) => isScalar(value));
      if (inner && map.items.length <= 4 && path.length > 4) map.flow = true;
    },
  });
  const lines = comments.map((line) => `# ${line}\n`).join("");
  return `${lines}\n${document.toString({ lineWidth: 120 })}`;
}

/** As a person would write it: cpus as ranges, sizes and rates with their units. */
function readable(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const numbers = value.length > 0 && value.every((item) => typeof item === "number");
    if ((key === "cpus" || key === "clusters") && numbers) return showCpus(value);
    return value.map((item) => readable(item, key));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, readable(one, name)]));
  }
  if (typeof value !== "number") return value;
  if (key === "bytes" || key === "stride") return exactly(value, BINARY);
  return key === "bytesPerSecond" ? exactly(value, DECIMAL) : value;
}

const BINARY = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;
const DECIMAL = [
  ["GB/s", 1e9],
  ["MB/s", 1e6],
] as const;

/** In the largest unit that says it with one digit after the point; otherwise the number. */
function exactly(value: number, units: readonly (readonly [string, number])[]): string | number {
  for (const [unit, size] of units) {
    if (value >= size && Number.isInteger((10 * value) / size)) return `${value / size} ${unit}`;
  }
  return value;
}
