// Cpus that go and come while clients are at work. No file of the tree does that, so these trials have one more, and the journal
// says when it was written.

import { ErrnoError } from "../../src/errno/index.ts";
import type { JournalEntry } from "../../src/fuse/index.ts";
import type { CpuEntry } from "../helpers/plain/resctrl/replay-journal.ts";
import type { ResctrlMachine } from "../helpers/resctrl-machine.ts";

const NAME = ".cpus";
/** "CPU 1" puts a cpu online, "CPU 0" takes it away. */
export const CPUS = `/${NAME}`;

/** EBUSY for the last cpu. */
export function addCpus(tried: ResctrlMachine): void {
  const { tree } = tried.resctrl;
  const write = async (text: string) => {
    const [cpu = 0, online] = text.split(" ").map(Number);
    const others = tried.machine.processor.cpus.some((one) => one.online && one.cpu !== cpu);
    if (!others) throw new ErrnoError("EBUSY", `cpu ${cpu}: the last one`);
    await tried.cpu(cpu, online === 1);
  };
  tree.addFile(tree.root, NAME, { mode: 0o666, uid: 0, gid: 0 }, { read: () => "", write });
}

/** A line of a journal as the model knows it; empty where it is about that file and no cpu has changed. */
export function asOfModel(line: string): string {
  if (!line.includes(NAME)) return line;
  const entry = JSON.parse(line) as JournalEntry;
  if (entry.op === "readdir") return JSON.stringify({ ...entry, reply: entry.reply?.replace(`${NAME}\n`, "") });
  if (entry.path !== CPUS) return line;
  if (entry.op !== "write" || entry.errno !== undefined) return "";
  const [cpu = 0, online] = entry.data.split(" ").map(Number);
  return JSON.stringify({ op: "cpu", cpu, online: online === 1, at: entry.at } satisfies CpuEntry);
}
