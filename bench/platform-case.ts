// The whole platform that benchmarks run on: private second levels, a last level in slices, memory channels that
// regulate, and a monitor of each type for every label at every level. And the accesses it is given.
import { draw, zipfRank, zipfSpan } from "./mixer.ts";
import { type CacheColumns, LINE_BYTES, OP_WRITE, PMGS } from "./workload.ts";

export const QUANTUM_NS = 1000;
/** Fraction bits of MPAMCFG_MBW_MAX and _MIN; all of them set is no limit. */
export const BWA_WD = 8;
export const NO_MAXIMUM = 2 ** BWA_WD - 1;

/** What one PARTID may do. Portions are ways. */
export interface PlatformSetting {
  readonly l2Portions: number;
  readonly l3Portions: number;
  /** Most lines of a slice. */
  readonly l3Limit: number;
  /** MPAMCFG_MBW_MAX and _MIN of a channel, in steps of 1/256: a maximum allows one step more than it says. */
  readonly max: number;
  readonly hard: boolean;
  readonly min: number;
}

export interface PlatformCase {
  readonly records: number;
  readonly seed: number;
  /** Two requesters run on each: requester r on cpu floor(r / 2). */
  readonly cpus: number;
  readonly l2Sets: number;
  readonly l2Ways: number;
  readonly slices: number;
  /** Of a slice. */
  readonly l3Sets: number;
  readonly l3Ways: number;
  readonly channels: number;
  /** What a channel lets through in a quantum. */
  readonly channelBytes: number;
  /** Requests that a requester may have under way. */
  readonly outstanding: number;
  /** Lines each requester's own address space has. */
  readonly space: number;
  /** The longest time between two records of a requester, ns. */
  readonly longestGap: number;
  /** PARTID by PARTID; requester r has PARTID r mod partids and PMG floor(r / partids). */
  readonly partitions: readonly PlatformSetting[];
}

export const LATENCY_NS = { l2: 5, l3: 20, memory: 100 } as const;

/**
 * 8 cpus with 512 KiB each, 16 MiB in slices, two channels of 12.8 GB/s. Some PARTIDs are kept to half of the ways or to a
 * sixteenth of each slice; two have soft maxima of bandwidth, one a minimum. Requesters want about twice what the
 * channels let through.
 */
export function platformCase(records: number, { slices = 4, seed = 1 } = {}): PlatformCase {
  const l3Sets = 16384 / slices;
  const all = { l2Portions: 0xff, l3Portions: 0xffff, l3Limit: l3Sets * 16, max: NO_MAXIMUM, hard: false, min: 0 };
  const partitions: PlatformSetting[] = [
    { ...all, max: 15 },
    { ...all, max: 31 },
    { ...all, min: 64 },
    { ...all, l2Portions: 0x0f },
    { ...all, l3Portions: 0x00ff },
    { ...all, l3Portions: 0x00ff },
    { ...all, l3Portions: 0xff00 },
    { ...all, l3Limit: l3Sets },
  ];
  return {
    records,
    seed,
    cpus: 8,
    l2Sets: 1024,
    l2Ways: 8,
    slices,
    l3Sets,
    l3Ways: 16,
    channels: 2,
    channelBytes: 12800,
    outstanding: 64,
    space: 65536,
    longestGap: 16,
    partitions,
  };
}

export function labelsOf(c: PlatformCase): number {
  return c.partitions.length * PMGS;
}

/** The platform as a file would describe it. */
export function describePlatform(c: PlatformCase): object {
  const labels = labelsOf(c);
  const csu = { monitors: labels };
  const mbwu = { monitors: labels, counter: 44 };
  const { length } = c.partitions;
  return {
    name: "bench",
    cpus: c.cpus,
    processor: { partidMax: length - 1, pmgMax: PMGS - 1, outstanding: c.outstanding, requesters: labels },
    quantumNs: QUANTUM_NS,
    memoryLimit: 2 ** 31,
    caches: [
      {
        level: 2,
        per: "cpu",
        bytes: c.l2Sets * c.l2Ways * LINE_BYTES,
        ways: c.l2Ways,
        latencyNs: LATENCY_NS.l2,
        msc: { base: 0x1000_0000, cpor: { cpbmWd: c.l2Ways }, csu, mbwu },
      },
      {
        level: 3,
        bytes: c.slices * c.l3Sets * c.l3Ways * LINE_BYTES,
        ways: c.l3Ways,
        slices: c.slices,
        latencyNs: LATENCY_NS.l3,
        msc: { base: 0x2000_0000, cpor: { cpbmWd: c.l3Ways }, ccap: { cmaxWd: 16 }, csu, mbwu },
      },
    ],
    memory: [
      {
        bytes: 2 ** 30,
        channels: c.channels,
        bytesPerSecond: (c.channelBytes * 1e9) / QUANTUM_NS,
        latencyNs: LATENCY_NS.memory,
        msc: { base: 0x3000_0000, mbw: { bwaWd: BWA_WD, min: true }, mbwu },
      },
    ],
  };
}

/** Skewed accesses in the order of open timing, and in closed timing the time since the requester's record before, ns. */
export interface PlatformColumns extends CacheColumns {
  readonly gap: Uint16Array;
}

export function drawPlatformColumns(c: PlatformCase): PlatformColumns {
  const { records, seed, space, longestGap } = c;
  const requesters = labelsOf(c);
  const span = zipfSpan(space);
  const columns = {
    line: new Uint32Array(records),
    requester: new Uint16Array(records),
    meta: new Uint8Array(records),
    gap: new Uint16Array(records),
  };
  for (let i = 0; i < records; i++) {
    const who = draw(seed, i, 1) % requesters;
    const place = (Math.imul(zipfRank(draw(seed, i, 0), span), 0x9e3779b1) & (space - 1)) >>> 0;
    columns.line[i] = who * space + place;
    columns.requester[i] = who;
    columns.meta[i] = ((draw(seed, i, 2) & 3) === 0 ? OP_WRITE << 6 : 0) | (LINE_BYTES - 1);
    columns.gap[i] = 1 + (draw(seed, i, 3) % longestGap);
  }
  return columns;
}

/** The argument list described in bench/c/platform.c. */
export function platformArguments(c: PlatformCase): string[] {
  const shape = [c.cpus, c.l2Sets, c.l2Ways, c.slices, c.l3Sets, c.l3Ways, c.channels, c.channelBytes, c.outstanding];
  const settings = c.partitions.flatMap((p) => [p.l2Portions, p.l3Portions, p.l3Limit, p.max, Number(p.hard), p.min]);
  const input = [c.records, c.seed, c.space, zipfSpan(c.space), c.longestGap];
  return [...input, ...shape, c.partitions.length, ...settings].map(String);
}
