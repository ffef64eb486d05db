// Our contestant on a whole platform: a Machine, configured and read through registers.
import {
  CMAX_CMAX,
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  FLT_PARTID,
  FLT_PMG,
  fieldPrep,
  MBW_MAX_HARDLIM,
  MPAMCFG_CMAX,
  MPAMCFG_CPBM,
  MPAMCFG_MBW_MAX,
  MPAMCFG_MBW_MIN,
  MPAMCFG_PART_SEL,
  MSMON_CFG_CSU_CTL,
  MSMON_CFG_CSU_FLT,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  MSMON_CFG_MON_SEL,
  MSMON_CSU,
  MSMON_MBWU_L,
  monSel,
  partSel,
} from "../assembly/regs/index.ts";
import { Machine, type MachineOptions } from "../src/machine/index.ts";
import { SPACE_NUMBERS } from "../src/machine/spaces.ts";
import { checkObject } from "../src/platform/index.ts";
import { type Inside, placeColumns, scratchFor } from "./columns.ts";
import { type Contestant, timed } from "./harness.ts";
import { checksumText, hashAdd, hashAdd64, mix } from "./mixer.ts";
import {
  BWA_WD,
  describePlatform,
  labelsOf,
  type PlatformCase,
  type PlatformColumns,
  type PlatformSetting,
  QUANTUM_NS,
} from "./platform-case.ts";

const CMAX_WD = 16;
const CTL = (CTL_EN | CTL_MATCH_PARTID | CTL_MATCH_PMG) >>> 0;
const HUNGRY = 1;
/** Records of one hand-over, and the least room in a stream that is worth one. */
const STREAM_RECORDS = 256;
const LEAST_ROOM = 128;

/** A machine with labels, limits and a running monitor of each type for every label at each place. */
export async function openPlatform(c: PlatformCase, options: MachineOptions = {}): Promise<Machine> {
  const machine = await Machine.create(checkObject(describePlatform(c)), options);
  const { hardware } = machine.inside;
  for (let requester = 0; requester < labelsOf(c); requester++) {
    const [partid, pmg] = labelOf(c, requester);
    hardware.setEntry(requester, requester >> 1);
    for (let op = 0; op < 4; op++) {
      if (!hardware.setLabel(requester, op, SPACE_NUMBERS.ns, partid, pmg)) throw new Error("no room for a label");
    }
  }
  for (const msc of machine.mscs.keys()) {
    c.partitions.forEach((setting, partid) => {
      machine.write32(msc, MPAMCFG_PART_SEL, partSel(0, partid));
      configure(machine, c, msc, setting);
    });
    for (let label = 0; label < labelsOf(c); label++) startMonitors(machine, c, msc, label);
  }
  hardware.edge();
  return machine;
}

function labelOf(c: PlatformCase, requester: number): [partid: number, pmg: number] {
  return [requester % c.partitions.length, Math.floor(requester / c.partitions.length)];
}

// MSCs stand in the order of the platform: second levels, slices, channels; so do resources.

function isL2(c: PlatformCase, msc: number): boolean {
  return msc < c.cpus;
}

function isCache(c: PlatformCase, msc: number): boolean {
  return msc < c.cpus + c.slices;
}

function configure(machine: Machine, c: PlatformCase, msc: number, setting: PlatformSetting): void {
  if (isL2(c, msc)) {
    machine.write32(msc, MPAMCFG_CPBM, setting.l2Portions);
  } else if (isCache(c, msc)) {
    machine.write32(msc, MPAMCFG_CPBM, setting.l3Portions);
    const lines = c.l3Sets * c.l3Ways;
    const limit = setting.l3Limit;
    machine.write32(msc, MPAMCFG_CMAX, limit === lines ? CMAX_CMAX : Math.ceil((limit / lines) * 2 ** CMAX_WD) - 1);
  } else {
    const shift = 16 - BWA_WD;
    machine.write32(msc, MPAMCFG_MBW_MAX, ((setting.max << shift) | (setting.hard ? MBW_MAX_HARDLIM : 0)) >>> 0);
    machine.write32(msc, MPAMCFG_MBW_MIN, setting.min << shift);
  }
}

function startMonitors(machine: Machine, c: PlatformCase, msc: number, label: number): void {
  const [partid, pmg] = labelOf(c, label);
  const filter = fieldPrep(FLT_PARTID, partid) | fieldPrep(FLT_PMG, pmg);
  machine.write32(msc, MSMON_CFG_MON_SEL, monSel(0, label));
  machine.write32(msc, MSMON_CFG_MBWU_FLT, filter);
  machine.write32(msc, MSMON_CFG_MBWU_CTL, CTL);
  if (!isCache(c, msc)) return;
  machine.write32(msc, MSMON_CFG_CSU_FLT, filter);
  machine.write32(msc, MSMON_CFG_CSU_CTL, CTL);
}

