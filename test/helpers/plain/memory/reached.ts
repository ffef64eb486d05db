/** Which corners of the model traffic has come to; a random search is worth what it reaches. */

export type Corner =
  | "held"
  | "hard hold"
  | "soft low"
  | "last served"
  | "portion contention"
  | "priority contention"
  | "joined below"
  | "caused at an edge"
  | "rest made a byte"
  | "back-invalidation"
  | "not taken"
  | "softlim allocation"
  | "cassoc hold"
  | "retention"
  | "write-back allocation"
  | "relabelled";

export class Reached {
  readonly #times = new Map<Corner, number>();

  readonly note = (corner: Corner): void => {
    this.#times.set(corner, this.times(corner) + 1);
  };

  times(corner: Corner): number {
    return this.#times.get(corner) ?? 0;
  }

  all(): [Corner, number][] {
    return [...this.#times];
  }
}

export type Note = Reached["note"];
