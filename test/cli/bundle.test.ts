// mpam bundle: a run in one file, the same run again, and files that somebody made who means no good.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { open, run } from "../../src/cli/bundle/open.ts";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { mpam, startIn } from "../helpers/command-line.ts";
import { sayNotRun } from "../helpers/not-run.ts";

const POLITE = new URL("../../examples/traces/polite.arrow.br", import.meta.url).pathname;

let folder = "";
const file = (name: string) => join(folder, name);
const SMALL = ["-p", "minimal", "--replay", "synth:zipf,ws=64K,n=5k,seed=3", "--seed", "9"];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mpam-bundle-test-"));
  writeFileSync(file("when.script"), "# what happens\n@0 mkdir web\n@1us write web/schemata L3:0=1\n");
  const made = await mpam(
    "bundle",
    "make",
    "-o",
    file("good.mpam"),
    ...SMALL,
    "--script",
    file("when.script"),
    "--note",
    "odd",
  );
  expect([made.code, made.err]).toEqual([0, ""]);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("open says what made it, how it ended and all that is inside", async () => {
  const { out } = await mpam("bundle", "open", file("good.mpam"));
  for (const part of [
    "mpam 0.1.0",
    "note: odd",
    "platform: minimal (minimal.yaml), seed 9, script script.txt",
    "5,000 records",
    "snapshot.bin",
    "driver.log",
    "registers.txt",
  ]) {
    expect(out).toContain(part);
  }
  // The folder of who made it is nobody's to know.
  expect(out).not.toContain(folder);
  expect(gunzipSync(readFileSync(file("good.mpam"))).includes(folder)).toBe(false);
});

