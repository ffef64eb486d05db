// Cpus as gdb's threads: thread N is cpu N - 1, as 0 and -1 mean any and all there.

import type { Machine } from "../../machine/index.ts";

export function threadOf(cpu: number): number {
  return cpu + 1;
}

/** The cpu of a thread id, "any" for 0 and -1; undefined for what is no thread of this machine. */
export function cpuOfThread(text: string, machine: Machine): number | "any" | undefined {
  if (text === "-1" || /^0+$/.test(text)) return "any";
  if (!/^[0-9a-f]{1,8}$/i.test(text)) return undefined;
  const cpu = Number.parseInt(text, 16) - 1;
  return cpu < machine.platform.cpus ? cpu : undefined;
}

/** What runs on a cpu: "thread 1000 of redis", "idle", "offline". */
export function whatRuns(machine: Machine, cpu: number): string {
  if (!machine.cpu(cpu).isOnline) return "offline";
  const tid = machine.processor.kernel.current(cpu);
  const task = tid === undefined ? undefined : machine.processor.task(tid);
  if (!task) return "no thread";
  return task.comm === "" ? `thread ${task.tid}` : `thread ${task.tid} of ${printable(task.comm)}`;
}

/** What qXfer:threads answers: ids, names, and what runs there. */
export function threadList(machine: Machine): string {
  const threads = Array.from({ length: machine.platform.cpus }, (_, cpu) => {
    const runs = inXml(whatRuns(machine, cpu));
    return `<thread id="${threadOf(cpu).toString(16)}" core="${cpu}" name="cpu ${cpu}">${runs}</thread>`;
  });
  return `<?xml version="1.0"?>\n<threads>\n${threads.join("\n")}\n</threads>\n`;
}

/** Names of threads come from traces, and may hold anything: what a terminal would obey, too. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function inXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
