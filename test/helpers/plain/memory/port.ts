/** A regulated port: what it lets through in a quantum, and what it holds (docs/modelled.md, "Bandwidth"). */
import type { SubjectLabel } from "../../subject.ts";
import type { PlainMsc } from "../msc.ts";
import { grant } from "./granting.ts";
import { inOrder, keyOf, type Partition, type Partitions, type Terms } from "./partitions.ts";
import { rankHere } from "./priority.ts";
import type { Rate } from "./rate.ts";
import type { Note } from "./reached.ts";

/** What comes to a port. */
export interface Arrival {
  /** As it arrived at the MSC of the port. */
  readonly label: SubjectLabel;
  readonly bytes: number;
  /** The rank that it brings from above. */
  readonly rank: number;
}

interface Account {
  readonly partition: Partition;
  terms: Terms;
  use: number;
  credit: number;
  rest: number;
}

export class Port<T extends Arrival> {
  /** In order of arrival. */
  #held: T[] = [];
  readonly #accounts = new Map<string, Account>();
  /** Of what is held; the same for a whole quantum, because settings change at edges. */
  #accountOf = new Map<T, Account>();
  /** Of each portion, what nobody has got in this quantum. */
  #left: number[] = [];
  #quantum = 0;

  constructor(
    private readonly msc: PlainMsc | undefined,
    private readonly rate: Rate,
    private readonly partitions: Partitions,
    private readonly note: Note,
  ) {}

  get held(): readonly T[] {
    return this.#held;
  }

  /** The edge at which a quantum begins. Returns what goes through, in order. */
  edge(quantum: number): T[] {
    this.#quantum = quantum;
    const bytes = BigInt(this.rate.between(quantum, quantum + 1));
    const n = BigInt(this.partitions.portions);
    const below = (portion: number): bigint => (BigInt(portion) * bytes) / n;
    this.#left = Array.from({ length: this.partitions.portions }, (_, i) => Number(below(i + 1) - below(i)));
    for (const account of this.#accounts.values()) {
      const { window } = account.terms;
      account.terms = this.partitions.terms(account.partition, quantum);
      if (account.terms.window !== window) account.use = 0;
    }
    this.#accountOf = new Map(this.#held.map((one) => [one, this.#account(one)]));
    this.#grant();
    const through = this.#letThrough();
    this.#settle();
    return through;
  }

  /** What another port lets through at an edge joins the backlog. */
  join(arrival: T): void {
    this.note("joined below");
    this.#held.push(arrival);
  }

  /** A new request during the quantum; false: it is held. */
  offer(arrival: T): boolean {
    const account = this.#account(arrival);
    const { last, hard, max, portions } = account.terms;
    const mine = [...portions].sort((a, b) => a - b);
    const free = mine.reduce((sum, portion) => sum + (this.#left[portion] ?? 0), 0);
    const overLimit = hard && account.use + arrival.bytes > max;
    if (this.#heldOf(account).length > 0 || last || overLimit || free < arrival.bytes) {
      this.#held.push(arrival);
      this.#accountOf.set(arrival, account);
      this.note("held");
      if (overLimit) this.note("hard hold");
      return false;
    }
    let bytes = arrival.bytes;
    for (const portion of mine) {
      const taken = Math.min(bytes, this.#left[portion] ?? 0);
      this.#left[portion] = (this.#left[portion] ?? 0) - taken;
      bytes -= taken;
    }
    account.use += arrival.bytes;
    return true;
  }

  #grant(): void {
    const waiting = [...new Set(this.#accountOf.values())].sort((a, b) => inOrder(a.partition, b.partition));
    const contenders = waiting.map((account) => {
      const held = this.#heldOf(account);
      const { use, credit, rest } = account;
      const needs = held.reduce((sum, { bytes }) => sum + bytes, 0) - credit;
      const rank = Math.min(...held.map((one) => rankHere(this.msc, one.label, one.rank)));
      return { account, contender: { ...account.terms, needs, rank, use, credit, rest } };
    });
    grant(
      contenders.map(({ contender }) => contender),
      this.#left,
      this.note,
    );
    for (const { account, contender } of contenders) {
      account.use = contender.use;
      account.credit = contender.credit;
      account.rest = contender.rest;
    }
  }

  /** Whoever's credit covers it; within a partition nobody passes another. */
  #letThrough(): T[] {
    const through: T[] = [];
    const stopped = new Set<Account>();
    this.#held = this.#held.filter((one) => {
      const account = this.#accountOf.get(one);
      if (account === undefined || stopped.has(account) || account.credit < one.bytes) {
        if (account) stopped.add(account);
        return true;
      }
      account.credit -= one.bytes;
      through.push(one);
      return false;
    });
    return through;
  }

  /** Credit and rest are for what is held. What was granted and is not used gives the use back, down to nothing. */
  #settle(): void {
    for (const account of this.#accounts.values()) {
      if (this.#heldOf(account).length > 0) continue;
      account.use = Math.max(0, account.use - account.credit);
      account.credit = 0;
      account.rest = 0;
    }
  }

  #heldOf(account: Account): T[] {
    return this.#held.filter((one) => this.#accountOf.get(one) === account);
  }

  /** Of the partition to which the request belongs now. */
  #account({ label }: Arrival): Account {
    const partition = this.partitions.of(label);
    const key = keyOf(partition);
    const found = this.#accounts.get(key);
    if (found !== undefined) return found;
    const terms = this.partitions.terms(partition, this.#quantum);
    const made: Account = { partition, terms, use: 0, credit: 0, rest: 0 };
    this.#accounts.set(key, made);
    return made;
  }
}
