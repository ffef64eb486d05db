// Parts of who asks beside threads: the label of a record's own, where a trace has one, and the device or stream.
import { type Label, spaceNamed, type TraceRequester } from "../machine/index.ts";

export const MOST_PARTID = 0xffff;
export const MOST_PMG = 0xff;
export const MOST_SPACE = 3;

/** MPAM_SP by number or name. */
export function spaceOf(text: string): number | undefined {
  const word = text.toLowerCase();
  for (let n = 0; n <= MOST_SPACE; n++) if (word === String(n) || word === spaceNamed(n)) return n;
  return undefined;
}

/** A label needs a PARTID; a trace that says no space means the Non-secure one. */
export function labelOf(
  space: number | undefined,
  partid: number | undefined,
  pmg: number | undefined,
): Label | undefined {
  return partid === undefined ? undefined : { space: spaceNamed(space ?? 1), partid, pmg: pmg ?? 0 };
}

/** A name goes before a stream; a stream of no SMMU in particular is one of the first. */
export function deviceOf(
  device: string | undefined,
  smmu: number | undefined,
  sid: number | undefined,
  ssid: number | undefined,
): Pick<TraceRequester, "device" | "stream"> {
  if (device !== undefined) return { device };
  if (sid === undefined) return {};
  return { stream: { smmu: smmu ?? 0, sid, ...(ssid === undefined ? {} : { ssid }) } };
}
