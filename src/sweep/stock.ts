// What several threads want and one of them makes: the rows of a trace, what comes to the last level of caches.

/** What became of asking for a thing. */
export type Taken<T> =
  | { readonly thing: T }
  /** Whoever asked makes it now, and puts it here; others wait for that. */
  | "make"
  /** Somebody else is making it. */
  | "being made"
  /** There is none: too few have asked for it, or it cannot be made. Whoever asked does without. */
  | "none";

export interface Stock<T> {
  /** `wait`: not before nobody is making it. */
  take(key: string, wait?: "wait"): Promise<Taken<T>>;
  /** What came of making it; undefined: it cannot be made. */
  put(key: string, thing: T | undefined): void;
}

export interface StockOptions<T> {
  /** Who makes a thing: the first that asks, or the second, where it is not worth its while for one. */
  readonly madeFor: "first" | "second";
  readonly bytesOf: (thing: T) => number;
  /** What the things may take together; the last one is kept whatever it takes. */
  readonly bytes: number;
}

/** Keys of which more is known than nothing. */
const MOST_KNOWN = 256;

type Known<T> = { readonly thing: T; readonly bytes: number } | { readonly maker: unknown } | "wanted" | "impossible";

/** The stock itself, in the thread that has it. */
export class OwnStock<T> implements Stock<T> {
  /** The one that nobody has asked for for longest comes first. */
  readonly #known = new Map<string, Known<T>>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(private readonly options: StockOptions<T>) {}

  /** Keys that something is known of. */
  get size(): number {
    return this.#known.size;
  }

  /** `maker`: who asks, for giveUp. */
  async take(key: string, wait?: "wait", maker?: unknown): Promise<Taken<T>> {
    for (;;) {
      const known = this.#known.get(key);
      if (known === undefined && this.options.madeFor === "second") {
        this.#keep(key, "wanted");
        return "none";
      }
      if (known === undefined || known === "wanted") {
        this.#keep(key, { maker });
        return "make";
      }
      if (known === "impossible") return "none";
      if (isThing(known)) {
        this.#keep(key, known);
        return { thing: known.thing };
      }
      if (!wait) return "being made";
      await new Promise<void>((resolve) => {
        this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]);
      });
    }
  }

  put(key: string, thing: T | undefined): void {
    this.#settle(key, thing === undefined ? "impossible" : { thing, bytes: this.options.bytesOf(thing) });
  }

  /** Somebody has gone in the middle: what was being made is made by the next that asks. */
  giveUp(maker: unknown): void {
    for (const [key, known] of [...this.#known]) {
      if (isBeingMade(known) && known.maker === maker) this.#settle(key, "wanted");
    }
  }

  #settle(key: string, known: Known<T>): void {
    this.#keep(key, known);
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const resolve of waiting) resolve();
  }

  #keep(key: string, known: Known<T>): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    const things = [...this.#known].flatMap(([of, one]) => (isThing(one) ? [{ of, bytes: one.bytes }] : []));
    let taken = things.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { of, bytes } of things.slice(0, -1)) {
      if (taken <= this.options.bytes) break;
      this.#known.set(of, "wanted");
      taken -= bytes;
    }
    for (const [oldest, one] of this.#known) {
      if (this.#known.size <= MOST_KNOWN) break;
      if (oldest !== key && !isBeingMade(one)) this.#known.delete(oldest);
    }
  }
}

function isThing<T>(known: Known<T>): known is Known<T> & { readonly thing: T; readonly bytes: number } {
  return typeof known === "object" && "thing" in known;
}

function isBeingMade<T>(known: Known<T>): known is Known<T> & { readonly maker: unknown } {
  return typeof known === "object" && "maker" in known;
}
