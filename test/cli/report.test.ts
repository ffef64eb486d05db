// mpam replay --report, and mpam report, as they are typed.

import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const COMMAND = new URL("../../dist/esm/cli.js", import.meta.url).pathname;

function mpam(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { maxBuffer: 2 ** 26 }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

const TRAFFIC = ["synth:zipf,ws=2M,n=20k", "synth:stream,ws=8M,n=20k", "-g", "web=trace:1", "-g", "batch=trace:2"];

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-report-"));
  await mpam("replay", ...TRAFFIC, "--report", at("a.json"));
  await mpam("replay", ...TRAFFIC, "-d", "@50% write batch/schemata L3:0=3", "--report", at("b.json"));
});
afterAll(() => rm(folder, { recursive: true }));

test("replay prints the same with reports and without, and writes each form that is asked for", async () => {
  const forms = ["html", "json", "svg", "csv", "arrow"].flatMap((suffix) => ["--report", at(`all.${suffix}`)]);
  const [without, withThem] = [await mpam("replay", ...TRAFFIC), await mpam("replay", ...TRAFFIC, ...forms)];
  expect(withThem.out).toBe(without.out);
  expect((await mpam("replay", ...TRAFFIC, "--json", ...forms)).out).toBe(
    (await mpam("replay", ...TRAFFIC, "--json")).out,
  );
  const files = (await readdir(folder)).filter((name) => name.startsWith("all"));
  expect(files).toEqual(
    expect.arrayContaining([
      "all.arrow",
      "all.csv",
      "all.html",
      "all.json",
      "all-occupancy-l3.svg",
      "all-bandwidth-memory.svg",
    ]),
  );
  expect(await readFile(at("all.html"), "utf8")).toMatch(/^<!doctype html>/);
});

test("the register log has no accesses that a report makes", async () => {
  const log = ["--log-registers", "*"];
  const [without, withOne] = [
    await mpam("replay", ...TRAFFIC, "-q", ...log),
    await mpam("replay", ...TRAFFIC, "-q", ...log, "--report", at("log.json")),
  ];
  expect(without.err.length).toBeGreaterThan(1000);
  expect(withOne.err).toBe(without.err);
});

test("a run that was kept becomes what replay would have written", async () => {
  await mpam("replay", ...TRAFFIC, "--report", at("direct.html"));
  const { code, out } = await mpam("report", at("a.json"), "-o", at("later.html"));
  expect([code, out]).toEqual([0, `wrote ${at("later.html")}\n`]);
  expect(await readFile(at("later.html"), "utf8")).toBe(await readFile(at("direct.html"), "utf8"));
  expect((await mpam("report", at("a.json"))).out).toMatch(/^batch +20,000/m);
  const { out: json } = await mpam("report", at("a.json"), "--json");
  expect(`${JSON.stringify(JSON.parse(json))}\n`).toBe(await readFile(at("a.json"), "utf8"));
});

test("two runs are laid side by side, on the terminal, as JSON and as a page", async () => {
  const { code, out } = await mpam("report", "diff", at("a.json"), at("b.json"), "-o", at("diff.html"));
  expect(code).toBe(0);
  expect(out).toContain("  batch/schemata L3 at the end: 0=ffff | 0=3\n");
  expect(await readFile(at("diff.html"), "utf8")).toContain('class="pair"');
  const diff = JSON.parse((await mpam("report", "diff", at("a.json"), at("b.json"), "--json")).out);
  expect(diff).toMatchObject({ format: "mpam-run-diff", version: 1, a: "a.json", b: "b.json", warnings: [] });
  expect((await mpam("report", "diff", at("a.json"), at("a.json"))).out).toMatch(/^no differences/);
});

test("what cannot be written is refused before anything is read or replayed, with exit code 2", async () => {
  await mkdir(at("folder.html"));
  for (const [path, message] of [
    [
      at("x.pdf"),
      `report ${at("x.pdf")}: the name ends in .html, .json, .svg, .csv, .arrow, which says what is written`,
    ],
    [at("x"), `report ${at("x")}: the name ends in .html, .json, .svg, .csv, .arrow, which says what is written`],
    [at("no/x.html"), `report ${at("no/x.html")}: cannot be written: there is no folder ${at("no")}`],
    [at("a.json/x.html"), `report ${at("a.json/x.html")}: cannot be written: ${at("a.json")} is no folder`],
    [at("folder.html"), `report ${at("folder.html")}: cannot be written: something that is no file has that name`],
  ] as const) {
    const { code, out, err } = await mpam("replay", "no-such-trace.arrow", "--report", path);
    expect([code, out, err]).toEqual([2, "", `mpam: ${message}\n`]);
    expect(await mpam("report", "no-such-run.json", "-o", path)).toEqual({
      code: 2,
      out: "",
      err: `mpam: ${message}\n`,
    });
  }
  const { code, err } = await mpam("report", "diff", at("a.json"), at("b.json"), "-o", at("x.csv"));
  expect([code, err]).toEqual([2, `mpam: report ${at("x.csv")}: the name ends in .html, which says what is written\n`]);
});

test("a file that the replay reads is not written over", async () => {
  await writeFile(at("mine.arrow"), "a trace");
  const { code, err } = await mpam(
    "replay",
    `${at("mine.arrow")}@start=2ms`,
    "--report",
    join(folder, ".", "mine.arrow"),
  );
  expect([code, err]).toEqual([2, `mpam: report ${at("mine.arrow")}: this is a file that the replay reads\n`]);
  expect(await readFile(at("mine.arrow"), "utf8")).toBe("a trace");
});

test.skipIf(process.getuid?.() === 0)("a folder that may not be written is refused", async () => {
  await mkdir(at("locked"));
  await chmod(at("locked"), 0o555);
  const { code, err } = await mpam("replay", ...TRAFFIC, "--report", at("locked/x.html"));
  expect([code, err]).toEqual([
    2,
    `mpam: report ${at("locked/x.html")}: cannot be written: ${at("locked")} (EACCES)\n`,
  ]);
});

test("what is no run is refused with exit code 2 and one line", async () => {
  await writeFile(at("none.json"), "{}");
  expect(await mpam("report", at("none.json"))).toEqual({
    code: 2,
    out: "",
    err: `mpam: ${at("none.json")}: no run of mpam: format is missing; mpam replay --report run.json makes one\n`,
  });
  expect((await mpam("report", "diff", at("a.json"), at("gone.json"))).err).toBe(
    `mpam: ${at("gone.json")}: no such file; did you mean ${at("none.json")}?\n`,
  );
});
