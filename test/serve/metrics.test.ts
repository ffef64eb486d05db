// The page for Prometheus, read by a strict reader of its own, written from the description of the text format 0.0.4.

import { request } from "node:http";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Metric, metricsText } from "../../src/report/index.ts";
import { type Board, type Listener, Metrics, parseAddress, serveMetrics } from "../../src/serve/index.ts";
import { boardOf, privateFolder } from "./clients.ts";

interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Map<string, number>;
}

/** Throws for everything that the format does not have. Samples go by their labels, sorted. */
function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  let family: (Family & { name: string }) | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of text.split("\n").slice(0, -1)) {
    const [, helped, helpText] = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line) ?? [];
    if (helped !== undefined && helpText !== undefined) {
      help = { name: helped, text: helpText };
      continue;
    }
    const [, typed, type] =
      /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) {
      if (families.has(typed)) throw new Error(`${typed} is there twice`);
      if (help?.name !== typed) throw new Error(`${typed} has no help`);
      family = { name: typed, type, help: help.text, samples: new Map() };
      families.set(typed, family);
      continue;
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(
      line,
    );
    if (!sample) throw new Error(`no line of the format: ${line}`);
    const [, name, labels = "", value] = sample;
    if (family?.name !== name) throw new Error(`${name} stands outside its family`);
    const key = labelsOf(labels).join(",");
    if (family?.samples.has(key)) throw new Error(`${name}{${key}} is there twice`);
    family?.samples.set(key, Number(value));
  }
  return families;
}

function labelsOf(text: string): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest !== "") {
    const one = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/.exec(rest);
    if (!one) throw new Error(`no labels: ${rest}`);
    const value = (one[2] as string).replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
    found.push(`${one[1]}=${value}`);
    rest = rest.slice(one[0].length);
  }
  return found.sort();
}

const TRACE = "synth:stream,ws=1G,n=1000,gap=1000,write=0.5";

