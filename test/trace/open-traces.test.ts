// Traces as a command line names them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTraces, packTrace, parseTraceArgument, synthTrace } from "../../src/trace/index.ts";
import { rowsOf } from "./recordings.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-"));
  const source = synthTrace("synth:stream,ws=640,n=10,gap=100");
  for (const name of ["plain.arrow", "a@b.arrow", "x@start=1"]) await packTrace(source, join(folder, name));
});
afterAll(() => rm(folder, { recursive: true }));

const timesOf = async (...texts: string[]) => {
  const sources = await openTraces(texts);
  return Promise.all(sources.map(async (source) => (await rowsOf(source)).map(([time]) => time)));
};

test("options stand behind the last @; @@ is an @ of the name, and so is one that no KEY= follows", () => {
  expect(parseTraceArgument("a.arrow@start=2ms,loop=3")).toEqual({ name: "a.arrow", start: 2e6, loop: 3 });
  expect(parseTraceArgument("a@b.arrow")).toEqual({ name: "a@b.arrow", start: 0, loop: 1 });
  expect(parseTraceArgument("x@start=1/y.arrow")).toEqual({ name: "x@start=1/y.arrow", start: 0, loop: 1 });
  expect(parseTraceArgument("x@@start=1")).toEqual({ name: "x@start=1", start: 0, loop: 1 });
  expect(parseTraceArgument("x@@y=1@start=1us")).toEqual({ name: "x@y=1", start: 1000, loop: 1 });
  expect(parseTraceArgument("synth:zipf,ws=8M@start=0,loop=forever,every=1ms")).toEqual({
    name: "synth:zipf,ws=8M",
    start: 0,
    loop: "forever",
    every: 1e6,
  });
  expect(parseTraceArgument("a@from=warm,to=5M")).toMatchObject({ from: { marker: "warm" }, to: { record: 5e6 } });
});

test.each([
  ["a@strat=1ms", /no option 'strat'; did you mean start\?/],
  ["a@start=1", /start is '1'; a time such as 2ms/],
  ["a@start=1ms,start=2ms", /start stands there twice/],
  ["a@loop=0", /loop is '0'/],
  ["a@loop=ever", /loop is 'ever'/],
  ["a@every=1ms", /every is of no use without loop/],
  ["a@from=", /from is empty/],
  ["a@start=1ms,loop", /loop needs a value/],
])("%s is refused", (text, says) => {
  expect(() => parseTraceArgument(text)).toThrow(says);
  expect(() => parseTraceArgument(text)).toThrow(expect.objectContaining({ code: "EINVAL" }));
});

test("files whose names hold an @ open, with and without options", async () => {
  for (const name of ["plain.arrow", "a@b.arrow", "x@@start=1"]) {
    const [times = []] = await timesOf(join(folder, `${name}@start=1us`));
    expect(times).toEqual([1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900]);
  }
});

test("a piece is taken first, then looped, then begun later", async () => {
  const stream = "synth:stream,n=10,gap=100";
  expect(await timesOf(`${stream}@from=3,to=5,loop=2,start=1us`)).toEqual([[1000, 1100, 1200, 1300]]);
  expect(await timesOf(`${stream}@from=850ns,loop=2,every=1us`)).toEqual([[50, 1050]]);
  await expect(openTraces([`${stream}@from=5,to=5`])).rejects.toThrow(/no record lies between from and to/);
});

test("a trace that loops forever ends with the last record of those that end", async () => {
  const [short, long] = await timesOf("synth:stream,n=3,gap=7@loop=forever,start=3ns", "synth:random,n=10,gap=5");
  expect(long?.at(-1)).toBe(45);
  // The last one comes at the very time of the other end.
  expect(short).toEqual([3, 10, 17, 24, 31, 38, 45]);
  await expect(openTraces(["synth:stream,n=3@loop=forever"])).rejects.toThrow(/goes on forever; one of the traces/);
  await expect(openTraces(["synth:stream,n=3@loop=forever,start=1s", "synth:stream,n=3"])).rejects.toThrow(
    /begins after all others have ended/,
  );
});

test("the same name twice is two programs", async () => {
  const [a, b, c] = await openTraces(["synth:zipf,n=5", "synth:zipf,n=5", "synth:zipf,n=5"]);
  expect(new Set([a?.hash, b?.hash, c?.hash]).size).toBe(3);
  expect(await rowsOf(b ?? expect.unreachable())).toEqual(await rowsOf(a ?? expect.unreachable()));
});
