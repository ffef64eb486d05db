// The built command as a person runs it: what it prints, where, and with which exit code.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const COMMAND = new URL("../../dist/esm/cli.js", import.meta.url).pathname;
const THREADSIG = new URL("../../examples/traces/threadsig", import.meta.url).pathname;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function mpam(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { maxBuffer: 1 << 26 }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

let folder = "";
let trace = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-"));
  trace = join(folder, "threadsig.arrow");
  const { code, err } = await mpam("trace", "import", THREADSIG, "-o", trace);
  expect(err).toBe("");
  expect(code).toBe(0);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

test("every command has help and says what --json does", async () => {
  for (const command of [
    ["replay"],
    ["probe"],
    ["explain"],
    ["demo"],
    ["trace", "import"],
    ["trace", "info"],
    ["trace", "head"],
    ["trace", "record"],
  ]) {
    const { code, out } = await mpam(...command, "--help");
    expect(code).toBe(0);
    expect(out).toContain("--json");
  }
});

// The counts were made independently of this project (examples/traces/README.md).
test("trace info counts what threads of a recorded program did", async () => {
  const { out } = await mpam("trace", "info", trace, "--json");
  const { threads } = JSON.parse(out);
  expect(threads).toHaveLength(9);
  expect(threads.find((one: { tid: number }) => one.tid === 872884)).toMatchObject({
    reads: 41274,
    bytesRead: 338595,
    writes: 24168,
    bytesWritten: 199147,
    instructions: 131111,
    dataLines: 122,
  });
});

test("replay prints a reading per group and phase, cut where the script changes something", async () => {
  const { code, out } = await mpam(
    "replay",
    trace,
    "-g",
    "a=tid:872884",
    "-d",
    "@50% write a/schemata L3:0=3",
    "--json",
  );
  expect(code).toBe(0);
  const { phases, schemata } = JSON.parse(out);
  expect(phases).toHaveLength(2);
  expect(phases[1].script).toEqual(["write a/schemata L3:0=3"]);
  expect(schemata.a).toContain("L3:0=3\n");
  const accesses = phases
    .flatMap((phase: { groups: { accesses: number }[] }) => phase.groups)
    .map((one: { accesses: number }) => one.accesses);
  // 818,099 records, some of them across a line border.
  expect(accesses.reduce((sum: number, n: number) => sum + n, 0)).toBeGreaterThanOrEqual(818_099);
});

test("bad input is one line that says where, and exit code 2", async () => {
  const platform = join(folder, "bad.yaml");
  const text = await readFile(new URL("../../platforms/one-socket.yaml", import.meta.url), "utf8");
  await writeFile(platform, text.replace("ways: 16", "wayz: 16"));
  const unknown = await mpam("probe", platform);
  expect(unknown.code).toBe(2);
  expect(unknown.err).toMatch(/bad\.yaml:\d+:\d+: .*wayz.*did you mean ways/);

  const cut = join(folder, "cut.arrow");
  await writeFile(cut, (await readFile(trace)).subarray(0, 1_000_000));
  const truncated = await mpam("replay", cut);
  expect(truncated.code).toBe(2);
  expect(truncated.err).toMatch(/^mpam: .*cut\.arrow: byte \d+: .* records before it are good\n$/);

  for (const args of [
    ["replay"],
    ["replay", trace, "-d", "soon mkdir a"],
    ["replay", trace, "-g", "a"],
    ["replay", trace, "--timing", "lockstep"],
    ["replay", trace, "--statistics", "all"],
    ["replay", trace, "--sample", "100"],
    ["replay", trace, "--sample", "0us"],
    ["replay", join(folder, "none")],
    ["nothing"],
  ]) {
    const { code, out, err } = await mpam(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).not.toBe("");
  }
});

test("a schemata line that does not parse ends the run with the reason, and nothing of it is applied", async () => {
  const { code, err } = await mpam("replay", trace, "-g", "a=tid:872884", "-d", "@50% write a/schemata L3:0=3;0=g");
  expect(code).toBe(1);
  expect(err).toMatch(/^mpam: --do:1:1: write a\/schemata L3:0=3;0=g: EINVAL: schemata: .*Duplicate domain 0\)\n$/);
});

test("an import that fails leaves nothing behind", async () => {
  const before = await readdir(folder);
  const broken = join(folder, "broken.gz");
  await writeFile(broken, Buffer.from("1f8b08000000000000", "hex"));
  const { code, err } = await mpam("trace", "import", broken, "-o", join(folder, "out.arrow"));
  expect(code).toBe(2);
  expect(err).toMatch(/byte \d+/);
  expect((await readdir(folder)).sort()).toEqual([...before, "broken.gz"].sort());
});

test("probe names every MSC by the part it stands before", async () => {
  const { out } = await mpam("probe", new URL("../../platforms/two-sockets.yaml", import.meta.url).pathname, "--json");
  const names = JSON.parse(out).mscs.map((one: { name: string }) => one.name);
  // 16 L2s, two L3s of four slices, two nodes of two channels, in the order of the file. The L3s have the first ids.
  expect(names.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, cpu) => `L2 ${cpu + 2}`));
  expect(names.slice(16, 24)).toEqual([0, 1].flatMap((id) => [0, 1, 2, 3].map((slice) => `L3 ${id}.${slice}`)));
  expect(names.slice(24)).toEqual(["node 0.0", "node 0.1", "node 1.0", "node 1.1"]);
});

test("explain says for every class what it is exported as, or which rule refused it", async () => {
  const platform = new URL("../../platforms/two-sockets.yaml", import.meta.url).pathname;
  const { code, out } = await mpam("explain", platform);
  expect(code).toBe(0);
  const memory = out.slice(out.indexOf("\nmemory, nodes 0-1"));
  expect(memory).toMatch(/^\nmemory, nodes 0-1, cpus 0-15\n {2}MB: refused\n {6}one-l3 \(2\.5\): /);
  const json = JSON.parse((await mpam("explain", platform, "--json")).out);
  const exported = json.classes.map((one: { name: string; verdicts: { export: string; outcome: string }[] }) => [
    one.name,
    one.verdicts.filter(({ outcome }) => outcome === "exported").map((verdict) => verdict.export),
  ]);
  expect(exported).toEqual([
    ["L2", ["L2"]],
    ["L3", ["L3", "MB", "llc_occupancy", "mbm_total_bytes"]],
    ["memory", []],
  ]);
  expect((await mpam("explain", "nowhere.yaml")).code).toBe(2);
});
