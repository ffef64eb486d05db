// Labelling tasks and cpus with the PARTID and PMG of their group (resctrl-glue.md sections 5 and 14).

import { sameLabel } from "../kernel/index.ts";
import { type Arch, warnOnce } from "./arch.ts";
import { configIndex } from "./ids.ts";
import type { Task, TaskLabel } from "./needs.ts";

const CLOSID_MAX = 0xffff;
const RMID_MAX = 0xff;

/** What requests of a group carry. */
export function label(arch: Arch, closid: number, rmid: number): TaskLabel {
  if (closid > CLOSID_MAX) warnOnce(arch, "closid", `closid ${closid} is more than ${CLOSID_MAX}`);
  if (rmid > RMID_MAX) warnOnce(arch, "rmid", `rmid ${rmid} is more than ${RMID_MAX}`);
  const [partidD, partidI] = arch.cdpEnabled
    ? [configIndex(closid, "data"), configIndex(closid, "code")]
    : [closid, closid];
  return { partidD, partidI, pmgD: rmid, pmgI: rmid };
}

/** All threads there are. Idle threads never are. */
export function allTasks(arch: Arch): readonly Task[] {
  return arch.tasks.tasks;
}

export function findTask(arch: Arch, tid: number): Task | undefined {
  return arch.tasks.task(tid);
}

export function matchClosid(arch: Arch, task: Task, closid: number): boolean {
  const { partidD } = task.label;
  return (arch.cdpEnabled ? partidD >>> 1 : partidD) === closid;
}

export function matchRmid(arch: Arch, task: Task, closid: number, rmid: number): boolean {
  return matchClosid(arch, task, closid) && task.label.pmgD === rmid;
}

export function setClosidRmid(arch: Arch, task: Task, closid: number, rmid: number): void {
  arch.tasks.setTaskLabel(task.tid, label(arch, closid, rmid));
}

export function setCpuDefaultClosidRmid(arch: Arch, cpu: number, closid: number, rmid: number): void {
  arch.driver.machine.processor.setCpuDefault(cpu, label(arch, closid, rmid));
}

/**
 * Optionally a new default for a cpu, and what runs there takes it on, as the hardware does by itself at the next edge.
 */
export function syncCpuClosidRmid(
  arch: Arch,
  cpu: number,
  ids?: { readonly closid: number; readonly rmid: number },
): void {
  if (ids !== undefined) setCpuDefaultClosidRmid(arch, cpu, ids.closid, ids.rmid);
}

/** What the cpu's requests carry while the task runs there; undefined: MPAM is not enabled, and nothing is switched. */
export function schedIn(arch: Arch, cpu: number, task: Task): TaskLabel | undefined {
  if (!arch.driver.enabled) return undefined;
  return sameLabel(task.label, label(arch, 0, 0)) ? arch.driver.machine.processor.cpuDefault(cpu) : task.label;
}

/** Tasks with the label of the default group take the default of the cpu they run on. */
export function setGlobalDefault(arch: Arch): void {
  arch.driver.machine.processor.setGlobalDefault(label(arch, 0, 0));
}

/** Every task and every cpu that there can be, back to the default group. */
export function relabelAll(arch: Arch): void {
  setGlobalDefault(arch);
  const { processor } = arch.driver.machine;
  const all = label(arch, 0, 0);
  // Threads of the machine have labels whoever says what tasks there are.
  for (const from of new Set([processor, arch.tasks])) {
    for (const { tid } of from.tasks) from.setTaskLabel(tid, all);
  }
  for (const { cpu } of processor.cpus) processor.setCpuDefault(cpu, all);
}

export interface Cpu {
  readonly cpu: number;
  readonly online: boolean;
}

export function allCpus(arch: Arch): readonly Cpu[] {
  return arch.driver.machine.processor.cpus;
}
