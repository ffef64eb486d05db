// The board that all sockets share: one machine, what runs on it, and the one thread that owns both.

import { ErrnoError, messageOf } from "../errno/index.ts";
import type { Live } from "../live/index.ts";
import {
  type AccessFilter,
  type AccessHandler,
  type Fault,
  type FaultHandle,
  type InterruptEvent,
  type InterruptHandler,
  Machine,
} from "../machine/index.ts";
import type { Platform } from "../platform/index.ts";
import type { Outcome, ScriptTree } from "../script/index.ts";
import { Handlers } from "./handlers.ts";
import { InterruptLines, type LineChange } from "./interrupt-lines.ts";
import { Logs } from "./logs.ts";
import { oneLine } from "./one-line.ts";
import { type ReplayAsked, type ReplayStatus, Running } from "./running.ts";
import { type BootOptions, boot, bootAgain, NO_TREE, type Software } from "./software.ts";

export interface BoardOptions {
  readonly platform: Platform;
  readonly seed?: number;
  /** Our driver and resctrl run on it; without, it is as firmware leaves it. */
  readonly boot?: BootOptions;
  /** Model time against time of the wall. Without, it stands still but for `advance`, and for traces that run. */
  readonly speed?: number | "max";
  /** Whether clients may name files of this host, to read traces and to keep snapshots; default true. */
  readonly files?: boolean;
  /** Ends the server, for a client that wants it to; without, none can. */
  readonly end?: () => void;
  /** Told what becomes of script lines, and what goes wrong where nobody waits for it. */
  readonly say?: (line: string) => void;
}

/** For a client that ends the server: gdb complains of a connection that is gone before it has left. */
const LEAVE_MS = 100;

/**
 * Work on `machine` is done within `exclusive`, so that what one connection does is not cut by another. Methods that answer a
 * promise wait for their turn themselves: never await them within `exclusive`.
 */
export class Board {
  readonly options: BoardOptions;
  #machine: Machine;
  #software: Software | undefined;
  #running: Running;
  #turn: Promise<unknown> = Promise.resolve();
  #moving: Promise<unknown> = Promise.resolve();
  /** Faults that lines have named. */
  #faults = new Map<string, FaultHandle>();
  readonly #lines = new InterruptLines();
  readonly #leaving = new Set<() => Promise<void>>();
  readonly #machines: Handlers<Machine>;
  readonly #interrupts: Handlers<InterruptEvent>;
  readonly #lineChanges: Handlers<LineChange>;
  readonly #logs: Logs;
  #unlisten: () => void = () => {};
  #closed = false;

  private constructor(options: BoardOptions, machine: Machine, software: Software | undefined) {
    this.options = options;
    this.#machine = machine;
    this.#software = software;
    this.#running = this.#runningOn(machine);
    const say = (line: string) => this.say(line);
    this.#machines = new Handlers(say);
    this.#interrupts = new Handlers(say);
    this.#lineChanges = new Handlers(say);
    this.#logs = new Logs(say);
    this.#listen();
  }

  /** Power-on. Throws what the machine, the driver or resctrl refuse; a RangeError for what is no speed. */
  static async create(options: BoardOptions): Promise<Board> {
    const [machine, software] = await powerOn(options);
    const board = new Board(options, machine, software);
    await board.#running.idle();
    return board;
  }

  // What there is.

  /** Another one after `restore` and `reset`: ask each time. */
  get machine(): Machine {
    return this.#machine;
  }

  /** Where our software was booted. */
  get software(): Software | undefined {
    return this.#software;
  }

  /** Model time going by itself; undefined while it stands still. */
  get live(): Live | undefined {
    return this.#running.live;
  }

  /** Undefined where no traces were started. */
  get replay(): ReplayStatus | undefined {
    return this.#running.replay;
  }

  /** Whether something may still happen by `advance`: records to run, or timers. */
  get pending(): boolean {
    return this.#running.pending;
  }

  // Handlers, which outlive machines.

  /** Calls `handler` with every machine after the present one; the result ends that. */
  onMachine(handler: (machine: Machine) => void): () => void {
    return this.#machines.add(handler);
  }

  /** Calls `handler` before the machine becomes another one, as work that is done within `exclusive`; it is awaited. */
  beforeMachine(handler: () => Promise<void>): () => void {
    this.#leaving.add(handler);
    return () => this.#leaving.delete(handler);
  }

  onInterrupt(handler: InterruptHandler): () => void {
    return this.#interrupts.add(handler);
  }

  /** Calls `handler` when a line of the interrupt controller goes up or down. */
  onLine(handler: (change: LineChange) => void): () => void {
    return this.#lineChanges.add(handler);
  }

  /** The lines that are up. */
  get linesUp(): number[] {
    return this.#lines.up;
  }

  /** As Machine.log, for all machines. A RangeError for what is no filter. */
  log(filter: string | AccessFilter, handler: AccessHandler): () => void {
    return this.#logs.add(this.#machine, filter, handler);
  }

  say(line: string): void {
    this.options.say?.(line);
  }

