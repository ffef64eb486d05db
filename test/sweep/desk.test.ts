// What threads share: as ports, and as hosts of units that make things once for all.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { loadPlatform } from "../../src/platform/index.ts";
import type { Front } from "../../src/sweep/fronts.ts";
import { runUnit, type Unit, unitHost } from "../../src/sweep/index.ts";
import type { Stock } from "../../src/sweep/stock.ts";
import { Desk } from "../../src/sweep/threads/desk.ts";
import { stocksBehind } from "../../src/sweep/threads/far-stock.ts";
import type { Rows } from "../../src/sweep/traces/unpacked.ts";
import { MemorySink, openTrace, openTraces, packTrace } from "../../src/trace/index.ts";

const MEMORY = 2 ** 28;

const cacheFolder = join(tmpdir(), `mpam-desk-cache-${process.pid}`);
afterAll(() => rm(cacheFolder, { recursive: true, force: true }));

/** What was asked of a stock, and what came of it. */
function listened<T>(stock: Stock<T>, said: string[]): Stock<T> {
  return {
    async take(key, wait) {
      const taken = await stock.take(key, wait);
      said.push(typeof taken === "object" ? "had" : taken);
      return taken;
    },
    put(key, thing) {
      said.push(thing === undefined ? "put nothing" : "put");
      stock.put(key, thing);
    },
  };
}

function portOf(desk: Desk) {
  const port = desk.port();
  onTestFinished(() => port.close());
  return { port, stockOf: stocksBehind(port) };
}

/** A host as a thread has one. */
function hostOf(desk: Desk, memoryBytes = MEMORY) {
  const { stockOf } = portOf(desk);
  const said = { rows: [] as string[], fronts: [] as string[] };
  const rows = listened<Rows>(stockOf("rows"), said.rows);
  const fronts = listened<Front>(stockOf("fronts"), said.fronts);
  return { host: unitHost("a tool", { memoryBytes, cacheFolder, rows }, fronts), said };
}

describe("a desk", () => {
  test("keeps the stocks apart, and what is put through one port is had through all", async () => {
    const desk = new Desk(MEMORY);
    const [one, other] = [portOf(desk).stockOf, portOf(desk).stockOf];
    const rows: Rows = { name: "t", hash: "0".repeat(64), data: new Uint8Array(new SharedArrayBuffer(3)) };
    expect([await one("rows").take("a"), await one("fronts").take("a")]).toEqual(["make", "none"]);
    const waiting = other<Rows>("rows").take("a", "wait");
    one("rows").put("a", rows);
    const taken = await waiting;
    expect(taken).toEqual({ thing: rows });
    // It is the same memory.
    rows.data[1] = 7;
    expect(typeof taken === "object" && taken.thing.data).toEqual(Uint8Array.of(0, 7, 0));
  });

  test("has another make what one was making that has gone, also where that one only waited", async () => {
    const desk = new Desk(MEMORY);
    const [first, second, third] = [portOf(desk), portOf(desk), portOf(desk)];
    expect(await first.stockOf("rows").take("a", "wait")).toBe("make");
    void second.stockOf("rows").take("a", "wait");
    await sleep(20);
    const waiting = third.stockOf("rows").take("a", "wait");
    second.port.close();
    first.port.close();
    expect(await waiting).toBe("make");
  });
});

describe("hosts with one desk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mpam-desk-"));
  afterAll(() => rm(folder, { recursive: true }));
  const argument = join(folder, "trace.arrow.br");
  const sink = new MemorySink();
  await packTrace(await openTrace("synth:zipf,ws=2M,n=20k"), sink);
  await writeFile(argument, brotliCompressSync(sink.bytes(), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }));
  const platform = await loadPlatform("platforms/private-l2.yaml");
  const unit = (cbm: number): Unit => ({
    name: "0".repeat(64),
    place: { workload: "w", platform: "p", configuration: "c", settings: {} },
    work: {
      traces: [{ argument }],
      platform,
      replaying: { group: ["a=trace:1"] },
      schemata: { a: [`L3:0=${cbm.toString(16)}`] },
    },
  });
  const plain = (cbm: number) =>
    runUnit(unit(cbm), { tool: "a tool", open: (named) => openTraces(named.map((one) => one.argument)) });

  test("unpack a trace once, record a front once, and come to the bytes of whole replays", async () => {
    const desk = new Desk(MEMORY);
    const [one, other] = [hostOf(desk), hostOf(desk)];
    const texts = [
      ...(await Promise.all([runUnit(unit(1), one.host), runUnit(unit(3), other.host)])),
      ...(await Promise.all([runUnit(unit(7), one.host), runUnit(unit(0xf), other.host)])),
      await runUnit(unit(0x1f), one.host),
      await runUnit(unit(0x3f), other.host),
    ];
    expect(texts).toEqual(await Promise.all([1, 3, 7, 0xf, 0x1f, 0x3f].map(plain)));
    expect([...one.said.rows, ...other.said.rows].sort()).toEqual(["had", "make", "put"]);
    const fronts = [...one.said.fronts, ...other.said.fronts];
    expect(fronts.filter((said) => said === "make" || said === "put").sort()).toEqual(["make", "put"]);
    expect(fronts.filter((said) => said === "had").length).toBeGreaterThanOrEqual(2);
  });

  test("that have no memory for it come to the same", async () => {
    const desk = new Desk(1000);
    const hosts = [hostOf(desk, 1000), hostOf(desk, 1000)];
    const texts = [];
    for (const cbm of [1, 3, 7]) texts.push(await Promise.all(hosts.map(({ host }) => runUnit(unit(cbm), host))));
    expect(texts).toEqual(await Promise.all([1, 3, 7].map(async (cbm) => [await plain(cbm), await plain(cbm)])));
    expect(hosts.flatMap(({ said }) => said.fronts)).toContain("put nothing");
  });
});
