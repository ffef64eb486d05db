// From tables to a platform: what they say, and guesses, each told, for what no table says.

import { describeAcpi, openTables } from "./describe.ts";
import { peaksOf } from "./hmat.ts";
import { bitsOf } from "./layout.ts";
import { cpusOf, type MadtCpu } from "./madt.ts";
import { type MscGroup, mailboxesFrom, mscGroups, type WrittenMailbox } from "./platform-mscs.ts";
import { type PpttCache, Processors } from "./pptt.ts";
import { Remarks } from "./remarks.ts";
import { Domains } from "./srat.ts";
import { type AcpiTable, entriesOf, isA } from "./table.ts";
import { CACHE_FLAGS, INTERRUPT_MODE, MSC, TABLES, WRITE_POLICY } from "./tables.ts";

/** What a platform file would say (docs/platform-format.md). */
export interface PlatformObject {
  readonly name: string;
  readonly cpus: number;
  readonly firmware: "acpi";
  readonly processor: { readonly partidMax: number; readonly pmgMax: number };
  readonly lineBytes: number;
  readonly clusters?: readonly (readonly number[])[];
  readonly mailboxes?: readonly WrittenMailbox[];
  readonly caches: readonly object[];
  readonly memory: readonly object[];
}

export interface PlatformFromAcpi {
  readonly platform: PlatformObject;
  /** What was left out or guessed, one line each. */
  readonly remarks: readonly string[];
}

const CPUS_MAXIMUM = 1024;
const LEVEL_MAXIMUM = 4;
const CACHE_BYTES_MAXIMUM = 2 ** 30;
const WAYS_MAXIMUM = 64;
const NODE_MAXIMUM = 1023;
const MEMORY_BYTES = { least: 2 ** 20, most: 2 ** 38 } as const;
const RATE_MAXIMUM = 1e13;
const GUESSED = {
  partidMax: 31,
  pmgMax: 3,
  ways: 16,
  lineBytes: 64,
  memoryBytes: 2 ** 30,
  bytesPerSecond: 12_800_000_000,
};

/** Throws EINVAL as describeAcpi does. */
export function platformFromAcpi(files: readonly Uint8Array[]): PlatformFromAcpi {
  // What software leaves out is left out here, with the same words.
  const described = describeAcpi(files);
  const remarks = new Remarks();
  for (const line of described.remarks) remarks.say(line);
  const silent = new Remarks();
  const { APIC, PPTT, SRAT, HMAT, MPAM } = openTables(files, silent);
  const cpus = cpusOf(APIC, silent);
  if (cpus.length > CPUS_MAXIMUM) {
    remarks.say(`${cpus.length} cpus: a platform has ${CPUS_MAXIMUM} at most; the others are left out`);
    cpus.length = CPUS_MAXIMUM;
  }
  const processors = new Processors(PPTT, silent, false);
  const domains = new Domains(SRAT, silent);
  const caches = cachesOf(cpus, processors, remarks);
  const memory = memoryOf(cpus, domains, peaksOf(HMAT, domains, silent), remarks);
  const groups = mscGroups(described, edgesIn(MPAM), cpus.length, remarks);
  const lineBytes = lineOf(caches, remarks);
  const guesses = groups.length === 0 ? "" : "; what an MSC can do is in its registers, and guessed here";
  remarks.say(`processor: PARTIDs and PMGs of the cpus are guessed${guesses}`);
  const mailboxes = mailboxesFrom(described.channels, groups, remarks);
  const clusters = clustersOf(cpus);
  const platform: PlatformObject = {
    name: nameOf(MPAM ?? APIC ?? PPTT),
    cpus: Math.max(1, cpus.length),
    firmware: "acpi",
    processor: { partidMax: GUESSED.partidMax, pmgMax: GUESSED.pmgMax },
    lineBytes,
    ...(clusters.length > 1 ? { clusters } : {}),
    ...(mailboxes.length > 0 ? { mailboxes } : {}),
    caches: caches.map((cache) => writtenCache(cache, lineBytes, groupOf(groups, "cache", cache.id), remarks)),
    memory: memory.map((node) => writtenMemory(node, groupOf(groups, "memory", node.linuxNode), remarks)),
  };
  for (const { kind, id, ids } of groups) {
    const there = kind === "cache" ? caches.some((one) => one.id === id) : memory.some((one) => one.linuxNode === id);
    if (!there) remarks.say(`MSC ${ids.join(", ")}: the platform has no ${kind} ${id}; left out`);
  }
  checkOrder(groups, caches, memory, remarks);
  return { platform, remarks: remarks.lines };
}

