/** What is done to every subject, and whether they answer alike. Comparing makes no strings: this runs millions of times. */
import type {
  MscSubject,
  Space,
  SubjectInterrupt,
  SubjectLabel,
  SubjectLine,
  SubjectMsi,
  SubjectRecord,
  SubjectStatistics,
} from "../helpers/subject.ts";

export type Operation =
  | { readonly do: "read32"; readonly offset: number; readonly space: Space }
  | { readonly do: "write32"; readonly offset: number; readonly value: number; readonly space: Space }
  | { readonly do: "read64"; readonly offset: number; readonly space: Space }
  | { readonly do: "write64"; readonly offset: number; readonly value: bigint; readonly space: Space }
  | { readonly do: "label"; readonly requester: number; readonly op: number | "all"; readonly label: SubjectLabel }
  | { readonly do: "run"; readonly records: readonly SubjectRecord[] }
  | { readonly do: "capture"; readonly event: number }
  | { readonly do: "advance"; readonly ns: number }
  | { readonly do: "reset" }
  | { readonly do: "interrupts" | "occupancy" | "statistics" | "lines" };

/** A register operation, as they are counted. */
export function isAccess(operation: Operation): boolean {
  switch (operation.do) {
    case "read32":
    case "write32":
    case "read64":
    case "write64":
      return true;
    default:
      return false;
  }
}

/** Does it to one subject. What is not a question has no answer. */
export function perform(operation: Operation, subject: MscSubject): unknown {
  switch (operation.do) {
    case "read32":
      return subject.read32(operation.offset, operation.space);
    case "write32":
      return subject.write32(operation.offset, operation.value, operation.space);
    case "read64":
      return subject.read64(operation.offset, operation.space);
    case "write64":
      return subject.write64(operation.offset, operation.value, operation.space);
    case "label":
      return subject.setLabel(operation.requester, operation.op, operation.label);
    case "run":
      return subject.run(operation.records);
    case "capture":
      return subject.capture(operation.event);
    case "advance":
      return subject.advance(operation.ns);
    case "reset":
      return subject.reset?.();
    case "interrupts":
      return subject.interrupts();
    case "occupancy":
      return subject.occupancy();
    case "statistics":
      return subject.statistics();
    case "lines":
      return subject.lines();
  }
}

/** Whether two subjects gave the same answer. */
export function alike(operation: Operation, a: unknown, b: unknown): boolean {
  switch (operation.do) {
    case "read32":
    case "read64":
      return a === b;
    case "interrupts":
      return sameInterrupts(a as readonly SubjectInterrupt[], b as readonly SubjectInterrupt[]);
    case "occupancy":
      return sameSets(a as readonly Counted[], b as readonly Counted[]);
    case "statistics":
      return sameSets(a as readonly Counted[], b as readonly Counted[]);
    case "lines":
      return sameLines(a as readonly SubjectLine[], b as readonly SubjectLine[]);
    default:
      return true;
  }
}

type Counted = SubjectLabel & Partial<SubjectStatistics> & { readonly lines?: number };

function sameLabel(a: SubjectLabel, b: SubjectLabel): boolean {
  return a.partid === b.partid && a.pmg === b.pmg && a.space === b.space;
}

/** Entries by label, in any order. Each label comes once. */
function sameSets(a: readonly Counted[], b: readonly Counted[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one) => {
    const other = b.find((candidate) => sameLabel(one, candidate));
    return other && one.lines === other.lines && one.accesses === other.accesses && one.misses === other.misses;
  });
}

function sameLines(a: readonly SubjectLine[], b: readonly SubjectLine[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const one = a[i] as SubjectLine;
    const other = b[i] as SubjectLine;
    if (one.set !== other.set || one.way !== other.way || one.line !== other.line) return false;
    if (one.dirty !== other.dirty || one.age !== other.age || !sameLabel(one, other)) return false;
  }
  return true;
}

/**
 * In order within each source: a wire of one kind, or the pulses and MSIs of one kind and bank. What two sources raised at the same
 * moment has no order.
 */
function sameInterrupts(a: readonly SubjectInterrupt[], b: readonly SubjectInterrupt[]): boolean {
  if (a.length !== b.length) return false;
  if (a.every((one, i) => sameInterrupt(one, b[i] as SubjectInterrupt))) return true;
  const left = [...b];
  return a.every((one) => {
    const next = left.findIndex((other) => sameSource(one, other));
    return next >= 0 && sameInterrupt(one, left.splice(next, 1)[0] as SubjectInterrupt);
  });
}

function sameSource(a: SubjectInterrupt, b: SubjectInterrupt): boolean {
  return a.kind === b.kind && a.delivery === b.delivery && a.space === b.space;
}

function sameInterrupt(a: SubjectInterrupt, b: SubjectInterrupt): boolean {
  return (
    sameSource(a, b) && a.level === b.level && a.record === b.record && a.count === b.count && sameMsi(a.msi, b.msi)
  );
}

function sameMsi(a: SubjectMsi | undefined, b: SubjectMsi | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.address !== b.address || a.data !== b.data || a.partid !== b.partid || a.pmg !== b.pmg) return false;
  return a.memattr === b.memattr && a.shareability === b.shareability;
}
