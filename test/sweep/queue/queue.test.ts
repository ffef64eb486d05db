// Units on a queue, with workers of this process: what comes back, what is not run twice, who takes what.

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { QueueEngine, type QueueEngineOptions } from "../../../src/sweep/queue/engine.ts";
import { QueueNames } from "../../../src/sweep/queue/names.ts";
import { QueueWorker, type QueueWorkerOptions, type WorkedOn } from "../../../src/sweep/queue/worker.ts";
import type { Unit } from "../../../src/sweep/unit.ts";
import { sayNotRun } from "../../helpers/not-run.ts";
import { NO_SERVER, TestServer, until } from "./server.ts";
import { expected, Kept, makeUnits, TOOL } from "./units.ts";

sayNotRun("sweeps on a queue", NO_SERVER);

describe.skipIf(NO_SERVER !== undefined)("a sweep on a queue", () => {
  let server: TestServer;
  let redis: Redis;
  let workers: QueueWorker[] = [];
  beforeAll(async () => {
    server = await TestServer.start();
    redis = server.client();
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.end();
  });
  beforeEach(() => redis.flushall());
  afterEach(async () => {
    await Promise.all(workers.map((one) => one.stop(true)));
    workers = [];
  });

  const worker = async (options: Partial<QueueWorkerOptions> = {}) => {
    const started: Unit[] = [];
    const done: WorkedOn[] = [];
    const notes: string[] = [];
    const one = await QueueWorker.start(
      { url: server.url, thread: { tool: TOOL, folders: [] }, jobs: 1, ...options },
      {
        started: (unit) => void started.push(unit),
        ended: (ended) => void done.push(ended),
        note: (line) => void notes.push(line),
      },
    );
    workers.push(one);
    return { one, started, done, notes };
  };
  const engine = (options: Partial<QueueEngineOptions> = {}) =>
    new QueueEngine({ url: server.url, tool: TOOL, againMs: 10, ...options });
  const names = new QueueNames("mpam", "sweep", TOOL);
  const namesOf = (done: readonly WorkedOn[]) => done.map(({ unit }) => unit.name).sort();

  test("comes to the bytes that its units come to here, whoever of two workers runs them", async () => {
    const units = makeUnits(12);
    const [a, b] = [await worker(), await worker()];
    const kept = new Kept();
    await engine().run(units, kept.hooks);
    expect(kept.texts).toEqual(await expected(units));
    expect(namesOf([...a.done, ...b.done])).toEqual(units.map(({ name }) => name).sort());
    expect(a.done.length).toBeGreaterThan(0);
    expect(b.done.length).toBeGreaterThan(0);
  });

  test("goes through a plan of which only a few units lie on the queue at once", async () => {
    const units = makeUnits(15);
    await worker({ jobs: 2 });
    const kept = new Kept();
    await engine({ ahead: 4 }).run(units, kept.hooks);
    expect(kept.texts).toEqual(await expected(units));
  });

  test("takes results that are on the server already, and needs no worker for them", async () => {
    const units = makeUnits(3);
    const { one } = await worker();
    await engine().run(units, new Kept().hooks);
    await one.stop();
    const kept = new Kept();
    await engine().run(units, kept.hooks);
    expect(kept.texts).toEqual(await expected(units));
  });

  test("runs again what another sweep had and what nobody keeps any more", async () => {
    const units = makeUnits(2);
    const { done } = await worker();
    await engine().run(units, new Kept().hooks);
    await redis.del(...units.map(({ name }) => names.result(name)));
    const kept = new Kept();
    await engine().run(units, kept.hooks);
    expect(kept.texts).toEqual(await expected(units));
    expect(done.map(({ outcome }) => outcome)).toEqual(["new", "new", "again", "again"]);
  });

  test("two sweeps that share units both get all of theirs, and no unit is run twice", async () => {
    const units = makeUnits(14);
    const [first, second] = [new Kept(), new Kept()];
    const both = Promise.all([
      engine().run(units.slice(0, 10), first.hooks),
      engine().run(units.slice(4).reverse(), second.hooks),
    ]);
    const { done } = await worker();
    await both;
    const texts = await expected(units);
    expect([...first.texts.keys()].sort()).toEqual(
      units
        .slice(0, 10)
        .map(({ name }) => name)
        .sort(),
    );
    expect([...second.texts.keys()].sort()).toEqual(
      units
        .slice(4)
        .map(({ name }) => name)
        .sort(),
    );
    for (const [name, text] of [...first.texts, ...second.texts]) expect(text).toBe(texts.get(name));
    expect(namesOf(done)).toEqual(units.map(({ name }) => name).sort());
  });

  test("waits in words for a worker of its tool, and leaves alone those of others", async () => {
    const units = makeUnits(3);
    const other = await worker({ thread: { tool: "another tool", folders: [] } });
    const kept = new Kept();
    const running = engine({ lookMs: 50 }).run(units, kept.hooks);
    await until(() => kept.notes.length > 0);
    expect(kept.notes).toEqual([`3 units wait; no worker of ${TOOL} is connected (there is 1 of another tool)`]);
    const late = await worker({ thread: { tool: "another tool", folders: [] } });
    await until(() => late.notes.length > 0);
    expect(late.notes).toEqual([`3 units wait for ${TOOL}; this is another tool`]);
    await worker();
    await running;
    expect(kept.texts.size).toBe(3);
    expect(other.done).toEqual([]);
  });

  test("keeps a unit that cannot be run as its result, after one try", async () => {
    const [unit] = makeUnits(1, { schemata: "L3:0=fffff" });
    const { done } = await worker();
    const kept = new Kept();
    await engine().run([unit as never], kept.hooks);
    expect(JSON.parse([...kept.texts.values()][0] ?? "")).toMatchObject({
      failed: expect.stringContaining("L3:0=fffff"),
    });
    expect(done.map(({ outcome }) => outcome)).toEqual(["new"]);
  });

  test("gives a unit up that no worker can run, after three tries, with what was said; the others go on", async () => {
    const units = makeUnits(4);
    const [absent] = makeUnits(1, { trace: "/nowhere/absent.arrow" });
    const { done } = await worker();
    const kept = new Kept();
    await engine().run([absent as never, ...units], kept.hooks);
    expect(kept.texts).toEqual(await expected(units));
    expect([...kept.lost]).toEqual([[absent?.name, expect.stringMatching(/absent\.arrow.*\(tried 3 times\)$/)]]);
    expect(done.filter(({ outcome }) => outcome === "lost")).toHaveLength(3);
    // Another sweep tries again: the trace may be there by then.
    await engine().run([absent as never], new Kept().hooks);
    expect(done.filter(({ outcome }) => outcome === "lost")).toHaveLength(6);
  });

  test("that is stopped keeps what has ended, takes the rest off the queue, and goes on from there", async () => {
    const units = makeUnits(10);
    const { one, done } = await worker();
    const stop = new AbortController();
    const kept = new Kept();
    const hooks = {
      ...kept.hooks,
      signal: stop.signal,
      ended: async (ended: Parameters<typeof kept.hooks.ended>[0]) => {
        await kept.hooks.ended(ended);
        if (kept.texts.size === 3) stop.abort(new Error("enough"));
      },
    };
    await expect(engine().run(units, hooks)).rejects.toThrow("enough");
    expect(await redis.llen(names.key("wait"))).toBe(0);
    await one.stop();
    await worker();
    await engine().run(
      units.filter(({ name }) => !kept.texts.has(name)),
      kept.hooks,
    );
    expect(kept.texts).toEqual(await expected(units));
    expect(done.length).toBeLessThan(10);
  });

  test("that is stopped leaves another one what it asked for too", async () => {
    const units = makeUnits(6);
    const stop = new AbortController();
    const stopped = engine().run(units, { ...new Kept().hooks, signal: stop.signal });
    const kept = new Kept();
    const going = engine({ lookMs: 60_000 }).run(units, kept.hooks);
    await until(async () => (await redis.llen(names.key("wait"))) === 6);
    await sleep(100);
    stop.abort(new Error("enough"));
    await expect(stopped).rejects.toThrow("enough");
    await worker();
    await going;
    expect(kept.texts.size).toBe(6);
  });

  test("that is stopped while the server is away ends soon", async () => {
    const lone = await TestServer.start();
    onTestFinished(() => lone.end());
    const stop = new AbortController();
    const kept = new Kept();
    const running = engine({ url: lone.url }).run(makeUnits(3), { ...kept.hooks, signal: stop.signal });
    await until(() => kept.notes.length > 0);
    await lone.kill();
    await until(() => kept.notes.includes("the server of the queue is away: waiting"));
    stop.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
  });

  test("goes on when the server has been away, and has forgotten all", async () => {
    const lone = await TestServer.start();
    onTestFinished(() => lone.end());
    const units = makeUnits(8);
    const kept = new Kept();
    const running = engine({ url: lone.url, lookMs: 60_000 }).run(units, kept.hooks);
    await until(() => kept.notes.length > 0);
    await lone.restart({ empty: true });
    await until(() => kept.notes.includes("the server of the queue is back"));
    await worker({ url: lone.url });
    await running;
    expect(kept.texts).toEqual(await expected(units));
    await Promise.all(workers.map((one) => one.stop(true)));
  });

  test("ends with what the caller throws over a result", async () => {
    await worker();
    const hooks = { ended: () => Promise.reject(new Error("the disk is full")) };
    await expect(engine().run(makeUnits(3), hooks)).rejects.toThrow("the disk is full");
  });

  test("writes a platform once, however many units have it", async () => {
    const kept = new Kept();
    const running = engine().run(makeUnits(8, { seeds: 1 }), kept.hooks);
    await until(async () => (await redis.llen(names.key("wait"))) === 8);
    expect(await redis.keys(names.common("*"))).toHaveLength(1);
    for (const name of await redis.lrange(names.key("wait"), 0, -1)) {
      expect((await redis.hget(names.key(name), "data"))?.length).toBeLessThan(500);
    }
    await worker();
    await running;
  });

  test("leaves nothing on the server that stays for ever, but names and empty lists", async () => {
    await worker();
    await engine().run(makeUnits(5), new Kept().hooks);
    const staying: string[] = [];
    for (const key of await redis.keys("*")) if ((await redis.pttl(key)) < 0) staying.push(key);
    const jobs = /:[0-9a-f]{64}$/;
    const bullmq = [":meta", ":id", ":events", ":completed", ":marker", ":pc", ":stalled"].map(
      (end) => `${names.queue}${end}`,
    );
    expect(staying.filter((key) => !jobs.test(key) && !bullmq.some((end) => key.endsWith(end)))).toEqual([names.tools]);
  });

  test("puts a unit back whose job has gone without a result", async () => {
    const units = makeUnits(5);
    const kept = new Kept();
    const running = engine({ lookMs: 100 }).run(units, kept.hooks);
    await until(async () => (await redis.llen(names.key("wait"))) === 5);
    await redis.flushall();
    await until(async () => (await redis.llen(names.key("wait"))) === 5);
    await worker();
    await running;
    expect(kept.texts).toEqual(await expected(units));
  });

  test("runs again what is said to be done and has no result", async () => {
    const units = makeUnits(1);
    const { done } = await worker();
    await engine().run(units, new Kept().hooks);
    await redis.del(names.result(units[0]?.name ?? ""));
    expect(await redis.zcard(names.key("completed"))).toBe(1);
    await engine().run(units, new Kept().hooks);
    expect(done).toHaveLength(2);
  });

  test("says that the server is short of memory, and goes on when it is not", async () => {
    const kept = new Kept();
    const running = engine({ lookMs: 100 }).run(makeUnits(3), kept.hooks);
    await until(async () => (await redis.llen(names.key("wait"))) === 3);
    await redis.flushall();
    await redis.config("SET", "maxmemory", "1mb");
    await until(() => kept.notes.some((line) => /maxmemory.*trying again/.test(line)));
    await redis.config("SET", "maxmemory", "0");
    await worker();
    await running;
    expect(kept.texts.size).toBe(3);
  });

  test("a worker ends after one unit, or when nothing waits", async () => {
    const running = engine().run(makeUnits(4), new Kept().hooks);
    await until(async () => (await redis.llen(names.key("wait"))) === 4);
    const once = await worker({ until: "once", jobs: 3 });
    await once.one.ended;
    expect(once.done).toHaveLength(1);
    const idle = await worker({ until: "idle", idleMs: 200 });
    await idle.one.ended;
    expect(idle.done).toHaveLength(3);
    await running;
  });

  test("a worker that is ended gives its unit back at once, and another one runs it", async () => {
    const [long] = makeUnits(1, { records: 20_000_000 });
    const stop = new AbortController();
    const running = engine().run([long as never], { ...new Kept().hooks, signal: stop.signal });
    const first = await worker();
    await until(() => first.one.underWay === 1);
    await first.one.stop(true);
    expect(first.done.map(({ outcome }) => outcome)).toEqual(["given back"]);
    expect(await redis.llen(names.key("wait"))).toBe(1);
    const second = await worker();
    await until(() => second.one.underWay === 1);
    stop.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
  });

  test("a worker that is ended brings the unit it has, and takes no other", async () => {
    const units = makeUnits(5, { records: 200_000 });
    const kept = new Kept();
    const running = engine().run(units, kept.hooks);
    const first = await worker();
    await until(() => first.one.underWay === 1);
    await first.one.stop();
    expect(first.done.map(({ outcome }) => outcome)).toEqual(["new"]);
    await worker();
    await running;
    expect(kept.texts.size).toBe(5);
  });

  test("a worker that is ended ends when its unit has, also where the server has gone meanwhile", async () => {
    const lone = await TestServer.start();
    onTestFinished(() => lone.end());
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const running = engine({ url: lone.url }).run(makeUnits(1, { records: 20_000_000 }), {
      ...new Kept().hooks,
      signal: stop.signal,
    });
    running.catch(() => {});
    const { one, started, done } = await worker({ url: lone.url });
    await until(() => started.length === 1);
    const ending = one.stop();
    await lone.kill();
    await ending;
    await one.ended;
    expect(done).toEqual([]);
  });

  describe("whose worker goes without a word", () => {
    /** Takes a unit as a worker does, and does no more than it is told to. */
    const taking = async (lockDuration: number) => {
      const { Worker } = await import("bullmq");
      const connection = server.client();
      const taker = new Worker(names.queue, null, {
        connection,
        prefix: names.prefix,
        lockDuration,
        skipStalledCheck: true,
      });
      const token = createHash("sha256").update(String(Math.random())).digest("hex");
      const job = await taker.getNextJob(token, { block: true });
      const end = async () => {
        await taker.close(true);
        connection.disconnect();
      };
      return { job, end };
    };

    test("has the unit run by another", async () => {
      const units = makeUnits(1);
      const kept = new Kept();
      const running = engine().run(units, kept.hooks);
      await until(async () => (await redis.llen(names.key("wait"))) === 1);
      await (await taking(300)).end();
      const { done } = await worker({ lockMs: 300 });
      await running;
      expect(kept.texts).toEqual(await expected(units));
      expect(done.map(({ outcome }) => outcome)).toEqual(["new"]);
    });

    test("after it has brought the result has it once, and nobody runs the unit again", async () => {
      const units = makeUnits(1);
      const name = units[0]?.name ?? "";
      const text = (await expected(units)).get(name) ?? "";
      const kept = new Kept();
      const running = engine().run(units, kept.hooks);
      await until(async () => (await redis.llen(names.key("wait"))) === 1);
      const { end } = await taking(300);
      const { settle } = await import("../../../src/sweep/queue/settle.ts");
      expect(await settle(redis, names, name, text)).toBe("new");
      await end();
      await running;
      expect(kept.texts).toEqual(new Map([[name, text]]));
      const { done } = await worker({ lockMs: 300 });
      await until(() => done.length > 0);
      expect(done.map(({ outcome }) => outcome)).toEqual(["known"]);
      expect(await redis.llen(names.key("active"))).toBe(0);
    });

    test("again and again has the unit given up, with how often", async () => {
      const [poison, ...units] = makeUnits(3);
      const kept = new Kept();
      const running = engine({ lookMs: 100 }).run([poison as never], kept.hooks);
      await until(async () => (await redis.llen(names.key("wait"))) === 1);
      for (let n = 0; n < 6; n++) {
        const { job, end } = await taking(100);
        expect(job?.id).toBe(poison?.name);
        await end();
        // What workers do: marks what is active, and takes back what has no lock at the next look.
        const { Worker } = await import("bullmq");
        const connection = server.client();
        const checker = new Worker(names.queue, null, {
          connection,
          prefix: names.prefix,
          maxStalledCount: 5,
          stalledInterval: 50,
        });
        await checker.startStalledCheckTimer();
        await until(async () => (await redis.llen(names.key("wait"))) === 1);
        await checker.close(true);
        connection.disconnect();
      }
      await worker();
      await running;
      expect([...kept.lost]).toEqual([[poison?.name, "the workers that ran it went away, 6 times"]]);
      const rest = new Kept();
      await engine().run(units, rest.hooks);
      expect(rest.texts.size).toBe(2);
    });
  });

  test("says that a result came again with other bytes, and keeps the first", async () => {
    const units = makeUnits(2);
    const name = units[0]?.name ?? "";
    const { settle } = await import("../../../src/sweep/queue/settle.ts");
    const text = (await expected(units)).get(name) ?? "";
    await settle(redis, names, name, text);
    await settle(redis, names, name, text.replace("}\n", "} \n"));
    await worker();
    const kept = new Kept();
    await engine().run(units, kept.hooks);
    expect(kept.texts).toEqual(await expected(units));
    expect(kept.notes).toContain(`1 result came once more with other bytes, which is a bug: units ${name}`);
  });

  test("is shown by a queue of BullMQ under its own prefix and name", async () => {
    const running = engine({ url: `${server.url}?prefix=ours&queue=tonight` }).run(makeUnits(2), new Kept().hooks);
    const own = new QueueNames("ours", "tonight", TOOL);
    await until(async () => (await redis.llen(own.key("wait"))) === 2);
    const connection = server.client();
    const queue = new Queue(own.queue, { connection, prefix: "ours" });
    const jobs = await queue.getWaiting();
    expect(jobs.map((job) => job.name).sort()).toEqual([
      "one / small / cut 0, portions 1",
      "one / small / cut 1, portions 2",
    ]);
    await queue.close();
    connection.disconnect();
    await worker({ url: `${server.url}?prefix=ours&queue=tonight` });
    await running;
  });
});
