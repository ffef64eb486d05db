// Sockets: who may come, how many, and what becomes of those that misbehave. Expected modes and errors are those of Unix.

import { chmodSync, existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Board,
  type Handler,
  type Listener,
  type ListenOptions,
  listen,
  parseAddress,
  qtest,
} from "../../src/serve/index.ts";
import { boardOf, Client, CPU0, hex, L3, privateFolder } from "./clients.ts";

const AIDR = `readl ${hex(L3 + 0x20)}`;
const OK = "OK 0x0000000000000011";

let board: Board;
let folder: ReturnType<typeof privateFolder>;
let path: string;
let said: string[];
let listeners: Listener[];
beforeEach(async () => {
  board = await boardOf();
  folder = privateFolder();
  path = folder.at("socket");
  said = [];
  listeners = [];
});
afterEach(async () => {
  for (const listener of listeners) await listener.close();
  await board.close();
  folder.clean();
});

async function serve(text: string, options: ListenOptions = {}): Promise<Listener> {
  const say = (line: string) => void said.push(line);
  const listener = await listen(parseAddress(text), qtest(board, CPU0), { say, ...options });
  listeners.push(listener);
  return listener;
}

const eventually = async (is: () => boolean) => {
  for (let i = 0; i < 500 && !is(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(is()).toBe(true);
};

describe("a socket file", () => {
  test("is open to its owner alone, whatever the umask, and goes with the server", async () => {
    const before = process.umask(0);
    try {
      const listener = await serve(path);
      expect(process.umask()).toBe(0);
      expect(lstatSync(path).mode & 0o777).toBe(0o600);
      await listener.close();
      expect(existsSync(path)).toBe(false);
    } finally {
      process.umask(before);
    }
  });

  test("of a server that is gone is replaced", async () => {
    await dead(path);
    expect(lstatSync(path).isSocket()).toBe(true);
    await serve(path);
    expect(await (await Client.to(path)).ask(AIDR)).toBe(OK);
  });

  test("of a server that lives is refused, and that one goes on", async () => {
    await serve(path);
    await expect(serve(path)).rejects.toThrow(`EBUSY: ${path}: another server listens there`);
    expect(await (await Client.to(path)).ask(AIDR)).toBe(OK);
  });

  test("never takes the place of another file", async () => {
    writeFileSync(path, "precious");
    await expect(serve(path)).rejects.toThrow("EEXIST");
    mkdirSync(folder.at("directory"));
    await expect(serve(folder.at("directory"))).rejects.toThrow("EEXIST");
    symlinkSync(path, folder.at("link"));
    await expect(serve(folder.at("link"))).rejects.toThrow("EEXIST");
    expect(lstatSync(path).size).toBe(8);
  });

  test("needs a folder that is there", async () => {
    await expect(serve(folder.at("no/socket"))).rejects.toThrow("ENOENT");
    writeFileSync(folder.at("file"), "");
    await expect(serve(folder.at("file/socket"))).rejects.toThrow(/^E/);
  });

  test.skipIf(process.getuid?.() === 0)("needs a folder that one may write", async () => {
    chmodSync(folder.path, 0o500);
    await expect(serve(path)).rejects.toThrow("EACCES");
    chmodSync(folder.path, 0o700);
  });
});

/** Leaves a socket behind that nobody listens at. */
async function dead(at: string): Promise<void> {
  const { spawnSync } = await import("node:child_process");
  const script = `require("net").createServer().listen(${JSON.stringify(at)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script]);
}

describe("TCP", () => {
  test("at a free port of this computer", async () => {
    const { address } = await serve("tcp:0");
    const [, host = "", port] = /^tcp:(127\.0\.0\.1):(\d+)$/.exec(address) ?? [];
    const client = await Client.to({ host, port: Number(port) });
    expect(await client.ask(AIDR)).toBe(OK);
  });

  test("at a port that is taken is refused", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    await expect(serve(`tcp:${port}`)).rejects.toThrow(`EBUSY: tcp:127.0.0.1:${port}`);
    await new Promise((resolve) => other.close(resolve));
  });

  test("a browser that was sent there by a page is not listened to", async () => {
    const { address } = await serve("tcp:0");
    const port = Number(address.split(":").at(-1));
    const client = await Client.to({ host: "127.0.0.1", port });
    client.send(`POST / HTTP/1.1\r\nHost: here\r\n\r\nwritel ${hex(L3 + 0x1000)} 0\n`);
    expect(await client.line()).toBeUndefined();
    expect(board.machine.read32(0, 0x1000)).toBe(0xffff);
    expect(said).toEqual([expect.stringContaining("it speaks HTTP")]);
  });
});

describe("connections", () => {
  test("eight at once; the next one is told so, and there is room again when one has gone", async () => {
    await serve(path);
    const clients = await Promise.all(Array.from({ length: 8 }, () => Client.to(path)));
    for (const client of clients) expect(await client.ask(AIDR)).toBe(OK);
    const late = await Client.to(path);
    expect(await late.line()).toBe("FAIL 8 connections are open, and no more are taken");
    expect(await late.line()).toBeUndefined();
    clients[0]?.close();
    let answer: string | undefined;
    for (let i = 0; i < 200 && answer !== OK; i++) answer = await (await Client.to(path)).ask(AIDR);
    expect(answer).toBe(OK);
  });

  test("a client that does not read is cut off, and the others go on", async () => {
    await serve(path, { unreadBytes: 65_536 });
    const [deaf, other] = [await Client.to(path), await Client.to(path)];
    deaf.socket.pause();
    const lines = `${AIDR}\n`.repeat(2000);
    for (let i = 0; i < 1000 && !deaf.socket.destroyed && said.length === 0; i++) {
      deaf.send(lines);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(said).toEqual([expect.stringMatching(/the limit unread/)]);
    expect(await other.ask(AIDR)).toBe(OK);
  });

  test("a client that says nothing for too long is closed", async () => {
    await serve(path, { idleMs: 60 });
    const client = await Client.to(path);
    expect(await client.ask(AIDR)).toBe(OK);
    expect(await client.line()).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/the limit idle/)]);
  });

  test("a client that says no more still gets its replies", async () => {
    await serve(path);
    const client = await Client.to(path);
    client.socket.end(`${AIDR}\nclock_step 5\n${AIDR}\n`);
    expect(await client.lines(4)).toEqual([OK, "OK 5", OK, undefined]);
  });

  test("a client that leaves in the middle harms nobody", async () => {
    await serve(path);
    const other = await Client.to(path);
    for (let i = 0; i < 20; i++) {
      const client = await Client.to(path);
      client.send(`${AIDR}\n`.repeat(100));
      client.send("irq_intercept_in x\nreadl 0x14");
      client.close();
    }
    expect(await other.ask(AIDR)).toBe(OK);
    await eventually(() => said.length === 0);
  });

  test("what a handler throws closes that connection alone", async () => {
    const handlers: Handler[] = [
      {
        received: () => {
          throw new Error("at once");
        },
      },
      { received: () => Promise.reject(new Error("later")) },
      {
        received: () => {},
        closed: () => {
          throw new Error("at the end");
        },
      },
    ];
    let next = 0;
    const say = (line: string) => void said.push(line);
    listeners.push(
      await listen(parseAddress(path), (out) => handlers[next++] ?? { received: (data) => out.write(data) }, { say }),
    );
    for (let i = 0; i < 2; i++) {
      const client = await Client.to(path);
      client.send("x\n");
      expect(await client.line()).toBeUndefined();
    }
    const third = await Client.to(path);
    third.send("x");
    await new Promise((resolve) => setTimeout(resolve, 20));
    third.close();
    const fourth = await Client.to(path);
    expect(await fourth.ask("echo")).toBe("echo");
    await eventually(() => said.length === 3);
    expect(said.join("\n")).toMatch(/at once[\s\S]*later[\s\S]*at the end/);
  });

  test("replies stay in the order of their lines, also where one takes a while", async () => {
    await serve(path);
    const client = await Client.to(path);
    const tick = (ns: number) => void board.machine.clock.at(ns, "tick", () => tick(ns + 1000));
    tick(1000);
    client.send("clock_step 3000000\n");
    await new Promise((resolve) => setTimeout(resolve, 5));
    client.send("endianness\n");
    expect(await client.lines(2)).toEqual(["OK 3000000", "OK little"]);
  });

  test("two clients see each other's writes, in order", async () => {
    await serve(path);
    const [a, b] = [await Client.to(path), await Client.to(path)];
    const cpbm = hex(L3 + 0x1000);
    for (let i = 1; i < 50; i++) {
      const [writer, reader] = i % 2 ? [a, b] : [b, a];
      expect(await writer.ask(`writel ${cpbm} ${i}`)).toBe("OK");
      expect(await reader.ask(`readl ${cpbm}`)).toBe(`OK 0x${i.toString(16).padStart(16, "0")}`);
    }
    // Each line is whole: replies to one are in its order, however the lines of both mix.
    a.send(Array.from({ length: 200 }, (_, i) => `writel ${cpbm} ${i}\nreadl ${cpbm}\n`).join(""));
    b.send(Array.from({ length: 200 }, () => `readl ${cpbm}\n`).join(""));
    const ofA = await a.lines(400);
    const ofB = await b.lines(200);
    expect(ofA.filter((line) => line === "OK")).toHaveLength(200);
    const seen = ofB.map((line) => Number((line ?? "").slice(3)));
    expect(seen.slice(1).every((value, i) => value >= (seen[i] as number) || (seen[i] as number) === 49)).toBe(true);
  });

  test("many commands that one client sends at once leave the others room", async () => {
    await serve(path);
    const [a, b] = [await Client.to(path), await Client.to(path)];
    // A second or more of work, in what is received as one piece.
    const many = Array.from({ length: 1000 }, () => `memset ${hex(L3)} 65536 0\n`).join("");
    a.send(`${many}endianness\n`);
    const replies: string[] = [];
    a.socket.on("data", (data) => replies.push(...data.toString().split("\n")));
    for (let i = 0; i < 20; i++) expect(await b.ask(AIDR)).toBe(OK);
    expect(replies).toContain("OK");
    expect(replies).not.toContain("OK little");
    // What is left of them is not done for a client that has gone.
    a.close();
    let accesses = 0;
    board.log("*", () => accesses++);
    await new Promise((resolve) => setTimeout(resolve, 100));
    accesses = 0;
    await b.ask("endianness");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(accesses).toBe(0);
  });

  test("a step of one client leaves the others room to read", async () => {
    await serve(path);
    const [a, b] = [await Client.to(path), await Client.to(path)];
    const tick = (ns: number) => void board.machine.clock.at(ns, "tick", () => tick(ns + 1000));
    tick(1000);
    // A million timers, one after the other.
    a.send("clock_step 1000000000\n");
    for (let i = 0; i < 20; i++) expect(await b.ask(AIDR)).toBe(OK);
    expect(board.machine.clock.now).toBeLessThan(1e9);
  });
});
