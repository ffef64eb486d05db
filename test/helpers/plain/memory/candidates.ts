/** In which ways of a set a request may allocate: the four rules of docs/modelled.md, "Caches", candidates. */
import type { Allocation } from "./allocation.ts";
import type { Note } from "./reached.ts";

/** What a way holds: what the controls say of its owner; or nothing. */
export type Owner = Allocation | undefined;

export interface Candidates {
  /** Lowest first. */
  readonly ways: readonly number[];
  /** Whether rule 2 or 3 held the request to lines of its own. */
  readonly heldToOwn: boolean;
}

/** @param owners of the ways of the set @param usage lines that an account has in the slice */
export function candidatesOf(
  request: Allocation,
  set: number,
  owners: readonly Owner[],
  usage: (account: string) => number,
  note: Note,
): Candidates {
  if (!request.enabled) return { ways: [], heldToOwn: false };
  const isOwn = (owner: Owner): boolean => owner?.account === request.account;
  const tooMuch = usage(request.account) >= request.most;
  const tooManyWays = owners.filter(isOwn).length >= request.waysOfSet;
  const rank = retention(request, usage);

  const ways = [...owners.keys()].filter((way) => {
    const owner = owners[way];
    if (!request.opens(set, way)) return false;
    const spare = request.soft && (owner === undefined || !owner.enabled);
    if (tooMuch && !isOwn(owner) && !spare) return false;
    if (tooManyWays && !isOwn(owner)) {
      note("cassoc hold");
      return false;
    }
    const isKept = owner !== undefined && retention(owner, usage) > rank;
    if (isKept) note("retention");
    return !isKept;
  });
  return { ways, heldToOwn: tooMuch || tooManyWays };
}

/** How hard the lines of a PARTID are kept; an empty way would have 0. */
function retention({ enabled, account, most, least }: Allocation, usage: (account: string) => number): number {
  if (!enabled) return 1;
  if (usage(account) > most) return 2;
  return usage(account) < least ? 4 : 3;
}
