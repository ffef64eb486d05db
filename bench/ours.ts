// Our contestants: the only file of bench/ that knows what the module exports. Machines are laid out as power-on lays
// them out and configured through registers; columns stay in the module's own memory from turn to turn.
import {
  CMAX_CMAX,
  CMAX_SOFTLIM,
  CTL_EN,
  CTL_MATCH_PARTID,
  CTL_MATCH_PMG,
  CTL_OFLOW_INTR,
  FLT_PARTID,
  FLT_PMG,
  FLT_RWBW,
  fieldPrep,
  MPAMCFG_CASSOC,
  MPAMCFG_CMAX,
  MPAMCFG_CMIN,
  MPAMCFG_CPBM,
  MPAMCFG_PART_SEL,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  MSMON_CFG_MON_SEL,
  monSel,
  partSel,
  RWBW_READS,
  RWBW_WRITES,
} from "../assembly/regs/index.ts";
import { layOut } from "../src/machine/power-on.ts";
import { SPACE_NUMBERS } from "../src/machine/spaces.ts";
import { type Hardware, loadModule, onMemory } from "../src/machine/wasm.ts";
import { checkObject, type MscDescription, mscInstances, type Platform } from "../src/platform/index.ts";
import { type Contestant, timed } from "./harness.ts";
import { cacheChecksum } from "./js/cache.ts";
import { checksumText, hashAdd64, mix } from "./mixer.ts";
import {
  ACCOUNTING_KEYS,
  type AccountingCase,
  type AccountingColumns,
  BATCH,
  type CacheCase,
  type CacheColumns,
  LARGEST_REQUEST,
  LINE_BYTES,
  type PartitionSetting,
  PMGS,
  PORTIONS,
  requestersOf,
  WAYS,
} from "./workload.ts";

const NS = SPACE_NUMBERS.ns;
/** Every machine here has one MSC in front of one resource. */
const MSC = 0;
const RESOURCE = 0;
/** The module's kernels look ahead of the record they work on. */
const PADDING = 256;
const CMAX_WD = 16;
const CASSOC_WD = 4;
/** Owners in the accounting benchmark: PARTIDs times the four PMGs of each. */
const OWNERS = ACCOUNTING_KEYS / 2;
const ACCOUNTING_PMGS = 4;

const MEMORY = { bytes: 2 ** 30, bytesPerSecond: 1e10 };

/** As the room that reads platform files fills it in. */
function mscOf(partidMax: number, pmgMax: number, controls: object): MscDescription {
  const msc = { base: 0x1000_0000, spaces: { ns: { partidMax, pmgMax } }, ...controls };
  const caches = [{ level: 3, bytes: 2 ** 16, ways: WAYS, msc }];
  const processor = { partidMax: 63, pmgMax: 3 };
  const platform = checkObject({ name: "bench", cpus: 1, processor, caches, memory: [MEMORY] });
  const filled = platform.caches[0]?.msc;
  return filled ?? refuse("the description of an MSC");
}

function platformOf(owners: number, resources: Pick<Platform, "caches" | "memory">): Platform {
  const processor = { partidMax: 63, pmgMax: 3 };
  const platform = checkObject({ name: "bench", cpus: 1, processor, owners, memory: [MEMORY] });
  return { ...platform, memoryLimit: 2 ** 31, ...resources };
}

async function powerOn(platform: Platform, scratchBytes: number): Promise<{ hardware: Hardware; buffer: ArrayBuffer }> {
  const { module } = await loadModule();
  const memory = new WebAssembly.Memory({ initial: 1 });
  const hardware = await onMemory(module, memory);
  layOut(hardware, platform, mscInstances(platform), scratchBytes);
  return { hardware, buffer: memory.buffer };
}

function refuse(what: string): never {
  throw new Error(`the module refused ${what}`);
}

/** One channel, columns in its memory, and `armed` monitors dealt over the owners and directions. */
export async function openAccounting(
  c: AccountingCase,
  columns: AccountingColumns,
  armed: number,
  name: string,
): Promise<Contestant> {
  const msc = mscOf(63, 3, { mbwu: { monitors: armed, counter: 44, rwbw: true } });
  const channel = { node: 0, cpus: [0], ...MEMORY, channels: 1, latencyNs: 100, msc };
  const platform = platformOf(OWNERS, { caches: [], memory: [channel] });
  const { hardware, buffer } = await powerOn(platform, c.records * 6 + 2 * PADDING);
  for (let owner = 0; owner < OWNERS; owner++) {
    const partid = Math.floor(owner / ACCOUNTING_PMGS);
    const pmg = owner % ACCOUNTING_PMGS;
    if (!hardware.setLabel(owner, 0, NS, partid, pmg)) refuse(`a label for owner ${owner}`);
    if (hardware.ownerOf(NS, partid, pmg) !== owner) refuse(`owner ${owner} for its label`);
  }
  hardware.edge();
  for (let mon = 0; mon < armed; mon++) arm(hardware, mon, mon % ACCOUNTING_KEYS);
  const keys = hardware.scratch();
  const bytes = keys + c.records * 2 + PADDING;
  new Uint16Array(buffer, keys, c.records).set(columns.key);
  new Uint32Array(buffer, bytes, c.records).set(columns.bytes);
  const work = () => {
    for (let pass = 0; pass < c.passes; pass++) {
      for (let at = 0; at < c.records; at += BATCH) {
        const n = Math.min(BATCH, c.records - at);
        if (hardware.serve(RESOURCE, keys + at * 2, bytes + at * 4, n, LARGEST_REQUEST) !== n) refuse("a batch");
      }
    }
  };
  return { name, run: () => timed(work, () => accountingChecksum(hardware)) };
}

