// Writes to tasks (resctrl-fs.md section 11): moves happen one after the other, and stop at the first error.

import type { Caller } from "../../../../src/tree/caller.ts";
import type { PlainGroup } from "./group.ts";
import { refuse } from "./refused.ts";
import type { PlainTask } from "./shape.ts";
import type { PlainStatus } from "./status.ts";
import { int32, split, trim } from "./text.ts";

export interface Moving {
  readonly status: PlainStatus;
  readonly group: PlainGroup;
  readonly tasks: readonly PlainTask[];
  /** Where a task is: the group whose label it has. */
  readonly placed: Map<number, PlainGroup>;
}

export function moveTasks(text: string, caller: Caller, moving: Moving): void {
  let rest: string | undefined = text;
  while (rest !== undefined && rest !== "" && !rest.startsWith("\n")) {
    const [item, behind] = split(rest, ",");
    moveOne(trim(item), caller, moving);
    rest = behind;
  }
}

function moveOne(text: string, caller: Caller, moving: Moving): void {
  const { status } = moving;
  const tid = int32(text);
  if (tid === undefined) {
    status.print(`Task list parsing error pid ${text}\n`);
    refuse("EINVAL");
  }
  if (tid < 0) {
    status.print(`Invalid pid ${tid}\n`);
    refuse("EINVAL");
  }
  try {
    place(tid, caller, moving);
  } catch (error) {
    status.print(`Error while processing task ${tid}\n`);
    throw error;
  }
}

function place(tid: number, caller: Caller, { status, group, tasks, placed }: Moving): void {
  const target = tid === 0 ? caller.pid : tid;
  const task = tasks.find((one) => one.tid === target);
  if (!task) {
    status.print(`No task ${tid}\n`);
    refuse("ESRCH");
  }
  if (caller.uid !== 0 && caller.uid !== task.uid && caller.uid !== task.suid) {
    status.print(`No permission to move task ${task.tid}\n`);
    refuse("EPERM");
  }
  if (group.type === "monitor" && placed.get(task.tid)!.closid !== group.closid) {
    status.put("Can't move task to different control group\n");
    refuse("EINVAL");
  }
  placed.set(task.tid, group);
}
