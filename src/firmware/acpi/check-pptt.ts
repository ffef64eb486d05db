// Findings in the PPTT: offsets that lead nowhere, loops, what nobody reaches, ids, and sizes that do not add up.

import { hex } from "./bytes.ts";
import { type Findings, type OpenedTables, structuresOf } from "./check.ts";
import { titleOf } from "./dump.ts";
import { Steps } from "./table.ts";
import { CACHE, CACHE_FLAGS, GICC, PROCESSOR, PROCESSOR_FLAGS } from "./tables.ts";

export function checkPptt({ PPTT, APIC }: OpenedTables, findings: Findings): void {
  if (PPTT === undefined) {
    if (APIC) findings.warn("PPTT", 0, "there is no PPTT; software knows no caches and no containers");
    return;
  }
  const caches = new Map(structuresOf(PPTT, CACHE).map((one) => [one.at, one]));
  const processors = new Map(structuresOf(PPTT, PROCESSOR).map((one) => [one.at, one]));
  // A processor may name its vendor's id among its resources.
  const others = new Set(PPTT.entries.filter(({ type }) => type === 2).map(({ at }) => at));
  const used = new Set<number>();
  const hasChild = new Set<number>();
  const ids = new Map<number, number>();
  const containers = new Map<number, number>();
  const { revision } = PPTT.table.header;
  for (const one of processors.values()) {
    const { parent, resources, resourceCount, flags, processorId } = one.values;
    const name = titleOf(one);
    const right = PROCESSOR.bytes + 4 * resourceCount;
    if (one.length > right) findings.error("PPTT", one.at, `${name}: length is ${one.length}; ${right} is needed`);
    if (parent !== 0 && !processors.has(parent)) {
      findings.error(
        "PPTT",
        one.at + 8,
        `${name}: parent ${hex(parent)} is no processor; the offset of one, or 0, is needed`,
      );
    }
    hasChild.add(parent);
    resources.forEach((at, index) => {
      used.add(at);
      if (caches.has(at) || others.has(at)) return;
      const where = one.at + PROCESSOR.bytes + 4 * index;
      findings.error("PPTT", where, `${name}: resource ${hex(at)} is no cache; the offset of one is needed`);
    });
    if (revision > 1 && (flags & PROCESSOR_FLAGS.leaf) !== 0) continue;
    if ((flags & PROCESSOR_FLAGS.idValid) === 0) continue;
    const first = containers.get(processorId);
    if (first === undefined) containers.set(processorId, one.at);
    else findings.warn("PPTT", one.at + 12, `${name} has the id of the one at ${hex(first)}; software takes the first`);
  }
  for (const one of caches.values()) {
    const { nextLevel, flags, cacheId, bytes, sets, ways, lineBytes } = one.values;
    const has = (flag: number) => (flags & flag) !== 0;
    const name = titleOf(one);
    if (nextLevel !== 0) {
      used.add(nextLevel);
      if (!caches.has(nextLevel)) {
        findings.error(
          "PPTT",
          one.at + 4 + 4,
          `${name}: next level ${hex(nextLevel)} is no cache; the offset of one, or 0, is needed`,
        );
      }
    }
    if (!has(CACHE_FLAGS.type))
      findings.warn("PPTT", one.at + 4, `${name}: its type is not valid; software cannot find it`);
    if (has(CACHE_FLAGS.size) && has(CACHE_FLAGS.sets) && has(CACHE_FLAGS.ways) && has(CACHE_FLAGS.line)) {
      const product = sets * ways * lineBytes;
      if (product !== bytes) {
        findings.warn(
          "PPTT",
          one.at + 12,
          `${name}: ${bytes} bytes, but sets * ways * line is ${product}; they should agree`,
        );
      }
    }
    if (!has(CACHE_FLAGS.id)) continue;
    if (revision < 3 || one.length < CACHE.bytes) {
      findings.warn(
        "PPTT",
        one.at + 4,
        `${name}: has an id in a table of revision ${revision}, where software looks for none; 3 is needed`,
      );
      continue;
    }
    const first = ids.get(cacheId);
    if (first === undefined) ids.set(cacheId, one.at);
    else
      findings.error(
        "PPTT",
        one.at + 24,
        `${name} has the id of the one at ${hex(first)}; ids have to differ over all levels`,
      );
  }
  checkLoops(
    new Map([...processors].map(([at, { values }]) => [at, values.parent])),
    "parents",
    PPTT.table.bytes.length,
    findings,
  );
  checkLoops(
    new Map([...caches].map(([at, { values }]) => [at, values.nextLevel])),
    "next levels",
    PPTT.table.bytes.length,
    findings,
  );
  for (const one of caches.values()) {
    if (!used.has(one.at)) findings.warn("PPTT", one.at, `${titleOf(one)}: nothing refers to it`);
  }
  const leaves = new Set<number>();
  for (const one of processors.values()) {
    const leaf = revision > 1 ? (one.values.flags & PROCESSOR_FLAGS.leaf) !== 0 : !hasChild.has(one.at);
    if (leaf) leaves.add(one.values.processorId);
    else if (!hasChild.has(one.at)) findings.warn("PPTT", one.at, `${titleOf(one)}: no cpu is below it`);
  }
  if (APIC === undefined) return;
  const uids = new Set(structuresOf(APIC, GICC).map(({ values }) => values.uid));
  for (const one of structuresOf(APIC, GICC)) {
    if (leaves.has(one.values.uid)) continue;
    findings.error("APIC", one.at + 8, `cpu of UID ${one.values.uid} is no leaf of the PPTT; it has no caches`);
  }
  for (const one of processors.values()) {
    const { processorId, flags } = one.values;
    if (revision > 1 && (flags & PROCESSOR_FLAGS.leaf) !== 0 && !uids.has(processorId)) {
      findings.warn("PPTT", one.at + 12, `${titleOf(one)}: the MADT has no cpu of this UID`);
    }
  }
}

/** Each structure leads to one other: who comes back to where he was is told once. */
function checkLoops(next: ReadonlyMap<number, number>, what: string, bytes: number, findings: Findings): void {
  const steps = new Steps("PPTT", bytes);
  const done = new Set<number>();
  for (const start of next.keys()) {
    const way = new Set<number>();
    let at: number | undefined = start;
    while (at !== undefined && next.has(at) && !done.has(at)) {
      steps.take(at);
      if (way.has(at)) {
        findings.error("PPTT", at, `the ${what} from here lead back to here; they have to end with 0`);
        break;
      }
      way.add(at);
      at = next.get(at);
    }
    for (const one of way) done.add(one);
  }
}
