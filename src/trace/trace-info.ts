// What a trace holds: counts per requester and per thread, as an independent reader of the recording would make them.
import { OP_FETCH, OP_READ, OP_WRITE, type TraceRequester } from "../machine/index.ts";
import { LineSet } from "./line-set.ts";
import type { Form, SourceFile, TimeRule } from "./metadata.ts";
import { type OnProgress, watched } from "./progress.ts";
import { type CpuActivity, SwitchCounter, threadKey } from "./switches.ts";
import type { MarkedSource, Marker } from "./trace.ts";

export interface AccessCounts {
  records: number;
  reads: number;
  bytesRead: number;
  writes: number;
  bytesWritten: number;
  /** Fetch records. */
  instructions: number;
  prefetches: number;
  /** Distinct 64-byte lines that hold the first byte of a read or write. */
  dataLines: number;
}

export interface TraceInfo {
  readonly name: string;
  readonly hash: string;
  readonly records: number;
  /** What the file is: ours in one of its forms, or a user's Arrow file; "synth" where there is none. */
  readonly form: Form | "arrow" | "synth";
  /** Whether the file holds its rows in one order, or each requester by itself. */
  readonly order: "time" | "requester";
  /** What its times were made from; undefined where the file does not say. */
  readonly timeRule: TimeRule | undefined;
  /** Samples and not every access: good for footprints and rates, never for exact replay. */
  readonly sampled: boolean;
  /** Model times of the first and the last record, ns. */
  readonly startNs: number;
  readonly endNs: number;
  readonly addressRule: "dense" | "identity";
  readonly pageBytes: number;
  /** All pages of all spaces. */
  readonly pages: number;
  /** The recordings it was made of, as the trace names them; none when it does not. */
  readonly sources: readonly SourceFile[];
  readonly markers: readonly Marker[];
  readonly requesters: readonly (AccessCounts & { readonly requester: TraceRequester })[];
  /** Requesters of one thread together: the same thread on several cpus. One of a device has its name; a stream is "smmu 0 sid 16". */
  readonly threads: readonly (AccessCounts & {
    readonly pid: number;
    readonly tid: number;
    readonly device?: string;
  })[];
  /** Who ran on the cpus that the trace records; none where it records none. */
  readonly cpus: readonly CpuActivity[];
  readonly total: AccessCounts;
}

interface Tally extends AccessCounts {
  readonly lines: LineSet;
}

function tally(): Tally {
  return {
    records: 0,
    reads: 0,
    bytesRead: 0,
    writes: 0,
    bytesWritten: 0,
    instructions: 0,
    prefetches: 0,
    dataLines: 0,
    lines: new LineSet(),
  };
}

function sum(parts: readonly Tally[]): AccessCounts {
  const all = tally();
  for (const part of parts) {
    all.records += part.records;
    all.reads += part.reads;
    all.bytesRead += part.bytesRead;
    all.writes += part.writes;
    all.bytesWritten += part.bytesWritten;
    all.instructions += part.instructions;
    all.prefetches += part.prefetches;
    all.lines.addAll(part.lines);
  }
  const { lines, ...counts } = all;
  return { ...counts, dataLines: lines.size };
}

/** Of a device. */
function nameOf({ device, stream }: TraceRequester): string | undefined {
  if (device !== undefined || !stream) return device;
  return `smmu ${stream.smmu} sid ${stream.sid}${stream.ssid === undefined ? "" : ` ssid ${stream.ssid}`}`;
}

export async function traceInfo(source: MarkedSource, onProgress?: OnProgress): Promise<TraceInfo> {
  const tallies = source.requesters.map(tally);
  const switches = new SwitchCounter(source.requesters);
  let startNs = 0;
  let endNs = 0;
  let seen = 0;
  for await (const batch of watched(source, onProgress)) {
    if (seen === 0 && batch.rows > 0) startNs = batch.time[0] as number;
    seen += batch.rows;
    switches.see(batch);
    for (let i = 0; i < batch.rows; i++) {
      const to = tallies[batch.requester[i] as number] as Tally;
      const op = batch.op[i];
      const bytes = batch.bytes[i] as number;
      to.records++;
      if (op === OP_READ) {
        to.reads++;
        to.bytesRead += bytes;
      } else if (op === OP_WRITE) {
        to.writes++;
        to.bytesWritten += bytes;
      } else {
        if (op === OP_FETCH) to.instructions++;
        else to.prefetches++;
        continue;
      }
      to.lines.add(Math.floor((batch.address[i] as number) / 64));
    }
    if (batch.rows > 0) endNs = batch.time[batch.rows - 1] as number;
  }
  const groups = (key: (who: TraceRequester) => string): Map<string, number[]> => {
    const found = new Map<string, number[]>();
    for (const [i, who] of source.requesters.entries()) found.set(key(who), [...(found.get(key(who)) ?? []), i]);
    return found;
  };
  const of = (members: readonly number[]): AccessCounts => sum(members.map((i) => tallies[i] as Tally));
  const { metadata } = source;
  // Lines of different spaces are different lines.
  const spaces = [...groups((who) => `${who.asid}`).values()].map(of);
  return {
    name: source.name,
    hash: source.hash,
    records: source.records,
    form: metadata?.form ?? (source.synthetic ? "synth" : "arrow"),
    order: metadata?.order ?? "time",
    timeRule: metadata?.timeRule,
    sampled: metadata?.sampled === true,
    startNs,
    endNs,
    addressRule: source.addressRule,
    pageBytes: source.pageBytes,
    pages: source.spaces.reduce((n, space) => n + space.pages, 0),
    sources: metadata?.sources ?? [],
    markers: source.markers ?? [],
    requesters: source.requesters.map((requester, i) => ({ requester, ...of([i]) })),
    threads: [...groups((who) => nameOf(who) ?? threadKey(who)).values()].map((members) => {
      const who = source.requesters[members[0] as number] as TraceRequester;
      const device = nameOf(who);
      return { pid: who.pid, tid: who.tid, ...(device === undefined ? {} : { device }), ...of(members) };
    }),
    cpus: switches.cpus,
    total: spaces.reduce(
      (a, b) => ({
        records: a.records + b.records,
        reads: a.reads + b.reads,
        bytesRead: a.bytesRead + b.bytesRead,
        writes: a.writes + b.writes,
        bytesWritten: a.bytesWritten + b.bytesWritten,
        instructions: a.instructions + b.instructions,
        prefetches: a.prefetches + b.prefetches,
        dataLines: a.dataLines + b.dataLines,
      }),
      sum([]),
    ),
  };
}
