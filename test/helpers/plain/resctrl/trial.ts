// One script on both: the plain model, and whatever claims to be the same tree.

import type { Answered, Asked } from "../../../../src/fuse/journal.ts";
import type { Caller } from "../../../../src/tree/caller.ts";
import { type Action, resolved } from "./actions.ts";
import { isParsersOwn } from "./left-open.ts";
import { type PlainLabel, PlainResctrl } from "./model.ts";
import type { Shape } from "./shape.ts";
import type { Occupancy } from "./state.ts";

/** What is tried: a tree on a machine. */
export interface Tried {
  readonly shape: Shape;
  readonly now: number;
  apply(asked: Asked, caller: Caller): Promise<Answered>;
  cpu(cpu: number, online: boolean): Promise<void>;
  pass(ns: number): Promise<void>;
  /** Of each component, what its MSCs hold, by PARTID. */
  /** Absent: nothing is in the caches. */
  readonly occupancy?: Occupancy;
  registers(components: Iterable<string>): Map<string, number[][]>;
  labels(): { readonly tasks: Map<number, PlainLabel>; readonly cpus: Map<number, PlainLabel> };
}

export interface Disagreement {
  /** What was done, and last that on which they disagree. */
  readonly script: readonly Action[];
  readonly what: string;
  readonly expected: unknown;
  readonly found: unknown;
}

const ROOT: Caller = { uid: 0, gid: 0 };

export async function firstDisagreement(tried: Tried, script: readonly Action[]): Promise<Disagreement | undefined> {
  const trial = new Trial(tried);
  const done: Action[] = [];
  const begins = trial.compareAll() ?? (await trial.compareStatus());
  if (begins) return { script: done, ...begins };
  for (const action of script) {
    const next = trial.resolve(action);
    if (trial.isBeyond(next)) continue;
    done.push(next);
    const found =
      (await trial.act(next)) ?? (await trial.compareStatus()) ?? (await trial.readBack(next)) ?? trial.compareAll();
    if (found) return { script: done, ...found };
  }
  return undefined;
}

/** The same failure with less before it: runs of actions are left out while it stays one, longer ones first. */
export async function shortened(
  script: readonly Action[],
  fails: (script: readonly Action[]) => Promise<Disagreement | undefined>,
): Promise<Disagreement | undefined> {
  let best = await fails(script);
  for (let length = script.length >> 1; best && length > 0; length >>= 1) {
    for (let at = best.script.length - 1 - length; at >= 0; at -= length) {
      const less = await fails(best.script.filter((_, i) => i < at || i >= at + length));
      if (less) best = less;
      at = Math.min(at, best.script.length - 1);
    }
  }
  return best;
}

type Difference = Omit<Disagreement, "script">;

/** A file that is open. */
interface Kept {
  readonly file: { readonly path: string; readonly handle: number };
  readonly by: Caller;
}

class Trial {
  readonly #model: PlainResctrl;
  readonly #kept: Kept[] = [];

  constructor(readonly tried: Tried) {
    this.#model = new PlainResctrl(tried.shape, tried.occupancy);
  }

