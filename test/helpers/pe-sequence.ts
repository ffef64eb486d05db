/** Does the same to all subjects, step by step, and compares all that can be seen of them after each. */
import {
  createAll,
  exceptionLevels,
  KINDS,
  type OnDifference,
  sameLabel,
  sameLimit,
  throwDifference,
  told,
} from "./pe-compare.ts";
import { levelOf, type PeStep } from "./pe-draw.ts";
import type { PeAccess, PeImplementation, PeProfile, PeSubject } from "./pe-subject.ts";
import { ENCODINGS } from "./plain/pe/encodings.ts";

/** The first implementation is the plain model. Who differs is told of once, and not asked again. */
export async function compareSequence(
  profile: PeProfile,
  steps: readonly PeStep[],
  implementations: readonly PeImplementation[],
  onDifference: OnDifference = throwDifference,
): Promise<void> {
  const [plain, ...others] = await createAll(profile, implementations);
  let left = others;
  const lines: string[] = [];
  const compare = <T>(asked: string, ask: (subject: PeSubject) => T, same: (a: T, b: T) => boolean) => {
    const expected = ask(plain!.subject);
    for (const other of left) {
      const found = ask(other.subject);
      if (same(expected, found)) continue;
      left = left.filter((each) => each !== other);
      onDifference(other.name, told(profile, lines.join("\n"), asked, expected, other.name, found));
    }
  };
  for (const step of [{ do: "boot" } as const, ...steps]) {
    const asked = lineOf(profile, step);
    compare(asked, (subject) => take(profile, step, subject), sameAccess);
    lines.push(`${asked};`);
    compareAll(profile, compare);
    if (left.length === 0) return;
  }
}

type Compare = <T>(asked: string, ask: (subject: PeSubject) => T, same: (a: T, b: T) => boolean) => void;

/** Labels and limits of every EL and kind, and what every EL reads under every name. */
function compareAll(profile: PeProfile, compare: Compare): void {
  for (const el of exceptionLevels(profile)) {
    for (const kind of KINDS) {
      compare(`subject.label(${el}, "${kind}")`, (subject) => subject.label(el, kind), sameLabel);
      compare(`subject.limit(${el}, "${kind}")`, (subject) => subject.limit(el, kind), sameLimit);
    }
    for (const encoding of Object.values(ENCODINGS)) {
      compare(`subject.read(0x${encoding.toString(16)}, ${el})`, (subject) => subject.read(encoding, el), sameAccess);
    }
  }
}

function take(profile: PeProfile, step: PeStep, subject: PeSubject): PeAccess | undefined {
  switch (step.do) {
    case "boot":
      subject.boot();
      return undefined;
    case "reset":
      subject.reset();
      return undefined;
    case "read":
      return subject.read(step.encoding, levelOf(profile, step.from));
    case "write":
      return subject.write(step.encoding, step.value, levelOf(profile, step.from));
  }
}

export function lineOf(profile: PeProfile, step: PeStep): string {
  switch (step.do) {
    case "boot":
    case "reset":
      return `subject.${step.do}()`;
    case "read":
      return `subject.read(0x${step.encoding.toString(16)}, ${levelOf(profile, step.from)})`;
    case "write":
      return `subject.write(0x${step.encoding.toString(16)}, 0x${step.value.toString(16)}n, ${levelOf(profile, step.from)})`;
  }
}

function sameAccess(a: PeAccess | undefined, b: PeAccess | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  switch (a.outcome) {
    case "done":
      return b.outcome === "done" && a.value === b.value;
    case "undefined":
      return b.outcome === "undefined";
    case "trap":
      return b.outcome === "trap" && a.to === b.to && a.ec === b.ec && a.iss === b.iss;
    case "memory":
      return b.outcome === "memory" && a.offset === b.offset;
  }
}
