// What a made-up trace is: `synth:PATTERN,key=value,...`, checked word by word (docs/trace-format.md, "Traces without a recording").
import { ErrnoError } from "../errno/index.ts";
import { nearest, readCount, readDuration, readNumber, readPercent, readSize } from "../written/index.ts";
import { SYNTH } from "./synth-name.ts";

export const PATTERNS = ["stream", "random", "zipf", "chase"] as const;

export type PatternName = (typeof PATTERNS)[number];

/** Where one pattern goes, within the working set. */
export interface PatternSpec {
  readonly pattern: PatternName;
  /** First byte of its working set, and how many there are. */
  readonly at: number;
  readonly ws: number;
  /** Distance of the places it can go to, in bytes. */
  readonly stride: number;
  readonly bytes: number;
  /** Skew of zipf. */
  readonly theta: number;
  /** Share of writes, 0 to 1. */
  readonly write: number;
}

export interface SynthSpec {
  /** Bytes of the whole working set. */
  readonly ws: number;
  readonly parts: readonly (PatternSpec & {
    /** Records of this part in each round. */
    readonly weight: number;
  })[];
  /** What the kernel does for each thread, at EL1: `records` after every `every` of the thread's own. */
  readonly kernel?: PatternSpec & { readonly records: number; readonly every: number };
  readonly n: number;
  readonly threads: number;
  readonly seed: number;
  /** Between records of one thread, and before the first, ns. */
  readonly gap: number;
  readonly start: number;
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /** Exception level of the records; without one nothing is said of it. */
  readonly el?: number;
  /** A device of the platform asks, and no threads. */
  readonly device?: string;
}

const LINE_BYTES = 64;
const MOST_ROUND = 65536;

interface Option {
  readonly allowed: string;
  read(text: string): number | string | undefined;
}

function numeric(
  read: (text: string) => number | undefined,
  min: number,
  max: number,
  allowed: string,
  whole = true,
): Option {
  return {
    allowed,
    read: (text) => {
      const number = read(text);
      return number !== undefined && number >= min && number <= max && (!whole || Number.isInteger(number))
        ? number
        : undefined;
    },
  };
}

/** 8M is 8 MiB, as for processors and compilers; MB is 10^6 bytes. */
function bytesOf(text: string): number | undefined {
  return readSize(/^[0-9.]+[kKMGT]$/.test(text) ? `${text.slice(0, -1)}${text.slice(-1).toUpperCase()}iB` : text);
}

const decimal = (text: string) => (/^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : undefined);
const duration = (text: string) => readDuration(text) ?? decimal(text);

const SIZE_ALLOWED = "a size such as 8M or 8MiB";

/** Keys that parts of a mix may set for themselves. */
const PART_KEYS: Readonly<Record<string, Option>> = {
  ws: numeric(bytesOf, 1, 2 ** 38, `${SIZE_ALLOWED}, up to 256 GiB,`),
  stride: numeric(bytesOf, 1, 2 ** 30, `${SIZE_ALLOWED}, up to 1 GiB,`),
  bytes: numeric(bytesOf, 1, 65535, "1 to 65535"),
  theta: numeric(decimal, 0, 10, "a number from 0 to 10", false),
  write: numeric((text) => readPercent(text) ?? decimal(text), 0, 1, "a share such as 0.3 or 30%", false),
};

const PLACE_KEYS: Readonly<Record<string, Option>> = { at: numeric(bytesOf, 0, 2 ** 38, SIZE_ALLOWED) };

const COMMON_KEYS: Readonly<Record<string, Option>> = {
  n: numeric(readCount, 1, 2 ** 48, "a number of records such as 20M"),
  threads: numeric(readNumber, 1, 65536, "1 to 65536"),
  seed: numeric(readNumber, 0, 0xffff_ffff, "a whole number from 0 to 4294967295"),
  gap: numeric(duration, 0, 1e12, "a time such as 10 or 2.5us", false),
  start: numeric(duration, 0, 1e15, "a time such as 2ms", false),
  pid: numeric(readNumber, 0, 0x7fff_ffff, "a process number"),
  tid: numeric(readNumber, 0, 0x7fff_ffff, "the thread number of the first thread"),
  el: numeric(readNumber, 0, 3, "an exception level, 0 to 3"),
  comm: { allowed: "a name of 1 to 15 characters", read: (text) => (/^.{1,15}$/.test(text) ? text : undefined) },
  device: {
    allowed: "the name of a device of the platform",
    read: (text) => (/^[A-Za-z0-9._-]+$/.test(text) ? text : undefined),
  },
};

