// A machine that lives: its model time goes with the clock on the wall, and traces run in it, while somebody serves its tree
// on the same thread.

import { ErrnoError } from "../errno/index.ts";
import type { Machine, Pace, ReplayOptions } from "../machine/index.ts";
import { type ScriptHooks, type ScriptLine, ScriptRun, type ScriptTree } from "../script/index.ts";
import { endOf, type MarkedSource } from "../trace/index.ts";
import { loopTogether } from "./loop.ts";
import { Timetable } from "./timetable.ts";
import { WALL, type Wall } from "./wall.ts";

/** Requests that follow each other are answered at once: who has asked has the thread until it has been quiet for so long. */
const QUIET_MS = 0.5;
/** But the replay goes on after so long. */
const PATIENCE_MS = 4;

/** A script, and the tree that it reads and writes. */
export interface LiveScript {
  readonly lines: readonly ScriptLine[];
  readonly tree: ScriptTree;
  readonly hooks?: Omit<ScriptHooks, "lengthNs">;
}

/** What goes on in a machine that lives. */
export interface LiveOptions {
  /** Traces that run from the start on. */
  readonly sources?: readonly MarkedSource[];
  /** From the start again when they end. */
  readonly loop?: boolean;
  /** Model time against time of the wall, 1 by default; "max": traces run as fast as they can. */
  readonly speed?: number | "max";
  readonly timing?: NonNullable<ReplayOptions["timing"]>;
  readonly script?: LiveScript;
  /** Called when the traces have ended, and no line of the script is left that waits. */
  readonly onReplayed?: () => void;
  /** For tests. */
  readonly wall?: Wall;
}

/**
 * Lets model time go with that of the wall while a tree is served: traces run, lines of a script run, operations are
 * answered between.
 */
export class Live {
  readonly #machine: Machine;
  readonly #options: LiveOptions;
  readonly #wall: Wall;
  readonly #stopping = new AbortController();
  #timetable: Timetable | undefined;
  #script: ScriptRun | undefined;
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #replaying = false;
  #advancing: Promise<void> | undefined;
  #waiting: { readonly ns: number; readonly wake: () => void } | undefined;
  #looking = false;
  #askedMs = Number.NEGATIVE_INFINITY;

  /** Throws a RangeError for what is no speed. */
  constructor(machine: Machine, options: LiveOptions = {}) {
    const { speed = 1 } = options;
    if (speed !== "max" && !(speed > 0 && Number.isFinite(speed))) {
      throw new RangeError(`speed is ${speed}; a number above 0, or max, is allowed`);
    }
    this.#machine = machine;
    this.#options = options;
    this.#wall = options.wall ?? WALL;
  }

