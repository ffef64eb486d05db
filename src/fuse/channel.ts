// Reading and writing of /dev/fuse.

import { read, readSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_REQUEST } from "./opcodes.ts";

/** Between two looks whether the descriptor has been mounted, ms. */
const PATIENCE_MS = 2;

/**
 * Requests come one at a time, in the same buffer: what is needed of one has to be copied before the next is read. Each read
 * ends when there is a request, or, with undefined, when there will be none any more.
 */
export class Channel {
  readonly #buffer = new Uint8Array(MAX_REQUEST);

  constructor(
    private readonly descriptor: number,
    /** Asked while nothing is mounted on the descriptor: whether to go on waiting for that. */
    private readonly waits: () => boolean = () => true,
  ) {}

  /** Holds the thread until a request comes. Undefined also where it is better to ask again without holding it. */
  nextHeld(): Uint8Array | "again" | undefined {
    try {
      return this.#buffer.subarray(0, readSync(this.descriptor, this.#buffer));
    } catch (error) {
      return outcome(error) === "over" ? undefined : "again";
    }
  }

  /** Lets the thread do other things until a request comes. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      try {
        return await this.#read();
      } catch (error) {
        const meaning = outcome(error);
        if (meaning === "over" || (meaning === "early" && !this.waits())) return undefined;
        if (meaning === "early") await sleep(PATIENCE_MS);
      }
    }
  }

  /** A reply that nobody waits for any more is dropped. */
  write(reply: Uint8Array): void {
    try {
      writeSync(this.descriptor, reply);
    } catch (error) {
      const code = codeOf(error);
      if (code !== "ENOENT" && code !== "ENODEV") throw error;
    }
  }

  #read(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      read(this.descriptor, this.#buffer, 0, this.#buffer.length, null, (error, length) => {
        if (error) reject(error);
        else resolve(this.#buffer.subarray(0, length));
      });
    });
  }
}

/** Over: unmounted. Early: not mounted yet. Again: the request went while it was read, or a signal came. */
function outcome(error: unknown): "over" | "early" | "again" {
  const code = codeOf(error);
  if (code === "ENODEV" || code === "EBADF" || code === "ECONNABORTED") return "over";
  if (code === "EPERM") return "early";
  if (code === "ENOENT" || code === "EINTR" || code === "EAGAIN") return "again";
  throw error;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
