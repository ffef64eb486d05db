// What somebody meant who typed something else, and the exit codes that docs/command-line.md names.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "../../src/cli/commands.ts";
import { bundledPlatforms, platformFile, platformOf } from "../../src/cli/named-platform.ts";
import { EXIT_CODES } from "../../src/cli/words/exit-codes.ts";
import { mpam, start, startIn } from "../helpers/command-line.ts";
import { eventually } from "../helpers/fuse/mounts.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mpam-errors-"));
  writeFileSync(join(folder, "sorted.arrow"), "");
  for (const name of ["board.yaml", "board.dtb", "when.script", "labels.yml", "bug.mpam", "run.json"])
    writeFileSync(join(folder, name), "");
  mkdirSync(join(folder, "tables"));
  mkdirSync(join(folder, "folders/two-sockets"), { recursive: true });
  writeFileSync(join(folder, "server"), readFileSync(platformFile("minimal")));
});
afterAll(() => rmSync(folder, { recursive: true }));

const IN_ONE_LINE = 1;

describe("what was probably meant is named:", () => {
  test.each([
    ["a command", ["replya"], /^mpam: unknown command 'replya'; did you mean replay\?$/],
    ["a command of a command", ["trace", "imprt"], /^mpam: unknown command 'imprt'; did you mean import\?$/],
    ["an option", ["probe", "--jsn"], /^mpam: unknown option '--jsn'; did you mean --json\?$/],
    [
      "a choice",
      ["replay", "synth:stream", "--timing", "opne"],
      /^mpam: timing 'opne': did you mean open\? open or closed is allowed$/,
    ],
    [
      "one of many choices",
      ["explain", "labels", "--cpu", "0", "--el", "0", "--kind", "fecth"],
      /^mpam: kind 'fecth': did you mean fetch\? data, fetch, streaming or nv2 is allowed$/,
    ],
    [
      "a platform",
      ["probe", "two-socket"],
      /^mpam: platform 'two-socket': there is no such file; did you mean two-sockets, which comes with mpam\?$/,
    ],
    ["a platform by -p", ["replay", "synth:stream", "-p", "two-socket"], /did you mean two-sockets/],
    ["a platform of a tree", ["mount", "/tmp", "-p", "andriod"], /did you mean android/],
    ["a file of a platform", ["probe", "./bord.yaml"], /did you mean \.\/board\.yaml\?$/],
    [
      "a trace",
      ["replay", "sortde.arrow"],
      /^mpam: ENOENT: sortde\.arrow: no such file; did you mean sorted\.arrow\?$/,
    ],
    [
      "a script",
      ["replay", "synth:stream", "-s", "whne.script"],
      /^mpam: script whne\.script: no such file; did you mean when\.script\?$/,
    ],
    [
      "a label map",
      ["replay", "synth:stream", "-l", "lables.yml"],
      /^mpam: labels lables\.yml: no such file; did you mean labels\.yml\?$/,
    ],
    ["a script of a bundle", ["bundle", "make", "-o", "b", "-s", "whne.script"], /did you mean when\.script\?$/],
    ["a bundle", ["bundle", "open", "bgu.mpam"], /^mpam: bgu\.mpam: no such file; did you mean bug\.mpam\?$/],
    ["a run", ["report", "rnu.json"], /^mpam: rnu\.json: no such file; did you mean run\.json\?$/],
    ["a device tree", ["dt", "dump", "bord.dtb"], /^mpam: bord\.dtb: no such file; did you mean board\.dtb\?/],
    ["tables", ["acpi", "dump", "tabels"], /^mpam: tabels: no such file; did you mean tables\?/],
    [
      "a register",
      ["probe", "--log-registers", "MPAMCFG_CBPM"],
      /no register has that name; did you mean MPAMCFG_CPBM\?$/,
    ],
    [
      "a group",
      ["replay", "synth:stream,n=10", "-d", "@0 mkdir web", "-d", "@0 write wbe/schemata L3:0=1"],
      /no wbe here; did you mean web\?$/,
    ],
    [
      "a file of a group",
      ["replay", "synth:stream,n=10", "-d", "@0 write schmeata L3:0=1"],
      /no schmeata here; did you mean schemata\?$/,
    ],
    ["a format", ["trace", "import", "sorted.arrow", "-o", "x.arrow", "--format", "lakcey"], /did you mean lackey\?/],
    ["a shell", ["completion", "bahs"], /did you mean bash\?/],
  ])("%s", async (_, args, said) => {
    const { code, out, err } = await startIn({ cwd: folder }, ...args).ended;
    expect([code === 1 || code === 2, out]).toEqual([true, ""]);
    expect(err.trim()).toMatch(said);
    expect(err.trim().split("\n")).toHaveLength(IN_ONE_LINE);
  });

  test("and nothing where nothing is near", async () => {
    const { err } = await mpam("probe", "qqqqqqqqqqqq");
    expect(err).not.toContain("did you mean");
    for (const name of bundledPlatforms()) expect(err).toContain(name);
  });
});

