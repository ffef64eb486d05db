// Traces on a shelf: the ones that the plan has, open once, and in all that a replay sees as openTraces gives them.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runSession } from "../../../src/session/index.ts";
import { describeTrace } from "../../../src/sweep/traces/describe-trace.ts";
import { TraceOutOfReach } from "../../../src/sweep/traces/out-of-reach.ts";
import { type ShelfOptions, TraceShelf } from "../../../src/sweep/traces/trace-shelf.ts";
import {
  importTrace,
  type MarkedSource,
  MemorySink,
  openTrace,
  openTraces,
  packTrace,
  synthTrace,
} from "../../../src/trace/index.ts";
import { rowsOf } from "../../trace/recordings.ts";
import { FileServer, noise, sha256 } from "./server.ts";

let folder = "";
let cacheFolder = "";
const shelves: TraceShelf[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-"));
  cacheFolder = join(folder, "cache");
});
afterEach(async () => {
  await Promise.all(shelves.splice(0).map((shelf) => shelf.close()));
  await rm(folder, { recursive: true });
});

const shelf = (options: ShelfOptions = {}) => {
  const one = new TraceShelf({ cacheFolder, ...options });
  shelves.push(one);
  return one;
};
const messageOf = (opening: Promise<unknown>) =>
  opening.then(
    () => "opened",
    (error: unknown) => String(error),
  );
const brotli = (bytes: Uint8Array) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
const WRAPS = { "": (bytes: Uint8Array) => bytes, ".gz": gzipSync, ".br": brotli } as const;

/** Rows of a synthetic trace as a file of ours. */
async function written(name: string, spec: string, options: Parameters<typeof packTrace>[2] = {}): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await packTrace(synthTrace(spec), path, options);
  return path;
}

const STREAM = "synth:stream,ws=64K,n=3000,gap=10";
const OTHER = "synth:random,ws=64K,n=3000,gap=10";

/** All that is known of a source, and its rows. */
async function facts(source: MarkedSource) {
  const { name, hash, records, requesters, spaces, addressRule, pageBytes, markers, metadata } = source;
  const tail = records > 1 && records < Number.POSITIVE_INFINITY ? await rowsOf(source, records - 1) : [];
  const rows = records < Number.POSITIVE_INFINITY ? await rowsOf(source) : [];
  return { name, hash, records, requesters, spaces, addressRule, pageBytes, markers, metadata, rows, tail };
}

const session = async (sources: readonly MarkedSource[]) => {
  const { seconds, ...result } = await runSession(sources, {
    platform: "platforms/private-l2.yaml",
    groups: [],
    script: [],
  });
  return JSON.stringify(result);
};

test("what a plan says of a trace: bytes and hash of the file, nothing of a synthetic one", async () => {
  const path = await written("a.arrow", STREAM);
  const bytes = await readFile(path);
  expect(await describeTrace(`${path}@loop=2`)).toEqual({
    argument: `${path}@loop=2`,
    sha256: sha256(bytes),
    bytes: bytes.length,
  });
  expect(await describeTrace(STREAM)).toEqual({ argument: STREAM });
  await expect(describeTrace("synth:nothing")).rejects.toThrow(/EINVAL/);
  await expect(describeTrace(`${path}@strat=1ms`)).rejects.toThrow(/did you mean start/);
  await expect(describeTrace(join(folder, "b.arrow"))).rejects.toThrow(/no such file; did you mean \S+a\.arrow\?/);
  await expect(describeTrace("ftp://127.0.0.1/a.arrow")).rejects.toThrow(/ftp is not known; a path, http or https/);
});

test("arguments mean what they mean to openTraces: pieces, laps, starts, the same file twice", async () => {
  const path = await written("a.arrow.br", STREAM);
  const texts = [`${path}@from=10,to=20,loop=2`, path, `${path}@start=1us`, STREAM, `${path}@loop=forever`];
  const named = await Promise.all(texts.map((text) => describeTrace(text)));
  const [got, want] = [await shelf().open(named), await openTraces(texts)];
  expect(await Promise.all(got.map(facts))).toEqual(await Promise.all(want.map(facts)));
  expect(new Set(got.map(({ hash }) => hash)).size).toBe(5);
  expect(await session(got)).toBe(await session(want));
});

