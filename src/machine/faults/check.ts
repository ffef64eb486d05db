// Faults as they are asked for: understood, or refused in a line that says what is wrong and what would be right.

import { ErrnoError } from "../../errno/index.ts";
import type { MailboxDescription, MscDescription, MscInstance, RisDescription } from "../../platform/index.ts";
import { wordsNamed } from "../access-filter.ts";
import { isMap } from "../checked-platform.ts";
import type { Fault } from "./types.ts";

/** What there is to break. */
export interface Breakable {
  readonly mscs: readonly MscInstance[];
  readonly mailboxes: readonly MailboxDescription[];
}

const ERRCODE_MAX = 15;
const WORD_MAX = 0xffff_ffff;
const HOW = ["slow", "silent", "corrupt"] as const;
const WHAT = ["token", "status", "busy"] as const;
const READS = ["ones", "zeros", "abort"] as const;
const TYPES = ["csu", "mbwu"] as const;

/** A copy that nobody changes. Throws EINVAL for what is no fault of this machine. */
export function checkFault(asked: unknown, machine: Breakable): Fault {
  if (!isMap(asked))
    throw refused("fault", "this is not an object", 'one with a kind, such as { kind: "msc-gone", msc: 0 }, is');
  const { kind } = asked;
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) {
    throw refused("fault", `kind is ${show(kind)}`, `${Object.keys(KINDS).join(", ")} are`);
  }
  const { keys, check } = KINDS[kind as Fault["kind"]];
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  for (const key of Object.keys(given)) {
    if (key !== "kind" && !keys.includes(key))
      throw refused(`fault ${kind}`, `${key} is no key`, `${keys.join(", ")} are`);
  }
  check(new Given(kind, given), machine);
  return Object.freeze(given) as unknown as Fault;
}

/** The keys of one fault, each asked for with what it may hold. */
class Given {
  constructor(
    private readonly kind: string,
    private readonly keys: Readonly<Record<string, unknown>>,
  ) {}

  wrong(key: string, allowed: string): ErrnoError {
    const found = Object.hasOwn(this.keys, key) ? `${key} is ${show(this.keys[key])}` : `there is no ${key}`;
    return refused(`fault ${this.kind}`, found, allowed);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.keys, key);
  }

  get(key: string): unknown {
    return this.keys[key];
  }

  whole(key: string, least: number, most: number, allowed: string): number {
    const value = this.keys[key];
    if (!(Number.isInteger(value) && (value as number) >= least && (value as number) <= most))
      throw this.wrong(key, allowed);
    return value as number;
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.keys[key];
    if (!allowed.includes(value as T)) throw this.wrong(key, `${allowed.join(", ")} are`);
    return value as T;
  }

  msc({ mscs }: Breakable): MscDescription {
    const msc = this.whole("msc", 0, mscs.length - 1, `0 to ${mscs.length - 1} are`);
    return (mscs[msc] as MscInstance).description;
  }

  times(): void {
    if (this.has("times")) this.whole("times", 1, Number.MAX_SAFE_INTEGER, "a whole number from 1 on is");
  }

  register(): void {
    const name = this.keys.register;
    const allowed = "the name of a register, such as MPAMCFG_CPBM or MSMON_MBWU_L_HI, is";
    if (typeof name !== "string" || name === "" || name.includes(".")) throw this.wrong("register", allowed);
    if (wordsNamed(name).length === 0) throw this.wrong("register", allowed);
  }
}

interface Kind {
  readonly keys: readonly string[];
  readonly check: (given: Given, machine: Breakable) => void;
}

const KINDS: { readonly [kind in Fault["kind"]]: Kind } = {
  "nrdy-stuck": {
    keys: ["msc", "ris", "mon", "type"],
    check(given, machine) {
      const { ris } = given.msc(machine);
      const types = given.has("type") ? [given.oneOf("type", TYPES)] : TYPES;
      const monitors = (one: RisDescription) => Math.max(...types.map((type) => one[type]?.monitors ?? 0));
      const there = ris.filter((one) => monitors(one) > 0);
      const named = types.join(" or ");
      if (there.length === 0) throw given.wrong(given.has("type") ? "type" : "msc", `one with ${named} monitors is`);
      const asked = given.get("ris");
      const meant = there.filter((one) => !given.has("ris") || one.ris === asked);
      const list = there.map((one) => one.ris).join(", ");
      if (meant.length === 0) throw given.wrong("ris", `one with ${named} monitors (${list}) is`);
      const most = Math.max(...meant.map(monitors));
      if (given.has("mon")) given.whole("mon", 0, most - 1, `0 to ${most - 1} are`);
    },
  },
  "write-lost": {
    keys: ["msc", "register", "times"],
    check(given, machine) {
      given.msc(machine);
      given.register();
      given.times();
    },
  },
  "register-stuck": {
    keys: ["msc", "register", "value", "mask"],
    check(given, machine) {
      given.msc(machine);
      given.register();
      given.whole("value", 0, WORD_MAX, "a word, 0 to 0xffffffff, is");
      if (given.has("mask")) given.whole("mask", 1, WORD_MAX, "a word that is not 0, up to 0xffffffff, is");
    },
  },
  "error-interrupt": {
    keys: ["msc", "code", "everyNs", "times"],
    check(given, machine) {
      const { esr, version } = given.msc(machine);
      const hasEsr = esr !== "none" || version === "1.0";
      if (given.has("code")) given.whole("code", 0, ERRCODE_MAX, `0 to ${ERRCODE_MAX} are`);
      if (given.get("code") && !hasEsr) throw given.wrong("code", "0 alone, where an msc has no MPAMF_ESR, is");
      given.times();
      if (!given.has("everyNs") && Number(given.get("times") ?? 1) === 1) return;
      const every = given.get("everyNs");
      // Time has to move from one to the next.
      if (!(typeof every === "number" && every >= 1 && every <= Number.MAX_SAFE_INTEGER)) {
        throw given.wrong("everyNs", "a number of ns from 1 on is");
      }
    },
  },
  mailbox: {
    keys: ["subspace", "how", "ns", "what", "times"],
    check(given, { mailboxes }) {
      const subspaces = mailboxes.map(({ subspace }) => subspace);
      if (!subspaces.includes(given.get("subspace") as number)) {
        throw given.wrong(
          "subspace",
          subspaces.length > 0 ? `${subspaces.join(", ")} are` : "none, as this machine has no mailbox, is",
        );
      }
      const how = given.oneOf("how", HOW);
      const ns = given.get("ns");
      if (how === "slow" && !(typeof ns === "number" && ns >= 0 && ns <= Number.MAX_SAFE_INTEGER)) {
        throw given.wrong("ns", "a number of ns from 0 on is");
      }
      if (how !== "slow" && given.has("ns")) throw given.wrong("ns", "none, but with how: slow, is");
      if (given.has("what")) given.oneOf("what", WHAT);
      if (how !== "corrupt" && given.has("what")) throw given.wrong("what", "none, but with how: corrupt, is");
      given.times();
    },
  },
  "msc-gone": {
    keys: ["msc", "reads"],
    check(given, machine) {
      given.msc(machine);
      if (given.has("reads")) given.oneOf("reads", READS);
    },
  },
};

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function refused(where: string, found: string, allowed: string): ErrnoError {
  return new ErrnoError("EINVAL", `${where}: ${found}; ${allowed} allowed`);
}
