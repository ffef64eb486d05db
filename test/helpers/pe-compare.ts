/** Goes through a plan, and compares what subjects answer with what the plain model does. */

import type { Plan } from "./pe-plan.ts";
import { type Contestant, type OnDifference, PeSetup } from "./pe-setup.ts";
import type {
  ExceptionLevel,
  PeAccess,
  PeImplementation,
  PeLabel,
  PeLimit,
  PeProfile,
  PeSubject,
  RequestKind,
} from "./pe-subject.ts";
import { ENCODINGS } from "./plain/pe/encodings.ts";

export const KINDS: readonly RequestKind[] = ["data", "fetch", "streaming", "nv2"];

/** Those that the cpu has. */
export function exceptionLevels({ el2, el3 }: PeProfile): (0 | 1 | 2 | 3)[] {
  return [0, 1, ...(el2 ? [2 as const] : []), ...(el3 ? [3 as const] : [])];
}

export function throwDifference(_name: string, text: string): never {
  throw new Error(text);
}

export async function createAll(
  profile: PeProfile,
  implementations: readonly PeImplementation[],
): Promise<Contestant[]> {
  return Promise.all(implementations.map(async ({ name, create }) => ({ name, subject: await create(profile) })));
}

/** What is compared in each state of a plan: of every EL every kind of request, or every name that there is. */
export type What = "label" | "limit" | "read";

/**
 * `full`: every combination of selectors with every set of values. Otherwise every combination of selectors, and every
 * set of values that many times in `turns`, both going round. The answer is how many have been
 * compared. Who differs is told of once, and not asked again; when all have been told of it is over.
 */
export async function comparePlan(
  what: What,
  profile: PeProfile,
  plan: Plan,
  implementations: readonly PeImplementation[],
  { onDifference = throwDifference, ...extent }: Extent & { onDifference?: OnDifference },
): Promise<number> {
  const all = await createAll(profile, implementations);
  const plain = all[0]!;
  for (const { subject } of all) subject.boot();
  const setup = new PeSetup(profile, all, onDifference);
  const questions = questionsOf(what, profile);
  let compared = 0;
  for (const _ of states(plan, setup, extent)) {
    if (setup.left[0] !== plain) throw new Error("the plain model does not keep what is written to it");
    if (setup.left.length === 1 && all.length > 1) break;
    for (const { asked, ask, same } of questions) {
      compared++;
      const expected = ask(plain.subject);
      for (const other of setup.left) {
        if (other === plain) continue;
        const found = ask(other.subject);
        if (same(expected, found)) continue;
        const lines = setup.told(`// ${other.name} differs from the plain model:`);
        setup.differs(other, `${lines}\n${expectation(asked, expected, found)}`);
      }
    }
  }
  setup.check();
  return compared;
}

interface Question<T = unknown> {
  readonly asked: string;
  ask(subject: PeSubject): T;
  same(a: T, b: T): boolean;
}

/** All that is asked of a cpu in each state. */
function questionsOf(what: What, profile: PeProfile): Question[] {
  const ofLevel: (el: ExceptionLevel) => Question[] = { label: labelsOf, limit: limitsOf, read: readsOf }[what];
  return exceptionLevels(profile).flatMap(ofLevel);
}

export function labelsOf(el: ExceptionLevel): Question<PeLabel>[] {
  return KINDS.map((kind) => ({
    asked: `subject.label(${el}, "${kind}")`,
    ask: (subject) => subject.label(el, kind),
    same: sameLabel,
  }));
}

export function limitsOf(el: ExceptionLevel): Question<PeLimit | undefined>[] {
  return KINDS.map((kind) => ({
    asked: `subject.limit(${el}, "${kind}")`,
    ask: (subject) => subject.limit(el, kind),
    same: sameLimit,
  }));
}

export function readsOf(el: ExceptionLevel): Question<PeAccess>[] {
  return Object.values(ENCODINGS).map((encoding) => ({
    asked: `subject.read(0x${encoding.toString(16)}, ${el})`,
    ask: (subject) => subject.read(encoding, el),
    same: sameAccess,
  }));
}

export interface Extent {
  readonly full: boolean;
  readonly turns?: number;
}

/** How many labels, limits or reads a plan asks for. */
export function sizeOf(what: What, profile: PeProfile, plan: Plan, extent: Extent): number {
  return stepsOf(plan, extent) * questionsOf(what, profile).length;
}

function stepsOf({ selectors, values }: Plan, { full, turns = 0 }: Extent): number {
  const combinations = 2 ** selectors.length;
  return full ? combinations * values.length : Math.max(combinations, turns * values.length);
}

/** How far on the next set of values is where they are few of many, or few for each selector. No number of sets is a multiple. */
const FAR = 101;

/** Sets the state up, and stops in each. Selectors in the order of a Gray code: one register is written for each. */
function* states(plan: Plan, setup: PeSetup, extent: Extent): Generator<void> {
  const { selectors, values } = plan;
  const combinations = 2 ** selectors.length;
  const steps = stepsOf(plan, extent);
  const stride = extent.full ? combinations : Math.max(1, Math.floor(combinations / values.length));
  // One after the other they differ in fewest registers.
  const next = extent.full || extent.turns ? 1 : FAR;
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
      for (const each of values[((step / stride) * next) % values.length]!) setup.want(each.place, each.value);
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

function sameLabel(a: PeLabel, b: PeLabel): boolean {
  return a.space === b.space && a.partid === b.partid && a.pmg === b.pmg && a.flawed === b.flawed;
}

function sameLimit(a: PeLimit | undefined, b: PeLimit | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.max === b.max && a.hard === b.hard && a.scaled === b.scaled;
}

export function sameAccess(a: PeAccess | undefined, b: PeAccess | undefined): boolean {
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

/** What the model says, and in a comment what was found. */
export function expectation(asked: string, expected: unknown, found: unknown): string {
  return `expect(${asked}).toEqual(${shown(expected)}); // not ${shown(found)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `0x${each.toString(16)}n` : each));
  return text === undefined ? "undefined" : text.replaceAll(/"(0x[0-9a-f]+n)"/g, "$1");
}
