// What somebody else wrote into the server: looked at before it is used, and the rest goes on.

import { createHash } from "node:crypto";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { oneLine } from "../../../src/sweep/one-line.ts";
import { QueueEngine } from "../../../src/sweep/queue/engine.ts";
import { Jobs, unitFrom } from "../../../src/sweep/queue/jobs.ts";
import { QueueNames } from "../../../src/sweep/queue/names.ts";
import { faultOf, MOST_RESULT } from "../../../src/sweep/queue/results.ts";
import { tell } from "../../../src/sweep/queue/settle.ts";
import { QueueWorker } from "../../../src/sweep/queue/worker.ts";
import { sayNotRun } from "../../helpers/not-run.ts";
import { NO_SERVER, TestServer, until } from "./server.ts";
import { expected, Kept, makeUnits, TOOL } from "./units.ts";

const names = new QueueNames("mpam", "sweep", TOOL);
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

test("a line of somebody else has nothing that a terminal obeys, and an end", () => {
  expect(oneLine("a\u001b[2Jb\r\nc\u009bd\u2028e")).toBe("a [2Jb c d e");
  expect(oneLine("x".repeat(1000))).toHaveLength(303);
});

describe("a job", () => {
  const [unit] = makeUnits(1);
  const jobs = new Jobs();
  if (!unit) throw new Error("there is one");
  const data = jobs.dataOf(unit);
  const { text } = jobs.commonOf(unit.work);
  const from = (changed: string) => unitFrom(unit.name, { ...data, common: hashOf(changed) }, changed, TOOL);

  test("comes to the unit that it was made of", () => {
    expect(unitFrom(unit.name, data, text, TOOL)).toEqual(unit);
  });

  test.each([
    ["has another hash", () => unitFrom(unit.name, data, `${text} `, TOOL), /another hash/],
    ["names other work", () => from(text.replace("n=2000", "n=2001")), /the name of other work/],
    ["is of another tool", () => unitFrom(unit.name, data, text, "another"), /the name of other work/],
    [
      "has a key that none has",
      () => from(text.replace('"group"', '"platform":"/etc/passwd","group"')),
      /none of ours/,
    ],
    ["has other types", () => from(text.replace(/"traces":\[.*?\]/, '"traces":7')), /its work is none of ours: traces/],
    ["has a file without a hash", () => from(text.replace("synth:", "/etc/")), /traces\.0: a trace has no hash/],
    ["is no JSON", () => from("{"), /JSON/],
  ])("that %s is none", (_, make, says) => {
    expect(make).toThrow(says);
  });
});

describe("a text is no result", () => {
  const name = "a".repeat(64);
  const good = { format: "mpam-unit", version: 1, name, tool: TOOL, records: 1, ns: 1, groups: [], schemata: {} };
  test("unless it is one, of that unit and that tool", () => {
    expect(faultOf(JSON.stringify(good), name, TOOL)).toBeUndefined();
    expect(faultOf(JSON.stringify({ ...good, records: undefined, failed: "so" }), name, TOOL)).toBeUndefined();
  });
  test.each([
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["another format", JSON.stringify({ ...good, format: "x" })],
    ["another version", JSON.stringify({ ...good, version: 2 })],
    ["another unit", JSON.stringify({ ...good, name: "b".repeat(64) })],
    ["another tool", JSON.stringify({ ...good, tool: "x" })],
    ["no groups", JSON.stringify({ ...good, groups: "x" })],
    ["a failure that is no text", JSON.stringify({ ...good, failed: 7 })],
  ])("with %s", (_, text) => {
    expect(faultOf(text, name, TOOL)).toMatch(/^(it|its|another) /);
  });
});

