// A connection that ends when it is told to, whatever its server does meanwhile. One of ioredis that waits for its next attempt
// stays there for good, and whoever waits for an answer that was asked for over an earlier attempt does so too.

import type { Command, Redis, RedisOptions } from "ioredis";
import type { QueueLibraries } from "./libraries.ts";

/** A connection of these options. Its duplicates are of the same kind, and end when it is told to. */
export function connectionOf({ ioredis }: QueueLibraries, options: RedisOptions): Redis {
  class Connection extends ioredis.Redis {
    readonly #owed = new Set<Command>();
    readonly #duplicates = new Set<Redis>();

    constructor(own: RedisOptions) {
      super(own);
      this.on("end", () => {
        for (const command of this.#owed) command.reject(new Error("Connection is closed."));
      });
    }

    override sendCommand(command: Command, stream?: Parameters<Redis["sendCommand"]>[1]): unknown {
      // Nobody but who asked is told of a refusal.
      const answered = () => this.#owed.delete(command);
      this.#owed.add(command);
      command.promise.then(answered, answered);
      return super.sendCommand(command, stream);
    }

    override disconnect(reconnect = false): void {
      // As one that was never connected: that one ends at once.
      if (!reconnect && this.status === "reconnecting") this.status = "wait";
      super.disconnect(reconnect);
      if (!reconnect) for (const one of this.#duplicates) one.disconnect();
    }

    override duplicate(override?: Partial<RedisOptions>): Redis {
      const one = new Connection({ ...this.options, ...override });
      this.#duplicates.add(one);
      return one;
    }
  }
  return new Connection(options);
}
