// A unit of a sweep: one replay of some traces on one platform under one configuration, as plain data. Its result is a function
// of what stands in `work` and of the tool, so it has a name.

/** A trace as a unit names it. */
export interface TraceNamed {
  /** As for `mpam replay`: a path or a URL, or synth:PATTERN, and behind an @ what is replayed of it. */
  readonly argument: string;
  /** SHA-256 of the file, hex; absent of synthetic traces, which their argument says all about. */
  readonly sha256?: string;
  /** Bytes of the file. */
  readonly bytes?: number;
}

/** What is written for a group: lines of its schemata file, in their order. "/" is the default group. */
export type Schemata = Readonly<Record<string, readonly string[]>>;

export const setsNothing = (schemata: Schemata): boolean =>
  Object.values(schemata).every((lines) => lines.length === 0);

/** How a replay goes, the same words as the options of `mpam replay`. */
export interface Replaying {
  readonly timing?: "open" | "closed";
  readonly statistics?: "counts" | "full";
  readonly warmup?: string;
  /** Ends there, ns of model time. */
  readonly until?: number;
  /** Rules, NAME=RULE. */
  readonly group: readonly string[];
  readonly guest?: readonly string[];
  readonly guestPartid?: readonly string[];
  readonly kernelMode?: string;
  readonly compat?: "linux-7.3";
  readonly commandLine?: string;
  /** Text of a label map. */
  readonly labels?: string;
  /** Lines of a script. */
  readonly script?: readonly string[];
}

/** A part of a replay: those slices of the last caches whose number modulo `of` is `index`. */
export interface Part {
  readonly index: number;
  readonly of: number;
  /** The parts are not independent, and their sum is not what the whole would give. */
  readonly approximate?: true;
}

/** Everything that the result of a unit depends on, the tool aside. Plain JSON. */
export interface Work {
  readonly traces: readonly TraceNamed[];
  /** A platform as loadPlatform takes it: an object, checked. `seed` of random replacement stands in it. */
  readonly platform: object;
  readonly replaying: Replaying;
  /** Written after the groups are there and before the first record. */
  readonly schemata: Schemata;
  /** Of the pages; absent: they lie as they come. */
  readonly layout?: number;
  readonly part?: Part;
}

/** Where a unit stands in its plan: for people, and for tables. */
export interface Place {
  /** Names of the plan. */
  readonly workload: string;
  readonly platform: string;
  readonly configuration: string;
  /** What was varied: "L3 of web" to 11 (portions), "MB of web" to 20, the name of a choice to what was chosen. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** Of random replacement, where it is repeated. */
  readonly seed?: number;
  readonly layout?: number;
}

/** One replay of a sweep. */
export interface Unit {
  /** Its result's: SHA-256 of the tool and of the work without the places of its traces, hex. */
  readonly name: string;
  readonly place: Place;
  readonly work: Work;
}
