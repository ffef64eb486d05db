// Bandwidth of groups over time, beside the limits they have.

import type { BandwidthSample, BandwidthUse, Machine, PortBandwidth } from "../machine/index.ts";
import { keyOf } from "./counts.ts";

export interface GroupBandwidth {
  readonly group: string;
  readonly bytesPerSecond: number;
  /** What MPAMCFG_MBW_MAX allows the group's partitions there; absent where one of them has no limit. */
  readonly limit?: { readonly bytesPerSecond: number; readonly hard: boolean };
  /** Bytes that wait there at its end, of all requests in the group's partitions. */
  readonly bytesHeld: number;
}

export interface PortSample {
  /** The downstream side of a cache slice, `L3 0.1`, or a memory channel, `node 0.1`. */
  readonly port: string;
  /** What it can let through; absent where nothing is regulated. */
  readonly bytesPerSecond?: number;
  readonly groups: readonly GroupBandwidth[];
}

/** The time it ends at, and how long it is, ns. */
export interface GroupSample {
  readonly time: number;
  readonly ns: number;
  readonly ports: readonly PortSample[];
}

interface Labelled {
  readonly group: string;
  readonly labels: ReadonlySet<string>;
}

/**
 * Measures every so many ns of model time from its making on, and whenever asked. What changes limits asks first: a limit stands
 * beside the time in which it held.
 */
export class Sampler {
  #samples: BandwidthSample[] = [];
  #last: number;
  #cancel: () => void = () => {};
  readonly #meter;

  constructor(
    private readonly machine: Machine,
    private readonly everyNs: number,
  ) {
    this.#meter = machine.bandwidthMeter();
    this.#last = machine.clock.now;
    this.#arm(this.#last + everyNs);
  }

  #arm(ns: number): void {
    const timer = this.machine.clock.at(ns, "sample", () => {
      this.take();
      this.#arm(ns + this.everyNs);
    });
    this.#cancel = () => timer.cancel();
  }

  take(): void {
    const { now } = this.machine.clock;
    if (now === this.#last) return;
    this.#last = now;
    this.#samples.push(this.#meter.sample(now));
  }

  /** What has been measured since this was asked last. */
  drain(groups: readonly Labelled[]): GroupSample[] {
    return this.#samples.splice(0).map(({ time, ns, ports }) => ({
      time,
      ns,
      ports: ports.map((port) => portSample(port, groups)),
    }));
  }

  stop(): void {
    this.#cancel();
  }
}

function portSample({ labels, ...port }: PortBandwidth, groups: readonly Labelled[]): PortSample {
  return {
    ...port,
    groups: groups.flatMap(({ group, labels: wanted }) => {
      const uses = labels.filter((label) => wanted.has(keyOf(label)));
      return uses.length === 0 ? [] : [{ group, ...useOf(uses) }];
    }),
  };
}

function useOf(uses: readonly BandwidthUse[]): Omit<GroupBandwidth, "group"> {
  // Limits and what waits are a partition's, whatever the PMG.
  const partitions = [...new Map(uses.map((use) => [`${use.space}:${use.partid}`, use])).values()];
  const limits = partitions.flatMap(({ limit }) => limit ?? []);
  return {
    bytesPerSecond: uses.reduce((sum, use) => sum + use.bytesPerSecond, 0),
    ...(limits.length === partitions.length ? { limit: addLimits(limits) } : {}),
    bytesHeld: partitions.reduce((sum, use) => sum + use.bytesHeld, 0),
  };
}

/** Together they are as hard as the softest. */
export function addLimits(
  limits: readonly NonNullable<GroupBandwidth["limit"]>[],
): NonNullable<GroupBandwidth["limit"]> {
  return {
    bytesPerSecond: limits.reduce((sum, limit) => sum + limit.bytesPerSecond, 0),
    hard: limits.every(({ hard }) => hard),
  };
}