/** Identifiers of the MSCs whose error interrupt is a pulse. */
function edgesIn(mpam: AcpiTable | undefined): Set<number> {
  const { entries } = mpam ? entriesOf(mpam, TABLES.MPAM) : { entries: [] };
  return new Set(
    entries.flatMap((entry) =>
      isA(entry, MSC) && bitsOf(entry.values.errorFlags, INTERRUPT_MODE) === 1 ? entry.values.identifier : [],
    ),
  );
}

function nameOf(table: AcpiTable | undefined): string {
  const name =
    table?.header.oemTableId
      .replace(/[^\x21-\x7e]+/g, " ")
      .trim()
      .toLowerCase() ?? "";
  return name === "" ? "from-acpi" : name;
}

/** Cpus by the affinities above the lowest: those of one cluster. All in one: nothing is said. */
function clustersOf(cpus: readonly MadtCpu[]): number[][] {
  const clusters = new Map<bigint, number[]>();
  for (const { cpu, mpidr } of cpus) {
    const cluster = (mpidr >> 8n) & 0xffffn;
    clusters.set(cluster, [...(clusters.get(cluster) ?? []), cpu]);
  }
  return [...clusters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => members);
}

interface FoundCache {
  readonly id: number;
  readonly level: number;
  readonly cpus: number[];
  readonly cache: PpttCache;
}

/** Data and unified caches that have a size, with every cpu that finds them at that level. */
function cachesOf(cpus: readonly MadtCpu[], processors: Processors, remarks: Remarks): FoundCache[] {
  const found = new Map<string, Omit<FoundCache, "id">>();
  const left = (what: string, at: number) => remarks.add("PPTT", at, `${what}; it is left out of the platform`);
  for (const cpu of cpus) {
    const levels = new Set<number>();
    for (const { level, owner, cache } of [...processors.cachesOf(cpu)].reverse()) {
      // From above: unified, then data, then instruction.
      if (!sized(cache)) {
        if (cache.id !== undefined) left(`cache ${cache.id} has no size`, cache.at);
      } else if (cache.type === "instruction") left("a platform has no instruction caches", cache.at);
      else if (level > LEVEL_MAXIMUM) left(`cache of level ${level}: a platform has ${LEVEL_MAXIMUM}`, cache.at);
      else if (levels.has(level)) left(`second cache of level ${level} of one cpu`, cache.at);
      else {
        levels.add(level);
        // A structure without an id stands for one cache at each processor that has it for itself.
        const key = cache.id === undefined ? `at ${cache.at} of ${owner}, L${level}` : `${cache.id}`;
        const one = found.get(key) ?? { level, cache, cpus: [] };
        found.set(key, one);
        if (one.level === level && one.cpus.at(-1) !== cpu.cpu) one.cpus.push(cpu.cpu);
      }
    }
  }
  const split = [...found.values()].sort((a, b) => a.cache.at - b.cache.at || a.level - b.level);
  const taken = new Set(split.flatMap(({ cache }) => cache.id ?? []));
  let next = 0;
  return split.map((one) => {
    if (one.cache.id !== undefined) return { ...one, id: one.cache.id };
    while (taken.has(next)) next++;
    remarks.add("PPTT", one.cache.at, `cache has no id; ${next} is taken`);
    return { ...one, id: next++ };
  });
}

