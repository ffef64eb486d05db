// What the cpus say when the architecture module loads: which of them can label requests, and with how many PARTIDs (more.md 4.1).

import { ErrnoError } from "../errno/index.ts";
import { showCpus } from "../written/index.ts";
import { registersOf } from "./cpu-registers.ts";
import type { AndroidMachine, CpuRegisters, Log } from "./needs.ts";

/** ID_AA64PFR0_EL1.MPAM: the major version; the minor one, in another register, is not asked for. */
const PFR0_MPAM = 0xfn << 40n;
/** MPAM1_EL1.MPAMEN. */
const MPAMEN = 1n << 63n;
/** MPAMIDR_EL1.PARTID_MAX. */
const PARTID_MAX = 0xffffn;

/**
 * How many PARTIDs every cpu can send. EOPNOTSUPP, with the reason as a warning in the log, while a cpu is offline or where one of
 * them cannot send any.
 */
export function partidsOfCpus(machine: AndroidMachine, log: Log): number {
  const { cpus } = machine.processor;
  const online = cpus.filter((one) => one.online).map(({ cpu }) => cpu);
  const supported: number[] = [];
  let count = Number.POSITIVE_INFINITY;
  for (const cpu of online) {
    const registers = registersOf(machine, cpu);
    if (!canLabel(registers, cpu)) continue;
    supported.push(cpu);
    count = Math.min(count, Number(read(registers, cpu, "MPAMIDR_EL1") & PARTID_MAX) + 1);
  }
  if (online.length < cpus.length) {
    throw refused(log, `only CPUs ${showCpus(online)} were asked, others are present and offline (ENODATA)`);
  }
  if (supported.length < cpus.length) {
    throw refused(log, `MPAM only supported on CPUs ${showCpus(supported) || "none"} (EOPNOTSUPP)`);
  }
  return count;
}

/** A cpu of version 0.1 has the registers, and is not asked for them. */
function canLabel(registers: CpuRegisters, cpu: number): boolean {
  if ((read(registers, cpu, "ID_AA64PFR0_EL1") & PFR0_MPAM) === 0n) return false;
  return (read(registers, cpu, "MPAM1_EL1") & MPAMEN) !== 0n;
}

/** A kernel does not live through an access that is undefined or trapped: EIO. */
function read(registers: CpuRegisters, cpu: number, name: string): bigint {
  const read = registers.read(name, { el: 1 });
  if (read.outcome === "done") return read.value;
  const why =
    read.outcome === "trap"
      ? `traps to EL${read.to}: firmware, or the hypervisor, has to let the kernel have it (docs/android.md)`
      : "is undefined there";
  throw new ErrnoError("EIO", `mpam_arch: cpu ${cpu}: reading ${name} ${why}; the kernel dies`);
}

function refused(log: Log, text: string): ErrnoError {
  log("warning", `mpam_arch: ${text}`);
  return new ErrnoError("EOPNOTSUPP", `mpam_arch: ${text}`);
}
