// Logs of register accesses that somebody has asked for, on whatever machine there is.

import type { AccessFilter, AccessHandler, Machine } from "../machine/index.ts";
import { guarded } from "./handlers.ts";

interface Log {
  readonly filter: string | AccessFilter;
  readonly handler: AccessHandler;
  end: () => void;
}

export class Logs {
  readonly #all = new Set<Log>();

  constructor(private readonly say: (line: string) => void) {}

  /** As Machine.log, on `machine` and on those that `follow` names. A RangeError for what is no filter. */
  add(machine: Machine, filter: string | AccessFilter, handler: AccessHandler): () => void {
    const kept: AccessHandler = (access) => guarded(this.say, () => handler(access));
    const log: Log = { filter, handler: kept, end: machine.log(filter, kept) };
    this.#all.add(log);
    return () => {
      if (this.#all.delete(log)) log.end();
    };
  }

  /** A log that names an MSC which `machine` has not is said, and shows nothing there. */
  follow(machine: Machine): void {
    for (const log of this.#all) {
      log.end();
      log.end = () => {};
      guarded(this.say, () => {
        log.end = machine.log(log.filter, log.handler);
      });
    }
  }
}
