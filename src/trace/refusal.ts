// How a trace is refused: one line with the file, the place, and how much before it was good.
import { ErrnoError, messageOf } from "../errno/index.ts";

/** Where in a trace something was found wrong. */
export interface Place {
  readonly name: string;
  /** Byte offset, in the unpacked content where the file is compressed. */
  readonly offset: number;
  /** The line or the record, where that is known better: "line 7", "byte 96". */
  readonly at?: string;
  /** Records before the place that were read without complaint. */
  readonly good: number;
}

export function refuse(place: Place, what: string, cause?: unknown): ErrnoError {
  const { name, offset, at, good } = place;
  const records = good === 1 ? "1 record before it is good" : `${good} records before it are good`;
  return new ErrnoError(
    "EINVAL",
    `${name}: ${at ?? `byte ${offset}`}: ${what}; ${records}`,
    cause === undefined ? {} : { cause },
  );
}

/** Anything thrown while reading becomes a refusal that says where; what already is one stays as it is. */
export function refusal(error: unknown, place: Place): ErrnoError {
  if (error instanceof ErrnoError) return error;
  const text = messageOf(error);
  return refuse(place, text === "" ? "cannot be read" : (text.split("\n", 1)[0] as string), error);
}

export function badOption(text: string): ErrnoError {
  return new ErrnoError("EINVAL", text);
}