/** What the monitors say, and the counts that no monitor has. */
export function platformChecksum(machine: Machine, c: PlatformCase): string {
  const { hardware } = machine.inside;
  const labels = labelsOf(c);
  const owners = Array.from({ length: labels }, (_, label) => hardware.ownerOf(SPACE_NUMBERS.ns, ...labelOf(c, label)));
  let h = mix(0);
  for (const msc of machine.mscs.keys()) {
    for (const [label, owner] of owners.entries()) {
      machine.write32(msc, MSMON_CFG_MON_SEL, monSel(0, label));
      if (isCache(c, msc)) {
        h = hashAdd64(h, Number(hardware.accesses(msc, owner)));
        h = hashAdd64(h, Number(hardware.misses(msc, owner)));
        h = hashAdd64(h, machine.read32(msc, MSMON_CSU));
      }
      h = hashAdd(h, machine.read32(msc, MSMON_MBWU_L));
      h = hashAdd(h, machine.read32(msc, MSMON_MBWU_L + 4));
    }
  }
  for (const owner of owners) {
    h = hashAdd64(h, Number(hardware.latency(owner, 0)));
    h = hashAdd64(h, Number(hardware.latency(owner, 1)));
  }
  return checksumText(hashAdd64(h, Number(hardware.quantum())));
}

export async function openOurs(c: PlatformCase, columns: PlatformColumns, name: string): Promise<Contestant> {
  const machine = await openPlatform(c, { scratchBytes: scratchFor(c.records) });
  const run = placeColumns(machine.inside, columns);
  return {
    name,
    run: () =>
      timed(
        () => run(0, c.records),
        () => platformChecksum(machine, c),
      ),
  };
}

export async function closedOurs(c: PlatformCase, columns: PlatformColumns, name: string): Promise<Contestant> {
  const machine = await openPlatform(c);
  const traces = tracesOf(c, columns);
  const work = () => replayClosed(machine.inside, traces);
  return { name, run: () => timed(work, () => platformChecksum(machine, c)) };
}

/** What one requester does, with times since the start. */
export interface RequesterTrace {
  readonly lines: Uint32Array;
  readonly metas: Uint8Array;
  readonly times: Float64Array;
}

export function tracesOf(c: PlatformCase, columns: PlatformColumns): RequesterTrace[] {
  return Array.from({ length: labelsOf(c) }, (_, requester) => traceOf(columns, requester));
}

function traceOf(columns: PlatformColumns, requester: number): RequesterTrace {
  const rows = Uint32Array.from(columns.requester.keys()).filter((row) => columns.requester[row] === requester);
  let time = 0;
  return {
    lines: Uint32Array.from(rows, (row) => columns.line[row] as number),
    metas: Uint8Array.from(rows, (row) => columns.meta[row] as number),
    times: Float64Array.from(rows, (row) => {
      time += columns.gap[row] as number;
      return time;
    }),
  };
}

/** As src/machine does where each requester has its records to itself: streams are filled in bulk as they empty. */
export function replayClosed({ hardware, memory }: Inside, traces: readonly RequesterTrace[]): void {
  const start = Number(hardware.quantum()) * QUANTUM_NS;
  hardware.closeStreams();
  hardware.openIntake(0, start);
  const at = hardware.handed();
  const times = new Float64Array(memory.buffer, at, STREAM_RECORDS);
  const lines = new Uint32Array(memory.buffer, at + 8 * STREAM_RECORDS, STREAM_RECORDS);
  const metas = new Uint8Array(memory.buffer, at + 12 * STREAM_RECORDS, STREAM_RECORDS);
  const streams = traces.map((_, requester) => hardware.openStream(requester));
  const next = traces.map(() => 0);
  // Whoever is dry is asked for first, wherever others stand.
  hardware.setHorizon(0n);
  const give = () => {
    for (const [i, trace] of traces.entries()) {
      const stream = streams[i] as number;
      const from = next[i] as number;
      const room = hardware.streamRoom(stream);
      if (room < LEAST_ROOM || from === trace.lines.length) continue;
      const to = Math.min(trace.lines.length, from + room);
      for (let k = from; k < to; k++) times[k - from] = start + (trace.times[k] as number);
      lines.set(trace.lines.subarray(from, to));
      metas.set(trace.metas.subarray(from, to));
      hardware.giveHanded(stream, to - from);
      next[i] = to;
      if (to === trace.lines.length) hardware.endStream(stream);
    }
  };
  const forever = 2n ** 63n;
  do give();
  while (hardware.runQuanta(forever) === HUNGRY);
}
