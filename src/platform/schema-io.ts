// The keys of SMMUs and devices in a platform file.

import * as v from "valibot";
import { integer, list, map, oneOf, value } from "../written/index.ts";
import { address, flag, limits, space } from "./schema-parts.ts";
import { SUBSTREAMS_MAXIMUM } from "./types-io.ts";

const ssid = integer(0, SUBSTREAMS_MAXIMUM - 1, "a SubstreamID");
const sid = integer(0, 0xffff_ffff, "a StreamID");
const partid = integer(0, 65_535, "a PARTID");
const pmg = integer(0, 255, "a PMG");
const streamSpace = oneOf(["ns", "s", "rl"], "ns, s or rl is allowed");

const stream = map({
  sid,
  space: v.optional(streamSpace),
  config: oneOf(
    ["abort", "bypass", "stage1", "stage2", "nested"],
    "abort, bypass, stage1, stage2 or nested is allowed",
  ),
  s1mpam: flag,
  partid: v.optional(partid),
  pmg: v.optional(pmg),
  mpamNs: flag,
  vmid: v.optional(integer(0, 65_535, "a VMID")),
  vms: v.optional(list(partid)),
  s1dss: v.optional(oneOf(["terminate", "bypass", "substream0"], "terminate, bypass or substream0 is allowed")),
  substreams: v.optional(list(map({ ssid, partid: v.optional(partid), pmg: v.optional(pmg) }))),
});

export const smmu = map({
  base: address,
  mpam: flag,
  partidMax: v.optional(limits.partidMax),
  pmgMax: v.optional(limits.pmgMax),
  secure: v.optional(map({ ...limits, mpamNs: flag })),
  realm: v.optional(map({ base: address, mpamNs: flag })),
  enabled: flag,
  atschk: flag,
  pasidtt: flag,
  streams: v.optional(list(stream)),
});

const entered = v.strictObject({
  level: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)),
  id: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/** "memory", "L3" where a level has one cache, "L3 0"; or as a platform that has been checked has it. */
const enters = value(
  '"memory" or a cache such as "L3" or "L3 0" is allowed',
  (input) => {
    if (input === "memory") return { level: 0, id: undefined };
    const match = typeof input === "string" ? /^L([1-4])(?: ([0-9]{1,10}))?$/.exec(input) : null;
    if (match) return { level: Number(match[1]), id: match[2] === undefined ? undefined : Number(match[2]) };
    return v.is(entered, input) ? input : undefined;
  },
  { type: "string", pattern: "^(memory|L[1-4]( [0-9]{1,10})?)$" },
);

export const device = map({
  name: value(
    "a name of letters, digits, '.', '_' and '-' is allowed",
    (input) => (typeof input === "string" && /^[A-Za-z0-9._-]+$/.test(input) ? input : undefined),
    { type: "string", pattern: "^[A-Za-z0-9._-]+$" },
  ),
  stream: v.optional(
    map({
      smmu: v.optional(integer(0, 255, "the place of an SMMU in smmus, from 0 on")),
      sid,
      ssid: v.optional(ssid),
      space: v.optional(streamSpace),
    }),
  ),
  label: v.optional(map({ space: v.optional(space), partid, pmg: v.optional(pmg) })),
  ats: flag,
  enters: v.optional(enters),
});

export type WrittenSmmu = v.InferOutput<typeof smmu>;
export type WrittenStream = v.InferOutput<typeof stream>;
export type WrittenDevice = v.InferOutput<typeof device>;