sayNotRun("hostile data on a server", NO_SERVER);
describe.skipIf(NO_SERVER !== undefined)("a sweep among what others wrote", () => {
  let server: TestServer;
  let redis: Redis;
  let queue: Queue;
  const notes: string[] = [];
  let workers: QueueWorker[] = [];
  beforeAll(async () => {
    server = await TestServer.start();
    redis = server.client();
    queue = new Queue(names.queue, { connection: redis, prefix: names.prefix });
  });
  afterAll(async () => {
    await queue?.close();
    redis?.disconnect();
    await server?.end();
  });
  beforeEach(() => redis.flushall());
  afterEach(async () => {
    await Promise.all(workers.map((one) => one.stop(true)));
    workers = [];
  });
  const worker = async () => {
    const thread = { tool: TOOL, folders: [] };
    const note = (line: string) => void notes.push(line);
    workers.push(await QueueWorker.start({ url: server.url, thread, jobs: 1, lockMs: 500 }, { note }));
  };
  const engine = () => new QueueEngine({ url: server.url, tool: TOOL, lookMs: 200, againMs: 10 });

  test("ends, whatever jobs stand before its own", async () => {
    const units = makeUnits(4);
    const [forged] = makeUnits(5).slice(4);
    if (!forged) throw new Error("there is one");
    const jobs = new Jobs();
    const data = jobs.dataOf(forged);
    await queue.add("no name", data, { jobId: "../../etc/passwd" });
    await queue.add("no data", 7, { jobId: forged.name });
    await queue.add("no common", { ...data, common: "0".repeat(64) }, { jobId: hashOf("1") });
    await queue.add("for ever", { deep: "x" }, { jobId: hashOf("2"), attempts: 1_000_000_000 });
    await queue.add("large", { ...data, schemata: { a: ["x".repeat(2 ** 21)] } }, { jobId: hashOf("3") });
    await redis.set(names.common("f".repeat(64)), "x");
    await queue.add("other text", { ...data, common: "f".repeat(64) }, { jobId: hashOf("4") });
    await queue.add("no JSON", data, { jobId: hashOf("5") });
    await redis.hset(names.key(hashOf("5")), "data", "{");
    await worker();
    const kept = new Kept();
    await engine().run(units, kept.hooks);
    expect(kept.texts).toEqual(await expected(units));
    await until(async () => (await queue.getFailedCount()) >= 6);
    expect(notes.filter((line) => line.startsWith("a job that cannot be run"))).toHaveLength(6);
  });

  test("says of a unit whose job somebody else has written what is wrong with it", async () => {
    const [unit] = makeUnits(1);
    await queue.add("mine", { schemata: {} }, { jobId: unit?.name ?? "" });
    const kept = new Kept();
    const running = engine().run([unit as never], kept.hooks);
    await until(() => kept.notes.length > 0);
    await worker();
    await running;
    expect([...kept.lost.values()]).toEqual([expect.stringMatching(/^its job is none of ours/)]);
  });

  test("runs again what is no result, and keeps what is one", async () => {
    const units = makeUnits(3);
    const [a, b] = units;
    await redis.set(names.result(a?.name ?? ""), "{}");
    await redis.setrange(names.result(b?.name ?? ""), MOST_RESULT, "x");
    await worker();
    const kept = new Kept();
    await engine().run(units, kept.hooks);
    expect(kept.texts).toEqual(await expected(units));
    expect(kept.notes.filter((line) => /held something else/.test(line))).toHaveLength(2);
  });

  test("gives a unit up whose result is overwritten again and again", async () => {
    const [unit] = makeUnits(1);
    const name = unit?.name ?? "";
    const kept = new Kept();
    const running = engine().run([unit as never], kept.hooks);
    const writing = setInterval(() => {
      redis.set(names.result(name), "{}").catch(() => {});
      tell(redis, names, name, "failed").catch(() => {});
    }, 20);
    await running;
    clearInterval(writing);
    expect(kept.lost.get(name)).toMatch(/what came back as its result was none, 3 times/);
  });

  test("does not care for what else is told", async () => {
    const units = makeUnits(3);
    const kept = new Kept();
    const running = engine().run(units, kept.hooks);
    await until(async () => (await redis.llen(names.key("wait"))) === 3);
    await redis.xadd(names.events, "*", "x", "y");
    await redis.xadd(names.events, "*", "unit", "__proto__", "kind", "new");
    await redis.xadd(names.events, "*", "unit", units[0]?.name ?? "", "kind", "x");
    await redis.hset(names.tools, "x", "y", "\u001b[2J", "z");
    await worker();
    await running;
    expect(kept.texts).toEqual(await expected(units));
  });
});
