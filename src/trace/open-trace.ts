// Opening a trace for replay.
import { isArrow } from "./arrow-magic.ts";
import { baseName, inputOf, type TraceInput } from "./input.ts";
import { contentOf } from "./packing.ts";
import { type AddressRule, checkedPageBytes } from "./pages.ts";
import { badOption, refusal, refuse } from "./refusal.ts";
import { isSynth } from "./synth-name.ts";
import type { Trace } from "./trace.ts";

/** How a trace is opened. */
export interface OpenOptions {
  /** What to call bytes that have no name, or a file that has another; its ending tells brotli. */
  readonly name?: string;
  /** For Arrow files of users, which carry no rule: as they are (default), or pages numbered by first touch. */
  readonly addresses?: AddressRule;
  readonly pageBytes?: number;
  /** For files without a time column: ns per fetch record where there are any, else ns per read or write. Default 1. */
  readonly nsPerInstruction?: number;
  readonly nsPerAccess?: number;
}

export function checkedNs(name: string, value: number | undefined): number {
  const ns = value ?? 1;
  if (!(ns > 0 && ns <= 1e9)) throw badOption(`${name} is ${ns}; more than 0 and at most 1000000000 ns can be used`);
  return ns;
}

/**
 * Opens an Arrow trace: ours in either form, or a user's; plain, gzip or brotli. Recordings of other tools go through importTrace.
 * A name that begins with `synth:` is no file but a trace made on the fly.
 */
export async function openTrace(from: TraceInput, options: OpenOptions = {}): Promise<Trace> {
  if (typeof from === "string" && isSynth(from)) return (await import("./synth.ts")).synthTrace(from);
  const input = await inputOf(from, options.name === undefined ? undefined : baseName(options.name));
  const read = {
    addresses: options.addresses ?? "identity",
    pageBytes: checkedPageBytes(options.pageBytes ?? 4096),
    nsPerInstruction: checkedNs("nsPerInstruction", options.nsPerInstruction),
    nsPerAccess: checkedNs("nsPerAccess", options.nsPerAccess),
  };
  const place = { name: input.name, offset: 0, good: 0 };
  if (input.size === 0) throw refuse(place, "the file is empty");
  try {
    let head = new Uint8Array(0);
    for await (const chunk of (await contentOf(input)).chunks()) {
      head = chunk.slice(0, 8);
      break;
    }
    if (!isArrow(head) && head.length >= 6) {
      throw refuse(
        place,
        "is not an Arrow file or stream; recordings of other tools are imported first (mpam trace import)",
      );
    }
  } catch (error) {
    throw refusal(error, place);
  }
  const { ArrowTrace } = await import("./arrow-trace.ts");
  return ArrowTrace.open(input, read);
}