  /**
   * Ends when the lines of time 0 have run; traces and time go on from then. Throws what such a line was refused with, and EINVAL
   * for lines that wait for an end that never comes.
   */
  async start(): Promise<void> {
    if (this.#running) throw new ErrnoError("EBUSY", "it lives already");
    const { sources = [], loop = false, script } = this.#options;
    const traces = loop ? await loopTogether(sources) : sources;
    // Lines of time 0 may move the threads.
    for (const source of traces) this.#machine.addTasks(source);
    if (script) {
      const lengthNs = await this.#lengthOf(script.lines, sources);
      this.#script = new ScriptRun(this.#machine, script.tree, script.lines, { ...script.hooks, lengthNs });
      await this.#script.begin();
    }
    const { speed = 1 } = this.#options;
    this.#timetable = new Timetable(this.#wall, this.#machine.clock.now, speed === "max" ? 1 : speed);
    this.#replaying = traces.length > 0;
    this.#running = this.#run(traces);
  }

  /**
   * Ends with `stop`. Rejects when a line of the script is refused, a trace cannot be read, or a timer fails: traffic and script end
   * with that, and the clock goes on for those who ask.
   */
  get ended(): Promise<void> {
    return (this.#running ?? Promise.resolve()).then(() => {
      if (this.#failure) throw this.#failure.error;
    });
  }

  /** Lines of the script that have not found what they expected. */
  get missed(): number {
    return this.#script?.missed ?? 0;
  }

  /** Whether something needs the thread although nobody asks: records that run, or script lines that wait. */
  get busy(): boolean {
    return this.#replaying || this.#script?.nextDue !== undefined;
  }

  /** Ends traffic and script where they are. The machine stays as it is then. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#script?.stop();
    this.#waiting?.wake();
    await this.#running;
    await this.#advancing;
  }

  /**
   * To be called when a request has come, before it is handled: moves the clock to where it should be. A promise where that takes
   * a while. Traffic that runs keeps its pace by itself, and gives way.
   */
  catchUp(): Promise<void> | undefined {
    this.#askedMs = this.#wall.now();
    this.#look();
    if (!this.#replaying) return this.#advance();
    const { clock } = this.#machine;
    // Nothing comes before: time may pass at once.
    const free = Math.min(this.#waiting?.ns ?? 0, clock.nextDue);
    if (this.#options.timing !== "closed") clock.set(Math.min(this.#targetNs, free));
    return undefined;
  }

  /** When the request has begun it may wait for model time, or have set a timer: then whoever waits for the wall looks again. */
  #look(): void {
    if (this.#looking || !this.#waiting) return;
    this.#looking = true;
    const { clock } = this.#machine;
    void clock.settle().then(() => {
      this.#looking = false;
      if (this.#waiting && (clock.sleeping || clock.nextDue < this.#waiting.ns)) this.#waiting.wake();
    });
  }

  async #run(traces: readonly MarkedSource[]): Promise<void> {
    try {
      if (traces.length > 0) await this.#replay(traces);
      this.#script?.atEnd();
      let told = traces.length === 0 && !this.#script;
      while (!this.#over) {
        if (!told && !this.busy) {
          told = true;
          this.#options.onReplayed?.();
          continue;
        }
        await this.#advance();
        if (!this.#over) await this.#wait(this.#machine.clock.nextDue);
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#fail(error);
    } finally {
      this.#replaying = false;
    }
  }

  get #over(): boolean {
    return this.#failure !== undefined || this.#stopping.signal.aborted;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#script?.stop();
    this.#waiting?.wake();
  }

  async #replay(traces: readonly MarkedSource[]): Promise<void> {
    const { speed = 1, timing = "open" } = this.#options;
    const { signal } = this.#stopping;
    await this.#machine.replay(traces, { timing, signal, pace: this.#pace(speed === "max") });
    this.#replaying = false;
    if (speed === "max") this.#timetable = new Timetable(this.#wall, this.#machine.clock.now, 1);
  }

  #pace(hurried: boolean): Pace {
    const live = this;
    const { clock } = this.#machine;
    return {
      get until() {
        if (hurried) return Number.POSITIVE_INFINITY;
        // What an operation waits for is not waited for by the wall.
        return Math.max(live.#targetNs, clock.sleeping ? clock.nextDue + 1 : 0);
      },
      async rest(nextNs) {
        await live.#giveWay();
        if (nextNs >= this.until) await live.#wait(nextNs);
      },
    };
  }

  get #targetNs(): number {
    return this.#timetable?.targetNs ?? this.#machine.clock.now;
  }

  /** Others have the thread once, and those who ask have it until they are quiet. */
  async #giveWay(): Promise<void> {
    const began = this.#wall.now();
    let now = began;
    do {
      await this.#machine.clock.settle();
      now = this.#wall.now();
    } while (now - this.#askedMs < QUIET_MS && now - began < PATIENCE_MS);
  }

  /** Ends when the model time should be `ns`, when somebody asks, or when all is to end. */
  #wait(ns: number): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting = undefined;
        cancel();
        resolve();
      };
      this.#waiting = { ns, wake };
      const cancel = this.#wall.after(this.#timetable?.msUntil(ns) ?? 0, wake);
    });
  }

  /** Moves the clock to where it should be, where nothing replays. One at a time. */
  #advance(): Promise<void> | undefined {
    if (this.#advancing) return this.#advancing;
    const { clock } = this.#machine;
    const target = this.#targetNs;
    if (clock.nextDue > target) {
      clock.set(target);
      return undefined;
    }
    this.#advancing = clock
      .advance(target - clock.now)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#advancing = undefined;
      });
    return this.#advancing;
  }

  /** Shares and `@end` need traces that end. */
  async #lengthOf(lines: readonly ScriptLine[], sources: readonly MarkedSource[]): Promise<number> {
    const line = lines.find(({ at }) => !("ns" in at));
    if (line === undefined) return 0;
    if (sources.length > 0 && !this.#options.loop) return endOf(sources);
    const why = sources.length > 0 ? "the traces run over and over" : "there are no traces";
    const { file, line: number } = line.place;
    throw new ErrnoError("EINVAL", `${file}:${number}: ${why}, and have no end; a time such as @1.5ms is needed`);
  }
}
