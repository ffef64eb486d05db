// From tables to a platform: what they say, and guesses, each told, for what no table says.

import { showCpus } from "../../written/index.ts";
import { lineBytesOf, type SaidCache, shapeOf } from "../guess/caches.ts";
import { MscGuesses, type Part, partName, partsOf } from "../guess/mscs.ts";
import { GUESS, MOST, memoryBytes, nameOf, type PlatformGuess } from "../guess/platform.ts";
import { guessSmmus } from "../guess/smmus.ts";
import { describeAcpi, openTables } from "./describe.ts";
import { peaksOf } from "./hmat.ts";
import { bitsOf } from "./layout.ts";
import { cpusOf, type MadtCpu } from "./madt.ts";
import { mailboxesFrom } from "./mailboxes.ts";
import { type PpttCache, Processors } from "./pptt.ts";
import { Remarks } from "./remarks.ts";
import { Domains } from "./srat.ts";
import { type AcpiTable, entriesOf, isA } from "./table.ts";
import { CACHE_FLAGS, INTERRUPT_MODE, MSC, TABLES, WRITE_POLICY } from "./tables.ts";

const RATE_MAXIMUM = 1e13;

/** Throws EINVAL as describeAcpi does. */
export function platformFromAcpi(files: readonly Uint8Array[]): PlatformGuess {
  // What software leaves out is left out here, with the same words.
  const described = describeAcpi(files);
  const remarks = new Remarks();
  for (const line of described.remarks) remarks.say(line);
  const remark = (text: string) => remarks.say(text);
  const silent = new Remarks();
  const { APIC, PPTT, SRAT, HMAT, MPAM } = openTables(files, silent);
  const cpus = cpusOf(APIC, silent);
  if (cpus.length > MOST.cpus) {
    remark(`${cpus.length} cpus: a platform has ${MOST.cpus} at most; the others are left out`);
    cpus.length = MOST.cpus;
  }
  const domains = new Domains(SRAT, silent);
  const caches = cachesOf(cpus, new Processors(PPTT, silent, false), remarks);
  const memory = memoryOf(cpus, domains, peaksOf(HMAT, domains, silent), remark);
  const edges = edgesIn(MPAM);
  const found = described.mscs.map((msc) => ({ name: `MSC ${msc.id}`, msc, edge: edges.has(msc.id) }));
  const parts = partsOf(found, remark);
  const here = [
    ...caches.map((one) => parts.get(partName({ kind: "cache", id: one.id })) ?? []),
    ...memory.map((one) => parts.get(partName({ kind: "memory", id: one.linuxNode })) ?? []),
  ];
  const mscs = new MscGuesses(cpus.length, remark);
  const lineBytes = lineBytesOf(
    caches.map(({ said }) => said),
    remark,
  );
  const mailboxes = mailboxesFrom(described.channels, described.mscs, remarks);
  const clusters = clustersOf(cpus);
  const smmus = guessSmmus(described.smmus, remark);
  const platform = {
    name: nameOf((MPAM ?? APIC ?? PPTT)?.header.oemTableId.toLowerCase(), "from-acpi"),
    description: "Made from ACPI tables",
    firmware: "acpi" as const,
    cpus: Math.max(1, cpus.length),
    processor: GUESS.processor,
    lineBytes,
    ...(clusters.length > 1 ? { clusters } : {}),
    ...(mailboxes.length > 0 ? { mailboxes } : {}),
    caches: caches.map((cache, index) => {
      const { id, said, cpus: own } = cache;
      const { slices, msc } = mscs.of(here[index] as Part, `cache ${id}`, GUESS.cache);
      if (isWriteThrough(cache)) remark(`${said.name}: write-through becomes write-back`);
      const shape = shapeOf(said, lineBytes, slices, remark);
      return { level: said.level, id, cpus: own, ...shape, ...(slices > 1 && { slices }), ...(msc && { msc }) };
    }),
    memory: memory.map(({ node, cpus: own, bytes, peak }, index) => {
      const { slices, msc } = mscs.of(here[caches.length + index] as Part, `node ${node}`, GUESS.memory);
      const rate = peak === undefined ? GUESS.bytesPerSecond : peak / slices;
      return {
        node,
        cpus: own,
        bytes,
        ...(slices > 1 && { channels: slices }),
        bytesPerSecond: Math.min(Math.max(1, Math.round(rate)), RATE_MAXIMUM),
        ...(msc && { msc }),
      };
    }),
    ...(smmus.length > 0 ? { smmus } : {}),
  };
  const taken = new Set(here);
  for (const [part, members] of parts) {
    if (taken.has(members)) continue;
    const what = part === "" ? "controls nothing that is known" : `controls ${part}, which the platform does not have`;
    for (const { name } of members) remark(`${name} ${what}, and is left out`);
  }
  remark("what cpus can put on a request (processor) is a guess: no table says it");
  if (found.length > 0) remark("controls and monitors of MSCs are guesses: they are in registers");
  checkOrder(here, remark);
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
  readonly cpus: number[];
  readonly cache: PpttCache;
  readonly said: SaidCache;
}

