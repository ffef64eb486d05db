// Traces as a command line names them: NAME@start=2ms,loop=3 (docs/replay.md).
import { ErrnoError } from "../errno/index.ts";
import { nearest, readCount, readDuration } from "../written/index.ts";
import { again, endOf, Looped, looped, skipping, slice, startingAt, taking } from "./compose.ts";
import { type OpenOptions, openTrace } from "./open-trace.ts";
import { firstRow, parsePosition } from "./positions.ts";
import type { MarkedSource, Position } from "./trace.ts";

export interface TraceArgument {
  /** A path, or synth:... */
  readonly name: string;
  /** When it begins, ns of model time after the start of the replay. */
  readonly start: number;
  readonly loop: number | "forever";
  /** A lap each so many ns. */
  readonly every?: number;
  readonly from?: Position;
  readonly to?: Position;
}

const KEYS = ["start", "loop", "every", "from", "to"] as const;

/**
 * Options stand behind the last `@`, where KEY= follows it and no slash. `@@` stands for one `@` of the name. Throws EINVAL.
 */
export function parseTraceArgument(text: string): TraceArgument {
  const refuse = (what: string): never => {
    throw new ErrnoError("EINVAL", `${text}: ${what}`);
  };
  const { name, options } = split(text);
  const values = new Map<string, string>();
  for (const option of options === "" ? [] : options.split(",")) {
    const equals = option.indexOf("=");
    const key = equals < 0 ? option : option.slice(0, equals);
    if (!KEYS.some((one) => one === key)) {
      const meant = nearest(key, KEYS);
      refuse(
        `there is no option '${key}'${meant ? `; did you mean ${meant}?` : ""}; ${KEYS.join(", ")} are known (@@ is an @ of the name)`,
      );
    }
    if (equals < 0) refuse(`${key} needs a value, as in start=2ms`);
    if (values.has(key)) refuse(`${key} stands there twice`);
    values.set(key, option.slice(equals + 1));
  }
  const durationOf = (key: "start" | "every"): number | undefined => {
    const value = values.get(key);
    if (value === undefined) return undefined;
    return value === "0" ? 0 : (readDuration(value) ?? refuse(`${key} is '${value}'; a time such as 2ms is needed`));
  };
  const positionOf = (key: "from" | "to"): Position | undefined => {
    const value = values.get(key);
    if (value === undefined) return undefined;
    return parsePosition(value) ?? refuse(`${key} is empty; a time, a number of records or a marker is needed`);
  };
  const laps = values.get("loop") ?? "1";
  const loop = laps === "forever" ? laps : readCount(laps);
  if (loop === undefined || loop === 0)
    return refuse(`loop is '${laps}'; a whole number from 1 on, or forever, is needed`);
  if (loop === 1 && values.has("every")) refuse("every is of no use without loop");
  const [every, from, to] = [durationOf("every"), positionOf("from"), positionOf("to")];
  return {
    name,
    start: durationOf("start") ?? 0,
    loop,
    ...(every === undefined ? {} : { every }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** The same argument for the same trace under another name. */
export function renamedTrace(text: string, name: string): string {
  const { options } = split(text);
  return `${name.replaceAll("@", "@@")}${options === "" ? "" : `@${options}`}`;
}

function split(text: string): { name: string; options: string } {
  // Two @ are one of the name's; what is left of them marks where they stood.
  const marks = [...text.matchAll(/@@|@/g)].filter(([mark]) => mark === "@").map(({ index }) => index);
  const last = marks.at(-1);
  const unescaped = (part: string) => part.replaceAll("@@", "@");
  if (last === undefined || !/^[a-z]+=[^/]*$/.test(text.slice(last + 1))) return { name: unescaped(text), options: "" };
  return { name: unescaped(text.slice(0, last)), options: text.slice(last + 1) };
}

/**
 * Opens traces to be replayed together, each a program of its own even where a name stands twice. A piece is taken first, then
 * looped, then begun later. `loop=forever` goes on until the last of the traces that end has ended.
 */
export async function openTraces(
  texts: readonly string[],
  options: OpenOptions = {},
): Promise<readonly MarkedSource[]> {
  return openTracesBy(texts, (name) => openTrace(name, options));
}

/** The same of traces that the caller opens: `open` gives the whole trace that the text at `index` names. */
export async function openTracesBy(
  texts: readonly string[],
  open: (name: string, index: number) => Promise<MarkedSource>,
): Promise<readonly MarkedSource[]> {
  const opened = texts.map((text) => ({ text, argument: parseTraceArgument(text) }));
  const sources: MarkedSource[] = [];
  for (const [i, { text, argument }] of opened.entries()) {
    sources.push(await pieceOf(text, argument, await open(argument.name, i)));
  }
  const endNs = await lastEnd(
    sources.map((source, i) => (isEndless(source) ? source : startingAt(source, opened[i]?.argument.start ?? 0))),
    texts,
  );
  const seen = new Map<string, number>();
  const all: MarkedSource[] = [];
  for (const [i, { text, argument }] of opened.entries()) {
    const whole = sources[i] as MarkedSource;
    const ended = whole instanceof Looped ? await untilEnd(text, whole, endNs - argument.start) : whole;
    const source = startingAt(ended, argument.start);
    const which = (seen.get(source.hash) ?? 0) + 1;
    seen.set(source.hash, which);
    all.push(which === 1 ? source : again(source, which));
  }
  return all;
}

async function pieceOf(
  text: string,
  { from, to, loop, every }: TraceArgument,
  whole: MarkedSource,
): Promise<MarkedSource> {
  let source = whole;
  // Both points are named in the trace as it is, so the end is cut first.
  if (to) source = await taking(source, to);
  if (from) source = await skipping(source, from);
  if (source.records === 0 && (from || to)) {
    throw new ErrnoError("EINVAL", `${text}: no record lies between from and to`);
  }
  return loop === 1 ? source : looped(source, loop, every);
}

const isEndless = (source: MarkedSource) => source.records === Number.POSITIVE_INFINITY;

/** Time of the last record of all traces that end, where one of them does not. */
async function lastEnd(sources: readonly MarkedSource[], texts: readonly string[]): Promise<number> {
  const ending = sources.filter((source) => !isEndless(source));
  if (ending.length === sources.length) return Number.POSITIVE_INFINITY;
  if (ending.length === 0) throw new ErrnoError("EINVAL", `${texts[0]}: goes on forever; one of the traces has to end`);
  return endOf(ending);
}

async function untilEnd(text: string, source: Looped, endNs: number): Promise<MarkedSource> {
  if (!isEndless(source)) return source;
  if (endNs < source.firstNs) throw new ErrnoError("EINVAL", `${text}: begins after all others have ended`);
  // Laps that are whole need no reading; the one in which the end comes does.
  const lap = Math.floor((endNs - source.firstNs) / source.lapNs);
  return slice(source, 0, await firstRow(source, (ns) => ns > endNs, lap * source.lapRecords));
}
