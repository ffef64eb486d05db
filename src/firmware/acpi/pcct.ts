// Mailbox channels as the PCCT has them (linux-driver reference 12.2).

import type { FirmwareChannel } from "../description.ts";
import { hex } from "./bytes.ts";
import type { FieldValues } from "./layout.ts";
import { type Remarks, refuse } from "./remarks.ts";
import { type AcpiTable, entriesOf, isA } from "./table.ts";
import { type GAS, INITIATOR_SUBSPACE, TABLES } from "./tables.ts";

/** Software wants room for the longest message. */
export const CHANNEL_LEAST = 32;

export type GenericAddress = FieldValues<(typeof GAS)["fields"]>;

const EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/** What is wrong with a register as software would use it; undefined: nothing. */
export function wrongRegister({ space, address, offset, access }: GenericAddress): string | undefined {
  if (space !== 0) return `space ${space} is not memory`;
  if (address > EXACT) return `address ${hex(address)} is beyond 2^53`;
  if (offset !== 0) return `a bit offset of ${offset} is not used here`;
  if (access === 1 || access === 2 || access > 4) return `access size ${access} is not 32 or 64 bits`;
  return undefined;
}

/** 3 and 4 say it; otherwise what the bits need. */
export function registerBytes({ access, offset, width }: GenericAddress): 4 | 8 {
  if (access === 3 || access === 4) return access === 3 ? 4 : 8;
  return offset + width > 32 ? 8 : 4;
}

/** Channels of type 3 that software can use, in the order of their numbers. */
export function channelsOf(pcct: AcpiTable | undefined, remarks: Remarks): FirmwareChannel[] {
  if (pcct === undefined) return [];
  const { entries, trouble } = entriesOf(pcct, TABLES.PCCT);
  if (trouble) refuse("PCCT", trouble);
  return entries.flatMap((entry, subspace) => {
    const left = (what: string) => {
      remarks.add("PCCT", entry.at, `subspace ${subspace}: ${what}; it is left out`);
      return [];
    };
    if (entry.trouble && entry.type === INITIATOR_SUBSPACE.type) return left(entry.trouble.what);
    if (!isA(entry, INITIATOR_SUBSPACE)) return [];
    const { values } = entry;
    const { doorbell, acknowledge, complete, update, error } = values;
    if (values.bytes < CHANNEL_LEAST) return left(`its memory has ${values.bytes} bytes, ${CHANNEL_LEAST} are needed`);
    if (values.base > EXACT) return left(`base ${hex(values.base)} is beyond 2^53`);
    const optional = { acknowledge, error };
    const needed = { doorbell, complete, update };
    for (const [name, register] of Object.entries({ ...needed, ...optional })) {
      const absent = name in optional && register.address === 0n;
      const wrong = absent ? undefined : wrongRegister(register);
      if (wrong) return left(`${name}: ${wrong}`);
      if (!absent && register.address === 0n) return left(`${name}: there is no register`);
    }
    const at = (register: GenericAddress) => ({ address: Number(register.address), bytes: registerBytes(register) });
    return {
      subspace,
      base: Number(values.base),
      bytes: values.bytes,
      interrupt: values.interrupt,
      doorbell: { ...at(doorbell), preserve: values.doorbellPreserve, set: values.doorbellWrite },
      ...(acknowledge.address === 0n
        ? {}
        : { acknowledge: { ...at(acknowledge), preserve: values.acknowledgePreserve, set: values.acknowledgeSet } }),
      complete: { ...at(complete), mask: values.completeMask },
      update: { ...at(update), preserve: values.updatePreserve, set: values.updateSet },
      ...(error.address === 0n ? {} : { error: { ...at(error), mask: values.errorMask } }),
      latencyUsec: values.latencyUsec,
      turnaroundUsec: values.turnaroundUsec,
    };
  });
}
