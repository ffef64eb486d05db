// A run as JSON, CSV and Arrow: what is written can be read back by others.

import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { filesOf, type Run, readRun } from "../../src/report/index.ts";
import { hostileRun } from "../helpers/hostile-run.ts";
import { parseCsv } from "../helpers/parse-csv.ts";
import { bundled, recorded, seriesOf, sum } from "../helpers/recorded-run.ts";

const bytesOf = async (run: Run, suffix: "json" | "csv" | "arrow") => {
  const [file] = await filesOf(run, suffix);
  if (!file) throw new Error("no file");
  return file.bytes;
};

const real = () =>
  recorded(["synth:zipf,ws=2M,n=20k,write=30%", "synth:stream,ws=8M,n=20k"], {
    platform: bundled("private-l2"),
    groups: ["web=trace:1", "batch=trace:2"],
    timing: "closed",
    statistics: "full",
    script: ["@50% write batch/schemata MB:0=20"],
  });

test("CSV has every name as it is, and the sums of the run", async () => {
  const hostile = parseCsv(new TextDecoder("utf-8", { ignoreBOM: true }).decode(await bytesOf(hostileRun(), "csv")));
  expect(hostile[0]).toEqual(["from_ns", "to_ns", "group", "place", "measure", "value", "unit"]);
  expect(hostile.every((row) => row.length === 7)).toBe(true);
  expect(hostile.filter(([, , group]) => group === 'a,"b"\r\nc').length).toBeGreaterThan(10);
  const { run } = await real();
  const rows = parseCsv(new TextDecoder().decode(await bytesOf(run, "csv")));
  const added = (group: string, place: string, measure: string) =>
    sum(rows.flatMap((row) => (row[2] === group && row[3] === place && row[4] === measure ? Number(row[5]) : [])));
  for (const group of ["web", "batch"]) {
    const { levels, latency } = seriesOf(run, group);
    expect(added(group, "L3", "misses")).toBe(sum(levels[1]?.misses ?? []));
    expect(added(group, "L3", "lost_to_others")).toBe(sum(levels[1]?.lost?.other ?? []));
    expect(added(group, "", "latency_sum")).toBe(sum(latency?.sumNs ?? []));
  }
  const limits = rows.filter(
    ([, , group, place, measure]) => group === "batch" && place === "node 0" && measure === "limit_soft",
  );
  expect(limits.map(([from]) => Number(from)).every((from) => from >= (run.lines[0]?.time ?? 0))).toBe(true);
  expect(limits.length).toBeGreaterThan(10);
});

/** UTF-8 has no half of a pair. */
const decoded = (text: string) => text.replace(/\p{Cs}/gu, "\ufffd");

test("Arrow has the rows of CSV", async () => {
  for (const run of [hostileRun(), (await real()).run]) {
    const [head = [], ...rows] = parseCsv(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(await bytesOf(run, "csv")),
    );
    const table = tableFromIPC(await bytesOf(run, "arrow"));
    expect(table.schema.fields.map(({ name }) => name)).toEqual(head);
    expect(table.schema.metadata.get("format")).toBe("mpam-run");
    expect(table.numRows).toBe(rows.length);
    const columns = head.map((name) => [...(table.getChild(name) ?? [])].map((one) => decoded(String(one))));
    const read = rows.map((_, row) => columns.map((column) => column[row]));
    expect(read).toEqual(rows);
  }
});

test("JSON is read back as it was", async () => {
  const { run } = await real();
  expect(readRun(new TextDecoder().decode(await bytesOf(run, "json")), "run.json")).toEqual(run);
  expect(readRun(JSON.stringify(hostileRun()), "run.json")).toEqual(hostileRun());
});

const change = (edit: (run: Record<string, never>) => void) => {
  const run = JSON.parse(JSON.stringify(hostileRun()));
  edit(run);
  return JSON.stringify(run);
};

test.each<[string, string, string]>([
  ["no JSON", "{", "run.json: no JSON; mpam replay --report run.json makes what is wanted here"],
  ["null", "null", "run.json: no run of mpam: format is missing; mpam replay --report run.json makes one"],
  ["other JSON", '{"format":[1]}', "run.json: no run of mpam: format is [1]; mpam replay --report run.json makes one"],
  [
    "a later version",
    change((run) => Object.assign(run, { version: 2 })),
    "run.json: a run of version 2; this mpam reads version 1",
  ],
  ["a missing key", change((run) => delete run.timing), "run.json: timing is missing"],
  [
    "a text for a number",
    change((run) => Object.assign(run, { records: "many" })),
    'run.json: records is "many"; number is needed',
  ],
  ["a negative time", change((run) => Object.assign(run, { from: -1 })), "run.json: from is -1; >=0 is needed"],
  [
    "an infinite one",
    change(() => {}).replace('"to":2000', '"to":1e999'),
    "run.json: to is Infinity; a finite number is needed",
  ],
  [
    "samples out of order",
    change((run) => Object.assign(run, { samples: [2000, 2000] })),
    "run.json: samples.1 is 2000; it ends after the one before",
  ],
  [
    "another end",
    change((run) => Object.assign(run, { to: 3000 })),
    "run.json: to is 3000; the last sample ends at 2000",
  ],
  [
    "a short column",
    change((run) =>
      (run as unknown as { groups: { levels: { misses: number[] }[] }[] }).groups[1]?.levels[0]?.misses.pop(),
    ),
    "run.json: groups.1.levels.0.misses has 1 values; there are 2 samples",
  ],
])("%s is refused in one line", (_, text, message) => {
  expect(() => readRun(text, "run.json")).toThrow(new TypeError(message));
});
