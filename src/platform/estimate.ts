// How much WebAssembly memory a machine will take, before it is built.

import { mscInstances } from "./instances.ts";
import { cacheGroups, cachesBelow } from "./topology.ts";
import type { CacheDescription, MscDescription, Platform, RisDescription, Space } from "./types.ts";

/** What WebAssembly can address with 32 bits. */
export const MEMORY_MAXIMUM = 2 ** 32;

/** The most portions of a cache that act on traffic; registers hold as many as the architecture allows. */
export const PORTIONS_WITH_EFFECT = 1024;

/** Bytes of each thing that `init` lays out. They follow assembly/; change them together. */
const COSTS = {
  /** The root struct, the queue of interrupts, the lists of MSCs, resources and nodes. */
  root: 900 * 1024,
  /** The names of system registers, and a cpu with its row of them. */
  names: 24 * 1024,
  cpu: 704,
  /** Labels, entrances, streams and cpus of 65,536 requesters, and what is known of 1,024 cpus. */
  requesterTable: (960 + 17) * 1024,
  /** What crosses from level to level. */
  crossings: 82 * 1024,
  /** Columns of one call with their times, those that are read ahead, and the page they begin on. */
  intake: (5 * 1024 + 1350 + 64) * 1024,
  /** Register accesses of one call. */
  operations: 64 * 1024,
  /** An MSC with its RIS, and what each bank of it adds. */
  msc: 4352,
  bank: 896,
  risInBank: 64,
  /** A register of one PARTID, or 32 bits of its bitmaps. */
  word: 4,
  enable: 1,
  csu: 48,
  /** With its places in the lists of those that are armed and those that wait. */
  mbwu: 120,
  /** What one table begins at: the rest of a line of the host is lost. */
  alignment: 64,
  /** A label in use, with its share of the tables that find it, and how long its requests took. */
  owner: 24 + 32 + 8 + 1064,
  /** What the monitors of a bank take it for, and which it is below the cache, where PARTIDs are translated. */
  ownerTranslated: 6,
  /** What it moved and holds at a cache, and its ways there, once for each phase of the portions. */
  ownerAtCache: 64 + 80 + 2 + 28 + 1 + 1,
  ownerInPhase: 8,
  /** A byte a lane, under LRU. */
  ownerInNarrowPhase: 1,
  /** A slice, beside its lines and what each label has there. */
  cacheSlice: 2048,
  /** Buckets of a channel, for as many labels as there can be. */
  channel: 8 * 32 * 1024,
  /** The downstream side of a slice with bandwidth controls, or a channel; a partition there, of which each label may have one. */
  port: 2048,
  /** Each label may have two, and some are spare. */
  partition: 120,
  sparePartitions: 8,
  portion: 8,
  /** A request that is held at a port: as many as all requesters can have under way, with all that each can cause. */
  queueEntry: 72,
  /** A requester of a closed replay, with the records it keeps at hand. */
  closedRequester: 96 + 256 * 16,
  /** The limits of 65,536 requesters; and for each of a closed replay, and for the cpus, what stands between them and it. */
  limitTable: 65536 * 24,
  gate: 2 * 112,
  gateCpus: 1025 + 64,
  /** Lanes of sets come by sixteens: what one takes in the narrow layout, and in the wide one, which has 8 bytes for its policy. */
  narrowLane: 4,
  wideLane: 7,
  policyOfSet: 8,
  /** A request in each of the three queues of bulk replay, for each record of a chunk, doubled at each level. */
  request: 3 * 8 * 4096,
  /** Records of a span that threads share. */
  crewRecords: 32768,
} as const;

/** What takes how many bytes. */
export interface MemoryPiece {
  readonly name: string;
  readonly bytes: number;
}

/** Bytes that a machine will take, and what for. */
export interface MemoryEstimate {
  readonly bytes: number;
  readonly pieces: readonly MemoryPiece[];
}

