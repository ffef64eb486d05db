// Traces that this host cannot get: nothing is wrong with the unit that names them, and another host may have them.

import { ErrnoError } from "../../errno/index.ts";

/** A trace that is not here, or not the one that the plan has. Its unit has no result, not a failed one. */
export class TraceOutOfReach extends ErrnoError {}

/** The same refusal, of this host. */
export function asOutOfReach(error: ErrnoError): TraceOutOfReach {
  const { code, message } = error;
  return new TraceOutOfReach(code, message.replace(`${code}: `, ""), { cause: error });
}

/** `found` is what the file has now. */
export function hasChanged(place: string, found: string, planned: string): TraceOutOfReach {
  return new TraceOutOfReach(
    "ESTALE",
    `${place}: the file has changed since the plan was made: its SHA-256 is ${found}, and the plan has ${planned}`,
  );
}

export function hasOtherSize(place: string, found: number, planned: number): TraceOutOfReach {
  return new TraceOutOfReach(
    "ESTALE",
    `${place}: the file has changed since the plan was made: it has ${found} bytes, and the plan has ${planned}`,
  );
}

/** `bytes`: where its size is known. */
export function noRoom(place: string, most: number, bytes?: number): TraceOutOfReach {
  const size = bytes === undefined ? `more than ${most}` : String(bytes);
  return new TraceOutOfReach("ENOSPC", `${place}: has ${size} bytes, and there is room for ${most}`);
}
