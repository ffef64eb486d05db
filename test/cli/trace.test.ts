// mpam trace as a person runs it: import of any format, info, head.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const COMMAND = new URL("../../dist/esm/cli.js", import.meta.url).pathname;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-trace-"));
});
afterAll(() => rm(folder, { recursive: true }));

function mpam(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { cwd: folder }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

async function file(name: string, ...lines: string[]): Promise<string> {
  await writeFile(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  return name;
}

test("a CSV file is imported by its map, and head shows its rows with who asks", async () => {
  await file("a.txt", "9.5;w;40000;7;3", "10.0;r;40040;7;4");
  const columns = "time:us=0,op=1,address:hex=2,tid=3,partid=4";
  const made = await mpam("trace", "import", "a.txt", "-o", "a.arrow", "--format", "csv", "--columns", columns);
  expect(made.err).toBe("");
  expect(made.code).toBe(0);
  const { out } = await mpam("trace", "head", "a.arrow", "-n", "5");
  expect(out.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
    ["row", "ns", "op", "address", "bytes", "requester"],
    ["0", "0", "write", "0x0", "64", "1/7 ns PARTID 3 PMG 0"],
    ["1", "500", "read", "0x40", "64", "1/7 ns PARTID 4 PMG 0"],
    [""],
  ]);
  const json = JSON.parse((await mpam("trace", "head", "a.arrow", "--from", "1", "-n", "1", "--json")).out);
  expect(json).toEqual({
    rows: [
      {
        row: 1,
        time: 500,
        op: "read",
        address: 64,
        bytes: 64,
        requester: { asid: 1, pid: 1, tid: 7, source: "a.txt", label: { space: "ns", partid: 4, pmg: 0 } },
      },
    ],
  });
});

test("info says what a trace is, what is in it, and that it is sampled; so does replay", async () => {
  await file(
    "p.txt",
    "x 5/6 [001] 1.000000: mem: ff00 12 |OP LOAD|",
    "x 5/6 [001] 1.000008: mem: 1ff40 12 |OP PFETCH|",
  );
  await mpam("trace", "import", "p.txt", "-o", "p.arrow");
  const { out } = await mpam("trace", "info", "p.arrow");
  expect(out).toContain("p.arrow: 2 records, 0 ns to 8.000 us, dense addresses, 2 pages of 4.00 KiB (8.00 KiB)\n");
  expect(out).toContain("plain columns, recorded times\nsampled: good for footprints and rates;");
  expect(out).toMatch(/^p\.txt +perf +/m);
  expect(JSON.parse((await mpam("trace", "info", "p.arrow", "--json")).out)).toMatchObject({
    form: "columns",
    sampled: true,
    timeRule: { rule: "recorded" },
    startNs: 0,
    endNs: 8000,
    addressRule: "dense",
    total: { reads: 1, prefetches: 1, writes: 0 },
    requesters: [{ requester: { pid: 5, tid: 6, comm: "x" } }],
  });
  const replayed = await mpam("replay", "p.arrow", "-q");
  expect(replayed.code).toBe(0);
  expect(replayed.err).toMatch(/^mpam: p\.arrow is sampled: good for footprints and rates;[^\n]*\n$/);
});

test("markers and samples stay with a trace that is packed, begun later or cut", async () => {
  await file("q.txt", "x 5/6 [001] 1.000000: mem: ff00 12 |OP LOAD|", "x 5/6 [001] 1.000008: mem: ff40 12 |OP LOAD|");
  await mpam("trace", "import", "q.txt", "-o", "q.arrow");
  await mpam("trace", "pack", "q.arrow", "q.packed.arrow", "--marker", "warm=1");
  const { out } = await mpam("trace", "info", "q.packed.arrow@from=warm", "--json");
  const source = expect.objectContaining({ name: "q.txt", format: "perf" });
  expect(JSON.parse(out)).toMatchObject({
    form: "packed",
    records: 1,
    sampled: true,
    markers: [{ name: "warm", record: 0 }],
    sources: [source],
  });
  const replayed = await mpam("replay", "q.packed.arrow@start=1ms", "--roi", "warm..", "-q");
  expect(replayed.code).toBe(0);
  expect(replayed.err).toMatch(/^mpam: q\.packed\.arrow is sampled: /);
  const head = await mpam("trace", "head", "q.packed.arrow@from=warm", "--json");
  expect(JSON.parse(head.out).rows).toMatchObject([{ row: 0, time: 0, address: 0xf40, op: "read" }]);
});

test("a trace without a file is described as one", async () => {
  const { out } = await mpam("trace", "info", "synth:stream,n=10,ws=4k@loop=2");
  expect(out).toContain(
    "20 records, 0 ns to 19 ns, dense addresses, 1 pages of 4.00 KiB (4.00 KiB)\nmade while it is read",
  );
  expect(JSON.parse((await mpam("trace", "info", "synth:stream,n=10", "--json")).out)).toMatchObject({ form: "synth" });
});

test("labels that a recording has are those it is replayed with", async () => {
  await file("l.csv", "time,address,tid,space,partid,pmg", "0,0,1,ns,3,1", "1,64,1,s,2,0", "2,128,1,ns,3,1");
  const made = await mpam("trace", "import", "l.csv", "-o", "l.arrow");
  expect(made.err).toBe("");
  const { out } = await mpam("replay", "l.arrow", "--json");
  const { phases } = JSON.parse(out);
  const counts = phases[0].groups.map((one: { group: string; accesses: number }) => [one.group, one.accesses]);
  expect(Object.fromEntries(counts)).toEqual({
    "/": 0,
    "label ns:3:1": 2,
    "label s:2:0": 1,
  });
});

test("what cannot be imported is one line with exit code 2, and no file", async () => {
  await file("two.txt", "2 400010", "0 7000");
  await file("bad.din", "0 10", "0 10000000000000000");
  const before = await readdir(folder);
  for (const [args, said] of [
    [["two.txt"], "two.txt: byte 0: could be din or simpleo3; say which with --format"],
    [["bad.din"], "bad.din: line 2: the number 10000000000000000 is too long"],
    [["two.txt", "--format", "pcap"], "format 'pcap' is not known"],
    [
      ["two.txt", "--format", "din", "--time", "recorded"],
      "two.txt: --time recorded: no times are recorded in it (din)",
    ],
    [["two.txt", "--format", "din", "--time", "wall"], "time 'wall': instructions, accesses or recorded is allowed"],
    [["two.txt", "--columns", "address"], '"time=0,address=2" is needed'],
  ] as const) {
    const { code, out, err } = await mpam("trace", "import", ...args, "-o", "out.arrow");
    expect(err).toMatch(/^mpam: [^\n]*\n$/);
    expect(err).toContain(said);
    expect(code).toBe(2);
    expect(out).toBe("");
  }
  expect((await mpam("trace", "head", "a.arrow", "-n", "x")).err).toBe("mpam: rows 'x': a whole number is needed\n");
  expect(await readdir(folder)).toEqual(before);
});

test("a trace is packed requester by requester, and looks the same but for the order of rows at one time", async () => {
  await file("r.txt", "1;r;0;7", "1;w;40;6", "2;r;80;7", "2;r;c0;6");
  await mpam(
    ...["trace", "import", "r.txt", "-o", "r.arrow", "--format", "csv"],
    ...["--columns", "time:us=0,op=1,address:hex=2,tid=3"],
  );
  const { out, code } = await mpam("trace", "pack", "--by-requester", "r.arrow", "apart.arrow");
  expect(code).toBe(0);
  expect(out).toContain("packed, requester by requester, recorded times");
  const rows = async (name: string) => {
    const { rows } = JSON.parse((await mpam("trace", "head", name, "--json")).out) as { rows: { address: number }[] };
    return rows.map(({ address }) => address);
  };
  // Requester 0 is the thread that comes first.
  expect(await rows("apart.arrow")).toEqual([0, 0x40, 0x80, 0xc0]);
  const refused = await mpam("trace", "pack", "--by-requester", "--form", "columns", "r.arrow", "c.arrow");
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("for the packed form only")]);
});