/** `workers`: threads that replay together. */
export function estimateMemory(platform: Platform, workers = 1): MemoryEstimate {
  const instances = mscInstances(platform);
  const pieces: MemoryPiece[] = [
    { name: "the root and its tables", bytes: COSTS.root + states(instances.map(({ description }) => description)) },
    { name: "the registers of the cpus", bytes: COSTS.names + platform.cpus * COSTS.cpu },
    { name: "the requester table", bytes: COSTS.requesterTable },
    { name: "trace records on their way in", bytes: COSTS.crossings + COSTS.intake },
    { name: "register accesses on their way in", bytes: COSTS.operations },
  ];
  const { owners } = platform;
  pieces.push({
    name: "the labels in use",
    bytes: owners * COSTS.owner,
  });
  const channels = platform.memory.reduce((sum, node) => sum + node.channels, 0);
  pieces.push({ name: "the buckets of the memory channels", bytes: channels * COSTS.channel });
  for (const { name, caches } of cacheGroups(platform)) {
    const [cache] = caches;
    const slices = caches.length * cache.slices;
    // A narrow cache keeps counts for every number one of its bytes can hold.
    const uses = Math.max(owners, 256) * COSTS.ownerAtCache;
    const narrowLanes = lanesOfNarrow(cache);
    const wide = Math.ceil(cache.ways / 16) * 16 * COSTS.wideLane + COSTS.policyOfSet;
    const perSet = narrowLanes * COSTS.narrowLane + Math.ceil(wide / 64) * 64;
    pieces.push({ name: `the lines of ${name}`, bytes: slices * cacheSets(cache) * perSet });
    pieces.push({
      name: `the labels at ${name}`,
      bytes:
        slices *
        (COSTS.cacheSlice +
          uses +
          treeBytes(cache) +
          owners * phases(cache) * (COSTS.ownerInPhase + narrowLanes * COSTS.ownerInNarrowPhase)),
    });
  }
  pieces.push(...closedPieces(platform));
  if (workers > 1) pieces.push({ name: `the queues of ${workers} threads`, bytes: crewBytes(platform, workers) });
  for (const { msc, description } of instances) pieces.push(...mscPieces(msc, description, owners));
  return { bytes: pieces.reduce((sum, piece) => sum + piece.bytes, 0), pieces };
}

/** What bandwidth regulation takes: ports with their partitions, and requests on their way. */
function closedPieces(platform: Platform): MemoryPiece[] {
  const { caches, memory, owners, processor } = platform;
  const ports = [
    ...caches.filter(isRegulated).map(({ slices, msc }) => ({ many: slices, msc })),
    ...memory.map(({ channels, msc }) => ({ many: channels, msc })),
  ];
  const below = cachesBelow(platform);
  const depth = (cache: number): number => {
    const next = below[cache];
    return next === undefined ? 1 : 1 + depth(next);
  };
  const levels = Math.max(0, ...caches.map((_, cache) => depth(cache)));
  const queues = 2 ** levels * COSTS.request;
  const held = processor.requesters * processor.outstanding * (2 ** levels + 3);
  return [
    { name: "requests between the levels", bytes: queues },
    {
      name: "the ports of caches and channels",
      bytes: ports.reduce((sum, { many, msc }) => sum + many * port(owners, msc), 0),
    },
    { name: "the requests held at ports", bytes: held * COSTS.queueEntry },
    { name: "the requesters of a closed replay", bytes: processor.requesters * COSTS.closedRequester },
    ...(mayLimit(platform) ? [limitPiece(platform)] : []),
  ];
}

/** Some cpu has registers that limit its bandwidth. */
function mayLimit({ processor }: Platform): boolean {
  return [processor, ...processor.unlike].some(({ version, bandwidth }) => version !== "none" && bandwidth !== "none");
}

function limitPiece({ processor }: Platform): MemoryPiece {
  const bytes = COSTS.limitTable + COSTS.gateCpus + processor.requesters * COSTS.gate;
  return { name: "the bandwidth limits of the cpus", bytes };
}

/** Lanes of a set in the narrow layout, which not every slice has (assembly/model/narrow.ts); 0 without. */
function lanesOfNarrow({ ways, inclusive, relabelOnWriteHit }: CacheDescription): number {
  if (ways > 32 || inclusive || relabelOnWriteHit) return 0;
  return ways > 16 ? 32 : 16;
}

/** What an access to each way does to the tree of PLRU. */
function treeBytes(cache: CacheDescription): number {
  return cache.policy === "plru" ? cache.ways * lanesOfNarrow(cache) * 2 : 0;
}

/** What threads deal out to each other (assembly/replay/crew.ts). */
function crewBytes({ caches }: Platform, workers: number): number {
  const levels = new Set(caches.map(({ level }) => level)).size;
  const places = COSTS.crewRecords * 2 ** Math.max(0, levels - 1);
  const requests = COSTS.crewRecords * 2 ** levels + 64;
  const perThread = requests * (3 * 8 + 2 * 4) + (places / workers + 64) * workers * 12 + 1024;
  return workers * perThread + 4096;
}

