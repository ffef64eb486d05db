// Beyond the counts: how long requests took, why lines were lost, where in a slice things happen, and bandwidth beside its
// limits.

import type { CountedLabel } from "./spaces.ts";
import { channelsOf, labelsInUse, type Parts, slicesOf } from "./statistics.ts";
import type { Hardware } from "./wasm.ts";

/** Closed timing: how long the parts of records of a label took, in ns of model time (docs/modelled.md, "Bandwidth"). */
export interface LatencyStatistics extends CountedLabel {
  readonly count: number;
  readonly meanNs: number;
  /** Half, 95 % and 99 % took no longer; exact to an eighth. */
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** Time that limits and full ports held them, all together. */
  readonly heldNs: number;
  /** Time that limits of cpus kept its records from being issued, which is no part of a latency; absent without. */
  readonly stalledNs?: number;
}

/** Closed timing: requests of a label by how long they took; buckets as assembly/model/latency.ts has them. */
export interface LatencyHistogram extends CountedLabel {
  readonly count: number;
  readonly sumNs: number;
  readonly maxNs: number;
  readonly heldNs: number;
  readonly stalledNs: number;
  /** LATENCY_BUCKETS of them. */
  readonly buckets: readonly number[];
}

/** Closed timing: a requester whose cpu's own bandwidth limit kept records from being issued (docs/modelled.md, "The processor side"). */
export interface StallStatistics {
  readonly requester: number;
  readonly tid: number;
  readonly stalledNs: number;
}

/** Lines that a label lost at a slice, by reason. */
export interface LossStatistics extends CountedLabel {
  /** Its PARTID was disabled. */
  readonly disabled: number;
  /** A request of its own PARTID was at its CMAX or CASSOC limit. */
  readonly ownLimit: number;
  /** A request of its own PARTID needed the place. */
  readonly ownPortion: number;
  /** Another PARTID filled. */
  readonly other: number;
  /** The inclusive cache below lost the line. */
  readonly inclusion: number;
}

/** What happened in one of up to 64 ranges of sets. */
export interface RangeStatistics {
  readonly firstSet: number;
  readonly sets: number;
  readonly accesses: number;
  readonly misses: number;
  readonly evictions: number;
}

/** With `statistics: "full"`: why lines left a slice, and where in it they lay. */
export interface SliceDetails {
  readonly level: number;
  readonly id: number;
  readonly slice: number;
  readonly lost: readonly LossStatistics[];
  readonly ranges: readonly RangeStatistics[];
}

/** The bandwidth of a label at a port since the sample before. */
export interface BandwidthUse extends CountedLabel {
  readonly bytesPerSecond: number;
  /** What MPAMCFG_MBW_MAX allows its partition; absent without a limit. */
  readonly limit?: { readonly bytesPerSecond: number; readonly hard: boolean };
  /** Bytes that wait there now, of all its partition. */
  readonly bytesHeld: number;
}

/** The downstream side of a cache slice, or a memory channel. */
export interface PortBandwidth {
  readonly port: string;
  /** What it can let through; absent where nothing is regulated. */
  readonly bytesPerSecond?: number;
  readonly labels: readonly BandwidthUse[];
}

/** Bytes that moved through each port in a stretch of model time. */
export interface BandwidthSample {
  /** The time it ends at, and how long it is, ns. */
  readonly time: number;
  readonly ns: number;
  readonly ports: readonly PortBandwidth[];
}

const REASONS = ["disabled", "ownLimit", "ownPortion", "other", "inclusion"] as const;
const RANGES = 64;
export const LATENCY_BUCKETS = 256;

export function latencyStatistics(parts: Parts): LatencyStatistics[] {
  return latencyHistograms(parts).map(({ sumNs, stalledNs, buckets, ...rest }) => ({
    ...rest,
    meanNs: sumNs / rest.count,
    p50Ns: latencyQuantile(buckets, 0.5, rest.maxNs),
    p95Ns: latencyQuantile(buckets, 0.95, rest.maxNs),
    p99Ns: latencyQuantile(buckets, 0.99, rest.maxNs),
    ...(stalledNs > 0 ? { stalledNs } : {}),
  }));
}

export function latencyHistograms({ hardware }: Parts): LatencyHistogram[] {
  return labelsInUse(hardware).flatMap(({ owner, label }) => {
    const count = Number(hardware.latency(owner, 0));
    if (count === 0) return [];
    return {
      ...label,
      count,
      sumNs: Number(hardware.latency(owner, 1)),
      maxNs: Number(hardware.latency(owner, 2)),
      heldNs: Number(hardware.latency(owner, 3)),
      stalledNs: Number(hardware.latency(owner, 4)),
      buckets: Array.from({ length: LATENCY_BUCKETS }, (_, bucket) => hardware.latencyBucket(owner, bucket)),
    };
  });
}

