// The hardware as tests of the processor side see it: a machine of one cpu, made from a profile.

import { Machine, type SystemRegisters } from "../../src/machine/index.ts";
import { checkObject, type Platform } from "../../src/platform/index.ts";
import type { PeAccess, PeImplementation, PeProfile, PeSubject } from "../helpers/pe-subject.ts";

/** The smallest platform with such a cpu, or several alike. */
export function platformOf(processor: object, cpus = 1): Platform {
  return checkObject({
    name: "one cpu",
    cpus,
    processor,
    memory: [{ bytes: "1 MiB", bytesPerSecond: "1 GB/s" }],
  });
}

export async function machineOf(processor: object, cpus = 1): Promise<Machine> {
  return Machine.create(platformOf(processor, cpus));
}

export async function registersOf(processor: object): Promise<SystemRegisters> {
  return (await machineOf(processor)).cpu(0).registers;
}

/** What of an outcome both hands speak of. */
function told(outcome: ReturnType<SystemRegisters["read"]>): PeAccess {
  if (outcome.outcome !== "trap") return outcome;
  const { to, ec, iss } = outcome;
  return { outcome: "trap", to, ec, iss };
}

function subjectOf(registers: SystemRegisters): PeSubject {
  return {
    boot: () => registers.boot(),
    reset: () => registers.reset(),
    read: (encoding, el) => told(registers.read(encoding, { el })),
    write: (encoding, value, el) => told(registers.write(encoding, value, { el })),
    label: (el, kind) => {
      const { space, partid, pmg, flawed } = registers.label({ el, kind });
      return { space, partid, pmg, flawed };
    },
    limit: (el, kind) => registers.limit({ el, kind }),
  };
}

export const hardwarePe: PeImplementation = {
  name: "the hardware",
  create: async (profile: PeProfile) => subjectOf(await registersOf(profile)),
};
