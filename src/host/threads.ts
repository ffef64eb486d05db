// The threads of this host in place of the machine's, so that a program can put itself into a group.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NO_LABEL, sameLabel, type TaskLabel } from "../kernel/index.ts";
import type { Task, Tasks } from "../resctrl/index.ts";
import { ownerIn, type ProcStat, statIn } from "./proc-stat.ts";

/** A thread that has been seen. */
interface Thread {
  readonly tid: number;
  /** When it began: another number is another thread of the same id. */
  readonly began: string;
  label: TaskLabel;
}

/** How old a look at all threads may be, at the least, for there to be another one, ms. */
const FRESH_MS = 5;
/** Looking takes no more than this share of the time; more while somebody has just been moved. */
const SHARE = { usual: 1 / 20, watching: 1 / 4 };
/** How long the label of a program is remembered after it has been set, ms. Its children are watched for meanwhile. */
const REMEMBERED_MS = 1000;

/**
 * Labels are ours, threads are the host's. A kernel copies the label when a thread is made; we see the thread only when we look, so
 * we look before a label changes and whenever something is asked of the tree, and take a new thread's label from its process, and
 * that of a process from the one that made it.
 */
export class HostThreads implements Tasks {
  #threads = new Map<number, Thread>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #lookTook = 0;
  /** Labels set of late, by what copies of the process have in common: program and cgroups. */
  readonly #remembered = new Map<string, { readonly label: TaskLabel; readonly at: number }>();
  #watch: NodeJS.Timeout | undefined;

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
    if (this.now() - this.#lookedAt > FRESH_MS) this.#look();
    const thread = this.#one(tid);
    if (thread === undefined) return;
    thread.label = label;
    const stat = this.#stat(tid);
    for (const trait of stat ? this.#traitsOf(tid, stat) : []) this.#remembered.set(trait, { label, at: this.now() });
    if (this.#remembered.size > 0) this.#watch ??= this.#lookAgain();
  }

  /** Whether a timer has to run, for children of programs that have just been moved. */
  get watching(): boolean {
    return this.#watch !== undefined;
  }

  /** Sees who is new, unless somebody has looked a moment ago. To be called often. */
  glance(): void {
    if (this.now() - this.#lookedAt > this.#pauseMs) this.#look();
  }

  get #pauseMs(): number {
    return Math.max(FRESH_MS, this.#lookTook / (this.watching ? SHARE.watching : SHARE.usual));
  }

  /** Looks again and again while a program is remembered. */
  #lookAgain(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#look();
      this.#watch = this.#remembered.size === 0 ? undefined : this.#lookAgain();
    }, this.#pauseMs).unref();
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
    const began = this.now();
    for (const [program, { at }] of this.#remembered) {
      if (began - at > REMEMBERED_MS) this.#remembered.delete(program);
    }
    const before = this.#threads;
    const after = new Map<number, Thread>();
    const leaders = numbersIn(this.proc);
    const known = new Set(leaders);
    // Parents first, or a child would be taken for one of a process that nobody knows yet.
    const visit = (pid: number): Thread | undefined => {
      const seen = after.get(pid);
      if (seen || !known.has(pid)) return seen;
      known.delete(pid);
      const leader = this.#still(before.get(pid)) ?? this.#newProcess(pid, visit);
      if (leader === undefined) return undefined;
      after.set(pid, leader);
      for (const tid of numbersIn(join(this.proc, `${pid}`, "task"))) {
        if (tid === pid) continue;
        const thread = this.#still(before.get(tid)) ?? this.#newThread(tid, leader);
        if (thread) after.set(tid, thread);
      }
      return leader;
    };
    for (const pid of leaders) visit(pid);
    this.#threads = after;
    this.#lookedAt = this.now();
    this.#lookTook = this.#lookedAt - began;
  }

  /** Ids come again after a while; a look at each thread of the default group would cost more than it is worth. */
  #still(thread: Thread | undefined): Thread | undefined {
    if (thread === undefined || sameLabel(thread.label, NO_LABEL)) return thread;
    return this.#stat(thread.tid)?.began === thread.began ? thread : undefined;
  }

  #newThread(tid: number, { label }: Thread): Thread | undefined {
    const stat = this.#stat(tid);
    return stat && { tid, began: stat.began, label };
  }

  #newProcess(pid: number, visit: (parent: number) => Thread | undefined): Thread | undefined {
    const stat = this.#stat(pid);
    if (stat === undefined) return undefined;
    const parent = visit(stat.parent);
    return { tid: pid, began: stat.began, label: this.#forkedFrom(pid, stat) ?? parent?.label ?? NO_LABEL };
  }

  /**
   * The label of the process that it is a copy of, where that is not its parent: a daemon whose maker has ended, or a process that
   * was given to its grandparent, as runc does.
   */
  #forkedFrom(pid: number, stat: ProcStat): TaskLabel | undefined {
    if (this.#remembered.size === 0) return undefined;
    for (const trait of this.#traitsOf(pid, stat)) {
      const maker = this.#remembered.get(trait);
      if (maker) return maker.label;
    }
    return undefined;
  }

  /**
   * What copies of a process have as well, and its parent has not: the addresses of the program, until another one is started, and
   * the cgroups, until somebody moves it.
   */
  #traitsOf(pid: number, { program, parent }: ProcStat): string[] {
    const cgroups = (of: number) => this.#read(of, "cgroup");
    const pairs = [
      [program, this.#stat(parent)?.program],
      [cgroups(pid), cgroups(parent)],
    ];
    return pairs.flatMap(([own, parents]) => (own === undefined || own === parents ? [] : [own]));
  }

  /** Asks for this one alone; a process that has just been started is there without a look at all others. */
  #one(tid: number): Thread | undefined {
    const stat = this.#stat(tid);
    const seen = this.#threads.get(tid);
    if (stat !== undefined && seen?.began === stat.began) return seen;
    this.#threads.delete(tid);
    if (stat === undefined) return undefined;
    this.#look();
    return this.#threads.get(tid);
  }

  /** Of any thread: /proc/TID is there, though only those of processes are listed. */
  #stat(tid: number): ProcStat | undefined {
    return statIn(this.#read(tid, "stat"));
  }

  #read(tid: number, name: string): string | undefined {
    try {
      return readFileSync(join(this.proc, `${tid}`, name), "latin1");
    } catch {
      return undefined;
    }
  }
}

/** The numbers that are names in a directory; none where it has gone. */
function numbersIn(directory: string): number[] {
  try {
    return readdirSync(directory).flatMap((name) => (/^[1-9][0-9]*$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}
