/** Everything that can be read of a memory system, question by question. */
import type { MemoryConfig, MemoryMsc, MemoryPlace, MemorySubject } from "../../helpers/memory-subject.ts";
import type { Space, SubjectInterrupt, SubjectLabel } from "../../helpers/subject.ts";
import { offsetNamed } from "../registers.ts";
import { hex } from "../script.ts";

export interface Question {
  /** As TypeScript; and what has to be done before, if something has. */
  readonly text: string;
  readonly before?: string;
  /** Alike for all implementations: where there is no order, one is made. Undefined for what a subject does not count. */
  ask(subject: MemorySubject): unknown;
}

const MON_SEL = offsetNamed("MSMON_CFG_MON_SEL");
const COMMON = ["MPAMF_ESR", "MSMON_OFLOW_SR"];
const CSU = ["MSMON_CFG_CSU_FLT", "MSMON_CFG_CSU_CTL", "MSMON_CSU", "MSMON_CSU_CAPTURE", "MSMON_CSU_OFSR"];
const MBWU = ["MSMON_CFG_MBWU_FLT", "MSMON_CFG_MBWU_CTL", "MSMON_MBWU", "MSMON_MBWU_CAPTURE", "MSMON_MBWU_OFSR"];
const LONG = ["MSMON_MBWU_L", "MSMON_MBWU_L_CAPTURE"];

/** The MSCs of a configuration in the order of their numbers. */
export function mscsOf({
  caches,
  nodes,
}: MemoryConfig): { readonly kind: "cache" | "memory"; readonly msc: MemoryMsc }[] {
  const many = (count: number, kind: "cache" | "memory", msc: MemoryMsc | undefined) =>
    msc === undefined ? [] : Array.from({ length: count }, () => ({ kind, msc }));
  return [
    ...caches.flatMap(({ slices, msc }) => many(slices, "cache", msc)),
    ...nodes.flatMap(({ channels, msc }) => many(channels, "memory", msc)),
  ];
}

export function questionsOf(config: MemoryConfig): Question[] {
  const slices = config.caches.reduce((sum, one) => sum + one.slices, 0);
  const channels = config.nodes.reduce((sum, one) => sum + one.channels, 0);
  const places: MemoryPlace[] = [
    ...Array.from({ length: slices }, (_, index): MemoryPlace => ({ kind: "cache", index })),
    ...Array.from({ length: channels }, (_, index): MemoryPlace => ({ kind: "channel", index })),
  ];
  return [
    { text: "subject.waiting()", ask: (subject) => subject.waiting() },
    ...Array.from({ length: slices }, (_, index): Question => {
      return { text: `subject.lines(${index})`, ask: (subject) => subject.lines(index) };
    }),
    ...places.map((one): Question => {
      const text = `subject.counts({ kind: "${one.kind}", index: ${one.index} })`;
      return { text, ask: (subject) => byLabel(subject.counts(one)) };
    }),
    ...Array.from({ length: slices }, (_, index): Question => {
      return { text: `subject.evictions(${index})`, ask: (subject) => inOrder(subject.evictions(index)) };
    }),
    { text: "subject.latencies()", ask: (subject) => byLabel(subject.latencies()) },
    ...mscsOf(config).flatMap(({ msc }, number) => registers(number, msc)),
  ];
}

/** Interrupts, errors, and all monitors; moves the selector of monitors. */
function registers(number: number, { spaces, ris }: MemoryMsc): Question[] {
  const questions: Question[] = [
    { text: `subject.interrupts(${number})`, ask: (subject) => bySource(subject.interrupts(number)) },
  ];
  for (const space of (Object.keys(spaces) as Space[]).filter((one) => spaces[one])) {
    const read = (name: string, high = 0): Question => {
      const text = `subject.read32(${number}, ${name}${high === 0 ? "" : " + 4"}, "${space}")`;
      const offset = offsetNamed(name) + high;
      return { text, ask: (subject) => subject.read32(number, offset, space) };
    };
    questions.push(...COMMON.map((name) => read(name)), read("MPAMF_ESR", 4));
    for (const { ris: instance, csu, mbwu, spaces: only } of ris) {
      if (only !== undefined && !only.includes(space)) continue;
      for (let index = 0; index < Math.max(csu?.monitors ?? 0, mbwu?.monitors ?? 0); index++) {
        const isMbwu = index < (mbwu?.monitors ?? 0);
        const names = [...(index < (csu?.monitors ?? 0) ? CSU : []), ...(isMbwu ? MBWU : [])];
        const long = isMbwu && mbwu?.counter !== 31 ? LONG : [];
        const selector = ((instance << 24) | index) >>> 0;
        for (const one of [
          ...names.map((name) => read(name)),
          ...long.flatMap((name) => [read(name), read(name, 4)]),
        ]) {
          questions.push({
            text: one.text,
            before: `subject.write32(${number}, MSMON_CFG_MON_SEL, ${hex(selector)}, "${space}");`,
            ask: (subject) => {
              subject.write32(number, MON_SEL, selector, space);
              return one.ask(subject);
            },
          });
        }
      }
    }
  }
  return questions;
}

/** Whether two answers are the same; a key that is undefined is as none. */
export function alike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in left) if (!alike(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false;
  return true;
}

/** The same text for the same answer: keys in one order, and none for what is undefined. */
export function canonical(answer: unknown): string {
  return JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function keyOf({ space, partid, pmg }: SubjectLabel): string {
  return `${space} ${String(partid).padStart(5, "0")} ${pmg}`;
}

function inOrder<T extends SubjectLabel>(all: readonly T[] | undefined): T[] | undefined {
  return all && byLabel(all);
}

function byLabel<T extends SubjectLabel>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** In order within each source: what two sources raised at the same moment has no order. */
function bySource(all: readonly SubjectInterrupt[] | undefined): SubjectInterrupt[][] | undefined {
  if (all === undefined) return undefined;
  const sources = new Map<string, SubjectInterrupt[]>();
  for (const one of all) {
    const key = `${one.kind} ${one.delivery ?? "wire"} ${one.space ?? ""}`;
    sources.set(key, [...(sources.get(key) ?? []), one]);
  }
  return [...sources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, list]) => list);
}