/** Monitor `mon` counts one direction of one label, and interrupts when its 31-bit window overflows. */
function arm(hardware: Hardware, mon: number, key: number): void {
  const owner = key >> 1;
  const filter =
    fieldPrep(FLT_PARTID, Math.floor(owner / ACCOUNTING_PMGS)) |
    fieldPrep(FLT_PMG, owner % ACCOUNTING_PMGS) |
    fieldPrep(FLT_RWBW, key & 1 ? RWBW_WRITES : RWBW_READS);
  hardware.write32(MSC, MSMON_CFG_MON_SEL, monSel(0, mon), NS);
  hardware.write32(MSC, MSMON_CFG_MBWU_FLT, filter >>> 0, NS);
  hardware.write32(MSC, MSMON_CFG_MBWU_CTL, (CTL_EN | CTL_OFLOW_INTR | CTL_MATCH_PARTID | CTL_MATCH_PMG) >>> 0, NS);
}

function accountingChecksum(hardware: Hardware): string {
  let h = mix(0);
  for (let key = 0; key < ACCOUNTING_KEYS; key++) {
    h = hashAdd64(h, Number(hardware.bytesMoved(RESOURCE, key >> 1, (key & 1) === 1)));
  }
  return checksumText(h);
}

/** One cache and nothing behind it; `general` keeps it from the kernels that are made for common shapes. */
export async function openCache(
  c: CacheCase,
  columns: CacheColumns,
  name: string,
  general = false,
): Promise<Contestant> {
  const bytes = c.sets * c.ways * LINE_BYTES;
  const ccap = { cmaxWd: CMAX_WD, cmaxSoftlim: true, cmin: true, cassocWd: CASSOC_WD };
  const msc = mscOf(c.partitions.length - 1, PMGS - 1, { cpor: { cpbmWd: PORTIONS }, ccap });
  const cache = {
    level: 3,
    id: 0,
    cpus: [0],
    bytes,
    ways: c.ways,
    lineBytes: LINE_BYTES,
    policy: c.policy,
    slices: 1,
    inclusive: false,
    relabelOnWriteHit: false,
    mbwu: "downstream",
    latencyNs: 20,
    msc,
  } as const;
  const { hardware, buffer } = await powerOn(
    platformOf(64, { caches: [cache], memory: [] }),
    c.records * 7 + 3 * PADDING,
  );
  for (const [partid, setting] of c.partitions.entries()) {
    hardware.write32(MSC, MPAMCFG_PART_SEL, partSel(0, partid), NS);
    configure(hardware, setting, c.sets * c.ways, c.ways);
  }
  for (let requester = 0; requester < requestersOf(c); requester++) {
    const [partid, pmg] = labelOf(c, requester);
    for (let op = 0; op < 4; op++) if (!hardware.setLabel(requester, op, NS, partid, pmg)) refuse("a label");
  }
  hardware.edge();
  if (general) hardware.setWide(true);
  const line = hardware.scratch();
  const requester = line + c.records * 4 + PADDING;
  const meta = requester + c.records * 2 + PADDING;
  new Uint32Array(buffer, line, c.records).set(columns.line);
  new Uint16Array(buffer, requester, c.records).set(columns.requester);
  new Uint8Array(buffer, meta, c.records).set(columns.meta);
  const work = () => {
    for (let at = 0; at < c.records; at += BATCH) {
      const n = Math.min(BATCH, c.records - at);
      if (hardware.replayFrom(line + at * 4, requester + at * 2, meta + at, n) !== n) refuse("a batch");
    }
  };
  return { name, run: () => timed(work, () => checksumOfCache(hardware, c)) };
}

function labelOf(c: CacheCase, requester: number): [partid: number, pmg: number] {
  return [requester % c.partitions.length, Math.floor(requester / c.partitions.length)];
}

/** What the selected PARTID may do in a cache of so many lines and ways. */
function configure(hardware: Hardware, setting: PartitionSetting, lines: number, ways: number): void {
  const write = (offset: number, value: number) => hardware.write32(MSC, offset, value >>> 0, NS);
  write(MPAMCFG_CPBM, setting.portions);
  write(MPAMCFG_CMAX, cmaxOf(setting.limit, lines) | (setting.soft ? CMAX_SOFTLIM : 0));
  write(MPAMCFG_CMIN, Math.ceil((setting.least / lines) * 2 ** CMAX_WD));
  const step = Math.ceil((setting.mostWays / ways) * 2 ** CASSOC_WD) - 1;
  write(MPAMCFG_CASSOC, step * 2 ** (16 - CASSOC_WD));
}

/** The fraction whose limit is `lines` of `all`: the register holds one step less. */
function cmaxOf(lines: number, all: number): number {
  return lines === all ? CMAX_CMAX : Math.ceil((lines / all) * 2 ** CMAX_WD) - 1;
}

function checksumOfCache(hardware: Hardware, c: CacheCase): string {
  const owners = Array.from({ length: requestersOf(c) }, (_, requester) => {
    const [partid, pmg] = labelOf(c, requester);
    const owner = hardware.ownerOf(NS, partid, pmg);
    return {
      accesses: Number(hardware.accesses(RESOURCE, owner)),
      misses: Number(hardware.misses(RESOURCE, owner)),
      linesRead: Number(hardware.bytesMoved(RESOURCE, owner, false)) / LINE_BYTES,
      linesWritten: Number(hardware.bytesMoved(RESOURCE, owner, true)) / LINE_BYTES,
      lines: hardware.linesHeld(RESOURCE, owner),
    };
  });
  return cacheChecksum(owners);
}