test("a file that is not the one of the plan is refused with both hashes, whether it can be read or not", async () => {
  for (const name of ["a.arrow", "a.arrow.gz"]) {
    const path = await written(name, STREAM);
    const named = await describeTrace(path);
    for (const other of [await readFile(await written("b.arrow.gz", OTHER)), Buffer.from("nothing of the kind")]) {
      await writeFile(path, other);
      const opening = shelf().open([named]);
      await expect(opening).rejects.toBeInstanceOf(TraceOutOfReach);
      expect(await messageOf(opening)).toBe(
        `ErrnoError: ESTALE: ${path}: the file has changed since the plan was made: its SHA-256 is ${sha256(other)}, and the plan has ${named.sha256}`,
      );
    }
  }
});

test("a file that changes between units is noticed, and one that is only touched is not", async () => {
  const path = await written("a.arrow.br", STREAM);
  const named = await describeTrace(path);
  const one = shelf();
  await one.open([named]);
  await utimes(path, new Date(), new Date(Date.now() + 5000));
  await one.open([named]);
  await copyFile(await written("b.arrow.br", OTHER), path);
  await expect(one.open([named])).rejects.toThrow(/has changed since the plan was made/);
});

test("what is wrong with the right file is said as openTraces says it", async () => {
  const byRequester = await written("r.arrow", STREAM, { order: "requester" });
  const wrong = {
    "text.arrow": Buffer.from("==12== lackey\n L 1000,8\n"),
    "cut.arrow.gz": gzipSync(await readFile(await written("a.arrow", STREAM))).subarray(0, 900),
    "parts.arrow.gz": gzipSync(await readFile(byRequester)),
    "empty.arrow": Buffer.alloc(0),
  };
  for (const [name, bytes] of Object.entries(wrong)) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const opening = shelf().open([await describeTrace(path)]);
    expect(await messageOf(opening)).toBe(await messageOf(openTraces([path])));
    await expect(opening).rejects.not.toBeInstanceOf(TraceOutOfReach);
  }
});

test("a file that is not where the plan had it is looked for by its name, and taken only with its hash", async () => {
  const path = await written("here/a.arrow", STREAM);
  const named = await describeTrace(path);
  const [wrong, right] = [join(folder, "wrong"), join(folder, "right")];
  await mkdir(right);
  await rename(path, join(right, "a.arrow"));
  await written("wrong/a.arrow", OTHER);
  const [source] = await shelf({ folders: [join(folder, "none"), wrong, right] }).open([named]);
  expect(source?.hash).toBe(named.sha256);
  // Neither what lies in its place now counts.
  await copyFile(join(wrong, "a.arrow"), path);
  expect(await messageOf(shelf({ folders: [right] }).open([named]))).toBe("opened");
  expect(await messageOf(shelf({ folders: [wrong] }).open([named]))).toMatch(/here\/a\.arrow: the file has changed/);
  await rm(path);
  const missing = shelf({ folders: [join(folder, "none")] }).open([named]);
  await expect(missing).rejects.toBeInstanceOf(TraceOutOfReach);
  expect(await messageOf(missing)).toMatch(/ENOENT: \S+here\/a\.arrow: no such file, nor a\.arrow in \S+none$/);
});

test("a trace is unpacked once, however many units ask for it, and even at once", async () => {
  const path = await written("a.arrow.br", STREAM);
  const named = [await describeTrace(path)];
  const one = shelf();
  const all = await Promise.all([one.open(named), one.open(named), one.open(named)]);
  // A trace of its own for each unit would be another object.
  for (const [source] of all) expect(source).toBe(all[0]?.[0]);
  expect((await one.open(named))[0]).toBe(all[0]?.[0]);
  const want = await session(await openTraces([path]));
  expect(await Promise.all(all.map((sources) => session(sources)))).toEqual([want, want, want]);
  expect(await readdir(folder)).toEqual(["a.arrow.br"]);
});

test("what memory has no room for lies unpacked in the cache folder, and other workers take it from there", async () => {
  const path = await written("a.arrow.gz", STREAM);
  const named = [await describeTrace(path)];
  const want = await facts((await openTraces([path]))[0] as MarkedSource);
  const [first] = await shelf({ memoryBytes: 1000 }).open(named);
  expect(await facts(first as MarkedSource)).toEqual(want);
  const [file = "", ...more] = await readdir(cacheFolder);
  expect(more).toEqual([]);
  expect(file).toMatch(new RegExp(`^${sha256(await readFile(path))}\\.[0-9a-f]{12}\\.arrow$`));
  expect((await stat(cacheFolder)).mode & 0o777).toBe(0o700);
  const before = (await stat(join(cacheFolder, file), { bigint: true })).mtimeNs;
  const [second] = await shelf({ memoryBytes: 1000 }).open(named);
  expect(await facts(second as MarkedSource)).toEqual(want);
  expect((await stat(join(cacheFolder, file), { bigint: true })).mtimeNs).toBe(before);
  // Nobody is believed who finds it there: the trace itself has to be the one that is named.
  await writeFile(path, "something else");
  await expect(shelf().open(named)).rejects.toThrow(/has changed since the plan was made/);
});