function isRegulated({ msc }: { readonly msc?: MscDescription | undefined }): boolean {
  return msc?.ris.some(({ mbw }) => mbw) ?? false;
}

/** Partitions come with a bit for each portion, where there are several. */
function port(owners: number, msc: MscDescription | undefined): number {
  const portions = Math.max(1, ...(msc?.ris ?? []).map(({ mbw }) => mbw?.bwpbmWd ?? 1));
  const bits = portions === 1 ? 0 : Math.ceil(portions / 64) * 8;
  const partitions = isRegulated({ msc }) ? (2 * owners + COSTS.sparePartitions) * (COSTS.partition + bits) : 0;
  return COSTS.port + portions * COSTS.portion + owners * 2 + partitions;
}

/** Of one slice. */
export function cacheSets(cache: CacheDescription): number {
  return cache.bytes / cache.slices / (cache.ways * cache.lineBytes);
}

/** How many kinds of sets there are: each portion takes whole ways in sets of some of them. */
function phases(cache: CacheDescription): number {
  const portions = (cache.msc?.ris ?? []).map((ris) => Math.min(ris.cpor?.cpbmWd ?? 1, PORTIONS_WITH_EFFECT));
  return 2 ** Math.ceil(Math.log2(Math.max(cache.ways, ...portions) / cache.ways));
}

function states(mscs: readonly MscDescription[]): number {
  return mscs.reduce((sum, { spaces, ris }) => {
    const banks = Object.keys(spaces).length;
    return sum + COSTS.msc + banks * (COSTS.bank + ris.length * COSTS.risInBank);
  }, 0);
}

function mscPieces(msc: number, description: MscDescription, owners: number): MemoryPiece[] {
  const pieces: MemoryPiece[] = [];
  const add = (name: string, bytes: number) => {
    if (bytes > 0) pieces.push({ name, bytes });
  };
  for (const [space, { partidMax }] of Object.entries(description.spaces)) {
    const where = `of MSC ${msc}, space ${space}`;
    const partids = partidMax + 1;
    const { endis, partidNrw, inTl, outTl } = description;
    add(`the enable bits ${where}`, endis ? table(partids, COSTS.enable) : 0);
    add(`the intPARTIDs ${where}`, partidNrw ? table(partids, COSTS.word) : 0);
    add(`the ingress translation ${where}`, inTl?.direct ? table(inTl.partidMax + 1, COSTS.word) : 0);
    add(`the egress translation ${where}`, outTl?.direct ? table(partids, COSTS.word) : 0);
    add(`the translated labels ${where}`, inTl || outTl ? table(owners, COSTS.ownerTranslated) : 0);
    for (const ris of description.ris) {
      if (ris.spaces && !ris.spaces.includes(space as Space)) continue;
      const here = `of MSC ${msc}, RIS ${ris.ris}, space ${space}`;
      const [many, what] = partidNrw ? [partidNrw.intPartidMax + 1, "intPARTIDs"] : [partids, "PARTIDs"];
      add(`the settings of ${many} ${what} ${here}`, settingsBytes(ris, many + (description.defaultPartid ? 1 : 0)));
      const monitors = (ris.csu?.monitors ?? 0) + (ris.mbwu?.monitors ?? 0);
      const bytes = table(ris.csu?.monitors ?? 0, COSTS.csu) + table(ris.mbwu?.monitors ?? 0, COSTS.mbwu);
      add(`${monitors} monitors ${here}`, bytes);
    }
  }
  return pieces;
}

/** A table for each control that exists, with an entry for each PARTID or intPARTID, and one for the default settings. */
function settingsBytes({ cpor, ccap, mbw, pri }: RisDescription, entries: number): number {
  const words = [
    Math.ceil((cpor?.cpbmWd ?? 0) / 32),
    ccap && !ccap.noCmax ? 1 : 0,
    ccap?.cmin ? 1 : 0,
    ccap?.cassocWd === undefined ? 0 : 1,
    mbw?.max ? 1 : 0,
    mbw?.min ? 1 : 0,
    mbw?.prop ? 1 : 0,
    mbw?.windwr ? 1 : 0,
    Math.ceil((mbw?.bwpbmWd ?? 0) / 32),
    pri ? 1 : 0,
  ];
  return words.reduce((sum, count) => sum + table(entries * count, COSTS.word), 0);
}

function table(entries: number, bytes: number): number {
  return Math.ceil((entries * bytes) / COSTS.alignment) * COSTS.alignment;
}
