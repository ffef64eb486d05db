// Connections: who comes, how many, and what becomes of those that misbehave. What they say is their handlers' affair.

import { createServer, type Socket } from "node:net";
import type { Duplex, Readable, Writable } from "node:stream";
import { messageOf } from "../errno/index.ts";
import { type Address, showAddress } from "./address.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { type Listener, listener } from "./listener.ts";

/** Where the replies of a handler go. */
export interface Out {
  write(data: string | Uint8Array): void;
  /** After what has been written. */
  end(): void;
}

/** The far end of one connection. */
export interface Handler {
  /** While a promise is not done, no more is read. */
  received(data: Uint8Array): void | Promise<void>;
  /** The client is gone, or says no more. */
  closed?(): void;
}

export type Connect = (out: Out) => Handler;

export interface ListenOptions extends Partial<Limits> {
  /** Told why a connection was cut. */
  readonly say?: (line: string) => void;
  /** How the protocol tells a client that is not taken; default a line of qtest. */
  readonly refusal?: (why: string) => string;
}

/** How long connections that are not taken stay open at most, while they are few. */
const REFUSED_MS = 1000;

/** A browser that has been sent here: what follows may be anybody's commands. */
const HTTP = /^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH) \//;

/** Throws what `bind` throws. */
export async function listen(address: Address, connect: Connect, options: ListenOptions = {}): Promise<Listener> {
  const limits: Limits = { ...LIMITS, ...options };
  const { say = () => {}, refusal = (why: string) => `FAIL ${why}\n` } = options;
  if (address.kind === "stdio") return onStdio(connect, limits, say);
  const open = new Set<Duplex>();
  const refused = new Set<Duplex>();
  // A client that says no more may still read.
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) => {
    if (open.size >= limits.connections) {
      const words = refusal(`${open.size} connections are open, and no more are taken`);
      turnAway(socket, words, refused.size < limits.connections ? REFUSED_MS : 0);
      refused.add(socket);
      socket.once("close", () => refused.delete(socket));
      return;
    }
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    idle(socket, limits, say);
    attach(socket, socket, connect, limits, { say, isTcp: address.kind === "tcp", name });
  });
  let name = showAddress(address);
  const bound = await listener(server, address, say, () => {
    for (const socket of [...open, ...refused]) socket.destroy();
  });
  name = bound.address;
  return bound;
}

/** Says why, and hears the client out for a while: one whose first words find nobody would not read on. */
function turnAway(socket: Socket, words: string, ms: number): void {
  const timer = setTimeout(() => socket.destroy(), ms);
  socket.on("error", () => {});
  socket.once("close", () => clearTimeout(timer));
  socket.once("end", () => socket.destroy());
  socket.resume().end(words);
}

function idle(socket: Socket, { idleMs }: Limits, say: (line: string) => void): void {
  if (idleMs <= 0) return;
  socket.setTimeout(idleMs, () => {
    say(`mpam: a connection said nothing for ${idleMs} ms (the limit idle), and was closed`);
    socket.destroy();
  });
}

interface Around {
  readonly say: (line: string) => void;
  readonly isTcp: boolean;
  readonly name: string;
  /** No more comes, and what had come is answered. */
  readonly ended?: () => void;
}

/** Ends when no more comes. Whatever goes wrong ends this connection and nothing else. */
function attach(
  from: Readable,
  to: Writable,
  connect: Connect,
  limits: Limits,
  { say, isTcp, name, ended }: Around,
): void {
  let over = false;
  let handler: Handler | undefined;
  const cut = (why?: string) => {
    if (over) return;
    over = true;
    if (why !== undefined) say(`mpam: ${name}: a connection was closed: ${why}`);
    from.destroy();
    to.destroy();
    leave();
  };
  const leave = () => {
    const gone = handler;
    handler = undefined;
    try {
      gone?.closed?.();
    } catch (error) {
      say(`mpam: ${name}: ${messageOf(error)}`);
    }
  };
  const out: Out = {
    write(data) {
      if (over || !to.writable) return;
      to.write(data);
      if (to.writableLength > limits.unreadBytes) {
        cut(`${to.writableLength} bytes waited to be read, and ${limits.unreadBytes} may (the limit unread)`);
      }
    },
    end() {
      if (!over) to.end();
    },
  };
  for (const stream of new Set([from, to])) stream.on("error", () => cut());
  let isFirst = true;
  let working: Promise<void> = Promise.resolve();
  from.on("data", (data: Buffer) => {
    if (over || !handler) return;
    if (isFirst && isTcp && HTTP.test(data.subarray(0, 16).toString("latin1"))) {
      cut("it speaks HTTP, and no web server is here");
      return;
    }
    isFirst = false;
    try {
      const busy = handler.received(data);
      if (!(busy instanceof Promise)) return;
      from.pause();
      working = busy.then(
        () => void from.resume(),
        (error: unknown) => cut(messageOf(error)),
      );
    } catch (error) {
      cut(messageOf(error));
    }
  });
  from.on("end", () => {
    void working.then(() => {
      leave();
      out.end();
      ended?.();
    });
  });
  from.on("close", () => {
    // Standard input that has ended is closed at once, while what came is still answered.
    if (from === (to as unknown) || !from.readableEnded) cut();
  });
  handler = connect(out);
}

/** One connection, that of whoever started the command. */
function onStdio(connect: Connect, limits: Limits, say: (line: string) => void): Listener {
  const { stdin, stdout } = process;
  let over = () => {};
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  stdin.once("close", () => {
    if (!stdin.readableEnded) over();
  });
  const out: Pick<Out, "end"> = { end: () => stdin.destroy() };
  attach(stdin, stdout, (to) => connect({ write: (data) => to.write(data), ...out }), limits, {
    say,
    isTcp: false,
    name: "stdio",
    ended: over,
  });
  return { address: "stdio", ended, close: async () => void stdin.destroy() };
}
