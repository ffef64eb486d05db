// The stub at a real socket: clients that vanish, send nonsense, or never read.

import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Board, gdb, gdbRefusal, type Listener, listen, parseAddress } from "../../../src/serve/index.ts";
import { boardOf, packet } from "./client.ts";

let folder = "";
let board: Board;
let listener: Listener;
let path = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gdb-"));
  path = join(folder, "gdb");
  board = await boardOf();
  listener = await listen(parseAddress(path, { allowRemote: false }), gdb(board, { cpu: 0, space: "ns" }), {
    unreadBytes: 65536,
  });
});

afterAll(async () => {
  await listener.close();
  await board.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Connected; an error of the connection is its end. */
const opened = () =>
  new Promise<Socket>((resolve) => {
    const socket = connect(path);
    socket.on("error", () => {});
    socket.once("connect", () => resolve(socket));
  });

/** Bytes that a fresh client gets for a packet. */
async function answer(body: string): Promise<string> {
  const socket = await opened();
  socket.write(packet(body), "latin1");
  let text = "";
  for await (const data of socket) {
    text += (data as Buffer).toString("latin1");
    if (/#[0-9a-f]{2}$/.test(text)) break;
  }
  return text;
}

/** 11000000: the run of six zeros is 0, and five more, which is 34 - 29. */
const AIDR = `+${packet('110*"')}`;

test("nonsense in pieces, and ends in the middle of a packet, harm nobody else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 4 }),
      fc.boolean(),
      async (pieces, cut) => {
        const socket = await opened();
        for (const one of pieces) socket.write(one);
        if (cut) socket.destroy();
        else socket.end("$m1410000");
        await new Promise((resolve) => socket.once("close", resolve).resume());
        expect(await answer("qAttached")).toBe("+$1#31");
      },
    ),
    { numRuns: 30 },
  );
});

test("a client that goes while the machine goes on takes its continue along", async () => {
  const socket = await opened();
  socket.write(packet("c"));
  while (board.machine.clock.now === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  socket.destroy();
  await new Promise((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => setTimeout(resolve, 30));
  const then = board.machine.clock.now;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(board.machine.clock.now).toBe(then);
});

test("one too many is told so as gdb expects it, also when it speaks before it listens", async () => {
  const full = await listen(parseAddress(`${path}-full`), gdb(board, { cpu: 0, space: "ns" }), {
    connections: 1,
    refusal: gdbRefusal,
  });
  const [first, second] = [connect(`${path}-full`), connect(`${path}-full`)];
  await new Promise((resolve) => first.once("connect", resolve));
  second.write(packet("qSupported:multiprocess+"), "latin1");
  let told = "";
  for await (const data of second) {
    told += (data as Buffer).toString("latin1");
    second.write("+");
    second.write(packet("?"), "latin1");
  }
  expect(told).toBe(`+${packet("E.1 connections are open, and no more are taken")}`);
  first.destroy();
  await full.close();
});

test("a client that never reads is cut off, and the others are not", async () => {
  const socket = await opened();
  socket.pause();
  const gone = new Promise((resolve) => socket.once("close", resolve));
  let isGone = false;
  void gone.then(() => {
    isGone = true;
  });
  const many = packet("qXfer:features:read:target.xml:0,1000").repeat(100);
  for (let n = 0; n < 300 && !isGone; n++) {
    socket.write(many);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  socket.resume();
  await gone;
  expect(await answer("m141000020,4")).toBe(AIDR);
});