test("run comes out the same", async () => {
  const { code, out } = await mpam("bundle", "run", file("good.mpam"), "--json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ same: true, differences: [], others: [], ended: { records: 5000 } });
});

test("the same run gives the same file", async () => {
  await mpam("bundle", "make", "-o", file("again.mpam"), ...SMALL, "--script", file("when.script"), "--note", "odd");
  expect(readFileSync(file("again.mpam")).equals(readFileSync(file("good.mpam")))).toBe(true);
});

test("random replacement draws the same again, and other things from another seed", async () => {
  const minimal = readFileSync(new URL("../../platforms/minimal.yaml", import.meta.url), "utf8");
  const machine = (seed: number) =>
    minimal.replace("level: 3", `level: 3\n    policy: random`).concat(`\nseed: ${seed}\n`);
  const states: string[] = [];
  for (const seed of [7, 8]) {
    writeFileSync(file("random.yaml"), machine(seed));
    const traces = ["--replay", "synth:zipf,ws=8M,n=20k,seed=3"];
    await mpam("bundle", "make", "-o", file("random.mpam"), "-p", file("random.yaml"), ...traces);
    const { code, out } = await mpam("bundle", "run", file("random.mpam"), "--json");
    const { same, ended } = JSON.parse(out);
    expect([code, same]).toEqual([0, true]);
    states.push(ended.state);
  }
  expect(states[0]).not.toBe(states[1]);
});

test("what another version made is said, by open and by run", async () => {
  const other = (change: object) =>
    remade(file("good.mpam"), (contents) => ({ ...contents, tool: { ...contents.tool, ...change } }));
  const older = other({ version: "0.0.9" });
  for (const command of ["open", "run"]) {
    const { code, out } = await mpam("bundle", command, older);
    expect([code, out]).toEqual([0, expect.stringMatching(/^note: made by mpam 0\.0\.9; this is 0\.1\.0$/m)]);
  }
  const { out } = await mpam("bundle", "open", other({ version: "0.0.9", module: "0".repeat(64) }));
  expect(out).toMatch(
    /^note: made by another build of the hardware \(mpam 0\.0\.9; this is 0\.1\.0\); snapshot\.bin opens/m,
  );
});

test("files that are wrong are named as they are here", async () => {
  for (const [name, text, option] of [
    ["odd.yaml", "name: x\n", "-p"],
    ["odd.script", "@0 bogus\n", "-s"],
    ["odd.labels", "rules: 3\n", "-l"],
  ] as const) {
    writeFileSync(file(name), text);
    const { code, err } = await mpam("bundle", "make", "-o", file("odd.mpam"), option, file(name));
    expect([code, err]).toEqual([2, expect.stringContaining(`mpam: ${file(name)}:1:`)]);
  }
  expect(existsSync(file("odd.mpam"))).toBe(false);
});

test("a run that would end otherwise is told, with exit code 1", async () => {
  const changed = remade(file("good.mpam"), (contents) => ({ ...contents, flags: { ...contents.flags, seed: "10" } }));
  const { code, out } = await mpam("bundle", "run", changed);
  expect(code).toBe(1);
  expect(out).toMatch(/^state: [0-9a-f]{12}; in the bundle [0-9a-f]{12}$/m);
});

test("the snapshot in it is the session: groups, schemata and model time", async () => {
  const out = join(folder, "laid-out");
  expect((await mpam("bundle", "open", file("good.mpam"), "--extract", out)).code).toBe(0);
  const machine = await Machine.restore(new Uint8Array(readFileSync(join(out, "snapshot.bin"))));
  const tree = await Resctrl.restore(await Driver.restore(machine));
  expect(await tree.readFile("web/schemata")).toContain("L3:0=1\n");
  const { ended } = JSON.parse(readFileSync(join(out, "bundle.json"), "utf8"));
  expect(machine.clock.now).toBe(ended.now);
  expect(readFileSync(join(out, "registers.txt"), "utf8")).toContain("PARTID 1: CPBM 0x1");
  expect(readFileSync(join(out, "script.txt"), "utf8")).toBe(readFileSync(file("when.script"), "utf8"));
});

test("--at ends it at a model time", async () => {
  await mpam(
    "bundle",
    "make",
    "-o",
    file("at.mpam"),
    ...SMALL,
    "--at",
    "2us",
    "-d",
    "@1us mkdir early",
    "-d",
    "@3us mkdir late",
  );
  const { ended } = JSON.parse((await mpam("bundle", "open", file("at.mpam"), "--json")).out);
  // A record each nanosecond, the first at 0: those before 2,000.
  expect(ended).toMatchObject({ now: 2000, records: 2000 });
  expect((await mpam("bundle", "run", file("at.mpam"))).code).toBe(0);
});

test("a run that fails is a bundle too, and fails the same again", async () => {
  const made = await mpam(
    "bundle",
    "make",
    "-o",
    file("fails.mpam"),
    "-p",
    "minimal",
    "-d",
    "@1us write schemata L3:0=zz",
  );
  expect(made.code).toBe(0);
  expect(made.out).toMatch(/^error: --do:1:1: write schemata L3:0=zz: EINVAL: /m);
  const again = await mpam("bundle", "run", file("fails.mpam"));
  expect([again.code, again.out]).toEqual([0, expect.stringMatching(/^the same: [\s\S]*^error: --do:1:1: /m)]);
});

describe("a recording", () => {
  test("is in it with --with-traces, and then it is all that is needed", async () => {
    await mpam("bundle", "make", "-o", file("with.mpam"), "--replay", `${POLITE}@to=20k`, "--with-traces", "-q");
    const { code, out } = await startIn({ cwd: "/" }, "bundle", "run", file("with.mpam")).ended;
    expect([code, out]).toEqual([0, expect.stringContaining("the same")]);
  });

  test("is named by its hash otherwise: it has to be found, and to be the one", async () => {
    await mpam("bundle", "make", "-o", file("without.mpam"), "--replay", `${POLITE}@to=20k`, "-q");
    expect(gunzipSync(readFileSync(file("without.mpam"))).includes("traces/1")).toBe(false);
    const lost = await startIn({ cwd: "/" }, "bundle", "run", file("without.mpam")).ended;
    expect([lost.code, lost.err]).toEqual([
      2,
      "mpam: polite.arrow.br: the bundle has this trace by name alone; --replay says where it is\n",
    ]);
    expect((await mpam("bundle", "run", file("without.mpam"), "--replay", POLITE)).code).toBe(0);
    const other = join(folder, "other");
    mkdirSync(other);
    await copyFile(POLITE.replace("polite", "greedy"), join(other, "polite.arrow.br"));
    const wrong = await mpam("bundle", "run", file("without.mpam"), "--replay", join(other, "polite.arrow.br"));
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringContaining("this is another trace than the one of the bundle"),
    ]);
  });
});

const noTar = (() => {
  try {
    execFileSync("tar", ["--version"]);
    return undefined;
  } catch {
    return "there is no tar";
  }
})();
sayNotRun("tar opens a bundle", noTar);
test.skipIf(noTar !== undefined)("tar opens it, and has the same files", () => {
  const listed = execFileSync("tar", ["-tzf", file("good.mpam")], { encoding: "utf8" })
    .trim()
    .split("\n");
  expect(listed).toEqual([
    "bundle.json",
    "README.txt",
    "platform.yaml",
    "script.txt",
    "driver.log",
    "registers.txt",
    "snapshot.bin",
  ]);
  expect(
    execFileSync("tar", ["-xzOf", file("good.mpam"), "script.txt"]).equals(readFileSync(file("when.script"))),
  ).toBe(true);
});