const EVERY: Option = numeric(readCount, 1, 2 ** 32, "a number of records such as 100");

/** Throws an EINVAL of one line that says which word is wrong, and the nearest that exists. */
export function parseSynth(text: string): SynthSpec {
  const refuse = (what: string): never => {
    throw new ErrnoError("EINVAL", `${text}: ${what}`);
  };
  const [name = "", ...words] = text.slice(SYNTH.length).split(",");
  const known: readonly string[] = [...PATTERNS, "mix"];
  if (!known.includes(name))
    refuse(`there is no pattern '${name}'${didYouMean(name, known)}; ${list(known)} are known`);
  const values = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals < 1) refuse(`'${word}' is no option; KEY=VALUE is needed, as in ws=8M`);
    const key = word.slice(0, equals);
    if (values.has(key)) refuse(`${key} stands there twice`);
    values.set(key, word.slice(equals + 1));
  }
  const weights = weightsOf(name, values, refuse);
  const calls = kernelOf(values, refuse);
  const options = optionsOf(name, weights, calls?.pattern, values, refuse);
  const number = (key: string, otherwise: number): number => (options.get(key) as number | undefined) ?? otherwise;
  const ws = number("ws", 8 * 2 ** 20);
  const partOf = (pattern: PatternName, prefix: string): PatternSpec => {
    const own = (key: string, otherwise: number): number => number(`${prefix}.${key}`, number(key, otherwise));
    const at = number(`${prefix}.at`, 0);
    const part = {
      pattern,
      at,
      ws: number(`${prefix}.ws`, ws - at),
      stride: own("stride", LINE_BYTES),
      bytes: own("bytes", LINE_BYTES),
      theta: own("theta", 0.99),
      write: own("write", 0),
    };
    const whose = name === "mix" || prefix === "kernel" ? `${prefix} ` : "";
    if (part.at + part.ws > ws) refuse(`${whose}goes to byte ${part.at + part.ws} of a working set of ${ws}`);
    if (part.bytes > part.ws) refuse(`${whose}bytes=${part.bytes} do not fit into a working set of ${part.ws}`);
    if (placesOf(part) > 2 ** 32) refuse(`${whose}has more than 2^32 places to go to; a larger stride has fewer`);
    return part;
  };
  const el = options.get("el") as number | undefined;
  if (calls !== undefined && el !== undefined)
    refuse("with kernel= the records are of EL0 and EL1, and el= says another");
  const spec: SynthSpec = {
    ws,
    parts: [...weights].map(([pattern, weight]) => ({ ...partOf(pattern, pattern), weight })),
    ...(calls === undefined
      ? {}
      : { kernel: { ...partOf(calls.pattern, "kernel"), records: calls.records, every: number("every", 100) } }),
    n: number("n", 1_000_000),
    threads: number("threads", 1),
    seed: number("seed", 1),
    gap: number("gap", 1),
    start: number("start", 0),
    pid: number("pid", 1),
    tid: number("tid", number("pid", 1)),
    comm: (options.get("comm") as string | undefined) ?? name,
    ...(el === undefined ? {} : { el }),
    ...(options.has("device") ? { device: options.get("device") as string } : {}),
  };
  if (spec.device !== undefined && spec.threads > 1) refuse("a device has no threads; threads=1 is allowed");
  if (spec.device !== undefined && (calls ?? el) !== undefined) refuse("a device has no exception levels");
  if (spec.start + (spec.n / spec.threads) * spec.gap > Number.MAX_SAFE_INTEGER) refuse("the times go past 2^53 ns");
  return spec;
}

