// The file tasks: which threads a group has, and moving threads into it (resctrl-fs.md sections 5 and 11).

import { ErrnoError } from "../errno/index.ts";
import {
  allocCapable,
  allTasks,
  findTask,
  matchClosid,
  matchRmid,
  setClosidRmid,
  type Task,
} from "../resctrl/index.ts";
import type { Caller } from "../tree/index.ts";
import { cut, parseInt32, trim, untilNul } from "../tree/index.ts";
import type { GroupHandlers } from "./commands.ts";
import type { Group, Mount } from "./group.ts";

export function tasksFile(mount: Mount): GroupHandlers {
  return {
    read: (group) =>
      tasksOf(mount, group)
        .map(({ tid }) => `${tid}\n`)
        .join(""),
    write: (group, bytes, caller) => writeTasks(mount, group, bytes, caller),
  };
}

/** A control group has the threads of its monitor groups as well. Without allocation the root has none. */
export function tasksOf(mount: Mount, group: Group): Task[] {
  const { arch } = mount;
  if (group.kind === "control" && !allocCapable(arch)) return [];
  return allTasks(arch).filter((task) =>
    group.kind === "control" ? matchClosid(arch, task, group.closid) : matchRmid(arch, task, group.closid, group.rmid),
  );
}

/** In order, up to the first error; what was moved before it stays moved. A newline does not separate. */
function writeTasks(mount: Mount, group: Group, bytes: string, caller: Caller): void {
  const { status } = mount.core;
  for (let rest: string | undefined = untilNul(bytes); rest !== undefined && rest !== "" && rest[0] !== "\n"; ) {
    const [item, next] = cut(rest, ",");
    const word = trim(item);
    const tid = parseInt32(word, 0);
    if (typeof tid === "string") {
      const text = `Task list parsing error pid ${word}\n`;
      throw status.refuseFormatted("EINVAL", text, `tasks: "${word}" is not a thread id`);
    }
    if (tid < 0) throw status.refuseFormatted("EINVAL", `Invalid pid ${tid}\n`, `tasks: ${tid} is negative`);
    moveTask(mount, group, tid, caller);
    rest = next;
  }
}

/** 0 is the writer. Texts have the numbers as written. */
function moveTask(mount: Mount, group: Group, written: number, caller: Caller): void {
  const { status } = mount.core;
  const tid = written === 0 ? caller.pid : written;
  if (tid === undefined) throw status.error("EINVAL", "tasks: 0 means the writer, and this caller is no thread");
  const refuse = (code: ErrnoError["code"], text: string, message: string): ErrnoError => {
    status.formatted(text);
    return status.refuseFormatted(code, `Error while processing task ${written}\n`, message);
  };
  const task = findTask(mount.arch, tid);
  if (task === undefined) throw refuse("ESRCH", `No task ${written}\n`, `tasks: no thread ${tid}`);
  if (!mayMove(caller, task)) {
    const message = `tasks: thread ${tid} belongs to uid ${task.uid ?? 0}, and the writer is uid ${caller.uid}`;
    throw refuse("EPERM", `No permission to move task ${tid}\n`, message);
  }
  if (isIn(mount, task, group)) return;
  if (group.kind === "monitor" && !matchClosid(mount.arch, task, group.closid)) {
    const message = `tasks: thread ${tid} is in another control group; move it to this one's first`;
    throw refuse("EINVAL", "Can't move task to different control group\n", message);
  }
  setClosidRmid(mount.arch, task, group.closid, group.rmid);
}

/** Root, and who owns the thread or could become its owner again. */
function mayMove({ uid }: Caller, task: Task): boolean {
  const owner = task.uid ?? 0;
  return uid === 0 || uid === owner || uid === (task.suid ?? owner);
}

function isIn(mount: Mount, task: Task, { closid, rmid }: Group): boolean {
  return matchRmid(mount.arch, task, closid, rmid);
}

/** Gives all threads of a group to another. */
export function moveAllTasks(mount: Mount, from: Group, to: Group): void {
  for (const task of tasksOf(mount, from)) setClosidRmid(mount.arch, task, to.closid, to.rmid);
}

/** The groups of a thread as /proc shows them: names, "/" for the default group, nothing where there is none. */
export function groupsOfTask(mount: Mount, tid: number): string {
  const { arch, groups } = mount;
  if (!mount.alive) return "res:\nmon:\n";
  const task = findTask(arch, tid);
  if (task === undefined) throw new ErrnoError("ESRCH", `no thread ${tid}`);
  const control = groups.find(({ closid }) => matchClosid(arch, task, closid));
  const monitor = control?.monitors.find((group) => isIn(mount, task, group));
  const res = control === mount.defaultGroup ? "/" : (control?.directory.name ?? "");
  return `res:${res}\nmon:${monitor?.directory.name ?? ""}\n`;
}
