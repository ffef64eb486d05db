// The script that brings a result: once new, then again or differing, however many bring it at one moment.

import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { QueueNames } from "../../../src/sweep/queue/names.ts";
import { KEPT_MS, settle } from "../../../src/sweep/queue/settle.ts";
import { sayNotRun } from "../../helpers/not-run.ts";
import { NO_SERVER, TestServer } from "./server.ts";

sayNotRun("results that come to a server", NO_SERVER);
describe.skipIf(NO_SERVER !== undefined)("a result", () => {
  let server: TestServer;
  let redis: Redis;
  const names = new QueueNames("mpam", "sweep", "a tool");
  const unit = "a".repeat(64);
  beforeAll(async () => {
    server = await TestServer.start();
    redis = server.client();
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.end();
  });
  beforeEach(() => redis.flushall());

  test("is new once, and counted so, though fifty bring it together over five connections", async () => {
    const clients = Array.from({ length: 5 }, () => server.client());
    const told = await Promise.all(
      Array.from({ length: 50 }, (_, i) => settle(clients[i % 5] as Redis, names, unit, "x")),
    );
    expect(told.filter((one) => one === "new")).toHaveLength(1);
    expect(told.filter((one) => one === "again")).toHaveLength(49);
    expect(await redis.hgetall(names.counts)).toEqual({ ended: "1", again: "49" });
    for (const client of clients) client.disconnect();
  });

  test("with other bytes changes nothing, and both can be looked at", async () => {
    expect(await settle(redis, names, unit, "x")).toBe("new");
    expect(await settle(redis, names, unit, "y")).toBe("differing");
    expect(await redis.get(names.result(unit))).toBe("x");
    expect(await redis.hgetall(names.differing)).toEqual({ [unit]: "y" });
    expect(await redis.hgetall(names.counts)).toEqual({ ended: "1", differing: "1" });
  });

  test("is there again when it comes again after sweeps have had it", async () => {
    await settle(redis, names, unit, "x");
    await redis.del(names.result(unit));
    expect(await settle(redis, names, unit, "x")).toBe("again");
    expect(await redis.get(names.result(unit))).toBe("x");
  });

  test("is told to everybody, and gone with all that belongs to it when nobody has asked for a week", async () => {
    await settle(redis, names, unit, "x");
    await settle(redis, names, unit, "y");
    const told = await redis.xrange(names.events, "-", "+");
    expect(told.map(([, fields]) => fields)).toEqual([
      ["unit", unit, "kind", "new"],
      ["unit", unit, "kind", "differing"],
    ]);
    const keys = await redis.keys("*");
    expect(keys.sort()).toEqual(
      [names.result(unit), names.digest(unit), names.counts, names.differing, names.events].sort(),
    );
    for (const key of keys) {
      const left = await redis.pttl(key);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(KEPT_MS);
    }
  });

  test("goes on where the server has forgotten the script", async () => {
    await settle(redis, names, unit, "x");
    await redis.script("FLUSH");
    expect(await settle(redis, names, unit, "x")).toBe("again");
  });

  test("of a tool has nothing to do with that of another one", async () => {
    const other = new QueueNames("mpam", "sweep", "another tool");
    await settle(redis, names, unit, "x");
    expect(await settle(redis, other, unit, "y")).toBe("new");
  });
});
