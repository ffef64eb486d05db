// The threads of this host in place of the machine's, so that a program can put itself into a group.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Task, TaskLabel, Tasks } from "../resctrl/index.ts";

/** A thread that has been seen. */
interface Thread {
  readonly tid: number;
  /** When it began: another number is another thread of the same id. */
  readonly began: string;
  label: TaskLabel;
}

const DEFAULT: TaskLabel = { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 };

/** How old a look at all threads may be for a label to change without another one, ms. */
const FRESH_MS = 10;

/**
 * Labels are ours, threads are the host's: a thread that has come since the last look has the label of its process, or of the
 * process that started it. That is what a kernel copies when a thread is made, so all are looked at before a label changes.
 */
export class HostThreads implements Tasks {
  #threads = new Map<number, Thread>();
  #looked = Number.NEGATIVE_INFINITY;

  /** @param proc A mounted procfs, or a directory like one. */
  constructor(
    private readonly proc = "/proc",
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** In the order of processes, threads of one together. Owners are looked up when somebody asks. */
  get tasks(): readonly Task[] {
    this.#look();
    return [...this.#threads.values()].map((thread) => this.#taskOf(thread));
  }

  task(tid: number): Task | undefined {
    const thread = this.#one(tid);
    return thread && this.#taskOf(thread);
  }

  setTaskLabel(tid: number, label: TaskLabel): void {
    if (this.now() - this.#looked > FRESH_MS) this.#look();
    const thread = this.#one(tid);
    if (thread) thread.label = label;
  }

  #taskOf(thread: Thread): Task {
    const owner = () => ownerIn(this.#read(thread.tid, "status"));
    return {
      tid: thread.tid,
      label: thread.label,
      get uid() {
        return owner()?.uid ?? 0;
      },
      get suid() {
        return owner()?.suid ?? 0;
      },
    };
  }

  /** All threads that there are now. */
  #look(): void {
    const before = this.#threads;
    const after = new Map<number, Thread>();
    const leaders = names(this.proc);
    const known = new Set(leaders);
    // Parents first, or a child would be taken for one of a process that nobody knows yet.
    const visit = (pid: number): Thread | undefined => {
      const seen = after.get(pid);
      if (seen || !known.has(pid)) return seen;
      known.delete(pid);
      const leader = this.#still(before.get(pid)) ?? this.#found(pid, (parent) => visit(parent)?.label);
      if (leader === undefined) return undefined;
      after.set(pid, leader);
      for (const tid of names(join(this.proc, `${pid}`, "task"))) {
        if (tid === pid) continue;
        const thread = this.#still(before.get(tid)) ?? this.#found(tid, () => leader.label, leader.label);
        if (thread) after.set(tid, thread);
      }
      return leader;
    };
    for (const pid of leaders) visit(pid);
    this.#threads = after;
    this.#looked = this.now();
  }

  /** Ids come again after a while; a look at each thread of the default group would cost more than it is worth. */
  #still(thread: Thread | undefined): Thread | undefined {
    if (thread === undefined || isDefault(thread.label)) return thread;
    return statIn(this.#read(thread.tid, "stat"))?.began === thread.began ? thread : undefined;
  }

  /** A thread that nobody knew. @param label Where it is no process of its own. */
  #found(tid: number, ofParent: (parent: number) => TaskLabel | undefined, label?: TaskLabel): Thread | undefined {
    const stat = statIn(this.#read(tid, "stat"));
    if (stat === undefined) return undefined;
    return { tid, began: stat.began, label: label ?? ofParent(stat.parent) ?? DEFAULT };
  }

  /** Asks for this one alone; a process that has just been started is there without a look at all others. */
  #one(tid: number): Thread | undefined {
    const stat = statIn(this.#read(tid, "stat"));
    const seen = this.#threads.get(tid);
    if (stat === undefined) {
      this.#threads.delete(tid);
      return undefined;
    }
    if (seen?.began === stat.began) return seen;
    this.#threads.delete(tid);
    this.#look();
    return this.#threads.get(tid);
  }

  #read(tid: number, name: string): string | undefined {
    try {
      // /proc/TID is there for every thread, though only those of processes are listed.
      return readFileSync(join(this.proc, `${tid}`, name), "latin1");
    } catch {
      return undefined;
    }
  }
}

function isDefault(label: TaskLabel): boolean {
  return label.partidD === 0 && label.partidI === 0 && label.pmgD === 0 && label.pmgI === 0;
}

/** The numbers that are names in a directory; none where it has gone. */
function names(directory: string): number[] {
  try {
    return readdirSync(directory).flatMap((name) => (/^[1-9][0-9]*$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Parent and start time. The name of the program is in brackets, and may hold any. */
function statIn(text: string | undefined): { readonly parent: number; readonly began: string } | undefined {
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const began = fields?.[19];
  return began === undefined ? undefined : { parent: Number(fields?.[1]), began };
}

/** Real and saved user id. */
function ownerIn(status: string | undefined): { readonly uid: number; readonly suid: number } | undefined {
  const ids = /^Uid:\t(\d+)\t\d+\t(\d+)/m.exec(status ?? "");
  return ids ? { uid: Number(ids[1]), suid: Number(ids[2]) } : undefined;
}
