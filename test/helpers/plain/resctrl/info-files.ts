// Files of info (resctrl-fs.md sections 3, 4 and 8).

import { EVENT } from "./assignment-lines.ts";
import { line, type Named } from "./group-files.ts";
import { granularity, toPercent } from "./percent.ts";
import { refuse } from "./refused.ts";
import type { Schema } from "./schemas.ts";
import type { PlainState } from "./state.ts";
import { boolean, range, unsigned, untilNul } from "./text.ts";

export interface InfoFile extends Named {
  readonly clearsOnRead?: boolean;
}

const TRANSACTIONS = [
  "local_reads",
  "remote_reads",
  "local_non_temporal_writes",
  "remote_non_temporal_writes",
  "local_reads_slow_memory",
  "remote_reads_slow_memory",
  "dirty_victim_writes_all",
];

const fixed = (name: string, read: () => string): InfoFile => ({ name, mode: 0o444, read });

export function schemaFiles(state: PlainState, schema: Schema): InfoFile[] {
  const closids = fixed("num_closids", () => `${schema.closids}\n`);
  if (schema.resource === "MB") {
    const { width } = state.shape.mb!;
    return [
      closids,
      fixed("min_bandwidth", () => `${toPercent(0, width)}\n`),
      fixed("bandwidth_gran", () => `${granularity(width)}\n`),
      fixed("delay_linear", () => "1\n"),
    ];
  }
  const full = state.schemas.fullMask(schema.resource).toString(16);
  return [
    closids,
    fixed("cbm_mask", () => `${full}\n`),
    fixed("min_cbm_bits", () => "1\n"),
    fixed("shareable_bits", () => `${full}\n`),
    fixed("bit_usage", () => bitUsage(state, schema)),
    fixed("sparse_masks", () => "1\n"),
  ];
}

/** Hardware may use every bit; software those of some group. */
function bitUsage(state: PlainState, schema: Schema): string {
  const bits = state.schemas.bits(schema.resource);
  const domains = state.present(schema.resource).map((domain) => {
    const masks = state.groups.map(({ closid }) => state.schemas.value(schema, domain, closid));
    const letters = range(bits).map((bit) => (masks.some((mask) => Math.floor(mask / 2 ** bit) % 2 === 1) ? "X" : "H"));
    return `${domain}=${letters.reverse().join("")}`;
  });
  return `${domains.join(";")}\n`;
}

export function monitorInfoFiles(state: PlainState): InfoFile[] {
  const { shape, counters } = state;
  const indices = (shape.partidMax + 1) * (shape.pmgMax + 1);
  const rmids = state.schemas.cdp ? Math.floor(indices / 2) : indices;
  const features = [...(shape.occupancy ? ["llc_occupancy\n"] : []), ...(counters ? [`${EVENT}\n`] : [])];
  return [
    fixed("num_rmids", () => `${rmids}\n`),
    fixed("mon_features", () => features.join("")),
    {
      ...{ name: "max_threshold_occupancy", mode: 0o644, read: () => `${state.threshold}\n` },
      write: (text) => writeThreshold(untilNul(text), state),
    },
    {
      ...{ name: "mbm_assign_mode", mode: 0o644, read: () => (counters ? "[mbm_event]\n" : "[default]\n") },
      write: (text) => writeAssignMode(line(text, "mbm_assign_mode", state), state),
    },
    ...(counters ? counterFiles(state) : []),
  ];
}

function counterFiles(state: PlainState): InfoFile[] {
  const counters = state.counters!;
  const each = (number: (domain: number) => number) =>
    `${state
      .present("L3")
      .map((domain) => `${domain}=${number(domain)}`)
      .join(";")}\n`;
  return [
    {
      ...{ name: "mbm_assign_on_mkdir", mode: 0o644, clearsOnRead: true },
      read: () => `${state.assignOnMkdir ? 1 : 0}\n`,
      write: (text) => {
        const value = boolean(untilNul(text));
        if (value === undefined) {
          state.status.put("mbm_assign_on_mkdir: Invalid input\n");
          refuse("EINVAL");
        }
        state.assignOnMkdir = value;
      },
    },
    fixed("num_mbm_cntrs", () => each(() => counters.count)),
    { ...fixed("available_mbm_cntrs", () => each((domain) => counters.available(domain))), clearsOnRead: true },
  ];
}

export function eventFilter(state: PlainState): InfoFile {
  return {
    ...fixed("event_filter", () => `${TRANSACTIONS.join(",")}\n`),
    clearsOnRead: true,
    write: (text) => {
      line(text, "event_filter", state);
      state.status.put("event_filter is not configurable\n");
      refuse("EPERM");
    },
  };
}

function writeThreshold(text: string, state: PlainState): void {
  const parsed = unsigned(text, 0);
  if (!("value" in parsed) || parsed.value >= 2n ** 32n) {
    state.status.put("max_threshold_occupancy: Invalid input\n");
    refuse("value" in parsed ? "ERANGE" : parsed.errno);
  }
  if (parsed.value > BigInt(state.limit)) {
    state.status.print(`max_threshold_occupancy: Exceeds limit (before adjustment) of ${state.limit} bytes\n`);
    refuse("EINVAL");
  }
  state.threshold = Number(parsed.value);
}

function writeAssignMode(word: string, { status, counters }: PlainState): void {
  if (word !== "default" && word !== "mbm_event") {
    status.put("Unsupported assign mode\n");
    refuse("EINVAL");
  }
  if (counters) {
    if (word === "mbm_event") return;
    status.put("Counter assignment mode is not configurable\n");
  } else if (word === "mbm_event") {
    status.put("mbm_event mode is not supported\n");
  }
  refuse("EINVAL");
}
