// A stock that another thread has: asked and answered over a port.

import type { MessagePort } from "node:worker_threads";
import type { Stock, Taken } from "../stock.ts";

/** What a port of a desk is asked: to take where there is an `id`, else to put. Things are plain data, whose bytes lie in shared memory. */
export interface DeskAsked<Name extends string = string> {
  readonly stock: Name;
  readonly key: string;
  readonly id?: number;
  readonly wait?: "wait" | undefined;
  readonly thing?: unknown;
}

/** What it answers. */
export interface DeskAnswer {
  readonly id: number;
  readonly taken: Taken<unknown>;
}

/** The stocks behind a port, by their names. */
export function stocksBehind(port: MessagePort): <T>(stock: string) => Stock<T> {
  const asked = new Map<number, (taken: never) => void>();
  let last = 0;
  port.on("message", ({ id, taken }: DeskAnswer) => {
    asked.get(id)?.(taken as never);
    asked.delete(id);
  });
  const say = (message: DeskAsked) => port.postMessage(message);
  return (stock) => ({
    take: (key, wait) =>
      new Promise((resolve) => {
        const id = ++last;
        asked.set(id, resolve);
        say({ stock, key, id, wait });
      }),
    put: (key, thing) => say({ stock, key, thing }),
  });
}