describe("a platform", () => {
  test("that comes with mpam goes by its name, with or without its ending", () => {
    for (const name of bundledPlatforms()) {
      expect(platformFile(name)).toMatch(new RegExp(`/platforms/${name}\\.yaml$`));
      expect(platformFile(`${name}.yaml`)).toBe(platformFile(name));
    }
  });
  test("that is a file wins over one of that name, and a folder does not", async () => {
    const { out } = await startIn({ cwd: folder }, "probe", "server").ended;
    expect(out).toMatch(/^minimal: /);
    const folders = await startIn({ cwd: join(folder, "folders") }, "probe", "two-sockets").ended;
    expect(folders.out).toMatch(/^two-sockets: /);
  });
  test("is given once", () => {
    expect(platformOf(undefined, "server")).toBe(platformFile("server"));
    expect(platformOf("server", undefined)).toBe(platformFile("server"));
    expect(() => platformOf("server", "minimal")).toThrow(/given twice: as 'server' and as --platform 'minimal'/);
  });
  test.each([
    ["probe"],
    ["explain"],
    ["acpi", "build", "-o", "tables"],
    ["dt", "build", "-o", "big-little.dtb"],
    ["explain", "labels", "--cpu", "0", "--el", "0"],
    ["embed", "-o", "boards"],
    ["serve", "--qtest", "stdio"],
  ])("%j takes it both ways, to the same end", async (...args) => {
    const ended = async (...platform: string[]) => {
      const { child, ended } = startIn({ cwd: folder }, ...args, ...platform);
      // mpam serve speaks its protocol there, and ends with it.
      child.stdin?.end();
      return ended;
    };
    const [path, option] = [await ended("big-little"), await ended("-p", "big-little")];
    expect(path).toEqual(option);
    expect(`${path.out}${path.err}`).toContain("big-little");
  });
});

describe("exit code", () => {
  const named = EXIT_CODES.map(([code]) => code);
  test("0: done", async () => expect((await mpam("probe", "minimal")).code).toBe(0));
  test("1: an expectation that is not met", async () => {
    expect((await mpam("replay", "synth:stream,n=10", "-d", "@0 expect mode exclusive")).code).toBe(1);
  });
  test("2: the command line, or a file", async () => {
    expect((await mpam("probe", "--what")).code).toBe(2);
    expect((await mpam("probe", join(folder, "board.yaml"))).code).toBe(2);
  });
  test("126 and 127: the command of mpam run", async () => {
    expect((await mpam("run", "--", "there-is-no-such-program")).code).toBe(127);
    expect((await mpam("run", "--", join(folder, "sorted.arrow"))).code).toBe(126);
  });
  test("130: Ctrl-C, as a shell has it", async () => {
    const { child, ended } = start("replay", "synth:zipf,ws=64M,n=2G");
    let gone = false;
    void ended.then(() => {
      gone = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 800));
    child.kill("SIGINT");
    expect(await eventually(() => gone)).toBe(true);
    expect(child.signalCode).toBe("SIGINT");
  });
  test("--help names them all", async () => {
    const { code, out } = await mpam("--help");
    expect(code).toBe(0);
    for (const name of named) expect(out).toMatch(new RegExp(`^  ${name.replace("+", "\\+")} `, "m"));
    expect(named).toEqual(["0", "1", "2", "126, 127", "other", "128 + n"]);
  });
});

describe("--help", () => {
  test("has each command in one line of 80 columns, in groups", async () => {
    const { out } = await mpam("--help");
    const groups = out.slice(out.indexOf("Begin:"), out.indexOf("\nExit codes:")).trimEnd().split("\n\n");
    expect(groups.length).toBeGreaterThan(4);
    const own = program("0").commands.filter((command) => command.name() !== "inside");
    const lines = groups.flatMap((group) => group.split("\n").slice(1));
    expect(lines).toHaveLength(own.length + 1);
    for (const line of lines) expect(line).toMatch(/^ {2}\S.{0,76}$/);
  });
  test("says what is needed, and not that lists begin empty", async () => {
    const { out } = await mpam("bundle", "make", "--help");
    expect(out).toMatch(/--output <file> +bundle to write \(needed\)$/m);
    expect(out).not.toContain("[]");
  });
});

test.each([
  [["acpi", "build", "-o", "run.json"], "run.json: is no folder"],
  [["acpi", "build", "-o", "run.json/tables"], "run.json/tables: cannot be made (ENOTDIR)"],
  [["dt", "build", "big-little", "-o", "none/a.dtb"], "none/a.dtb: cannot be written (ENOENT)"],
  [["embed", "-o", "run.json"], "run.json: is no folder"],
])("what cannot be written is said, with exit code 2: %j", async (args, said) => {
  expect(await startIn({ cwd: folder }, ...args).ended).toEqual({ code: 2, out: "", err: `mpam: ${said}\n` });
});
