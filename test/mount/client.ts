// A process that does random things to a mounted tree. Whether they succeed is nobody's business here: the journal knows.

import * as fs from "node:fs";
import { type Action, randomActions, resolved } from "../helpers/plain/resctrl/actions.ts";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { CPUS } from "./cpus.ts";

export interface Task {
  readonly directory: string;
  readonly shape: Shape;
  readonly seed: number;
  readonly count: number;
  /**
   * "users": several, in a tree whose bits let all of them do everything. "bits": one, who changes bits. Both at once have no
   * order: the kernel looks at bits before the request is sent.
   */
  readonly kind: "users" | "bits";
}

const KEPT = 4;
const ACCESS = { r: fs.constants.O_RDONLY, w: fs.constants.O_WRONLY, rw: fs.constants.O_RDWR };

const task = JSON.parse(process.argv[2] ?? "") as Task;
process.umask(0);
process.setgroups?.([]);
const kept: number[] = [];
for (const action of randomActions(task.shape, task.seed, task.count)) run(action);
for (const file of kept) fs.closeSync(file);

function run(action: Action): void {
  const { uid, gid } = task.kind === "users" ? action.by : { uid: 0, gid: 0 };
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    perform(resolved(action, groups()));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** As far as they can be found now. */
function groups(): { control: string[]; monitor: string[] } {
  const control = ["", ...["/a", "/b", "/c"].filter((name) => fs.existsSync(at(name)))];
  const monitor = control.flatMap((of) =>
    ["m", "n"].map((name) => `${of}/mon_groups/${name}`).filter((name) => fs.existsSync(at(name))),
  );
  return { control, monitor };
}

function perform(action: Action): void {
  switch (action.do) {
    case "read":
      withFile(action.path, "r", read);
      break;
    case "write":
      withFile(action.path, "w", (file) => fs.writeSync(file, bytes(action.data)));
      break;
    case "lookup":
      fs.lstatSync(at(action.path));
      break;
    case "readdir":
      fs.readdirSync(at(action.path));
      break;
    case "mkdir":
      fs.mkdirSync(at(action.path), task.kind === "users" ? 0o777 : action.mode);
      break;
    case "rmdir":
      fs.rmdirSync(at(action.path));
      break;
    case "rename":
      fs.renameSync(at(action.path), at(action.to));
      break;
    case "chmod":
      if (task.kind === "bits") fs.chmodSync(at(action.path), action.mode);
      break;
    case "chown":
      if (task.kind === "bits") fs.chownSync(at(action.path), action.uid, action.gid);
      break;
    case "keep":
      kept.unshift(fs.openSync(at(action.path), ACCESS[action.access]));
      if (kept.length > KEPT) fs.closeSync(kept.pop() as number);
      break;
    case "readKept":
      withKept(action.kept, read);
      break;
    case "writeKept":
      withKept(action.kept, (file) => fs.writeSync(file, bytes(action.data)));
      break;
    case "cpu":
      withFile(CPUS, "w", (file) => fs.writeSync(file, `${action.cpu} ${Number(action.online)}`));
      break;
    // It passes by itself.
    case "pass":
  }
}

function withKept(number: number, body: (file: number) => void): void {
  const file = kept[number];
  if (file !== undefined) body(file);
}

function withFile(path: string, access: keyof typeof ACCESS, body: (file: number) => void): void {
  const file = fs.openSync(at(path), ACCESS[access]);
  try {
    body(file);
  } finally {
    fs.closeSync(file);
  }
}

function read(file: number): void {
  fs.readSync(file, Buffer.alloc(65_536), 0, 65_536, 0);
}

function at(path: string): string {
  return `${task.directory}${path}`;
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
