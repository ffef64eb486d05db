// mpam init: what it writes is a platform, whatever it is asked for.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Extent, platformText } from "../../src/cli/init-text.ts";
import { KEY_TABLES, parsePlatform, platformNotes } from "../../src/platform/index.ts";
import { mpam, startIn } from "../helpers/command-line.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-init-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each<Extent>(["minimal", "usual", "full"])("%s", (extent) => {
  test.each([
    [1, "64", 1, 1, 1],
    [1, "256 KiB", 4, 4, 64],
    [8, "1 MiB", 16, 16, 1],
    [64, "12 MiB", 12, 12, 8],
    [1024, "64 MiB", 64, 32, 2],
  ])(
    "%i cpus, an L3 of %s in %i ways, %i portions, %i channels: taken, with nothing to remark",
    (cpus, l3, ways, portions, channels) => {
      const platform = parsePlatform(platformText({ cpus, l3, ways, portions, channels }, extent));
      expect(platformNotes(platform)).toEqual([]);
      expect([platform.cpus, platform.caches[0]?.ways, platform.memory[0]?.channels]).toEqual([cpus, ways, channels]);
      expect(platform.caches[0]?.msc?.ris[0]?.cpor).toEqual({ cpbmWd: portions });
    },
  );
});

test("--full names every key of the machine, of its processor, cache, memory and MSC", () => {
  const text = platformText({ cpus: 8, l3: "1 MiB", ways: 16, portions: 16, channels: 2 }, "full");
  const tables = ["machine", "processor", "cache", "memory", "msc", "choices", "controls"] as const;
  const names = tables.flatMap((table) => Object.keys(KEY_TABLES[table]).flatMap((keys) => keys.split(", ")));
  const simple = names.filter((name) => !/[.[]/.test(name));
  expect(simple.length).toBeGreaterThan(60);
  expect(simple.filter((name) => !new RegExp(`^ *(- |# )?${name}:`, "m").test(text))).toEqual([]);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
});

test("every line of the usual one has its meaning beside or above it", () => {
  const lines = platformText({ cpus: 8, l3: "1 MiB", ways: 16, portions: 16, channels: 2 }, "usual").split("\n");
  const bare = lines.filter((line, at) => line !== "" && !line.includes("#") && !/^\s*#/.test(lines[at - 1] ?? ""));
  expect(bare).toEqual([]);
});

test("mpam probe works on what it writes, and the first line leads to the schema", async () => {
  const file = join(folder, "mine.yaml");
  expect((await mpam("init", file, "--cpus", "4", "--l3", "2 MiB", "--channels", "2")).code).toBe(0);
  const { code, out } = await mpam("probe", file);
  expect([code, out]).toEqual([0, expect.stringMatching(/^mine: MPAM enabled with 16 PARTIDs and 4 PMGs\n/)]);
  expect(out).not.toContain("note:");
  const [first = ""] = (await readFile(file, "utf8")).split("\n");
  const [, schema = ""] = /^# yaml-language-server: \$schema=(.*)$/.exec(first) ?? [];
  expect(JSON.parse(await readFile(fileURLToPath(schema), "utf8")).title).toContain("Platform");
});

test("in a project that has the package the schema is named by a path that is the same for all", async () => {
  const project = join(folder, "project");
  const installed = join(project, "node_modules/mpam-emulator/dist/schemas");
  await mkdir(installed, { recursive: true });
  await mkdir(join(project, "machines"));
  await writeFile(join(installed, "platform.schema.json"), "{}");
  const file = join(project, "machines/mine.yaml");
  await mpam("init", file);
  const [, schema = ""] = /\$schema=(.*)\n/.exec(await readFile(file, "utf8")) ?? [];
  expect(schema).toBe("../node_modules/mpam-emulator/dist/schemas/platform.schema.json");
  expect(existsSync(resolve(dirname(file), schema))).toBe(true);
});

test("a file that is there stays, unless --force is said", async () => {
  const file = join(folder, "there.yaml");
  await writeFile(file, "mine\n");
  expect(await mpam("init", file)).toMatchObject({
    code: 2,
    out: "",
    err: `mpam: ${file} is there already; --force writes over it\n`,
  });
  expect(await readFile(file, "utf8")).toBe("mine\n");
  expect((await mpam("init", file, "--force")).code).toBe(0);
  expect(await readFile(file, "utf8")).toContain("name: mine");
});

test("without a name it is platform.yaml, and - is standard output", async () => {
  expect((await startIn({ cwd: folder }, "init").ended).code).toBe(0);
  expect(await readFile(join(folder, "platform.yaml"), "utf8")).toContain("name: mine");
  expect((await mpam("init", "-o", "-", "--minimal")).out).toContain("name: mine");
});

test.each(["one-socket", "everything", "t241"])("the preset %s is the bundled platform as it is", async (name) => {
  const { code, out } = await mpam("init", "-", "--preset", name);
  const bundled = await readFile(new URL(`../../platforms/${name}.yaml`, import.meta.url), "utf8");
  expect([code, out.slice(out.indexOf("\n") + 1)]).toEqual([0, bundled]);
});

test.each([
  [["--cpus", "0"], /cpus '0': 1 to 1024 is allowed/],
  [["--cpus", "4x"], /cpus '4x': a whole number is needed/],
  [["--ways", "65"], /ways '65': 1 to 64 is allowed/],
  [["--channels", "65"], /channels '65': 1 to 64 is allowed/],
  [["--l3", "much"], /l3 'much': a size such as "8 MiB", 64 bytes to 1 GiB, is needed/],
  [["--l3", "12 MiB", "--ways", "16"], /l3 12 MiB in 16 ways: sets are a power of two, .*; with --ways 12 it would do/],
  [["--preset", "one-socket", "--cpus", "4"], /preset: .*without --preset, --cpus shapes one/],
  [["--preset", "one-soket"], /did you mean one-socket/],
  [["--minimal", "--full"], /minimal, full: one of them/],
  [["-o", "a.yaml"], /file is given twice/],
])("%j is refused in a line, and nothing is written", async (args, why) => {
  const file = join(folder, "refused.yaml");
  const { code, out, err } = await mpam("init", file, ...args);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(why);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(existsSync(file)).toBe(false);
});
