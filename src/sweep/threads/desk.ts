// Where threads that run units get what one of them has made already. It stands in the thread that started them, which is free.

import { MessageChannel, type MessagePort } from "node:worker_threads";
import { type Front, frontStock } from "../fronts.ts";
import type { OwnStock } from "../stock.ts";
import { type Rows, rowStock } from "../traces/unpacked.ts";
import type { DeskAnswer, DeskAsked } from "./far-stock.ts";

export class Desk {
  readonly #stocks: { readonly fronts: OwnStock<Front>; readonly rows: OwnStock<Rows> };

  /** `bytes`: what all threads together may keep: as hosts do, half of it as rows and half as fronts. */
  constructor(bytes: number) {
    this.#stocks = { fronts: frontStock(bytes / 2), rows: rowStock(bytes / 2) };
  }

  /** For one thread. What it was making when it goes is made by another. */
  port(): MessagePort {
    const { port1: own, port2: far } = new MessageChannel();
    const stocks = Object.values(this.#stocks);
    let isOpen = true;
    own.on("message", async ({ stock: name, key, id, wait, thing }: DeskAsked<"fronts" | "rows">) => {
      const stock = this.#stocks[name] as OwnStock<unknown>;
      if (id === undefined) return stock.put(key, thing);
      const taken = await stock.take(key, wait, own);
      if (isOpen) own.postMessage({ id, taken } satisfies DeskAnswer);
      else stock.giveUp(own);
    });
    own.on("close", () => {
      isOpen = false;
      for (const stock of stocks) stock.giveUp(own);
    });
    // It keeps nobody from ending.
    own.unref();
    return far;
  }
}
