// What goes on at a machine: traces that run, by themselves or as somebody moves the clock, and time that goes by itself or stands still.

import { messageOf } from "../errno/index.ts";
import { Live, loopTogether } from "../live/index.ts";
import type { Machine, ReplayOptions } from "../machine/index.ts";
import { describeLine, type ScriptHooks, type ScriptLine, ScriptRun, type ScriptTree } from "../script/index.ts";
import { endOf, type MarkedSource, openTraces } from "../trace/index.ts";
import { Steps } from "./steps.ts";

export interface ReplayAsked {
  /** From the start again when they end. */
  readonly loop?: boolean;
  readonly timing?: NonNullable<ReplayOptions["timing"]>;
  /** Model time against time of the wall; default that of the board, or 1. 0: they run as `advance` moves the clock. */
  readonly speed?: number | "max";
  readonly script?: readonly ScriptLine[];
}

/** What runs: the traces as they were named, and whether all their records have run. */
export interface ReplayStatus {
  readonly traces: readonly string[];
  readonly over: boolean;
  /** False: they run as `advance` moves the clock. */
  readonly byItself: boolean;
}

interface RunningOptions {
  /** Model time against time of the wall, while no traces run. Without, it stands still. */
  readonly speed?: number | "max";
  readonly say?: (line: string) => void;
}

/** Of one machine, and of no other after it. Nothing here waits for its turn: whoever calls has it. */
export class Running {
  #live: Live | undefined;
  #steps: Steps | undefined;
  #traces: readonly string[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly tree: ScriptTree,
    private readonly options: RunningOptions,
  ) {}

  /** Model time going by itself; undefined while it stands still. */
  get live(): Live | undefined {
    return this.#live;
  }

  /** Undefined where no traces were started. */
  get replay(): ReplayStatus | undefined {
    if (this.#traces.length === 0) return undefined;
    const over = this.#steps?.over ?? !this.#live?.busy;
    return { traces: this.#traces, over, byItself: this.#steps === undefined };
  }

  /** Whether something may still happen as the clock is moved: records to run, or timers. */
  get pending(): boolean {
    return this.#steps?.over === false || this.machine.clock.nextDue !== Number.POSITIVE_INFINITY;
  }

  /** Names as mpam replay has them. Ends what ran before. Throws for traces and scripts that cannot run here, and starts nothing then. */
  async start(names: readonly string[], asked: ReplayAsked): Promise<void> {
    const sources = await openTraces([...names]);
    const speed = asked.speed ?? this.options.speed ?? 1;
    await this.halt();
    this.#traces = [...names];
    try {
      await (speed === 0 ? this.#step(sources, asked) : this.#run(sources, { ...asked, speed }));
    } catch (error) {
      await this.halt();
      await this.idle();
      throw error;
    }
  }

  /** Ends traces. Answers whether there were any. */
  async stop(): Promise<boolean> {
    const had = this.#traces.length > 0;
    await this.halt();
    await this.idle();
    return had;
  }

  /** Goes on to `until`, ns, or a part of the way; only where time does not go by itself. */
  async towards(until: number): Promise<void> {
    this.#steps ??= new Steps(this.machine, [], "open", undefined);
    await this.#steps.towards(until);
  }

  async #step(sources: readonly MarkedSource[], { loop, timing = "open", script }: ReplayAsked): Promise<void> {
    const traces = loop ? await loopTogether(sources) : sources;
    for (const source of traces) this.machine.addTasks(source);
    const lengthNs = script?.some(({ at }) => "share" in at) && !loop ? await endOf(sources) : undefined;
    const hooks = lengthNs === undefined ? this.#hooks : { ...this.#hooks, lengthNs };
    const run = script && new ScriptRun(this.machine, this.tree, script, hooks);
    await run?.begin();
    this.#steps = new Steps(this.machine, traces, timing, run);
  }

  async #run(sources: readonly MarkedSource[], { script, ...asked }: ReplayAsked & { speed: number | "max" }) {
    const live: Live = new Live(this.machine, {
      sources,
      ...asked,
      ...(script ? { script: { lines: script, tree: this.tree, hooks: this.#hooks } } : {}),
      onReplayed: () => {
        // Where time stands still, it does so again.
        if (this.options.speed === undefined && this.#live === live) {
          this.#live = undefined;
          void live.stop();
        }
      },
    });
    await this.#living(live);
  }

  get #hooks(): ScriptHooks {
    return {
      onLine: (told) => {
        const text = describeLine(told).trimEnd();
        if (text !== "") this.#say(text);
      },
    };
  }

  /** Time goes by itself where that was asked for, or stands still. */
  async idle(): Promise<void> {
    const { speed } = this.options;
    if (speed !== undefined) await this.#living(new Live(this.machine, { speed }));
  }

  async #living(live: Live): Promise<void> {
    this.#live = live;
    await live.start();
    live.ended.catch((error: unknown) => this.#say(`mpam: ${messageOf(error)}`));
  }

  /** Nothing runs by itself any more. */
  async halt(): Promise<void> {
    const live = this.#live;
    this.#live = undefined;
    this.#steps?.stop();
    this.#steps = undefined;
    this.#traces = [];
    await live?.stop();
  }

  #say(line: string): void {
    this.options.say?.(line);
  }
}
