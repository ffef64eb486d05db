// What is in a trace, in words and tables.
import type { AccessCounts, MarkedSource, TraceInfo } from "../trace/index.ts";
import { count, showSize, table, time } from "../written/index.ts";

type Requester = MarkedSource["requesters"][number];

/** What to tell whoever replays or imports samples. */
export const SAMPLED =
  "sampled: good for footprints and rates; hits, misses and usage of the program cannot be seen in it";

const OPS = ["read", "write", "fetch", "prefetch"];

const HEADS: readonly (readonly [string, keyof AccessCounts])[] = [
  ["records", "records"],
  ["reads", "reads"],
  ["bytes read", "bytesRead"],
  ["writes", "writes"],
  ["bytes written", "bytesWritten"],
  ["instructions", "instructions"],
  ["prefetches", "prefetches"],
  ["data lines", "dataLines"],
];

function counts(first: string, rows: readonly (readonly [string, AccessCounts])[]): string {
  return table(
    [first, ...HEADS.map(([head]) => head)],
    rows.map(([name, one]) => [name, ...HEADS.map(([, key]) => count(one[key]))]),
  );
}

function describeTimes(info: TraceInfo): string {
  if (info.form === "synth") return "times as its pattern says";
  const rule = info.timeRule;
  if (rule === undefined) return "the times of its own, or a step each";
  if (rule.rule === "recorded") return "recorded times";
  return rule.rule === "instructions"
    ? `times from instructions, ${rule.nsPerInstruction ?? 1} ns each`
    : `times from accesses, ${rule.nsPerAccess ?? 1} ns each`;
}

const FORMS = {
  columns: "plain columns",
  packed: "packed",
  arrow: "a user's Arrow file",
  synth: "made while it is read",
} as const;

export function describeTrace(info: TraceInfo): string {
  const pages = `${count(info.pages)} pages of ${showSize(info.pageBytes)} (${showSize(info.pages * info.pageBytes)})`;
  const span = `${time(info.startNs)} to ${time(info.endNs)}`;
  const lines = [
    `${info.name}: ${count(info.records)} records, ${span}, ${info.addressRule} addresses, ${pages}`,
    `${FORMS[info.form]}${info.order === "requester" ? ", requester by requester" : ""}, ${describeTimes(info)}`,
    ...(info.sampled ? [SAMPLED] : []),
  ];
  const threads = info.threads.map((one) => [one.device ?? String(one.tid), one] as const);
  const asking = info.threads.some(({ device }) => device !== undefined) ? "tid or device" : "tid";
  const parts = [lines.join("\n"), counts(asking, threads.length > 1 ? [...threads, ["all", info.total]] : threads)];
  if (info.requesters.length > info.threads.length)
    parts.push(
      counts(
        "requester",
        info.requesters.map((one) => [describeRequester(one.requester), one] as const),
      ),
    );
  if (info.cpus.length > 0) parts.push(describeCpus(info));
  if (info.markers.length > 0) {
    const points = info.markers.map((one) => [one.name, count(one.record)]);
    parts.push(table(["marker", "before record"], points));
  }
  if (info.sources.length > 0) {
    const made = info.sources.map((one) => [
      one.name,
      one.format ?? "",
      one.bytes === 0 ? "" : showSize(one.bytes),
      one.records === undefined ? "" : count(one.records),
    ]);
    parts.push(table(["made of", "format", "size", "records or lines in it"], made));
  }
  return parts.join("\n\n");
}

function describeCpus({ cpus }: TraceInfo): string {
  const levels = cpus.some(({ elChanges }) => elChanges !== undefined);
  return table(
    ["cpu", "records", "threads", "context switches", ...(levels ? ["EL changes"] : [])],
    cpus.map(({ cpu, records, threads, contextSwitches, elChanges }) => [
      String(cpu),
      ...[records, threads, contextSwitches, ...(elChanges === undefined ? [] : [elChanges])].map(count),
    ]),
  );
}

function describeRequester({ asid, pid, tid, cpu, el, comm, label, device, stream }: Requester): string {
  const parts =
    device !== undefined
      ? [`device ${device}`]
      : stream
        ? [`smmu ${stream.smmu} sid ${stream.sid}`]
        : [`${pid}/${tid}`];
  if (stream?.ssid !== undefined && device === undefined) parts.push(`ssid ${stream.ssid}`);
  if (comm !== undefined) parts.push(comm);
  if (asid !== pid) parts.push(`asid ${asid}`);
  if (cpu !== undefined) parts.push(`cpu ${cpu}`);
  if (el !== undefined) parts.push(`EL${el}`);
  if (label !== undefined) parts.push(`${label.space} PARTID ${label.partid} PMG ${label.pmg}`);
  return parts.join(" ");
}

export interface HeadRow {
  readonly row: number;
  readonly time: number;
  readonly op: string;
  readonly address: number;
  readonly bytes: number;
  readonly requester: Requester;
}

/** Up to `most` rows from row `from` on, requesters resolved. */
export async function headRows(trace: MarkedSource, from: number, most: number): Promise<HeadRow[]> {
  const rows: HeadRow[] = [];
  if (most === 0) return rows;
  for await (const batch of trace.batches(from)) {
    for (let i = 0; i < batch.rows; i++) {
      rows.push({
        row: from + rows.length,
        time: batch.time[i] as number,
        op: OPS[batch.op[i] as number] as string,
        address: batch.address[i] as number,
        bytes: batch.bytes[i] as number,
        requester: trace.requesters[batch.requester[i] as number] as Requester,
      });
      if (rows.length === most) return rows;
    }
  }
  return rows;
}

export function describeRows(rows: readonly HeadRow[]): string {
  return table(
    ["row", "ns", "op", "address", "bytes", "requester"],
    rows.map((one) => [
      String(one.row),
      String(one.time),
      one.op,
      `0x${one.address.toString(16)}`,
      String(one.bytes),
      describeRequester(one.requester),
    ]),
  );
}