test("a cache folder may be cleared, damaged or locked at any time", async () => {
  const path = await written("a.arrow.br", STREAM);
  const named = [await describeTrace(path)];
  const want = await facts((await openTraces([path]))[0] as MarkedSource);
  const one = shelf({ memoryBytes: 0 });
  await one.open(named);
  await rm(cacheFolder, { recursive: true });
  expect(await facts((await one.open(named))[0] as MarkedSource)).toEqual(want);
  const [file = ""] = await readdir(cacheFolder);
  await writeFile(join(cacheFolder, file), "nothing");
  expect(await facts((await shelf({ memoryBytes: 0 }).open(named))[0] as MarkedSource)).toEqual(want);
  const notes: string[] = [];
  const nowhere = shelf({ memoryBytes: 0, cacheFolder: join(path, "no-folder"), note: (line) => notes.push(line) });
  expect(await facts((await nowhere.open(named))[0] as MarkedSource)).toEqual(want);
  expect(notes).toEqual([expect.stringMatching(/^a\.arrow\.br: is unpacked for each unit: ENOTDIR/)]);
});

test("memory holds what was used last; what had to go lies in the cache folder from the next time on", async () => {
  const paths = await Promise.all([1, 2, 3].map((n) => written(`${n}.arrow.br`, `${STREAM},seed=${n}`)));
  const named = await Promise.all(paths.map((path) => describeTrace(path)));
  const size = (await readFile(await written("one.arrow", STREAM))).length;
  const one = shelf({ memoryBytes: Math.floor(size * 2.5) });
  const open = async (n: number) => (await one.open([named[n] as (typeof named)[number]]))[0];
  const [first, second] = [await open(0), await open(1)];
  expect(await open(0)).toBe(first);
  await open(2);
  // The second was not used for longest.
  expect(await open(0)).toBe(first);
  expect(await readdir(cacheFolder).catch(() => [])).toEqual([]);
  const again = await open(1);
  expect(again).not.toBe(second);
  expect(await facts(again as MarkedSource)).toEqual(await facts(second as MarkedSource));
  expect(await readdir(cacheFolder)).toHaveLength(1);
  for (let i = 0; i < 3; i++) for (const n of [0, 1, 2]) await open(n);
  expect(await readdir(cacheFolder)).toHaveLength(1);
});

test("a trace behind a URL is one as from a file of its name", async () => {
  const path = await written("a.arrow.br", STREAM);
  const server = await FileServer.of(await readFile(path));
  try {
    const argument = `${server.url("/deep/a.arrow.br?x=1", "someone:secret@")}@loop=2`;
    const named = await describeTrace(argument, { cacheFolder });
    expect(named).toEqual({ argument, sha256: sha256(server.content), bytes: server.content.length });
    const [got] = await shelf().open([named]);
    const [want] = await openTraces([`${path}@loop=2`]);
    expect(await facts(got as MarkedSource)).toEqual(await facts(want as MarkedSource));
    expect(server.sent).toBe(server.content.length);
    // Without what the planner fetched, and with what the plan knows.
    await rm(cacheFolder, { recursive: true });
    await shelf().open([named]);
    expect(server.sent).toBe(2 * server.content.length);
    for (const wrong of ["strat=1", "from=5,to=5"]) {
      const message = await messageOf(shelf().open([{ ...named, argument: argument.replace("loop=2", wrong) }]));
      expect(message).toMatch(/http:\/\/127\.0\.0\.1:\d+\/deep\/a\.arrow\.br/);
      expect(message).not.toMatch(/secret/);
    }
    expect(await messageOf(describeTrace(argument.replace("loop", "lop"), { cacheFolder }))).not.toMatch(/secret/);
  } finally {
    await server.close();
  }
});

