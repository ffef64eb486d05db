// A script at work: its lines wait on the model clock, and run one after the other.

import { ErrnoError } from "../errno/index.ts";
import type { Machine, Timer } from "../machine/index.ts";
import { WrittenError } from "../written/index.ts";
import type { Outcome, ScriptLine, ScriptTarget, ScriptTree } from "./line.ts";
import { showTime } from "./time.ts";

/** A line that has run. */
export interface Told extends Outcome {
  readonly line: ScriptLine;
  /** Model time from the start of the script, ns. */
  readonly at: number;
}

/** Who is told what of a script. */
export interface ScriptHooks {
  /** Model time of the last record from the start, ns: what shares are shares of. */
  readonly lengthNs?: number;
  /** Called before the first line of a time that changes something. */
  readonly beforeChange?: (at: number) => Promise<void>;
  /** Told of each line when it has run. */
  readonly onLine?: (told: Told) => void;
}

/** A line was refused, and nobody had expected that: the run ends. */
export class ScriptError extends Error {
  constructor(
    readonly line: ScriptLine,
    override readonly cause: unknown,
  ) {
    const { file, line: number, column } = line.place;
    super(`${file}:${number}:${column}: ${line.text}: ${reasonOf(cause)}`, { cause });
  }
}

/** The errno with what is allowed, and the kernel's text where it has one. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const status = cause instanceof ErrnoError ? cause.status?.trimEnd() : undefined;
  return status ? `${message} (last_cmd_status: ${status})` : message;
}

/** Runs the lines of a script on the clock of a machine. */
export class ScriptRun {
  readonly #target: ScriptTarget;
  readonly #hooks: ScriptHooks;
  readonly #startNs: number;
  readonly #timed: ScriptLine[] = [];
  readonly #atEnd: ScriptLine[] = [];
  #waiting = new Set<Timer>();
  #tail: Promise<void> = Promise.resolve();
  #failed = false;
  #changedAt: number | undefined;
  /** How many expectations were not met. */
  missed = 0;

  /** Throws a WrittenError for a line that this machine cannot carry out. */
  constructor(machine: Machine, tree: ScriptTree, lines: readonly ScriptLine[], hooks: ScriptHooks = {}) {
    this.#target = { machine, tree, faults: new Map() };
    this.#hooks = hooks;
    this.#startNs = machine.clock.now;
    for (const line of lines) {
      try {
        line.action.check?.(machine);
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        const found = `${line.text}: it cannot be done here`;
        throw new WrittenError(line.place.file, [{ ...line.place, found, allowed: error.message }], { cause: error });
      }
      ("afterEnd" in line.at ? this.#atEnd : this.#timed).push(line);
    }
  }

  /** Runs the lines of time 0, and sets timers for those that have a later one. */
  async begin(): Promise<void> {
    const times = grouped(this.#timed, (line) => this.#timeOf(line));
    for (const [ns, lines] of times) {
      if (ns === 0) await this.#run(lines);
      else this.#arm(this.#startNs + ns, lines);
    }
  }

  /** All records have run: the lines of the end wait from now on. */
  atEnd(): void {
    const now = this.#target.machine.clock.now;
    const times = grouped(this.#atEnd.splice(0), ({ at }) => ("afterEnd" in at ? at.afterEnd : 0));
    for (const [ns, lines] of times) this.#arm(now + ns, lines);
  }

  /** The lines of the end, and those whose time is still to come. Time goes on as far as they need it. */
  async end(): Promise<void> {
    const { clock } = this.#target.machine;
    this.atEnd();
    for (let due = this.nextDue; due !== undefined; due = this.nextDue) await clock.advance(due - clock.now);
    await this.#tail;
    await clock.advance(0);
  }

  /** When the next line is due, ns; undefined when none waits. */
  get nextDue(): number | undefined {
    const dues = [...this.#waiting].map(({ due }) => due);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  /** No line runs any more. */
  stop(): void {
    for (const timer of this.#waiting) timer.cancel();
    this.#waiting.clear();
  }

  #timeOf({ at, place }: ScriptLine): number {
    if ("ns" in at) return at.ns;
    const { lengthNs } = this.#hooks;
    if (!("share" in at) || lengthNs === undefined) {
      throw new ErrnoError("EINVAL", `${place.file}:${place.line}: a share of the run, where the run has no end`);
    }
    return Math.floor(at.share * lengthNs);
  }

  #arm(due: number, lines: readonly ScriptLine[]): void {
    const timer = this.#target.machine.clock.at(due, "script", () => {
      this.#waiting.delete(timer);
      const running = this.#tail.then(() => this.#run(lines));
      this.#tail = running.catch(() => undefined);
      return running;
    });
    this.#waiting.add(timer);
  }

  async #run(lines: readonly ScriptLine[]): Promise<void> {
    for (const line of lines) {
      if (this.#failed) return;
      try {
        await this.#one(line);
      } catch (error) {
        this.#failed = true;
        throw error;
      }
    }
  }

  async #one(line: ScriptLine): Promise<void> {
    const at = this.#target.machine.clock.now - this.#startNs;
    if (line.action.changes && this.#changedAt !== at) {
      this.#changedAt = at;
      await this.#hooks.beforeChange?.(at);
    }
    const outcome = await line.action.run(this.#target).catch((error: unknown) => {
      throw error instanceof ErrnoError || error instanceof RangeError ? new ScriptError(line, error) : error;
    });
    if (outcome.met === false) this.missed++;
    this.#hooks.onLine?.({ line, at, ...outcome });
  }
}

/** What a line told, as it is printed; nothing where there is nothing to tell. */
export function describeLine({ line, at, text, met, diff }: Told): string {
  if (text !== undefined) {
    const end = text === "" || text.endsWith("\n") ? "" : "\n";
    return `@${showTime(Math.floor(at))} ${line.text.replace(/^read\s+/, "")}\n${text}${end}`;
  }
  if (met !== false) return "";
  const { place } = line;
  return `@${showTime(Math.floor(at))} ${line.text}\n${place.file}:${place.line}:${place.column}: not as expected\n${diff}\n`;
}

/** By time, in order; those of one time in the order in which they stand. */
function grouped(lines: readonly ScriptLine[], timeOf: (line: ScriptLine) => number): [number, ScriptLine[]][] {
  const times = new Map<number, ScriptLine[]>();
  for (const line of lines) {
    const ns = timeOf(line);
    times.set(ns, [...(times.get(ns) ?? []), line]);
  }
  return [...times].sort(([a], [b]) => a - b);
}