/** Data and unified caches that have a size, with every cpu that finds them at that level. */
function cachesOf(cpus: readonly MadtCpu[], processors: Processors, remarks: Remarks): FoundCache[] {
  const found = new Map<string, { readonly level: number; readonly cache: PpttCache; readonly cpus: number[] }>();
  const left = (what: string, at: number) => remarks.add("PPTT", at, `${what}; it is left out of the platform`);
  for (const cpu of cpus) {
    const levels = new Set<number>();
    for (const { level, owner, cache } of [...processors.cachesOf(cpu)].reverse()) {
      // From above: unified, then data, then instruction.
      if (sizeOf(cache) === 0) {
        if (cache.id !== undefined) left(`cache ${cache.id} has no size`, cache.at);
      } else if (cache.type === "instruction") left("a platform has no instruction caches", cache.at);
      else if (level > MOST.level) left(`cache of level ${level}: a platform has ${MOST.level}`, cache.at);
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
  const inOrder = [...found.values()].sort((a, b) => a.cache.at - b.cache.at || a.level - b.level);
  const taken = new Set(inOrder.flatMap(({ cache }) => cache.id ?? []));
  let next = 0;
  return inOrder.map(({ level, cache, cpus: members }) => {
    let { id } = cache;
    if (id === undefined) {
      while (taken.has(next)) next++;
      id = next++;
      remarks.add("PPTT", cache.at, `cache of cpus ${showCpus(members)} has no id; ${id} is taken`);
    }
    return { id, cpus: members, cache, said: saidBy(id, level, cache) };
  });
}

const has = ({ values }: PpttCache, flag: number) => (values.flags & flag) !== 0;

const isWriteThrough = ({ cache }: FoundCache) =>
  has(cache, CACHE_FLAGS.policy) && bitsOf(cache.values.attributes, WRITE_POLICY) === 1;

/** 0: not said. */
function sizeOf(cache: PpttCache): number {
  const { bytes, sets, ways, lineBytes } = cache.values;
  if (has(cache, CACHE_FLAGS.size) && bytes > 0) return bytes;
  return has(cache, CACHE_FLAGS.sets) ? sets * ways * lineBytes : 0;
}

function saidBy(id: number, level: number, cache: PpttCache): SaidCache {
  const { ways, lineBytes } = cache.values;
  return {
    name: `cache ${id}`,
    level,
    bytes: sizeOf(cache),
    lineBytes: has(cache, CACHE_FLAGS.line) ? lineBytes : 0,
    ways: has(cache, CACHE_FLAGS.ways) ? ways : 0,
  };
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
  remark: (text: string) => void,
): FoundNode[] {
  // In the order of the memory entries; domains of cpus alone are no memory.
  const order = [...new Set(domains.memory.map(({ domain }) => domain))];
  if (order.length === 0) {
    remark(`SRAT: no memory is described; one node of ${GUESS.memoryBytes} bytes is taken`);
    return [{ node: 0, linuxNode: 0, cpus: cpus.map(({ cpu }) => cpu), bytes: GUESS.memoryBytes, peak: undefined }];
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
    remark(`SRAT: domain ${domain} has cpus ${stray.join(",")} and no memory; they are of no node`);
  }
  const small = order.every((domain) => domain < MOST.nodes);
  if (!small) remark(`SRAT: domains above ${MOST.nodes - 1}: nodes are numbered from 0`);
  return order.map((domain, index) => {
    const peak = peaks.get(domain);
    const bandwidth = peak && Math.max(peak.read, peak.write);
    if (peak === undefined) remark(`bandwidth of domain ${domain} is a guess: no HMAT says it`);
    if (peak && peak.read !== peak.write) {
      remark(
        `HMAT: domain ${domain} reads ${peak.read} and writes ${peak.write} bytes/s; a channel has one rate, the larger`,
      );
    }
    return {
      node: small ? domain : index,
      linuxNode: domains.nodeOf(domain) ?? 0,
      cpus: members.get(domain) ?? [],
      bytes: memoryBytes(domain, Number(bytes.get(domain) ?? 0n), remark),
      peak: bandwidth,
    };
  });
}

/** A platform numbers MSCs by its caches, then its memory. */
function checkOrder(parts: readonly Part[], remark: (text: string) => void): void {
  const ids = parts.flatMap((part) => part.map(({ msc }) => msc.id));
  if (ids.every((id, index) => id === index)) return;
  remark(`MPAM: identifiers ${ids.join(", ")} become 0 to ${ids.length - 1}, as a platform numbers its MSCs`);
}
