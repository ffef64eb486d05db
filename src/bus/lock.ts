// Sleeping locks, taken in one order: any register access may wait for firmware, so nothing here spins.

/** The order in which locks are taken, outermost first. */
const ORDER = ["probe", "cfg", "part_sel", "mon_sel", "mailbox"] as const;

/** The locks that there are; the order in which they are taken is that of the list. */
export type LockName = (typeof ORDER)[number];

/** Makes locks; tests give one whose locks do not exclude. */
export type MakeLock = (name: LockName, owner: string) => Lock;

/** Proof of what its bearer holds: given to a lock's body, passed on when the body takes a further lock. */
export class Holding {
  #ended = false;

  constructor(
    /** What is held; undefined: nothing. */
    readonly lock: Lock | undefined,
  ) {}

  /** True once the lock it speaks of has been let go. */
  get ended(): boolean {
    return this.#ended;
  }

  /** For the lock that gave it out. */
  end(): void {
    this.#ended = true;
  }
}

/** Held by whoever starts with no lock. */
export const NOTHING_HELD = new Holding(undefined);

/** One lock of one MSC, or of one mailbox. Waiters get it in the order they asked. */
export class Lock {
  #tail: Promise<void> = Promise.resolve();

  /**
   * @param owner What the lock belongs to: nobody takes a lock of one MSC while holding one of another. A mailbox serves many.
   * @param exclusive False only in tests, to show what goes wrong without this lock.
   */
  constructor(
    /** Its place in the order in which locks are taken. */
    readonly name: LockName,
    readonly owner: string,
    private readonly exclusive = true,
  ) {}

  /**
   * Runs `body` while nobody else runs under this lock. Breaking the order is a bug of the caller, and thrown at once. When
   * `signal` aborts, waiting ends with its reason; what runs already is not interrupted.
   */
  async run<T>(under: Holding, body: (holding: Holding) => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#checkOrder(under);
    signal?.throwIfAborted();
    const before = this.#tail;
    let release = (): void => {};
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    if (this.exclusive) {
      try {
        await orAborted(before, signal);
      } catch (reason) {
        // Its turn is passed on when it comes.
        void before.then(release);
        throw reason;
      }
    }
    const holding = new Holding(this);
    try {
      return await body(holding);
    } finally {
      holding.end();
      release();
    }
  }

  /** Name and owner, for messages. */
  toString(): string {
    return `${this.name} of ${this.owner}`;
  }

  #checkOrder(under: Holding): void {
    const outer = under.lock;
    if (outer === undefined) return;
    if (under.ended) throw new Error(`${this}: wanted under ${outer}, which has been let go`);
    if (outer.owner !== this.owner && this.name !== "mailbox")
      throw new Error(`${this}: wanted under ${outer}; one MSC at a time`);
    if (ORDER.indexOf(outer.name) >= ORDER.indexOf(this.name)) {
      throw new Error(`${this}: wanted under ${outer}; the order is ${ORDER.join(", ")}`);
    }
  }
}

/** Ends with `wait`, or with the reason of `signal` if that comes first. */
async function orAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return wait;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
  });
  try {
    await Promise.race([wait, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
