// The keys of a platform file, each with the values it may have. What keys say about each other is in checks.ts.

import * as v from "valibot";
import {
  choiceForm,
  cpusForm,
  inRange,
  integer,
  list,
  map,
  numberForm,
  oneOf,
  rateForm,
  readCpus,
  readNumber,
  readRate,
  readSize,
  size,
  value,
} from "../written/index.ts";
import { device, smmu } from "./schema-io.ts";
import { address, flag, limits, space } from "./schema-parts.ts";
import { ERRATA } from "./types.ts";

/** Bytes a second of a port. */
export const RATE_MAXIMUM = 1e13;

export const CACHE_ID_MAXIMUM = 0xffff_ffff;

const text = value(
  "a line of text is allowed",
  (input) => (typeof input === "string" && /^.+$/.test(input.trim()) ? input.trim() : undefined),
  { type: "string", minLength: 1 },
);
const cpus = value('cpu numbers such as 3 or "0-3,6" are allowed', readCpus, cpusForm(1));
/** A memory node may have no cpu. */
const cpusOrNone = value(
  'cpu numbers such as 3 or "0-3,6", or an empty list, are allowed',
  (input) => (Array.isArray(input) && input.length === 0 ? [] : readCpus(input)),
  cpusForm(0),
);
const monitors = integer(1, 65_535, "a number of monitors");

/** 1.0 and 1.1 without quotes are numbers to YAML. */
const version = value(
  '"0.1", "1.0" or "1.1" is allowed',
  (input) => (["0.1", "1.0", "1.1"] as const).find((known) => known === input || Number(known) === input),
  choiceForm("0.1", "1.0", "1.1", 0.1, 1, 1.1),
);

const width = integer(1, 16, "a number of fraction bits");
const priorityWidth = v.optional(integer(1, 16, "a number of priority bits"));

/** MPAMCFG_MBW_WINWD is 16.8: what it cannot hold is refused and not rounded. */
const windowUsec = value(
  "microseconds in steps of 1/256, 0 to 65535.99609375, are allowed",
  (input) => {
    const usec = readNumber(input);
    return usec !== undefined && Number.isInteger(usec * 256) && usec >= 0 && usec < 2 ** 16 ? usec : undefined;
  },
  { type: ["number", "string"], minimum: 0, exclusiveMaximum: 2 ** 16 },
);

/** What monitors of both types may have. */
const monitorFeatures = {
  monitors,
  capture: flag,
  oflowLnkg: flag,
  ofsr: flag,
  cevntOflw: flag,
  oflowCapt: flag,
  noMatchPartid: flag,
  noMatchPmg: flag,
  nrdy: v.optional(oneOf(["hw", "sw", "none"], "hw, sw or none is allowed")),
};

const controls = {
  impl: v.optional(map({ idr: integer(0, 0xffff_ffff, "the value of MPAMF_IMPL_IDR"), noPart: flag, noMsmon: flag })),
  cpor: v.optional(
    map({ cpbmWd: integer(1, 32_768, "a number of cache portions (up to 1024 of them act on traffic)") }),
  ),
  ccap: v.optional(map({ cmaxWd: width, noCmax: flag, cmaxSoftlim: flag, cmin: flag, cassocWd: v.optional(width) })),
  mbw: v.optional(
    map({
      // 0 is for bandwidth portions alone: check-msc.ts.
      bwaWd: integer(0, 16, "a number of fraction bits"),
      max: flag,
      maxLim: v.optional(oneOf(["both", "soft", "hard"], "both, soft or hard is allowed")),
      min: flag,
      prop: flag,
      bwpbmWd: v.optional(integer(1, 4096, "a number of bandwidth portions")),
      window: v.optional(oneOf(["paced", "fixed"], "paced or fixed is allowed")),
      windwr: flag,
      winwdUsec: v.optional(windowUsec),
    }),
  ),
  pri: v.optional(map({ intpriWd: priorityWidth, intpri0IsLow: flag, dspriWd: priorityWidth, dspri0IsLow: flag })),
  csu: v.optional(map({ ...monitorFeatures, csuRo: flag, xcl: flag })),
  mbwu: v.optional(
    map({
      ...monitorFeatures,
      counter: oneOf([31, 44, 63], "a counter of 31, 44 or 63 bits is allowed"),
      scale: v.optional(integer(0, 31, "a number of bits to shift by")),
      rwbw: flag,
    }),
  ),
};

export const CONTROL_NAMES = Object.keys(controls) as (keyof typeof controls)[];

const translation = v.optional(map({ partidMax: limits.partidMax, direct: flag, baseMask: flag }));

const interrupt = integer(0, 0xffff_ffff, "an interrupt number (0 for none)");

const mailbox = map({
  subspace: v.optional(integer(0, 255, "the number of a PCC subspace")),
  base: address,
  bytes: v.optional(integer(32, 4096, "a number of bytes")),
  latencyUsec: v.optional(integer(0, 1_000_000, "a number of microseconds")),
  interrupt: v.optional(interrupt),
});

