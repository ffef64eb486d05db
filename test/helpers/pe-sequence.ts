/** Does the same to all subjects, step by step, and compares all that can be seen of them after each. */
import {
  createAll,
  exceptionLevels,
  expectation,
  labelsOf,
  limitsOf,
  readsOf,
  sameAccess,
  throwDifference,
} from "./pe-compare.ts";
import { levelOf, type PeStep } from "./pe-draw.ts";
import type { OnDifference } from "./pe-setup.ts";
import type { PeAccess, PeImplementation, PeProfile, PeSubject } from "./pe-subject.ts";

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
  const compare: Compare = (asked, ask, equal) => {
    const expected = ask(plain!.subject);
    for (const other of left) {
      const found = ask(other.subject);
      if (equal(expected, found)) continue;
      left = left.filter((each) => each !== other);
      onDifference(
        other.name,
        [
          `// ${other.name} differs from the plain model:`,
          `const subject = await create(${JSON.stringify(profile)});`,
          ...lines,
          expectation(asked, expected, found),
        ].join("\n"),
      );
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

type Compare = <T>(asked: string, ask: (subject: PeSubject) => T, equal: (a: T, b: T) => boolean) => void;

/** Labels and limits of every EL and kind, and what every EL reads under every name. */
function compareAll(profile: PeProfile, compare: Compare): void {
  for (const el of exceptionLevels(profile)) {
    for (const { asked, ask, same } of labelsOf(el)) compare(asked, ask, same);
    for (const { asked, ask, same } of limitsOf(el)) compare(asked, ask, same);
    for (const { asked, ask, same } of readsOf(el)) compare(asked, ask, same);
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