  resolve(action: Action): Action {
    return resolved(action, this.#model.groups());
  }

  /**
   * What nobody can foretell. In linux-7.3 a monitor group that goes to another control group keeps an RMID that is not its own there,
   * and whoever frees it breaks the list of free ones.
   */
  isBeyond(action: Action): boolean {
    if (action.do !== "rename" || this.tried.shape.kernel !== "linux-7.3") return false;
    const parent = (path: string) => path.split("/mon_groups/")[0];
    return parent(action.path) !== parent(action.to);
  }

  async act(action: Action): Promise<Difference | undefined> {
    const { by } = action;
    switch (action.do) {
      case "read":
        return this.#whole(action.path, "r", by, (handle) => ({ op: "read", path: action.path, handle }));
      case "write":
        return this.#whole(action.path, "w", by, (handle) => ({
          op: "write",
          path: action.path,
          handle,
          data: action.data,
        }));
      case "keep":
        return this.#keep(action.path, action.access, by);
      case "readKept":
        return this.#withKept(action.kept, (file) => ({ op: "read", ...file }));
      case "writeKept":
        return this.#withKept(action.kept, (file) => ({ op: "write", ...file, data: action.data }));
      case "cpu":
        return this.#cpu(action.cpu, action.online);
      case "pass":
        await this.tried.pass(action.ns);
        this.#model.pass(this.tried.now);
        return undefined;
      default: {
        const { by: _by, do: op, ...fields } = action;
        const { difference } = await this.#ask({ op, ...fields } as Asked, by);
        return difference ?? (action.do === "mkdir" ? this.#compareIds(action.path) : undefined);
      }
    }
  }

  /** What a file says that has just been written, taken or not. */
  async readBack(action: Action): Promise<Difference | undefined> {
    if (action.do !== "write") return undefined;
    const { path } = action;
    return this.#whole(path, "r", ROOT, (handle) => ({ op: "read", path, handle }));
  }

  async compareStatus(): Promise<Difference | undefined> {
    const path = "/info/last_cmd_status";
    return this.#whole(path, "r", ROOT, (handle) => ({ op: "read", path, handle }));
  }

  /** Registers and labels. */
  compareAll(): Difference | undefined {
    const registers = this.#model.registers();
    for (const [component, expected] of registers) {
      const found = this.tried.registers([component]).get(component)!;
      if (found.length === 0) return { what: `registers of ${component}`, expected, found };
      for (const words of found) {
        if (!same(words, expected)) return { what: `registers of ${component}`, expected, found: words };
      }
    }
    const wanted = this.#model.labels();
    const labels = this.tried.labels();
    for (const kind of ["tasks", "cpus"] as const) {
      const [expected, found] = [wanted[kind], labels[kind]].map((map) => [...map].sort(([a], [b]) => a - b));
      if (!same(expected, found)) return { what: `labels of ${kind}`, expected, found };
    }
    return undefined;
  }

  /** Which ids a group has got, where files tell. */
  async #compareIds(group: string): Promise<Difference | undefined> {
    if (!this.tried.shape.options?.debug) return undefined;
    const read = (file: string) => {
      const path = `${group}/${file}`;
      return this.#whole(path, "r", ROOT, (handle) => ({ op: "read", path, handle }));
    };
    return (await read("mon_hw_id")) ?? (await read("ctrl_hw_id"));
  }

  async #whole(
    path: string,
    access: "r" | "w",
    by: Caller,
    then: (handle: number) => Asked,
  ): Promise<Difference | undefined> {
    const opened = await this.#ask({ op: "open", path, access }, by);
    if (opened.difference || opened.handle === undefined) return opened.difference;
    const { handle } = opened;
    const { difference } = await this.#ask(then(handle), by);
    await this.#ask({ op: "release", path, handle }, by);
    return difference;
  }

  async #keep(path: string, access: "r" | "w" | "rw", by: Caller): Promise<Difference | undefined> {
    const { difference, handle } = await this.#ask({ op: "open", path, access }, by);
    if (handle !== undefined) this.#kept.unshift({ file: { path, handle }, by });
    return difference;
  }

  /** By whoever opened it. */
  async #withKept(number: number, asked: (file: Kept["file"]) => Asked): Promise<Difference | undefined> {
    const kept = this.#kept[number];
    if (!kept) return undefined;
    return (await this.#ask(asked(kept.file), kept.by)).difference;
  }

  /** One cpu stays. */
  async #cpu(cpu: number, online: boolean): Promise<Difference | undefined> {
    const { state } = this.#model;
    if (!online && state.online.size === 1) return undefined;
    await this.tried.cpu(cpu, online);
    this.#model.cpu(cpu, online, this.tried.now);
    return undefined;
  }

  async #ask(asked: Asked, by: Caller): Promise<{ difference?: Difference; handle?: number }> {
    const at = this.tried.now;
    const found = await this.tried.apply(asked, by);
    const expected = this.#model.apply(asked, by, at, found.handle);
    if (!same(expected, found) && !this.#isLeftOpen(asked, expected, found)) {
      return { difference: { what: JSON.stringify(asked), expected, found } };
    }
    return found.handle === undefined ? {} : { handle: found.handle };
  }

  #isLeftOpen(asked: Asked, expected: Answered, found: Answered): boolean {
    if (asked.op === "read") return this.tried.shape.neverReady === true && asked.path.endsWith("/mbm_total_bytes");
    return isParsersOwn(asked, expected, found);
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