const sized = ({ values }: PpttCache) =>
  ((values.flags & CACHE_FLAGS.size) !== 0 && values.bytes > 0) ||
  ((values.flags & CACHE_FLAGS.sets) !== 0 && values.sets * values.ways * values.lineBytes > 0);

const has = ({ cache }: FoundCache, flag: number) => (cache.values.flags & flag) !== 0;

/** A machine has one line size: that of most caches. */
function lineOf(caches: readonly FoundCache[], remarks: Remarks): number {
  const counts = new Map<number, number>();
  for (const one of caches) {
    const { lineBytes } = one.cache.values;
    if (has(one, CACHE_FLAGS.line) && [32, 64, 128, 256].includes(lineBytes)) {
      counts.set(lineBytes, (counts.get(lineBytes) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  if (most === undefined && caches.length > 0)
    remarks.say(`lineBytes: no cache says it; ${GUESSED.lineBytes} is taken`);
  return most?.[0] ?? GUESSED.lineBytes;
}

function writtenCache(found: FoundCache, lineBytes: number, group: MscGroup | undefined, remarks: Remarks): object {
  const { id, level, cpus, cache } = found;
  const { values } = cache;
  const guess = (what: string) => remarks.add("PPTT", cache.at, `cache ${id}: ${what}`);
  if (has(found, CACHE_FLAGS.line) && values.lineBytes !== lineBytes) {
    guess(`lines of ${values.lineBytes} bytes become ${lineBytes}, as a machine has one size`);
  }
  if (has(found, CACHE_FLAGS.policy) && bitsOf(values.attributes, WRITE_POLICY) === 1)
    guess("write-through becomes write-back");
  const ways = waysOf(found, guess);
  const slices = group?.slices ?? 1;
  const said = has(found, CACHE_FLAGS.size) ? values.bytes : values.sets * values.ways * values.lineBytes;
  const bytes = bytesOf(Math.min(said, CACHE_BYTES_MAXIMUM), slices * ways * lineBytes);
  if (bytes !== said) guess(`${said} bytes become ${bytes}, as sets are a power of two`);
  return {
    level,
    id,
    cpus,
    bytes,
    ways,
    ...(slices > 1 ? { slices } : {}),
    ...(group ? { msc: { ...group.msc, ...controls(group, "cache") } } : {}),
  };
}

function waysOf(found: FoundCache, guess: (what: string) => void): number {
  const { ways } = found.cache.values;
  if (has(found, CACHE_FLAGS.ways) && ways >= 1 && ways <= WAYS_MAXIMUM) return ways;
  const taken = ways > WAYS_MAXIMUM ? WAYS_MAXIMUM : GUESSED.ways;
  guess(
    `${ways > WAYS_MAXIMUM ? `${ways} ways become` : "its ways are not said;"} ${taken}${ways > WAYS_MAXIMUM ? "" : " are taken"}`,
  );
  return taken;
}

/** The largest size of a power of two of sets that is not above the one said. */
function bytesOf(said: number, setBytes: number): number {
  return setBytes * 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, said / setBytes))));
}

interface FoundNode {
  /** In the platform: the proximity domain. */
  readonly node: number;
  /** As software numbers it. */
  readonly linuxNode: number;
  readonly cpus: number[];
  readonly bytes: number;
  readonly peak: number | undefined;
}