const msc = map({
  base: v.optional(address),
  mailbox: v.optional(integer(0, 255, "the number of a PCC subspace")),
  errata: v.optional(list(oneOf(ERRATA, `${ERRATA.join(", ")} are allowed`))),
  power: v.optional(oneOf(["kept", "lost"], "kept or lost is allowed")),
  stride: v.optional(size(2 ** 16, 2 ** 40, "a multiple of 64 KiB up to 1 TiB")),
  version: v.optional(version),
  iidr: v.optional(integer(0, 0xffff_ffff, "the value of MPAMF_IIDR")),
  spaces: v.optional(
    map({
      ns: v.pipe(map(limits), v.description("ns is always needed")),
      s: v.optional(map(limits)),
      rt: v.optional(map(limits)),
      rl: v.optional(map(limits)),
    }),
  ),
  nrdyUsec: v.optional(integer(0, 0xffff_ffff, "a number of microseconds")),
  errorInterrupt: v.optional(interrupt),
  overflowInterrupt: v.optional(interrupt),
  cpus: v.optional(cpus),
  esr: v.optional(oneOf(["none", 32, 64], "none, 32 or 64 is allowed")),
  errorStyle: v.optional(oneOf(["level", "edge"], "level or edge is allowed")),
  errMsi: flag,
  noHwOflwIntr: flag,
  oflwMsi: flag,
  oflowSr: flag,
  localCaptEvnt: flag,
  captEvents: v.optional(list(integer(1, 6, "a capture event"))),
  partidNrw: v.optional(map({ intPartidMax: integer(0, 65_535, "the largest intPARTID") })),
  endis: v.optional(map({ nfu: v.optional(oneOf(["none", "keep", "poison"], "none, keep or poison is allowed")) })),
  inTl: translation,
  outTl: translation,
  tlMonitoring: v.optional(oneOf(["between", "before", "after"], "between, before or after is allowed")),
  defaultPartid: flag,
  selectorCheck: v.optional(oneOf(["acs", "reject", "lazy"], "acs, reject or lazy is allowed")),
  resetFill: v.optional(integer(0, 0xffff_ffff, "a word of 32 bits")),
  valueClearsStatus: v.optional(oneOf(["always", "conditional"], "always or conditional is allowed")),
  unfreeze: v.optional(oneOf(["value", "value-or-frz"], "value or value-or-frz is allowed")),
  scaleRounding: v.optional(oneOf(["nearest", "floor"], "nearest or floor is allowed")),
  ris: v.optional(
    list(map({ ris: integer(0, 15, "a resource instance"), spaces: v.optional(list(space)), ...controls })),
  ),
  ...controls,
});

const rate = value(
  'bytes a second such as "12.8 GB/s", 1 to 10 TB/s, are allowed',
  inRange(readRate, 1, RATE_MAXIMUM),
  rateForm(1, RATE_MAXIMUM),
);

const noBandwidth = oneOf(["none"], "none, or a map with the keys bwaWd, maxLim, hwScale, bytesPerSecond, is allowed");
const bandwidth = map({
  bwaWd: width,
  maxLim: v.optional(oneOf(["both", "soft", "hard"], "both, soft or hard is allowed")),
  hwScale: flag,
  bytesPerSecond: v.optional(rate),
});

/** What a cpu has beside its limits. */
const pe = {
  version: v.optional(
    value(
      '"0.1", "1.0", "1.1" or none is allowed',
      (input) => (["0.1", "1.0", "1.1", "none"] as const).find((known) => known === input || Number(known) === input),
      choiceForm("0.1", "1.0", "1.1", "none", 0.1, 1, 1.1),
    ),
  ),
  el2: flag,
  el3: flag,
  vpmrMax: v.optional(
    value(
      "the last MPAMVPM<n>_EL2, 0 to 7, or none is allowed",
      (input) => (input === "none" ? input : inRange(readNumber, 0, 7)(input)),
      { anyOf: [choiceForm("none"), numberForm(0, 7)] },
    ),
  ),
  tidr: flag,
  sdeflt: flag,
  forceNs: v.optional(oneOf(["none", "rw", "rao"], "none, rw or rao is allowed")),
  rme: flag,
  sme: flag,
  bandwidth: v.optional(v.lazy((input) => (typeof input === "string" ? noBandwidth : bandwidth))),
  firmware: v.optional(map({ enables: flag, traps: flag })),
  vhe: flag,
  unpredictable: v.optional(
    map({
      reset: v.optional(oneOf(["zero", "ones"], "zero or ones is allowed")),
      virtual: v.optional(oneOf(["default", "zero", "wrap"], "default, zero or wrap is allowed")),
      physical: v.optional(oneOf(["zero", "max"], "zero or max is allowed")),
      pmg: v.optional(oneOf(["zero", "max"], "zero or max is allowed")),
      pmgOfError: v.optional(oneOf(["keep", "zero"], "keep or zero is allowed")),
      phyPartid: v.optional(oneOf(["full", "narrow"], "full or narrow is allowed")),
      streaming: v.optional(oneOf(["mpamsm", "el"], "mpamsm or el is allowed")),
      altspFrcd: v.optional(oneOf(["any", "forced"], "any or forced is allowed")),
    }),
  ),
};

