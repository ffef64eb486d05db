// The words of all commands together: what is called the same means the same, and what completion offers is what commands take.

import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { program } from "../../src/cli/commands.ts";
import { allOf, grammarOf } from "../../src/cli/completion/grammar.ts";

const ALL = allOf(grammarOf(program("0"))).filter(({ path }) => path !== "");
const LEAVES = ALL.filter(({ commands, argument }) => commands.length === 0 || argument !== undefined);

/** The same name for another thing, or the same thing said in the words of the command: each for a reason. */
const OWN_WORDS: { readonly [option in string]: string } = {
  "--output": "what is written is another thing",
  "--json": "where the command's own output goes",
  "--platform": "android has a default of its own",
  "--group": "the group of one thread, in explain labels",
  "--do": "before the request, in explain labels",
  "--compat": "android has another kernel",
  "--cpus": "of a machine, and of a recording",
  "--cpu": "of one request",
  "--take": "a program that is recorded is ended after them",
  "--replay": "where traces are, or which",
  "--form": "packing has the other default",
  "--quiet": "serve and embed have no progress, and leave out what they say",
  "--speed": "time that serve gives may stand still",
  "--options": "",
  "--report": "of a run, or of a sweep",
  "--queue": "where a sweep goes, or where a worker takes from",
  "--traces": "a worker reads no others",
  "--verbose": "of a mount what its driver says, of a worker its units",
};

function byName<T>(partOf: (option: (typeof ALL)[number]["options"][number]) => T): Map<string, Set<T>> {
  const found = new Map<string, Set<T>>();
  for (const { options } of LEAVES) {
    for (const option of options) found.set(option.long, (found.get(option.long) ?? new Set()).add(partOf(option)));
  }
  return found;
}

test("an option is said in the same words by all commands that have it", () => {
  const differing = [...byName(({ description }) => description)].filter(
    ([long, said]) => said.size > 1 && !(long in OWN_WORDS),
  );
  expect(differing).toEqual([]);
});

test("an option has the same letter everywhere, and a letter the same option", () => {
  // mount has the letter that mount(8) has.
  const letters = new Map([...byName(({ short }) => short)].map(([long, shorts]) => [long, [...shorts]]));
  for (const [long, shorts] of letters) expect([long, shorts.length]).toEqual([long, 1]);
  const longs = new Map<string, string[]>();
  for (const [long, [short]] of letters) if (short) longs.set(short, [...(longs.get(short) ?? []), long]);
  expect([...longs].filter(([, names]) => names.length > 1)).toEqual([
    ["-o", expect.arrayContaining(["--output", "--options"])],
  ]);
});

test("every command that answers something answers in JSON too", () => {
  const without = LEAVES.filter(({ options }) => !options.some(({ long }) => long === "--json")).map(
    ({ path }) => path,
  );
  // The output of run is that of its command; init and completion write a text for others.
  expect(without).toEqual(["init", "run", "completion"]);
});

test("where a platform is an argument, --platform is the same", () => {
  const about = LEAVES.filter(({ argument }) => argument === "platform");
  expect(about.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["probe", "explain", "explain labels", "acpi build", "dt build", "serve", "embed"]),
  );
  for (const { path, options } of about)
    expect([path, options.some(({ long }) => long === "--platform")]).toEqual([path, true]);
});

/** Enough of a command line to come to the option. */
const BEFORE: { readonly [path in string]: readonly string[] } = {
  replay: ["synth:stream,n=10"],
  mount: ["/tmp"],
  run: [],
  "explain labels": ["--cpu", "0", "--el", "0"],
  "trace import": ["none", "-o", "none"],
  "trace pack": ["none", "none"],
  "trace record": ["-o", "none.arrow"],
  "bundle make": ["-o", "none"],
  serve: [],
  init: ["-"],
};

/** Numbers of a range, free texts that are completed by the commonest, and files. */
const OTHER: ReadonlySet<string> = new Set([
  "--workers",
  "--page-bytes",
  "--command-line",
  "--kernel-mode",
  "--options",
]);
const PARENTS: ReadonlySet<string> = new Set(["mount --compat", "run --compat"]);

describe("what completion offers is what the command takes:", () => {
  const cases = LEAVES.flatMap(({ path, options }) =>
    options.flatMap(({ long, takes }) =>
      Array.isArray(takes) && !OTHER.has(long) && path in BEFORE ? [{ path, long, words: takes as string[] }] : [],
    ),
  );
  test.each(cases)("$path $long", async ({ path, long, words }) => {
    const after = path === "run" || path === "trace record" ? ["--", "true"] : [];
    const error = await refusal([...path.split(" "), ...(BEFORE[path] ?? []), long, "zzz", ...after]);
    const said = error.replace(/^.*'zzz'[^;:]*[:;]/, "").replace(/ is allowed| are$/, "");
    const listed = said.match(/[A-Za-z0-9][\w.-]*/g)?.filter((word) => word !== "or") ?? [];
    const offered = PARENTS.has(`${path} ${long}`) ? words.slice(0, 1) : words;
    expect([...listed].sort()).toEqual([...offered].sort());
  });
  test("there are some", () => expect(cases.length).toBeGreaterThan(12));
});

async function refusal(args: readonly string[]): Promise<string> {
  const mpam: Command = program("0");
  try {
    await mpam.parseAsync([...args], { from: "user" });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${args.join(" ")} was taken`);
}
