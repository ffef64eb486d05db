// A platform made of tables: what it is as an object, and what is guessed where firmware says nothing.

/** What a platform file would say (docs/platform-format.md). */
export interface GuessedPlatform {
  readonly name: string;
  readonly cpus: number;
  readonly firmware: "acpi" | "dt" | "android";
  readonly caches?: readonly object[];
  readonly memory: readonly object[];
  readonly [key: string]: unknown;
}

/** A platform made from tables, and what tables cannot say. */
export interface PlatformGuess {
  /** loadPlatform takes it as it is, parsePlatform as YAML. */
  readonly platform: GuessedPlatform;
  /** What was left out, and what is a guess: one line each. */
  readonly remarks: readonly string[];
}

/** What a machine can have (docs/platform-format.md). */
export const MOST = { cpus: 1024, level: 4, ways: 64, cacheBytes: 2 ** 30, memoryBytes: 2 ** 38, nodes: 1024 } as const;
const LEAST_MEMORY_BYTES = 2 ** 20;
const MEMORY_PAGE = 4096;

/** What is taken where nothing is said. */
export const GUESS = {
  processor: { partidMax: 63, pmgMax: 3 },
  lineBytes: 64,
  ways: 16,
  memoryBytes: 2 ** 32,
  bytesPerSecond: 12_800_000_000,
  /** Controls and monitors of a part whose registers nobody has read. */
  cache: { cpor: { cpbmWd: 16 }, csu: { monitors: 16 }, mbwu: { monitors: 16, counter: 44 } },
  memory: { mbw: { bwaWd: 7 }, mbwu: { monitors: 8, counter: 44 } },
} as const;

/** The memory of a node: whole pages, and as much as a machine can have. */
export function memoryBytes(node: number, said: number, remark: (text: string) => void): number {
  const bytes = Math.min(Math.max(said - (said % MEMORY_PAGE), LEAST_MEMORY_BYTES), MOST.memoryBytes);
  if (bytes !== said) remark(`node ${node} has ${said} bytes of memory; here it has ${bytes}`);
  return bytes;
}

/** The name in a table, in characters that a file can have. */
export function nameOf(said: string | undefined, otherwise: string): string {
  const name = (said ?? "")
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 100);
  return name === "" ? otherwise : name;
}
