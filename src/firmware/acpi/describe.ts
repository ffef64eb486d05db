// From tables to what software takes from them: read as Linux does, with its mistakes repaired unless they are asked for.

import type { FirmwareCache, FirmwareDescription, FirmwareNode } from "../description.ts";
import { hex } from "./bytes.ts";
import { peaksOf } from "./hmat.ts";
import { smmusOf } from "./iort.ts";
import { cpusOf, type MadtCpu } from "./madt.ts";
import { mscsOf } from "./mpam.ts";
import { channelsOf } from "./pcct.ts";
import { type PpttCache, Processors } from "./pptt.ts";
import { Remarks } from "./remarks.ts";
import { Domains } from "./srat.ts";
import { type AcpiTable, checksumOf, openTable } from "./table.ts";
import { CACHE_FLAGS, type Signature, TABLES } from "./tables.ts";

/** How ACPI tables are read. */
export interface AcpiOptions {
  /** Keeps what Linux 7.3 does where that is surprising (docs/modelled.md). */
  readonly compat?: "linux-7.3";
}

/** The tables that are looked into, the first of each kind. Throws EINVAL for a header that cannot be. */
export function openTables(
  files: readonly Uint8Array[],
  remarks: Remarks,
): { readonly [name in Signature]?: AcpiTable } {
  const found: { [name: string]: AcpiTable } = {};
  for (const file of files) {
    const table = openTable(file);
    const { signature } = table;
    if (!(signature in TABLES)) continue;
    if (found[signature]) {
      remarks.say(`${signature}: there is a second table of this name; the first counts`);
      continue;
    }
    found[signature] = table;
    const rest = checksumOf(table.bytes.bytes);
    if (rest !== 0) remarks.add(signature, 9, `the checksum is wrong by ${rest}; the table is used all the same`);
  }
  return found;
}

/**
 * What tables tell software. Tables other than MADT, PPTT, SRAT, HMAT, IORT, MPAM and PCCT are ignored. What is left out or odd is
 * in `remarks`. Throws EINVAL, with table and offset, where software could not go on.
 */
export function describeAcpi(files: readonly Uint8Array[], options: AcpiOptions = {}): FirmwareDescription {
  const compat = options.compat === "linux-7.3";
  const remarks = new Remarks();
  const { APIC, PPTT, SRAT, HMAT, IORT, MPAM, PCCT } = openTables(files, remarks);
  const cpus = cpusOf(APIC, remarks);
  const processors = new Processors(PPTT, remarks, compat);
  const domains = new Domains(SRAT, remarks);
  const peaks = peaksOf(HMAT, domains, remarks);
  const channels = channelsOf(PCCT, remarks);
  const caches = describeCaches(cpus, processors, remarks);
  const ids = new Set(caches.map(({ id }) => id));
  const subspaces = new Set(channels.map(({ subspace }) => subspace));
  const byUid = new Map(cpus.map(({ uid, cpu }) => [uid, [cpu]]));
  const { mscs, counted } = mscsOf(
    MPAM,
    {
      all: new Set(cpus.map(({ cpu }) => cpu)),
      container: containersOf(cpus, processors),
      processor: (uid) => new Set(byUid.get(uid)),
      hasCache: (id) => ids.has(id),
      nodeOf: (domain) => domains.nodeOf(domain),
      hasChannel: (subspace) => subspaces.has(subspace),
    },
    remarks,
    compat,
  );
  const smmus = smmusOf(IORT, remarks);
  const nodes = describeNodes(cpus, domains, peaks);
  return {
    cpus: cpus.map((one) => ({ cpu: one.cpu, node: nodeOf(one, domains) })),
    caches,
    nodes,
    mscs,
    counted,
    channels,
    smmus,
    remarks: remarks.lines,
  };
}

/** A cpu that no entry names is of node 0. */
function nodeOf(cpu: MadtCpu, domains: Domains): number {
  const domain = domains.domainOf(cpu);
  return (domain === undefined ? undefined : domains.nodeOf(domain)) ?? 0;
}

function describeNodes(cpus: readonly MadtCpu[], domains: Domains, peaks: ReturnType<typeof peaksOf>): FirmwareNode[] {
  const names = domains.domains;
  const ofNode: number[][] = names.map(() => []);
  if (ofNode.length === 0) ofNode.push([]);
  for (const cpu of cpus) ofNode[nodeOf(cpu, domains)]?.push(cpu.cpu);
  return ofNode.map((members, node) => {
    const peak = peaks.get(names[node] ?? -1);
    return { node, cpus: new Set(members), ...(peak ? { peak: { ...peak } } : {}) };
  });
}

/** One cache for each id, at the level at which the first cpu finds it, and with every cpu that does. */
function describeCaches(cpus: readonly MadtCpu[], processors: Processors, remarks: Remarks): FirmwareCache[] {
  const found = new Map<number, { level: number; cache: PpttCache; cpus: Set<number> }>();
  const unnamed = new Set<number>();
  for (const cpu of cpus) {
    if (!processors.hasLeaf(cpu))
      remarks.add("APIC", cpu.at, `cpu of UID ${cpu.uid} is not in the PPTT; it has no caches`);
    for (const { level, cache } of processors.cachesOf(cpu)) {
      if (cache.id === undefined) {
        if ((cache.values.flags & CACHE_FLAGS.size) !== 0) unnamed.add(cache.at);
        continue;
      }
      const one = found.get(cache.id) ?? { level, cache, cpus: new Set<number>() };
      found.set(cache.id, one);
      one.cpus.add(cpu.cpu);
      if (one.cache !== cache || one.level !== level) {
        const first = `cache ${cache.id} is L${one.level} at ${hex(one.cache.at)}`;
        remarks.add("PPTT", cache.at, `${first} and L${level} here; ids have to differ, and the first counts`);
      }
    }
  }
  if (unnamed.size > 0) {
    const [first] = unnamed;
    remarks.add("PPTT", first as number, `${unnamed.size} caches from here on have no id; they are left out`);
  }
  const inOrder = [...found.values()].sort((a, b) => a.cache.at - b.cache.at);
  return inOrder.map(({ level, cache: { id, values }, cpus: members }) => ({
    id: id as number,
    level,
    bytes: (values.flags & CACHE_FLAGS.size) === 0 ? 0 : values.bytes,
    lineBytes: (values.flags & CACHE_FLAGS.line) === 0 ? 0 : values.lineBytes,
    cpus: members,
  }));
}

/** The cpus below a container, found out once for all of them. */
export function containersOf(cpus: readonly MadtCpu[], processors: Processors): (uid: number) => ReadonlySet<number> {
  let below: Map<number, Set<number>> | undefined;
  return (uid) => {
    if (below === undefined) {
      below = new Map();
      for (const cpu of cpus) {
        for (const { at } of processors.ancestors(cpu)) {
          const members = below.get(at) ?? new Set<number>();
          below.set(at, members.add(cpu.cpu));
        }
      }
    }
    return below.get(processors.container(uid) ?? -1) ?? new Set();
  };
}