/**
 * The upper end, ns, of the bucket in which the wanted share of what the buckets count is reached, at most `maxNs`; of no
 * requests 0.
 */
export function latencyQuantile(buckets: ArrayLike<number>, share: number, maxNs: number): number {
  let count = 0;
  for (let bucket = 0; bucket < buckets.length; bucket++) count += buckets[bucket] as number;
  if (count === 0) return 0;
  let seen = 0;
  let bucket = 0;
  for (; bucket < buckets.length; bucket++) {
    seen += buckets[bucket] as number;
    if (seen >= share * count) break;
  }
  const end = bucket < 16 ? bucket : (9 + (bucket & 7)) * 2 ** ((bucket >> 3) - 1) - 1;
  return Math.min(end, maxNs);
}

/** Only what ran on the general path is in it: `statistics: "full"`. */
export function sliceDetails(parts: Parts): SliceDetails[] {
  const { hardware } = parts;
  const labels = labelsInUse(hardware);
  return slicesOf(parts).map(({ cache, slice, resource, sets }) => ({
    level: cache.level,
    id: cache.id,
    slice,
    lost: labels.flatMap(({ owner, label }) => {
      const counts = REASONS.map((_, why) => Number(hardware.linesLost(resource, owner, why)));
      if (counts.every((count) => count === 0)) return [];
      const [disabled = 0, ownLimit = 0, ownPortion = 0, other = 0, inclusion = 0] = counts;
      return { ...label, disabled, ownLimit, ownPortion, other, inclusion };
    }),
    ranges: ranges(hardware, resource, sets),
  }));
}

function ranges(hardware: Hardware, resource: number, sets: number): RangeStatistics[] {
  const many = Math.min(RANGES, sets);
  const width = sets / many;
  return Array.from({ length: many }, (_, n) => {
    // With fewer sets than ranges, each set is in a range of its own.
    const range = n * (RANGES / many);
    return {
      firstSet: n * width,
      sets: width,
      accesses: Number(hardware.rangeCount(resource, range, 0)),
      misses: Number(hardware.rangeCount(resource, range, 1)),
      evictions: Number(hardware.rangeCount(resource, range, 2)),
    };
  });
}

/** Takes samples: each answers for the time since the one before. */
export class BandwidthMeter {
  #before = new Map<string, number>();
  #time: number;

  constructor(
    private readonly parts: Parts,
    now: number,
  ) {
    this.#time = now;
    this.sample(now);
  }

  /** What has moved since the sample before, up to model time `time`, ns. */
  sample(time: number): BandwidthSample {
    const { hardware } = this.parts;
    const ns = time - this.#time;
    this.#time = time;
    const now = new Map<string, number>();
    const labels = labelsInUse(hardware);
    const ports = this.#ports().map(({ port, resource, bytesPerSecond }): PortBandwidth => {
      const uses = labels.flatMap(({ owner, label }): BandwidthUse[] => {
        const bytes = Number(
          hardware.bytesCrossed(resource, owner, false) + hardware.bytesCrossed(resource, owner, true),
        );
        const key = `${port} ${label.space} ${label.partid} ${label.pmg} ${label.el}`;
        // A label that was given up and came back began at 0 again.
        const before = this.#before.get(key) ?? 0;
        const moved = bytes < before ? bytes : bytes - before;
        now.set(key, bytes);
        const bytesHeld = Number(hardware.bytesWaiting(resource, owner));
        if (moved === 0 && bytesHeld === 0) return [];
        const steps = hardware.limitSteps(resource, owner);
        const fraction = steps / 2 ** hardware.limitBits(resource, owner);
        return [
          {
            ...label,
            bytesPerSecond: ns > 0 ? (moved * 1e9) / ns : 0,
            ...(steps > 0 && bytesPerSecond !== undefined
              ? { limit: { bytesPerSecond: fraction * bytesPerSecond, hard: hardware.limitIsHard(resource, owner) } }
              : {}),
            bytesHeld,
          },
        ];
      });
      return { port, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }), labels: uses };
    });
    this.#before = now;
    return { time, ns, ports };
  }

  #ports(): { port: string; resource: number; bytesPerSecond: number | undefined }[] {
    return [
      ...slicesOf(this.parts).map(({ cache, slice, resource }) => ({
        port: cache.slices === 1 ? `L${cache.level} ${cache.id}` : `L${cache.level} ${cache.id}.${slice}`,
        resource,
        bytesPerSecond: cache.msc?.ris.some(({ mbw }) => mbw) ? cache.bytesPerSecond : undefined,
      })),
      ...channelsOf(this.parts).map(({ memory, channel, resource }) => ({
        port: memory.channels === 1 ? `node ${memory.node}` : `node ${memory.node}.${channel}`,
        resource,
        bytesPerSecond: memory.bytesPerSecond,
      })),
    ];
  }
}