const unlike = map({
  cpus,
  partidMax: v.optional(limits.partidMax),
  pmgMax: v.optional(limits.pmgMax),
  ...pe,
});

const latency = v.optional(integer(0, 1_000_000, "a number of nanoseconds"));
const lineBytes = v.optional(
  value(
    "32, 64, 128 or 256 is allowed",
    (input) => {
      const bytes = readNumber(input);
      return ([32, 64, 128, 256] as const).find((known) => known === bytes);
    },
    { anyOf: [choiceForm(32, 64, 128, 256), { type: "string" }] },
  ),
);

const cache = map({
  level: integer(1, 4, "a cache level"),
  per: v.optional(oneOf(["cpu", "cluster", "all"], "cpu, cluster or all is allowed")),
  id: v.optional(integer(0, CACHE_ID_MAXIMUM, "a cache id")),
  cpus: v.optional(cpus),
  bytes: size(32, 2 ** 30, 'a size such as "1 MiB", up to 1 GiB,'),
  ways: integer(1, 64, "a number of ways"),
  // That of the machine: checks.ts.
  lineBytes,
  policy: v.optional(oneOf(["lru", "plru", "nru", "random"], "lru, plru, nru or random is allowed")),
  slices: v.optional(integer(1, 64, "a number of slices")),
  inclusive: flag,
  relabelOnWriteHit: flag,
  mbwu: v.optional(oneOf(["downstream", "upstream"], "downstream or upstream is allowed")),
  latencyNs: latency,
  bytesPerSecond: v.optional(rate),
  msc: v.optional(msc),
});

const memory = map({
  node: v.optional(integer(0, 1023, "a NUMA node number")),
  cpus: v.optional(cpusOrNone),
  bytes: size(2 ** 20, 2 ** 38, 'a size such as "8 GiB", 1 MiB to 256 GiB,'),
  channels: v.optional(integer(1, 64, "a number of channels")),
  bytesPerSecond: rate,
  latencyNs: latency,
  msc: v.optional(msc),
});

export const platformSchema = map({
  name: text,
  description: v.optional(
    value("text is allowed", (input) => (typeof input === "string" ? input.trim() : undefined), { type: "string" }),
  ),
  cpus: integer(1, 1024, "a number of cpus"),
  firmware: v.optional(oneOf(["acpi", "dt", "android"], "acpi, dt or android is allowed")),
  socId: v.optional(integer(0, 0x7fff_ffff, "the version of a SoC")),
  mailboxes: v.optional(list(mailbox)),
  processor: map({
    ...limits,
    outstanding: v.optional(integer(1, 65_536, "a number of requests")),
    requesters: v.optional(integer(1, 4096, "a number of requesters")),
    ...pe,
    unlike: v.optional(list(unlike)),
  }),
  quantumNs: v.optional(integer(1, 1_000_000_000, "a number of nanoseconds")),
  lineBytes,
  clusters: v.optional(list(cpus)),
  seed: v.optional(integer(0, 0xffff_ffff, "a seed")),
  numa: v.optional(oneOf(["interleave", "fill"], "interleave or fill is allowed")),
  pageBytes: v.optional(
    value(
      "4 KiB, 16 KiB, 64 KiB or 2 MiB is allowed",
      (input) => {
        const bytes = readSize(input);
        return [2 ** 12, 2 ** 14, 2 ** 16, 2 ** 21].find((known) => known === bytes);
      },
      { title: "4 KiB, 16 KiB, 64 KiB or 2 MiB", type: ["integer", "string"] },
    ),
  ),
  owners: v.optional(integer(1, 2048, "a number of labels in use at once")),
  memoryLimit: v.optional(size(2 ** 20, 2 ** 32, 'a size such as "1 GiB", 1 MiB to 4 GiB,')),
  caches: v.optional(list(cache)),
  memory: list(memory),
  smmus: v.optional(list(smmu)),
  devices: v.optional(list(device)),
});

/** What a checked file says, before the defaults are filled in. */
export type WrittenPlatform = v.InferOutput<typeof platformSchema>;
export type WrittenCache = v.InferOutput<typeof cache>;
export type WrittenMemory = v.InferOutput<typeof memory>;
export type WrittenMailbox = v.InferOutput<typeof mailbox>;
export type WrittenMsc = v.InferOutput<typeof msc>;
/** Of one cpu, its limits left out. */
export type WrittenPe = Omit<v.InferOutput<typeof unlike>, "cpus" | "partidMax" | "pmgMax">;
export type WrittenRis = NonNullable<WrittenMsc["ris"]>[number];
