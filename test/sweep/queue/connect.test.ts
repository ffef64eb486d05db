// Servers that are not there, or not fit for a queue: one line, soon.

import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { parseQueueUrl } from "../../../src/sweep/queue/address.ts";
import { queueLibraries } from "../../../src/sweep/queue/libraries.ts";
import { connect } from "../../../src/sweep/queue/server.ts";
import { sayNotRun } from "../../helpers/not-run.ts";
import { freePort, NO_SERVER, TestServer, until } from "./server.ts";

const open = async (url: string, hooks = {}) => connect(await queueLibraries(), parseQueueUrl(url, {}), hooks);

/** Answers INFO as it is told to, and OK to everything else. */
let fake: Server | undefined;
async function pretend(info: string): Promise<string> {
  fake = createServer((socket: Socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      for (const command of String(data).split(/(?=\*\d+\r\n)/)) {
        socket.write(/\binfo\b/i.test(command) ? `$${Buffer.byteLength(info)}\r\n${info}\r\n` : "+OK\r\n");
      }
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => fake?.listen(port, "127.0.0.1", resolve));
  return `redis://127.0.0.1:${port}`;
}
afterEach(() => void fake?.close());

const info = (lines: Record<string, string>) =>
  Object.entries({ redis_version: "7.0.0", maxmemory: "0", ...lines })
    .map(([key, value]) => `${key}:${value}`)
    .join("\r\n");

describe("a queue", () => {
  test("where nothing listens is said to be so", async () => {
    const port = await freePort();
    await expect(open(`redis://me:secret@127.0.0.1:${port}`)).rejects.toThrow(
      `the queue at 127.0.0.1:${port}: nothing listens there`,
    );
  });

  test.each([
    [{ redis_version: "6.0.16" }, /this is Redis 6\.0\.16; Redis 6\.2 or newer is needed, or Valkey/],
    [{ redis_version: "5.9.9" }, /this is Redis 5\.9\.9/],
    [{ cluster_enabled: "1" }, /Redis Cluster; one server is needed/],
    [{ role: "slave" }, /a replica/],
    [
      { maxmemory: "1048576", maxmemory_policy: "allkeys-lru" },
      /maxmemory-policy is allkeys-lru.*noeviction is needed/,
    ],
  ])("at a server of %o is refused", async (lines, says) => {
    await expect(open(await pretend(info(lines)))).rejects.toThrow(says);
  });

  test.each([
    [{ redis_version: "6.2.0" }],
    [{ redis_version: "7.2.4", server_name: "valkey" }],
    [{ maxmemory: "1048576", maxmemory_policy: "noeviction" }],
    // Without a limit nothing is thrown away, whatever the policy.
    [{ maxmemory: "0", maxmemory_policy: "allkeys-lru" }],
  ])("at a server of %o is taken", async (lines) => {
    (await open(await pretend(info(lines)))).disconnect();
  });

  test("at what is no Redis is said to be so", async () => {
    fake = createServer((socket) => void socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const port = await freePort();
    await new Promise<void>((resolve) => fake?.listen(port, "127.0.0.1", resolve));
    await expect(open(`redis://127.0.0.1:${port}`)).rejects.toThrow("what answers there is no Redis");
  });

  test("at what never answers is given up", async () => {
    fake = createServer((socket) => void socket.on("error", () => {}));
    const port = await freePort();
    await new Promise<void>((resolve) => fake?.listen(port, "127.0.0.1", resolve));
    await expect(open(`redis://127.0.0.1:${port}`)).rejects.toThrow("no answer within 5 s");
  }, 20_000);

  sayNotRun("passwords and losses of a server", NO_SERVER);
  describe.skipIf(NO_SERVER !== undefined)("at a real server", () => {
    test("that has a password needs it, and no message has the one that was given", async () => {
      const server = await TestServer.start("--requirepass", "right");
      onTestFinished(() => server.end());
      const at = `127.0.0.1:${server.port}`;
      await expect(open(`redis://${at}`)).rejects.toThrow(`the queue at ${at}: it needs a password`);
      await expect(open(`redis://:wrong@${at}`)).rejects.toThrow(`the queue at ${at}: it does not take this password`);
      const redis = await open(`redis://:right@${at}`);
      expect(await redis.ping()).toBe("PONG");
      redis.disconnect();
      await expect(open(`redis://:right@${at}/99`)).rejects.toThrow(
        `the queue at ${at}/99: it has no database of that number`,
      );
    });

    test("says that it goes, waits, and says that it is back", async () => {
      const server = await TestServer.start();
      onTestFinished(() => server.end());
      const said: string[] = [];
      const redis = await open(server.url, { away: () => said.push("away"), back: () => said.push("back") });
      await server.kill();
      await until(() => said.includes("away"));
      const answer = redis.ping();
      await server.start();
      expect(await answer).toBe("PONG");
      await until(() => said.includes("back"));
      expect(said).toEqual(["away", "back"]);
      redis.disconnect();
    });

    test("ends together with its duplicates, whether or not those were ever ready", async () => {
      const server = await TestServer.start();
      onTestFinished(() => server.end());
      const redis = await open(server.url);
      const [ready, fresh] = [redis.duplicate(), redis.duplicate({ lazyConnect: false })];
      await ready.ping();
      const waiting = expect(ready.blpop("nothing", 0)).rejects.toThrow("Connection is closed.");
      const ended = Promise.all([ready, fresh].map((one) => new Promise((resolve) => one.once("end", resolve))));
      redis.disconnect();
      await Promise.all([ended, waiting]);
    });

    test("ends when it is told to, also while it waits for its next attempt, and nobody waits for answers then", async () => {
      const server = await TestServer.start();
      onTestFinished(() => server.end());
      const redis = await open(server.url);
      for (const one of [redis.duplicate(), redis]) {
        one.on("error", () => {});
        await one.ping();
        const waiting = one.blpop("nothing", 0);
        const ended = new Promise((resolve) => one.once("end", resolve));
        await server.kill();
        await until(() => one.status === "reconnecting");
        // A server that takes the connection and says nothing: what was asked for over the first one is not asked again.
        const silent = createServer((socket) => socket.destroy());
        await new Promise<void>((resolve) => silent.listen(server.port, "127.0.0.1", resolve));
        await new Promise((resolve) => silent.once("connection", resolve));
        await until(() => one.status === "reconnecting");
        one.disconnect();
        await expect(waiting).rejects.toThrow("Connection is closed.");
        await ended;
        expect(one.status).toBe("end");
        await new Promise((resolve) => silent.close(resolve));
        await server.start();
      }
    });
  });
});
