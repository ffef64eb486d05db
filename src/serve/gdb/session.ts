// What one client has chosen and asked for: by which cpu it makes accesses, what it logs, and what has happened that it has
// not been told of.

import { type AccessFilter, formatAccess, type InterruptEvent } from "../../machine/index.ts";
import type { Space } from "../../platform/index.ts";
import type { Accessor } from "../accessor.ts";
import type { Board } from "../board.ts";
import { Console } from "./console.ts";
import { describeInterrupt } from "./describe-interrupt.ts";
import type { Goer, Going } from "./going.ts";
import { type WatchHit, Watchpoints } from "./watchpoints.ts";

/** Log lines, and interrupts, that can be shown again. */
export const MOST_LOGGED = 1000;

const INTERRUPT = "interrupt";

export class Session {
  readonly console = new Console();
  readonly watchpoints: Watchpoints;
  /** The cpu of the thread that gdb has selected. */
  cpu: number;
  /** The one that makes accesses in its place. */
  fixedCpu: number | undefined;
  space: Space;
  /** Whether interrupts of MSCs stop the machine. */
  stopsAtInterrupts = true;
  /** Lets time go although this client is stopped. */
  keepsGoing: Goer | undefined;

  readonly #hits = new Map<string, WatchHit>();
  #interrupts: InterruptEvent[] = [];
  readonly #told: string[] = [];
  readonly #logged: string[] = [];
  #logging: { readonly filter: string; readonly end: () => void } | undefined;
  #own = false;
  readonly #unlisten: () => void;

  /** @param happened Called when something happens that the machine is to stop for. */
  constructor(
    readonly board: Board,
    readonly going: Going,
    as: Accessor,
    private readonly happened: () => void,
  ) {
    this.cpu = as.cpu;
    this.space = as.space;
    this.watchpoints = new Watchpoints(board, (hit) => this.#hit(hit));
    this.#unlisten = board.onInterrupt((event) => this.#interrupt(event));
  }

  get via(): Accessor {
    return { cpu: this.fixedCpu ?? this.cpu, space: this.space };
  }

  /** Runs `work`, whose accesses are this client's own: no watchpoint of its counts them. To be called within `exclusive`. */
  own<T>(work: () => T): T {
    this.#own = true;
    try {
      return work();
    } finally {
      this.#own = false;
    }
  }

  // What has happened.

  /** The oldest watchpoint that was hit and not told of; undefined: none. */
  takeHit(): WatchHit | undefined {
    const [first] = this.#hits;
    if (!first) return undefined;
    this.#hits.delete(first[0]);
    return first[1];
  }

  /** Interrupts raised since the last stop for one, oldest first. */
  takeInterrupts(): InterruptEvent[] {
    return this.#interrupts.splice(0);
  }

  /** Lines of all interrupts since this was asked for last; they stop nothing any more. */
  tellInterrupts(): readonly string[] {
    this.takeInterrupts();
    this.console.forget(INTERRUPT);
    return this.#told.splice(0);
  }

  get hasStop(): boolean {
    return this.#hits.size > 0 || this.#interrupts.length > 0;
  }

  #hit(hit: WatchHit): void {
    if (this.#own) return;
    const key = `${hit.kind} ${hit.address}`;
    if (!this.#hits.has(key)) this.console.say(`${hit.kind}: ${formatAccess(hit.access)}`);
    this.#hits.set(key, hit);
    this.happened();
  }

  #interrupt(event: InterruptEvent): void {
    const line = describeInterrupt(event, this.board.machine.mscs);
    this.console.say(line, INTERRUPT);
    this.#told.push(line);
    if (this.#told.length > MOST_LOGGED) this.#told.shift();
    // The answer to a message of software's own is nothing to stop for.
    if (!this.stopsAtInterrupts || event.level === 0 || event.kind === "mailbox") return;
    if (this.#interrupts.length < MOST_LOGGED) this.#interrupts.push(event);
    this.happened();
  }

  // The log.

  get logFilter(): string | undefined {
    return this.#logging?.filter;
  }

  /** In place of what was logged before. A RangeError for what is no filter, and then that goes on. */
  logOn(filter: string, parsed: AccessFilter): void {
    const end = this.board.log(parsed, (access) => {
      const line = formatAccess(access);
      this.#logged.push(line);
      if (this.#logged.length > MOST_LOGGED) this.#logged.shift();
      this.console.say(line);
    });
    this.#logging?.end();
    this.#logging = { filter, end };
  }

  logOff(): void {
    this.#logging?.end();
    this.#logging = undefined;
  }

  lastLogged(count: number): readonly string[] {
    return count === 0 ? [] : this.#logged.slice(-count);
  }

  /** Nothing of this client is left on the board. */
  close(): void {
    this.logOff();
    this.watchpoints.clear();
    this.#unlisten();
    if (this.keepsGoing) void this.going.stop(this.keepsGoing);
  }
}