  #listen(): void {
    this.#unlisten();
    this.#unlisten = this.#machine.onInterrupt((event: InterruptEvent) => {
      this.#interrupts.tell(event);
      this.#tellLines(this.#lines.changes(event));
    });
    this.#tellLines(this.#lines.follow(this.#machine));
    this.#logs.follow(this.#machine);
  }

  #tellLines(changes: readonly LineChange[]): void {
    for (const change of changes) this.#lineChanges.tell(change);
  }

  // One after the other.

  /**
   * Runs `work` when all work asked for before is done, with the clock where it should be. Rejects with what it throws; with
   * ENODEV once the board is closed.
   */
  exclusive<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#turn
      .then(() => {
        if (this.#closed) throw new ErrnoError("ENODEV", "the server ends, and the machine is off");
        return this.#running.live?.catchUp();
      })
      .then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /**
   * Lets model time pass, with the traces that wait for it; others have their turn meanwhile. Ends early when `signal` aborts,
   * when the machine is another one, and, of an infinite time, when nothing is left that could happen. Answers the time that it
   * is. EBUSY where time goes by itself, a RangeError for what is no time to come.
   */
  async advance(ns: number, signal?: AbortSignal): Promise<number> {
    const done = this.#moving.then(() => this.#advance(ns, signal));
    this.#moving = done.catch(() => undefined);
    return done;
  }

  async #advance(ns: number, signal: AbortSignal | undefined): Promise<number> {
    const machine = this.#machine;
    const { clock } = machine;
    const until = clock.now + ns;
    if (!(ns >= 0) || (until > Number.MAX_SAFE_INTEGER && ns !== Number.POSITIVE_INFINITY)) {
      throw new RangeError(`the clock is at ${clock.now} ns and goes to ${Number.MAX_SAFE_INTEGER}: not ${ns} ns on`);
    }
    do {
      if (ns === Number.POSITIVE_INFINITY && !this.pending) break;
      await this.exclusive(() => {
        if (this.live) throw new ErrnoError("EBUSY", "model time goes by itself now: it cannot be stepped");
        if (this.#machine !== machine) return;
        return this.#running.towards(until);
      });
    } while (clock.now < until && this.#machine === machine && !this.#closed && !signal?.aborted);
    return this.#machine.clock.now;
  }

  // The machine as a whole.

  /** For `restore`. EBUSY while an operation waits on the clock; to be called within `exclusive`, as work on `machine`. */
  snapshot(): Uint8Array {
    return this.#machine.snapshot();
  }

  /** The machine as it was then, with the software that ran on it. Traces that run end. Throws a TypeError for what does not fit, and changes nothing. */
  restore(bytes: Uint8Array): Promise<void> {
    return this.exclusive(async () => {
      const machine = await Machine.restore(bytes);
      await this.#replace(machine, await bootAgain(machine));
    });
  }

  /** Power off and on. Traces that run end, as do faults. */
  reset(): Promise<void> {
    return this.exclusive(async () => this.#replace(...(await powerOn(this.options))));
  }

  async #replace(machine: Machine, software: Software | undefined): Promise<void> {
    await this.#running.halt();
    for (const handler of this.#leaving) {
      await handler().catch((error: unknown) => this.say(`mpam: ${messageOf(error)}`));
    }
    const old = this.#machine;
    this.#machine = machine;
    this.#software = software;
    this.#running = this.#runningOn(machine);
    this.#faults = new Map();
    this.#listen();
    await old.close();
    await this.#running.idle();
    this.#machines.tell(machine);
  }

  /** Throws EINVAL for what is no fault of this machine. */
  addFault(fault: Fault): FaultHandle {
    return this.#machine.faults.add(fault);
  }

  /** Before a client has a file of this host read or written. Throws EPERM where none may. */
  checkFiles(): void {
    if (this.options.files ?? true) return;
    throw new ErrnoError("EPERM", "files of this host are closed to clients, because --allow-remote lets others in");
  }

  /** The server ends when the client that wants that has its answer, and had time to leave. Throws EPERM where clients may not. */
  quit(): void {
    const { end } = this.options;
    if (!end) throw new ErrnoError("EPERM", "clients may not end this server; SIGTERM does");
    setTimeout(end, LEAVE_MS);
  }

  /**
   * Does at once what a line of a script says (docs/scripts.md): `write web/schemata L3:0=f`, `fault msc-gone msc=0`,
   * `cpu 3 offline`, `capture msc 1 event 2`. Throws a WrittenError for what is no line, and what the line is refused with.
   */
  perform(text: string): Promise<Outcome> {
    return this.exclusive(async () => {
      const line = oneLine(text);
      line.action.check?.(this.#machine);
      return line.action.run({ machine: this.#machine, tree: this.#tree, faults: this.#faults });
    });
  }

  // Traces.

  /** Names as mpam replay has them. Ends what ran before. Throws for traces and scripts that cannot run here, and starts nothing then. */
  startReplay(names: readonly string[], asked: ReplayAsked = {}): Promise<void> {
    return this.exclusive(() => this.#running.start(names, asked));
  }

  /** Answers whether there was one. */
  stopReplay(): Promise<boolean> {
    return this.exclusive(() => this.#running.stop());
  }

  get #tree(): ScriptTree {
    return this.#software?.tree ?? NO_TREE;
  }

  #runningOn(machine: Machine): Running {
    return new Running(machine, this.#tree, this.options);
  }

  /** The end of all: traces and time stop. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    await this.#running.halt();
    this.#unlisten();
    await this.#machine.close();
  }
}

async function powerOn({ platform, seed, boot: asked }: BoardOptions): Promise<[Machine, Software | undefined]> {
  const machine = await Machine.create(platform, seed === undefined ? {} : { seed });
  return [machine, asked && (await boot(machine, asked))];
}
