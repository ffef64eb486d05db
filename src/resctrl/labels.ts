// Labelling tasks and cpus with the PARTID and PMG of their group (resctrl-glue.md sections 5 and 14).

import type { Arch } from "./arch.ts";
import { configIndex } from "./ids.ts";
import type { Task, TaskLabel } from "./needs.ts";

function label(closid: number, rmid: number): TaskLabel {
  const partid = configIndex(closid, "none");
  return { partidD: partid, partidI: partid, pmgD: rmid, pmgI: rmid };
}

/** All threads there are. Idle threads never are. */
export function allTasks(arch: Arch): readonly Task[] {
  return arch.driver.machine.processor.tasks;
}

export function findTask(arch: Arch, tid: number): Task | undefined {
  return arch.driver.machine.processor.task(tid);
}

export function matchClosid(_arch: Arch, task: Task, closid: number): boolean {
  return task.label.partidD === configIndex(closid, "none");
}

export function matchRmid(arch: Arch, task: Task, closid: number, rmid: number): boolean {
  return matchClosid(arch, task, closid) && task.label.pmgD === rmid;
}

export function setClosidRmid(arch: Arch, task: Task, closid: number, rmid: number): void {
  arch.driver.machine.processor.setTaskLabel(task.tid, label(closid, rmid));
}

export function setCpuDefaultClosidRmid(arch: Arch, cpu: number, closid: number, rmid: number): void {
  arch.driver.machine.processor.setCpuDefault(cpu, label(closid, rmid));
}

/** Tasks with the label of the default group take the default of the cpu they run on. */
export function setGlobalDefault(arch: Arch): void {
  arch.driver.machine.processor.setGlobalDefault(label(0, 0));
}

export interface Cpu {
  readonly cpu: number;
  readonly online: boolean;
}

export function allCpus(arch: Arch): readonly Cpu[] {
  return arch.driver.machine.processor.cpus;
}
