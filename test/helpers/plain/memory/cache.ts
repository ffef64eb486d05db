/** A slice of a cache: sets of ways whose lines know who allocated them. What a request does to it is said by others, step by step. */
import type { SubjectLabel } from "../../subject.ts";
import type { Allocation } from "./allocation.ts";
import { candidatesOf } from "./candidates.ts";
import type { Note } from "./reached.ts";
import type { Replacement } from "./replacement.ts";

export interface Held {
  readonly line: number;
  owner: SubjectLabel;
  dirty: boolean;
  /** The time of its last use, counted in touches. */
  lastUse: number;
}

export interface Place {
  readonly set: number;
  readonly way: number;
}

export type Reason = "disabled" | "ownLimit" | "ownPortion" | "other" | "inclusion";

/** A way to allocate in; and why the line that is there loses it, if there is one. */
export interface Choice extends Place {
  readonly reason: Reason | undefined;
}

export class PlainCache {
  readonly #sets: (Held | undefined)[][];
  #touches = 0;

  constructor(
    readonly sets: number,
    readonly ways: number,
    private readonly replacement: Replacement,
    private readonly allocationOf: (label: SubjectLabel) => Allocation,
    private readonly note: Note = () => {},
  ) {
    this.#sets = Array.from({ length: sets }, () => new Array<Held | undefined>(ways).fill(undefined));
  }

  find(line: number): (Place & { readonly held: Held }) | undefined {
    const set = line % this.sets;
    const way = this.#ways(set).findIndex((held) => held?.line === line);
    const held = this.#ways(set)[way];
    return held === undefined ? undefined : { set, way, held };
  }

  touch({ set, way }: Place): void {
    this.#touches += 1;
    const held = this.#ways(set)[way];
    if (held !== undefined) held.lastUse = this.#touches;
    this.replacement.touch(set, way);
  }

  /** Where a line of this label would go; undefined where it may go nowhere. Changes no line. */
  choose(line: number, label: SubjectLabel): Choice | undefined {
    const set = line % this.sets;
    const held = this.#ways(set);
    const allocationOf = this.#asked();
    const request = allocationOf(label);
    const owners = held.map((one) => one && allocationOf(one.owner));
    const usage = this.#usage(allocationOf);
    const { ways, heldToOwn } = candidatesOf(request, set, owners, usage, this.note);
    const empty = ways.find((way) => held[way] === undefined);
    if (empty !== undefined) {
      if (usage(request.account) >= request.most) this.note("softlim allocation");
      return { set, way: empty, reason: undefined };
    }
    if (ways.length === 0) return undefined;
    const way = this.replacement.choose(set, ways);
    const loser = owners[way];
    const own = loser?.account === request.account;
    const reason = loser?.enabled === false ? "disabled" : !own ? "other" : heldToOwn ? "ownLimit" : "ownPortion";
    return { set, way, reason };
  }

  remove({ set, way }: Place): Held | undefined {
    const held = this.#ways(set)[way];
    this.#ways(set)[way] = undefined;
    return held;
  }

  /** The way is empty. */
  fill(place: Place, line: number, owner: SubjectLabel, dirty: boolean): void {
    this.#ways(place.set)[place.way] = { line, owner, dirty, lastUse: 0 };
    this.replacement.filled(place.set);
    this.touch(place);
  }

  /** All lines, in order of set and way. */
  held(): (Place & Held)[] {
    return this.#sets.flatMap((ways, set) =>
      ways.flatMap((held, way) => (held === undefined ? [] : [{ set, way, ...held }])),
    );
  }

  /** Asks once for each PARTID; good for as long as settings stay. */
  #asked(): (label: SubjectLabel) => Allocation {
    const known = new Map<string, Allocation>();
    return (label) => {
      const key = `${label.space} ${label.partid}`;
      const found = known.get(key) ?? this.allocationOf(label);
      known.set(key, found);
      return found;
    };
  }

  /** Lines by account, as they are now. */
  #usage(allocationOf: (label: SubjectLabel) => Allocation): (account: string) => number {
    const lines = new Map<string, number>();
    for (const ways of this.#sets) {
      for (const held of ways) {
        if (held === undefined) continue;
        const { account } = allocationOf(held.owner);
        lines.set(account, (lines.get(account) ?? 0) + 1);
      }
    }
    return (account) => lines.get(account) ?? 0;
  }

  #ways(set: number): (Held | undefined)[] {
    return this.#sets[set] ?? [];
  }
}
