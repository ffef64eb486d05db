/** Goes through a plan, and compares what subjects answer with what the plain model does. */

import type { Plan } from "./pe-plan.ts";
import { type Contestant, PeSetup } from "./pe-setup.ts";
import type { PeImplementation, PeLabel, PeLimit, PeProfile, RequestKind } from "./pe-subject.ts";

export const KINDS: readonly RequestKind[] = ["data", "fetch", "streaming", "nv2"];

/** Those that the cpu has. */
export function exceptionLevels({ el2, el3 }: PeProfile): (0 | 1 | 2 | 3)[] {
  return [0, 1, ...(el2 ? [2 as const] : []), ...(el3 ? [3 as const] : [])];
}

/** Called with the text of a difference; may throw, or drop the subject by returning. */
export type OnDifference = (name: string, text: string) => void;

export function throwDifference(_name: string, text: string): never {
  throw new Error(text);
}

export async function createAll(
  profile: PeProfile,
  implementations: readonly PeImplementation[],
): Promise<Contestant[]> {
  return Promise.all(implementations.map(async ({ name, create }) => ({ name, subject: await create(profile) })));
}

/**
 * `full`: every combination of selectors with every set of values. Otherwise every combination of selectors, and every
 * set of values that many times in `turns`, both going round. `what`: labels or limits. The answer is how many have been
 * compared. Who differs is told of once, and not asked again; when all have been told of it is over.
 */
export async function comparePlan(
  what: "label" | "limit",
  profile: PeProfile,
  plan: Plan,
  implementations: readonly PeImplementation[],
  { full, turns = 0, onDifference = throwDifference }: Extent & { onDifference?: OnDifference },
): Promise<number> {
  const [plain, ...others] = await createAll(profile, implementations);
  for (const { subject } of [plain!, ...others]) subject.boot();
  const setup = new PeSetup(profile, [plain!, ...others]);
  const levels = exceptionLevels(profile);
  const same = what === "label" ? sameLabel : sameLimit;
  let left = others;
  let compared = 0;
  for (const _ of states(plan, setup, { full, turns })) {
    if (left.length === 0) return compared;
    for (const el of levels) {
      for (const kind of KINDS) {
        const expected = plain!.subject[what](el, kind);
        compared++;
        for (const other of left) {
          const found = other.subject[what](el, kind);
          if (same(expected as never, found as never)) continue;
          left = left.filter((each) => each !== other);
          onDifference(
            other.name,
            told(profile, setup.lines(), `subject.${what}(${el}, "${kind}")`, expected, other.name, found),
          );
        }
      }
    }
  }
  setup.check();
  return compared;
}

export interface Extent {
  readonly full: boolean;
  readonly turns?: number;
}

/** How many labels or limits a plan asks for. */
export function sizeOf(profile: PeProfile, plan: Plan, extent: Extent): number {
  return stepsOf(plan, extent) * exceptionLevels(profile).length * KINDS.length;
}

function stepsOf({ selectors, values }: Plan, { full, turns = 0 }: Extent): number {
  const combinations = 2 ** selectors.length;
  return full ? combinations * values.length : Math.max(combinations, turns * values.length);
}

/** No number of sets of values is a multiple of it: that far on is the next of them. */
const FAR = 101;

/** Sets the state up, and stops in each. Selectors in the order of a Gray code: one register is written for each. */
function* states(plan: Plan, setup: PeSetup, extent: Extent): Generator<void> {
  const { selectors, values } = plan;
  const combinations = 2 ** selectors.length;
  const steps = stepsOf(plan, extent);
  const stride = extent.full ? combinations : Math.max(1, Math.floor(combinations / values.length));
  const bits = selectors.map(() => 0);
  for (const selector of selectors) setup.want(selector, 0);
  for (let step = 0; step < steps; step++) {
    if (step > 0 && selectors.length > 0) {
      const flipped = Math.min(trailingZeros(step), selectors.length - 1);
      bits[flipped] = 1 - bits[flipped]!;
      setup.want(selectors[flipped]!, bits[flipped]!);
    }
    const changes = step % stride === 0;
    if (changes)
      for (const each of values[((step / stride) * FAR) % values.length]!) setup.want(each.place, each.value);
    setup.apply();
    if (changes) setup.check();
    yield;
  }
}

function trailingZeros(step: number): number {
  let zeros = 0;
  for (let rest = step; rest % 2 === 0; rest /= 2) zeros++;
  return zeros;
}

export function sameLabel(a: PeLabel, b: PeLabel): boolean {
  return a.space === b.space && a.partid === b.partid && a.pmg === b.pmg && a.flawed === b.flawed;
}

export function sameLimit(a: PeLimit | undefined, b: PeLimit | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.max === b.max && a.hard === b.hard && a.scaled === b.scaled;
}

/** A difference, as lines that can be pasted into a test. */
export function told(
  profile: PeProfile,
  lines: string,
  asked: string,
  expected: unknown,
  name: string,
  found: unknown,
): string {
  return [
    `${name} differs from the plain model:`,
    `const subject = await create(${JSON.stringify(profile)});`,
    lines,
    `expect(${asked}).toEqual(${shown(expected)}); // ${name}: ${shown(found)}`,
  ].join("\n");
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `0x${each.toString(16)}n` : each));
  return text === undefined ? "undefined" : text.replaceAll(/"(0x[0-9a-f]+n)"/g, "$1");
}
