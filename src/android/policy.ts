// The policy module: a label for each thread, which is its PARTID and nothing else, and the file system in which threads are moved
// (more.md 4.5, 4.6).

import { ErrnoError } from "../errno/index.ts";
import {
  type Attributes,
  type Directory,
  type FileContent,
  parseInt32,
  type Tree,
  trim,
  untilNul,
} from "../tree/index.ts";
import type { TaskLabel, Tasks } from "./needs.ts";

/** Root walks them all the same. */
const DIRECTORY: Attributes = { mode: 0o444, uid: 0, gid: 0 };
const TASKS: Attributes = { mode: 0o644, uid: 0, gid: 0 };

/** What one write gives to `tasks`. */
const TAKEN = 9;

export interface Partitions {
  readonly tasks: Tasks;
  /** How many PARTIDs the cpus can send. */
  readonly partids: number;
  /** Writes move nobody. */
  readonly tasksStay: boolean;
}

/** Adds `partitions` to the root of the file system. */
export function addPartitions(tree: Tree, root: Directory, { tasks, partids, tasksStay }: Partitions): void {
  const partitions = tree.addDirectory(root, "partitions", DIRECTORY);
  for (let partid = 0; partid < partids; partid++) {
    const one = tree.addDirectory(partitions, `${partid}`, DIRECTORY);
    tree.addFile(one, "tasks", TASKS, tasksFile(tasks, partid, tasksStay));
  }
}

function tasksFile(tasks: Tasks, partid: number, tasksStay: boolean): FileContent {
  return {
    read: () => tasks.tasks.flatMap(({ tid, label }) => (label.partidD === partid ? [`${tid}\n`] : [])).join(""),
    write(bytes) {
      if (tasksStay) return bytes.length;
      const taken = bytes.slice(0, TAKEN);
      moveTask(tasks, untilNul(taken), partid);
      return taken.length;
    },
  };
}

/** EINVAL for what is no number of a thread, and for one that there is not. */
function moveTask(tasks: Tasks, text: string, partid: number): void {
  const word = trim(text);
  const tid = parseInt32(word, 0);
  if (typeof tid === "string" || tid <= 0) throw new ErrnoError("EINVAL", `tasks: "${word}" is not a thread id`);
  if (tasks.task(tid) === undefined) throw new ErrnoError("EINVAL", `tasks: no thread ${tid}`);
  tasks.setTaskLabel(tid, labelOf(partid));
}

/** Data and fetches alike, and no PMG. */
export function labelOf(partid: number): TaskLabel {
  return { partidD: partid, partidI: partid, pmgD: 0, pmgI: 0 };
}