/** How many places a pattern can go to: multiples of its stride at which an access fits. */
export function placesOf({ ws, bytes, stride }: Pick<PatternSpec, "ws" | "bytes" | "stride">): number {
  return Math.floor((ws - bytes) / stride) + 1;
}

type Refuse = (what: string) => never;

/** The parts of a mix, `of=zipf:3+stream:1`; any other pattern is the only part. */
function weightsOf(name: string, values: Map<string, string>, refuse: Refuse): Map<PatternName, number> {
  if (name !== "mix") return new Map([[name as PatternName, 1]]);
  const text = values.get("of");
  values.delete("of");
  if (text === undefined) return refuse("a mix needs its parts, as in of=zipf:3+stream:1");
  const weights = new Map<PatternName, number>();
  for (const part of text.split("+")) {
    const [word = "", count = "1", ...rest] = part.split(":");
    const pattern = PATTERNS.find((one) => one === word);
    if (pattern === undefined)
      return refuse(`of names '${word}'${didYouMean(word, PATTERNS)}; ${list(PATTERNS)} can be mixed`);
    if (weights.has(pattern)) refuse(`of names ${pattern} twice`);
    const weight = rest.length > 0 ? undefined : readNumber(count);
    if (weight === undefined || weight < 1 || !Number.isInteger(weight)) {
      return refuse(`the weight of ${pattern} is '${part.slice(word.length + 1)}'; a whole number from 1 on is needed`);
    }
    weights.set(pattern, weight);
  }
  const round = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  if (round > MOST_ROUND) refuse(`the weights add up to ${round}; ${MOST_ROUND} is the most`);
  return weights;
}

/** System calls, `kernel=random:20`: a pattern, and how many records each takes. */
function kernelOf(values: Map<string, string>, refuse: Refuse): { pattern: PatternName; records: number } | undefined {
  const text = values.get("kernel");
  values.delete("kernel");
  if (text === undefined) return undefined;
  const [word = "", count = "", ...rest] = text.split(":");
  const pattern = PATTERNS.find((one) => one === word);
  if (pattern === undefined)
    return refuse(`kernel names '${word}'${didYouMean(word, PATTERNS)}; ${list(PATTERNS)} are what it can do`);
  const records = rest.length > 0 ? undefined : readCount(count);
  if (records === undefined || records < 1 || records > 2 ** 32 || !Number.isInteger(records))
    return refuse(`kernel is '${text}'; a pattern and a number of records are needed, as in ${pattern}:20`);
  return { pattern, records };
}

function optionsOf(
  name: string,
  weights: ReadonlyMap<PatternName, number>,
  kernel: PatternName | undefined,
  values: ReadonlyMap<string, string>,
  refuse: Refuse,
): Map<string, number | string> {
  const all = new Map<string, Option>(Object.entries({ ...COMMON_KEYS, ...PART_KEYS }));
  if (!weights.has("zipf")) all.delete("theta");
  const addPart = (pattern: PatternName, prefix: string) => {
    for (const [key, option] of Object.entries({ ...PART_KEYS, ...PLACE_KEYS })) {
      if (key !== "theta" || pattern === "zipf") all.set(`${prefix}.${key}`, option);
    }
  };
  if (kernel !== undefined) {
    all.set("every", EVERY);
    addPart(kernel, "kernel");
  }
  if (name === "mix") for (const pattern of weights.keys()) addPart(pattern, pattern);
  const options = new Map<string, number | string>();
  for (const [key, text] of values) {
    const option = all.get(key);
    if (option === undefined) {
      const keys = [...all.keys()].filter((one) => !one.includes("."));
      return refuse(`there is no option '${key}'${didYouMean(key, [...all.keys()])}; ${list(keys)} are known here`);
    }
    const value = option.read(text);
    if (value === undefined) return refuse(`${key} is '${text}'; ${option.allowed.replace(/,$/, "")} is needed`);
    options.set(key, value);
  }
  return options;
}

function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
