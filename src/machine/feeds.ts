// The feeds of a replay: one for each trace, or for each requester of a trace that holds them by themselves; and how they share
// the memory that the intake has for columns.

import type { FeedPosition, Intake, Placement, Slab } from "./columns-in.ts";
import { Feed } from "./feed.ts";
import { LINE_BYTES, type RowSource, type TraceSource } from "./source.ts";

/** As many feeds can be merged (assembly/replay/intake.ts). */
export const MOST_FEEDS = 4096;

/** An entry of the table of who asks (assembly/replay/intake.ts): requester, first line, lines of 64 bytes, first byte, bytes. */
const ASKER_BYTES = 32;
const MOST_ADDRESS = 0xffff_ffff_ffff_ffffn;

export interface IntakeHost {
  readonly intake: Intake;
  readonly memory: WebAssembly.Memory;
  /** Bytes at the end of the memory for columns that are somebody else's. */
  readonly reserved?: number;
}

/** What a feed reads, and the machine-wide requesters that it may name. */
interface Reading {
  readonly rows: RowSource;
  readonly source: number;
  readonly requesters: readonly number[];
}

export interface Feeds {
  readonly feeds: readonly Feed[];
  /** For each the requester whose records it has, where that is a single one. */
  readonly alone: readonly (number | undefined)[];
}

/** In the order of the traces, and of their parts. The positions are those of feeds. */
export function openFeeds(
  host: IntakeHost,
  sources: readonly TraceSource[],
  placements: readonly Placement[],
  startNs: number,
  positions?: readonly FeedPosition[],
): Feeds {
  const { intake, memory } = host;
  const readings = readingsOf(sources, placements);
  let free = intake.openIntake(readings.length, startNs);
  const end = intake.intakeEnd() - (host.reserved ?? 0);
  // Tables of who asks may take half of it; traces that find no room there go the general way.
  const half = free + (end - free) / 2;
  const tables = placements.map((placement) => {
    const bytes = placement.requesters.length * ASKER_BYTES;
    if (free + bytes > half) return undefined;
    const at = free;
    writeAskers(new DataView(memory.buffer, at, bytes), placement);
    free += bytes;
    return at;
  });
  const bytes = Math.floor((end - free) / Math.max(1, 2 * readings.length) / 64) * 64;
  const slab = (n: number): Slab => ({ at: free + n * bytes, bytes });
  const feeds = readings.map(({ rows, source }, i) => {
    const placement = placements[source] as Placement;
    const table = tables[source];
    if (table !== undefined) intake.setAskers(i, table, placement.requesters.length);
    const slabs = [slab(2 * i), slab(2 * i + 1)] as const;
    return new Feed({ ...host, startNs }, i, rows, placement, slabs, table !== undefined, positions?.[i]);
  });
  return { feeds, alone: readings.map(({ requesters }) => (requesters.length === 1 ? requesters[0] : undefined)) };
}

function readingsOf(sources: readonly TraceSource[], placements: readonly Placement[]): Reading[] {
  const whole = sources.map((rows, source) => ({ rows, source, requesters: placements[source]?.requesters ?? [] }));
  const apart = whole.flatMap((reading): Reading[] => {
    const { parts } = sources[reading.source] as TraceSource;
    if (!parts) return [reading];
    return parts.map((rows) => ({ ...reading, rows, requesters: [reading.requesters[rows.requester] as number] }));
  });
  return apart.length <= MOST_FEEDS ? apart : whole;
}

function writeAskers(table: DataView, { requesters, bases, reaches, lineBytes }: Placement): void {
  requesters.forEach((requester, i) => {
    const at = i * ASKER_BYTES;
    const base = bases[i] as number;
    // Without a space nothing is in reach.
    const reach = reaches[i] ?? 0;
    const endless = reach === Number.POSITIVE_INFINITY;
    table.setUint32(at, requester, true);
    table.setUint32(at + 4, base / lineBytes, true);
    table.setBigUint64(at + 8, endless ? 2n ** 32n : BigInt(reach / LINE_BYTES), true);
    table.setBigUint64(at + 16, BigInt(base), true);
    table.setBigUint64(at + 24, endless ? MOST_ADDRESS : BigInt(reach), true);
  });
}