function memoryOf(
  cpus: readonly MadtCpu[],
  domains: Domains,
  peaks: ReturnType<typeof peaksOf>,
  remarks: Remarks,
): FoundNode[] {
  // In the order of the memory entries; domains of cpus alone are no memory.
  const order = [...new Set(domains.memory.map(({ domain }) => domain))];
  if (order.length === 0) {
    remarks.say(`SRAT: no memory is described; one node of ${GUESSED.memoryBytes} bytes is taken`);
    return [{ node: 0, linuxNode: 0, cpus: cpus.map(({ cpu }) => cpu), bytes: GUESSED.memoryBytes, peak: undefined }];
  }
  const bytes = new Map<number, bigint>();
  for (const one of domains.memory) bytes.set(one.domain, (bytes.get(one.domain) ?? 0n) + one.bytes);
  const members = new Map<number | undefined, number[]>();
  for (const cpu of cpus) {
    const domain = domains.domainOf(cpu);
    members.set(domain, [...(members.get(domain) ?? []), cpu.cpu]);
  }
  for (const [domain, stray] of members) {
    if (domain === undefined || bytes.has(domain)) continue;
    remarks.say(`SRAT: domain ${domain} has cpus ${stray.join(",")} and no memory; they are of no node`);
  }
  const small = order.every((domain) => domain <= NODE_MAXIMUM);
  if (!small) remarks.say(`SRAT: domains above ${NODE_MAXIMUM}: nodes are numbered from 0`);
  return order.map((domain, index) => {
    const peak = peaks.get(domain);
    if (peak && peak.read !== peak.write) {
      remarks.say(
        `HMAT: domain ${domain} reads ${peak.read} and writes ${peak.write} bytes/s; a channel has one rate, the larger`,
      );
    }
    return {
      node: small ? domain : index,
      linuxNode: domains.nodeOf(domain) ?? 0,
      cpus: members.get(domain) ?? [],
      bytes: memoryBytes(domain, bytes.get(domain) ?? 0n, remarks),
      peak: peak && Math.max(peak.read, peak.write),
    };
  });
}

function memoryBytes(domain: number, said: bigint, remarks: Remarks): number {
  const { least, most } = MEMORY_BYTES;
  const whole = said > BigInt(most) ? most : Number(said);
  const bytes = Math.max(least, whole - (whole % 4096));
  if (BigInt(bytes) !== said)
    remarks.say(`SRAT: domain ${domain} has ${said} bytes; ${bytes} is taken (1 MiB to 256 GiB, whole pages)`);
  return bytes;
}

function writtenMemory(found: FoundNode, group: MscGroup | undefined, remarks: Remarks): object {
  const { node, cpus, bytes, peak } = found;
  const channels = group?.slices ?? 1;
  if (peak === undefined)
    remarks.say(`node ${node}: no HMAT says its bandwidth; ${GUESSED.bytesPerSecond} bytes/s are taken`);
  const rate = peak === undefined ? GUESSED.bytesPerSecond : peak / channels;
  return {
    node,
    cpus,
    bytes,
    ...(channels > 1 ? { channels } : {}),
    bytesPerSecond: Math.min(Math.max(1, Math.round(rate)), RATE_MAXIMUM),
    ...(group ? { msc: { ...group.msc, ...controls(group, "memory") } } : {}),
  };
}

function groupOf(groups: readonly MscGroup[], kind: MscGroup["kind"], id: number): MscGroup | undefined {
  return groups.find((one) => one.kind === kind && one.id === id);
}

/** Software finds these in registers; the first resource instance gets what most parts have, others nothing. */
function controls({ ris }: MscGroup, kind: MscGroup["kind"]): object {
  const what =
    kind === "cache"
      ? { cpor: { cpbmWd: 16 }, csu: { monitors: 8 } }
      : { mbw: { bwaWd: 7 }, mbwu: { monitors: 8, counter: 44 } };
  if (ris.length === 1 && ris[0] === 0) return what;
  return { ris: ris.map((number, index) => (index === 0 ? { ris: number, ...what } : { ris: number })) };
}

/** A platform numbers MSCs by its caches, then its memory. */
function checkOrder(
  groups: readonly MscGroup[],
  caches: readonly FoundCache[],
  memory: readonly FoundNode[],
  remarks: Remarks,
): void {
  const ids = [
    ...caches.flatMap(({ id }) => groupOf(groups, "cache", id)?.ids ?? []),
    ...memory.flatMap(({ linuxNode }) => groupOf(groups, "memory", linuxNode)?.ids ?? []),
  ];
  if (ids.every((id, index) => id === index)) return;
  remarks.say(`MPAM: identifiers ${ids.join(", ")} become 0 to ${ids.length - 1}, as a platform numbers its MSCs`);
}
