// Tasks: threads with tags. A new thread has the tag of the one that forked it.

import { ErrnoError } from "../errno/index.ts";
import { sameLabel, type TaskLabel } from "./tag.ts";

/** A thread. */
export interface Task {
  /** Unique in the machine: the recorded thread id, or the next free number where that is taken. */
  readonly tid: number;
  readonly pid: number;
  readonly comm: string;
  readonly cpu: number;
  /** The tag the kernel gave it; see `effectiveLabel` for what its requests carry. */
  readonly label: TaskLabel;
}

/** How a thread is made. */
export interface ForkOptions {
  /** As with SCHED_RESET_ON_FORK where a kernel looks at it: the child begins in the default group. Linux's resctrl does not. */
  readonly resetOnFork?: boolean;
  /** The process; default: the parent's, as of a thread. */
  readonly pid?: number;
}

export class Tasks {
  readonly #tasks = new Map<number, Task>();

  constructor(saved: readonly Task[] = []) {
    for (const task of saved) this.#tasks.set(task.tid, task);
  }

  get all(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  has(tid: number): boolean {
    return this.#tasks.has(tid);
  }

  find(tid: number): Task | undefined {
    return this.#tasks.get(tid);
  }

  /** Throws ESRCH. */
  get(tid: number): Task {
    const task = this.#tasks.get(tid);
    if (!task) throw new ErrnoError("ESRCH", `there is no task ${tid}`);
    return task;
  }

  add(task: Task): void {
    this.#tasks.set(task.tid, task);
  }

  /** False where it has that tag already. Throws ESRCH. */
  setTag(tid: number, label: TaskLabel): boolean {
    const task = this.get(tid);
    this.#tasks.set(tid, { ...task, label: { ...label } });
    return !sameLabel(task.label, label);
  }

  /** A new task like `tid`. Throws ESRCH, EEXIST, EINVAL. */
  fork(tid: number, child: number, pid: number | undefined, label: TaskLabel | undefined): Task {
    const parent = this.get(tid);
    if (!Number.isInteger(child) || child < 1) throw new ErrnoError("EINVAL", `task ${child}: 1 and more are allowed`);
    if (this.has(child)) throw new ErrnoError("EEXIST", `there is a task ${child} already`);
    const task = { ...parent, tid: child, pid: pid ?? parent.pid, label: label ?? parent.label };
    this.add(task);
    return task;
  }

  /** Throws ESRCH. */
  remove(tid: number): void {
    this.get(tid);
    this.#tasks.delete(tid);
  }
}