describe("the format", () => {
  const one = (more: Partial<Metric>): Metric => ({
    name: "a_total",
    help: "Help.",
    type: "counter",
    samples: [],
    ...more,
  });

  test("what stands in labels and help can be anything", () => {
    const value = 'a "quote", a \\ and a\nnew line, }{,= and ü';
    const text = metricsText([one({ help: "one\\two\nthree", samples: [{ labels: { l: value }, value: 3 }] })]);
    expect(text.split("\n")).toHaveLength(4);
    expect(text).toContain("# HELP a_total one\\\\two\\nthree\n");
    expect([...(parse(text).get("a_total")?.samples ?? [])]).toEqual([[`l=${value}`, 3]]);
  });

  test("numbers are as they are, however large", () => {
    const values = [0, -1.5, 1e21, 1e-9, 2n ** 63n, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    const samples = values.map((value, i) => ({ labels: { i: String(i) }, value }));
    const lines = metricsText([one({ samples })])
      .split("\n")
      .slice(2, -1);
    expect(lines.map((line) => line.split(" ")[1])).toEqual([
      "0",
      "-1.5",
      "1e+21",
      "1e-9",
      "9223372036854775808",
      "+Inf",
      "-Inf",
      "NaN",
    ]);
  });

  test("names that the format does not have are refused, families without a sample left out", () => {
    const samples = [{ labels: {}, value: 1 }];
    expect(() => metricsText([one({ name: "a-b", samples })])).toThrow(RangeError);
    expect(() => metricsText([one({ samples: [{ labels: { "a.b": "" }, value: 1 }] })])).toThrow(RangeError);
    expect(() => metricsText([one({ samples: [{ labels: { __name__: "" }, value: 1 }] })])).toThrow(RangeError);
    expect(metricsText([one({})])).toBe("");
  });
});

describe("the counters", () => {
  test("of a machine without groups go by labels, and are those of the machine", async () => {
    const board = await boardOf();
    const metrics = new Metrics(board);
    await board.startReplay([TRACE], { speed: 0 });
    await board.advance(5e6);
    const page = parse(await metrics.page());
    const [row, ...others] = board.machine.statistics().filter(({ accesses }) => accesses > 0);
    expect(others).toEqual([]);
    const label = "partid=0,pmg=0,space=ns";
    const value = (name: string, labels: string) => page.get(name)?.samples.get(labels.split(",").sort().join(","));
    expect(value("mpam_cache_accesses_total", `level=3,domain=0,${label}`)).toBe(1000);
    expect(value("mpam_cache_misses_total", `level=3,domain=0,${label}`)).toBe(row?.misses);
    expect(value("mpam_llc_occupancy_bytes", `domain=0,${label}`)).toBe(row?.bytesHeld);
    // Every record is the first of its line: 1000 lines of 64 bytes are read, and 1 MiB holds them all.
    expect(value("mpam_mbm_bytes_total", `node=0,direction=read,${label}`)).toBe(64_000);
    expect(value("mpam_mbm_bytes_total", `node=0,direction=write,${label}`)).toBe(row?.bytesWritten);
    expect(value("mpam_model_time_seconds", "")).toBe(0.005);
    expect(value("mpam_records_total", "")).toBe(1000);
    expect(value("mpam_monitors", "msc=0,name=L3 0,type=mbwu")).toBe(32);
    expect(page.get("mpam_llc_occupancy_bytes")?.type).toBe("gauge");
    for (const [name, { type }] of page) expect(type === "counter").toBe(name.endsWith("_total"));
    await board.close();
  });

  test("of groups go by group, and are there from the start", async () => {
    const board = await boardOf({ boot: {} });
    const metrics = new Metrics(board);
    await board.perform("mkdir web");
    const bytes = (page: Map<string, Family>, group: string) =>
      page.get("mpam_mbm_bytes_total")?.samples.get(`direction=read,group=${group},node=0`);
    expect(bytes(parse(await metrics.page()), "web")).toBe(0);
    await board.startReplay([TRACE], { speed: 0 });
    await board.perform(`write web/tasks ${board.machine.processor.tasks[0]?.tid}`);
    await board.advance(5e6);
    const page = parse(await metrics.page());
    expect(bytes(page, "web")).toBe(64_000);
    expect(bytes(page, "/")).toBe(0);
    expect(page.get("mpam_llc_occupancy_bytes")?.samples.get("domain=0,group=web")).toBe(64_000);
    expect(page.get("mpam_cache_accesses_total")?.samples.get("domain=0,group=web,level=3")).toBe(1000);
    await board.close();
  });

  test("never go back: not with a snapshot, a reset, or a group of the same name", async () => {
    const board = await boardOf({ boot: {} });
    const metrics = new Metrics(board);
    const name = "mpam_cache_accesses_total";
    const look = async () =>
      parse(await metrics.page())
        .get(name)
        ?.samples.get("domain=0,group=/,level=3") as number;
    const run = async (ns: number) => {
      await board.startReplay([TRACE], { speed: 0 });
      await board.advance(ns);
    };
    await run(100_000); // 100 records
    expect(await look()).toBe(100);
    const early = board.snapshot();
    // What nobody has looked at counts too.
    await run(300_000);
    await board.restore(early);
    expect(await look()).toBe(400);
    await run(50_000);
    expect(await look()).toBe(450);
    await board.reset();
    expect(await look()).toBe(450);
    await run(7000);
    expect(await look()).toBe(457);
    await board.close();
  });

  test("of interrupts are those raised, by kind and MSC", async () => {
    const board = await boardOf();
    const metrics = new Metrics(board);
    const [ECR, ESR, PART_SEL] = [0xf0, 0xf8, 0x100];
    board.machine.write32(1, ECR, 1);
    for (let i = 0; i < 3; i++) {
      board.machine.write32(1, PART_SEL, 16);
      board.machine.write32(1, ESR, 0);
    }
    const { samples } = parse(await metrics.page()).get("mpam_interrupts_total") as Family;
    expect(Object.fromEntries(samples)).toEqual({
      "kind=error,msc=0": 0,
      "kind=overflow,msc=0": 0,
      "kind=error,msc=1": 3,
      "kind=overflow,msc=1": 0,
    });
    await board.close();
  });
});

describe("the server", () => {
  let board: Board;
  let listener: Listener;
  const folder = privateFolder();
  const socketPath = folder.at("metrics");
  beforeEach(async () => {
    board = await boardOf();
    const address = parseAddress(socketPath);
    if (address.kind === "unix") listener = await serveMetrics(address, board);
  });
  afterEach(async () => {
    await listener.close();
    await board.close();
  });
  afterAll(() => folder.clean());

  const ask = (method: string, path: string, body = "", headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; type: string | undefined; text: string; length: string | undefined }>(
      (resolve, reject) => {
        const asked = request({ socketPath, method, path, headers, agent: false }, (response) => {
          let text = "";
          response.on("data", (data) => (text += data));
          response.on("end", () => {
            const { "content-type": type, "content-length": length } = response.headers;
            resolve({ status: response.statusCode, type, text, length });
          });
        });
        asked.on("error", reject);
        asked.end(body);
      },
    );

  test("hands out the page, and nothing else", async () => {
    const page = await ask("GET", "/metrics");
    expect(page).toMatchObject({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
    expect(parse(page.text).size).toBeGreaterThan(5);
    const head = await ask("HEAD", "/metrics");
    expect(head).toMatchObject({ status: 200, text: "", length: String(Buffer.byteLength(page.text)) });
    expect(await ask("GET", "/metrics?x=1")).toMatchObject({ status: 200 });
    for (const path of ["/", "/metric", "/metrics/", "//", "/../metrics"]) {
      expect(await ask("GET", path)).toMatchObject({ status: 404, text: "GET /metrics is what there is\n" });
    }
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect(await ask(method, "/metrics", "x=1")).toMatchObject({ status: 405 });
    }
  });

  test("waits neither for a request that does not end nor for one that does not begin", async () => {
    const { Client } = await import("./clients.ts");
    const hasty = `${socketPath}-hasty`;
    const address = parseAddress(hasty);
    if (address.kind !== "unix") throw new Error("a path is a socket");
    const server = await serveMetrics(address, board, { requestMs: 200, connections: 2 });
    const [slow, silent] = [await Client.to(hasty), await Client.to(hasty)];
    slow.send("GET /metrics HTTP/1.1\r\nHost: ");
    expect(await slow.line()).toMatch(/^HTTP\/1.1 408/);
    expect(await silent.line()).toMatch(/^HTTP\/1.1 408/);
    await server.close();
  });

  test("goes on after requests that are none, or too large", async () => {
    await expect(ask("GET", "/metrics", "", { "x-large": "a".repeat(20_000) })).resolves.toMatchObject({ status: 431 });
    const { Client } = await import("./clients.ts");
    for (const text of ["\0\0\0", "GET\r\n\r\n", "readl 0\n", `GET ${"a".repeat(100_000)}`]) {
      const client = await Client.to(socketPath);
      client.send(text);
      expect(await client.line()).toMatch(/^HTTP\/1.1 4/);
      client.close();
    }
    expect(await ask("GET", "/metrics")).toMatchObject({ status: 200 });
  });
});
