/** The words of `npm run fuzz`, understood or refused. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { memoryContestants } from "../helpers/memory-subjects.ts";
import { mscContestants } from "../helpers/subjects.ts";
import type { Bounds } from "./fuzz.ts";
import type { MemoryContestant } from "./memory/search.ts";
import type { Contestant } from "./trial.ts";

/** What can be searched: a list of implementations, the reference first. */
type Target =
  | { readonly target: "msc"; readonly contestants: readonly Contestant[] }
  | { readonly target: "memory"; readonly contestants: readonly MemoryContestant[] }
  // One implementation, which has to stand whatever it is given.
  | { readonly target: "acpi" };

const TARGETS: readonly Target[] = [
  { target: "msc", contestants: mscContestants },
  { target: "memory", contestants: memoryContestants },
  { target: "acpi" },
];
const NAMES = TARGETS.map(({ target }) => target).join(", ");

const DEFAULT_SECONDS = 10;

export const USAGE = `npm run fuzz -- [target] [options]     target: ${NAMES} (default: msc)
  --seconds N         how long (default ${DEFAULT_SECONDS}, unless one of the next three is given)
  --operations N      register operations in all; of memory, steps of every kind
  --configs N         configurations; with --operations, each has its share of them
  --count N           of acpi: mutated tables
  --seed S            a whole number below 2^32 (default: drawn, and printed)
  --from N            the first configuration (of acpi: set of tables), to look at one again (default 0)
  --shrink-seconds N  how long to make a failure short (default 20)
  --findings N        go on until there are N failures of different shape (default 1)
  --json              one line of JSON
exit code 1 when two disagree or one throws, 2 when the command is not understood`;

export class UsageError extends Error {
  override readonly name = "UsageError";
}

export type Command = Target & {
  readonly bounds: Bounds & { readonly count?: number };
  readonly json: boolean;
};

/** What to do, or null when help is wanted. */
export function understand(argv: string[]): Command | null {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      seconds: text,
      operations: text,
      configs: text,
      count: text,
      seed: text,
      from: text,
      "shrink-seconds": text,
      findings: text,
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const [name = "msc", ...more] = positionals;
  const target = TARGETS.find((one) => one.target === name);
  if (target === undefined || more.length > 0) {
    throw new UsageError(`"${positionals.join(" ")}": one target is wanted, of ${NAMES}`);
  }
  const number = (name: Exclude<keyof typeof values, "json" | "help">, least: number, whole = true) => {
    const given = values[name];
    if (given === undefined) return undefined;
    const value = Number(given.replaceAll("_", "").trim() || Number.NaN);
    if (!(value >= least && value <= 0xffff_ffff) || (whole && !Number.isInteger(value))) {
      throw new UsageError(`--${name} ${given}: a ${whole ? "whole " : ""}number from ${least} up is wanted`);
    }
    return value;
  };
  const operations = number("operations", 1);
  const configs = number("configs", 1);
  const count = number("count", 1);
  if (count !== undefined && target.target !== "acpi") throw new UsageError("--count: acpi takes it");
  const endless = operations === undefined && configs === undefined && count === undefined;
  const seconds = number("seconds", 0, false) ?? (endless ? DEFAULT_SECONDS : undefined);
  const from = number("from", 0);
  const shrinkSeconds = number("shrink-seconds", 0, false);
  const findings = number("findings", 1);
  return {
    ...target,
    bounds: {
      seed: number("seed", 0) ?? randomInt(2 ** 32),
      ...(operations === undefined ? {} : { operations }),
      ...(configs === undefined ? {} : { configs }),
      ...(count === undefined ? {} : { count }),
      ...(seconds === undefined ? {} : { seconds }),
      ...(from === undefined ? {} : { from }),
      ...(findings === undefined ? {} : { findings }),
      ...(shrinkSeconds === undefined ? {} : { shrinkSeconds }),
    },
    json: values.json,
  };
}
