// What the cpus say when the architecture module loads: which of them can label requests, and with how many PARTIDs (more.md 4.1).

import { fieldGet, MPAM_HI_MPAMEN, MPAMIDR_PARTID_MAX, PFR0_HI_MPAM } from "../../assembly/regs/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { showCpus } from "../written/index.ts";
import type { AndroidMachine, AskedRegister, Log } from "./needs.ts";

/** The words of a register of one cpu. */
type Read = (register: AskedRegister) => { readonly low: number; readonly high: number };

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
    const read = reader(machine, cpu);
    if (!canLabel(read)) continue;
    supported.push(cpu);
    count = Math.min(count, fieldGet(MPAMIDR_PARTID_MAX, read("MPAMIDR_EL1").low) + 1);
  }
  if (online.length < cpus.length) {
    throw refused(log, `only CPUs ${showCpus(online)} were asked, others are present and offline (ENODATA)`);
  }
  if (supported.length < cpus.length) {
    throw refused(log, `MPAM only supported on CPUs ${showCpus(supported) || "none"} (EOPNOTSUPP)`);
  }
  return count;
}

/** A cpu of version 0.1 has these registers, and is not asked for them: the minor version is nowhere looked at. */
function canLabel(read: Read): boolean {
  return fieldGet(PFR0_HI_MPAM, read("ID_AA64PFR0_EL1").high) !== 0 && (read("MPAM1_EL1").high & MPAM_HI_MPAMEN) !== 0;
}

/** A kernel does not live through an access that is undefined or trapped: EIO. */
function reader(machine: AndroidMachine, cpu: number): Read {
  const { registers } = machine.cpu(cpu);
  const el = machine.platform.processor.vhe ? 2 : 1;
  return (register) => {
    const read = registers.read(register, { el });
    if (read.outcome === "done") return { low: Number(read.value & 0xffff_ffffn), high: Number(read.value >> 32n) };
    const why =
      read.outcome === "trap"
        ? `traps to EL${read.to}, where nobody answers: what is above the kernel has to let it have the register`
        : "is undefined there";
    throw new ErrnoError("EIO", `mpam_arch: cpu ${cpu}: reading ${register} at EL${el} ${why}; the kernel dies`);
  };
}

function refused(log: Log, text: string): ErrnoError {
  log("warning", `mpam_arch: ${text}`);
  return new ErrnoError("EOPNOTSUPP", `mpam_arch: ${text}`);
}
