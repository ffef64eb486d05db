// Sleeping locks, taken in one order: any register access may wait for firmware, so nothing here spins.

/** The order in which locks are taken, outermost first. A mailbox channel comes after all of them, below the bus. */
const ORDER = ["probe", "cfg", "part_sel", "mon_sel"] as const;

export type LockName = (typeof ORDER)[number];

/** Proof of what its bearer holds: given to a lock's body, passed on when the body takes a further lock. */
export class Holding {
  #ended = false;

  constructor(readonly lock: Lock | undefined) {}

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

/** One lock of one MSC. Waiters get it in the order they asked. */
export class Lock {
  #tail: Promise<void> = Promise.resolve();

  /**
   * @param owner What the lock belongs to: nobody takes a lock of one owner while holding one of another.
   * @param exclusive False only in tests, to show what goes wrong without this lock.
   */
  constructor(
    readonly name: LockName,
    readonly owner: string,
    private readonly exclusive = true,
  ) {}

  /** Runs `body` while nobody else runs under this lock. Breaking the order is a bug of the caller, and thrown at once. */
  async run<T>(under: Holding, body: (holding: Holding) => Promise<T>): Promise<T> {
    this.#checkOrder(under);
    const before = this.#tail;
    let release = (): void => {};
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    if (this.exclusive) await before;
    const holding = new Holding(this);
    try {
      return await body(holding);
    } finally {
      holding.end();
      release();
    }
  }

  toString(): string {
    return `${this.name} of ${this.owner}`;
  }

  #checkOrder(under: Holding): void {
    const outer = under.lock;
    if (outer === undefined) return;
    if (under.ended) throw new Error(`${this}: wanted under ${outer}, which has been let go`);
    if (outer.owner !== this.owner) throw new Error(`${this}: wanted under ${outer}; one MSC at a time`);
    if (ORDER.indexOf(outer.name) >= ORDER.indexOf(this.name)) {
      throw new Error(`${this}: wanted under ${outer}; the order is ${ORDER.join(", ")}`);
    }
  }
}