interface Entry {
  readonly name: string;
  readonly data: Buffer;
  readonly type?: string;
}

/** Tar as the tests write it: by the standard, not by the project. */
function tarOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, data, type = "0" }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${data.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(type, 156);
    header.write("ustar\x0000", 257);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function entriesOf(path: string): Entry[] {
  const bytes = gunzipSync(readFileSync(path));
  const entries: Entry[] = [];
  for (let at = 0; bytes[at] !== 0; ) {
    const name = bytes.toString("latin1", at, at + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8);
    entries.push({ name, data: bytes.subarray(at + 512, at + 512 + size) });
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return entries;
}

let serial = 0;
function packed(entries: readonly Entry[]): string {
  const path = file(`made-${serial++}.mpam`);
  writeFileSync(path, gzipSync(tarOf(entries)));
  return path;
}

// biome-ignore lint/suspicious/noExplicitAny: bundle.json as the tests change it
function remade(path: string, change: (contents: any) => unknown): string {
  const [first, ...rest] = entriesOf(path) as [Entry, ...Entry[]];
  return packed([{ ...first, data: Buffer.from(JSON.stringify(change(JSON.parse(first.data.toString())))) }, ...rest]);
}

describe("refused in one line, with nothing written:", () => {
  const good = () => entriesOf(file("good.mpam"));
  const listing = (name: string, data: Buffer) => ({
    name,
    bytes: data.length,
    sha256: createHash("sha256").update(data).digest("hex"),
  });
  /** An entry that bundle.json names, so that its name alone is what is wrong. */
  const named = (name: string) => {
    const data = Buffer.from("x");
    const path = remade(file("good.mpam"), (contents) => ({
      ...contents,
      files: [...contents.files, listing(name, data)],
    }));
    return packed([...entriesOf(path), { name, data }]);
  };
  test.each<[string, () => string, RegExp]>([
    [
      "a text",
      () => {
        writeFileSync(file("text.mpam"), "hello\n");
        return file("text.mpam");
      },
      /it is not packed with gzip/,
    ],
    [
      "an empty file",
      () => {
        writeFileSync(file("empty.mpam"), "");
        return file("empty.mpam");
      },
      /it is cut short/,
    ],
    [
      "gzip of a text",
      () => {
        writeFileSync(file("gz.mpam"), gzipSync("hello".repeat(200)));
        return file("gz.mpam");
      },
      /it holds no tar file/,
    ],
    [
      "a bundle cut short",
      () => {
        const bytes = readFileSync(file("good.mpam"));
        writeFileSync(file("cut.mpam"), bytes.subarray(0, bytes.length / 2));
        return file("cut.mpam");
      },
      /cut short/,
    ],
    [
      "a tar file of something else",
      () => packed([{ name: "a.txt", data: Buffer.from("a") }]),
      /its first file is 'a.txt', where bundle.json is needed/,
    ],
    [
      "another format",
      () => remade(file("good.mpam"), (one) => ({ ...one, format: 2 })),
      /: it is a bundle of mpam 0.1.0 of format 2, and mpam 0.1.0 reads format 1; /,
    ],
    ["no JSON", () => packed([{ name: "bundle.json", data: Buffer.from("{") }]), /bundle.json in it is no JSON/],
    ["a list", () => packed([{ name: "bundle.json", data: Buffer.from("[]") }]), /format undefined/],
    [
      "a manifest of 2 MiB",
      () => packed([{ name: "bundle.json", data: Buffer.alloc(2 ** 21, " ") }]),
      /longer than 1 MiB/,
    ],
    [
      "options that there are not",
      () => remade(file("good.mpam"), (one) => ({ ...one, flags: { exec: "rm" } })),
      /not as a bundle has it: flags.exec/,
    ],
    ["a file outside", () => named("../../outside"), /not as a bundle has it: files/],
    ["an absolute path", () => named("/tmp/outside"), /not as a bundle has it: files/],
    ["a file out of traces", () => named("traces/../../outside"), /not as a bundle has it: files/],
    [
      "a file that is not named",
      () => packed([...good(), { name: "more.txt", data: Buffer.from("x") }]),
      /'more.txt' stands in it, which bundle.json does not name/,
    ],
    ["a file twice", () => packed([...good(), good()[1] as Entry]), /'README.txt' stands in it twice/],
    [
      "a link",
      () => packed(good().map((one) => (one.name === "driver.log" ? { ...one, type: "2" } : one))),
      /'driver.log' in it is no plain file/,
    ],
    [
      "other content",
      () =>
        packed(
          good().map((one) =>
            one.name === "platform.yaml"
              ? { ...one, data: Buffer.from(one.data.toString().replace("minimal", "maximal")) }
              : one,
          ),
        ),
      /'platform.yaml' in it is not what bundle.json says: its hash differs/,
    ],
    [
      "another size",
      () =>
        packed(
          good().map((one) =>
            one.name === "driver.log" ? { ...one, data: Buffer.concat([one.data, one.data]) } : one,
          ),
        ),
      /'driver.log' in it has \d+ bytes, and bundle.json says \d+/,
    ],
    ["a missing file", () => packed(good().slice(0, -1)), /'snapshot.bin' is missing in it/],
    ["a directory", () => folder, /is a directory/],
  ])("%s", async (_, make, why) => {
    const path = make();
    const before = readdirSync(folder).sort();
    const into = file(`into-${serial++}`);
    const said = await open(path, { extract: into }).catch((error: Error) => error.message);
    expect(said).toMatch(why);
    expect(said).not.toContain("\n");
    expect(existsSync(into)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(before);
    await expect(run(path, {})).rejects.toThrow();
  });

  test("as one line on standard error, with exit code 2", async () => {
    expect(await mpam("bundle", "open", POLITE)).toEqual({
      code: 2,
      out: "",
      err: `mpam: ${POLITE}: it is not packed with gzip; a bundle that mpam bundle make wrote is needed\n`,
    });
  });

  test("much that unpacks from little is read as it comes, and is no script", async () => {
    const data = Buffer.alloc(80 * 2 ** 20);
    const path = remade(file("good.mpam"), (one) => ({
      ...one,
      files: [...one.files.filter(({ name }: { name: string }) => name !== "driver.log"), listing("driver.log", data)],
    }));
    const bomb = packed(entriesOf(path).map((one) => (one.name === "driver.log" ? { ...one, data } : one)));
    const { code } = await startIn(
      { env: { ...process.env, NODE_OPTIONS: "--max-old-space-size=48" } },
      "bundle",
      "open",
      bomb,
    ).ended;
    expect(code).toBe(0);
    const script = remade(file("good.mpam"), (one) => ({
      ...one,
      files: one.files.map((each: { name: string }) =>
        each.name === "script.txt" ? listing("script.txt", data) : each,
      ),
    }));
    const long = packed(entriesOf(script).map((one) => (one.name === "script.txt" ? { ...one, data } : one)));
    expect((await mpam("bundle", "run", long)).err).toContain("'script.txt' in it is longer than 16 MiB");
  });

  test("more than the disk has room for, before any of it is written", async () => {
    const huge = Array.from({ length: 5_000 }, (_, index) => ({
      name: `traces/${index + 1}`,
      bytes: 2 ** 33,
      sha256: "0".repeat(64),
    }));
    const bomb = remade(file("good.mpam"), (one) => ({ ...one, files: [...huge, ...one.files] }));
    await expect(run(bomb, {})).rejects.toThrow(/: its files have 40000 GiB, and .* has room for /);
  });

  test("a folder that has files, and one that is a link to such", async () => {
    const full = file("full");
    mkdirSync(full);
    writeFileSync(join(full, "mine"), "");
    symlinkSync(full, file("link"));
    for (const into of [full, file("link")]) {
      const { code, err } = await mpam("bundle", "open", file("good.mpam"), "--extract", into);
      expect([code, err]).toEqual([2, `mpam: extract ${into}: it has files; an empty or a new folder is needed\n`]);
    }
    expect(readdirSync(full)).toEqual(["mine"]);
  });
});

test("letters of a terminal's own in a note are not let through", async () => {
  const path = remade(file("good.mpam"), (one) => ({ ...one, note: "\u001b[2Jgone\u0007" }));
  const { out } = await mpam("bundle", "open", path);
  expect(out).toContain("note:  [2Jgone");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test.each([
  [["-o", "x.mpam", "--at", "soon"], /at 'soon': a time such as 2ms is needed/],
  [["-o", "x.mpam", "--replay", "none.arrow"], /none.arrow: no such file/],
  [["-o", "x.mpam", "--replay", "synth:stream,n=10", "--timing", "opne"], /did you mean open/],
  [
    ["-o", "none/x.mpam", "--replay", "synth:stream,n=900M"],
    /none\/x.mpam: cannot be written: there is no folder none$/m,
  ],
  [["-o", "when.script", "-s", "when.script"], /when.script: this is a file that the replay reads/],
  [[], /required option '-o, --output <file>' not specified/],
])("make %j is refused in a line", async (args, why) => {
  const { code, err } = await startIn({ cwd: folder }, "bundle", "make", "-q", ...args).ended;
  expect(code).toBe(2);
  expect(err).toMatch(why);
  expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
});