test("closing ends what is being fetched, and leaves what was given and what has come", async () => {
  const server = await FileServer.of(noise(30));
  try {
    let asked: () => void = () => undefined;
    const waits = new Promise<void>((resolve) => {
      asked = resolve;
    });
    server.answering = (request, response, nth) => (nth === 2 ? asked() : server.proper(request, response, nth));
    const one = shelf({ patience: { blockBytes: 10 } });
    const path = await written("a.arrow.br", STREAM);
    const [given] = await one.open([await describeTrace(path)]);
    const hash = sha256(server.content);
    const opening = messageOf(one.open([{ argument: server.url(), sha256: hash, bytes: 30 }]));
    await waits;
    await one.close();
    expect(await readdir(cacheFolder)).toEqual([`${hash}.part`]);
    expect(await opening).toMatch(/EINTR: the traces have been closed/);
    expect((await rowsOf(given as MarkedSource)).length).toBe(3000);
    await expect(one.open([{ argument: path }])).rejects.toThrow(/EINTR/);
  } finally {
    await server.close();
  }
});

/** Traces of any kind: of ours in both forms, of users, wrapped or not. */
const row = fc.record({
  gap: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 500 }) }, fc.constant(2 ** 33 + 7)),
  address: fc.integer({ min: 0, max: 2 ** 18 }),
  bytes: fc.constantFrom(0, 1, 8, 64, 200),
  op: fc.integer({ min: 0, max: 3 }),
  tid: fc.integer({ min: 1, max: 3 }),
});
const file = fc.record({
  rows: fc.array(row, { minLength: 2, maxLength: 200 }),
  kind: fc.constantFrom("packed", "columns", "user", "user stream"),
  wrap: fc.constantFrom("", ".gz", ".br"),
  markers: fc.boolean(),
});
type File = typeof file extends fc.Arbitrary<infer T> ? T : never;

async function fileOf({ rows, kind, markers }: File): Promise<Uint8Array> {
  let time = 0;
  const timed = rows.map((one) => {
    time += one.gap;
    return { ...one, time };
  });
  if (kind.startsWith("user")) {
    const table = tableFromArrays({
      time: BigInt64Array.from(timed, (one) => BigInt(one.time)),
      address: Int32Array.from(timed, ({ address }) => address),
      bytes: Uint16Array.from(timed, ({ bytes }) => bytes),
      op: Uint8Array.from(timed, ({ op }) => op),
      pid: Uint32Array.from(timed, () => 7),
      tid: Uint32Array.from(timed, ({ tid }) => tid),
    });
    if (markers) table.schema.metadata.set("mpam.markers", JSON.stringify([{ name: "here", record: 1 }]));
    return tableToIPC(table, kind === "user" ? "file" : "stream");
  }
  const lines = timed.map((one) => [one.time, one.address, one.bytes, one.op, 7, one.tid].join(","));
  const sink = new MemorySink();
  const data = new TextEncoder().encode(["time,address,bytes,op,pid,tid", ...lines, ""].join("\n"));
  await importTrace({ name: "t.csv", data }, sink, { form: kind === "packed" ? "packed" : "columns" });
  if (!markers) return sink.bytes();
  const marked = new MemorySink();
  const form = kind === "packed" ? "packed" : "columns";
  await packTrace(await openTrace(sink.bytes()), marked, { form, markers: [{ name: "here", record: 1 }] });
  return marked.bytes();
}

test("whatever the trace, the shelf gives what openTraces gives: from memory, from its folder, and from another's", async () => {
  let n = 0;
  await fc.assert(
    fc.asyncProperty(file, fc.boolean(), async (one, replayed) => {
      const at = join(folder, `each-${n++}`);
      await mkdir(at);
      const path = join(at, `t.arrow${one.wrap}`);
      await writeFile(path, WRAPS[one.wrap as keyof typeof WRAPS](await fileOf(one)));
      const named = [await describeTrace(path), await describeTrace(`${path}@from=1`)];
      const want = await openTraces(named.map(({ argument }) => argument));
      const wanted = await Promise.all(want.map(facts));
      const result = replayed && one.rows.every(({ gap }) => gap < 1e6) ? await session(want) : undefined;
      for (const memoryBytes of [2 ** 20, 0, 0]) {
        const got = await shelf({ memoryBytes, cacheFolder: join(at, "cache") }).open(named);
        expect(await Promise.all(got.map(facts))).toEqual(wanted);
        if (result !== undefined) expect(await session(got)).toBe(result);
      }
    }),
    { numRuns: 60 },
  );
});
