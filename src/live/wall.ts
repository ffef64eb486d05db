// The clock on the wall, and waiting by it.

/** The time of the host; tests bring their own. */
export interface Wall {
  /** Milliseconds, never going back. */
  now(): number;
  /** Calls `wake` after so many ms, unless the result is called first. Nobody is kept running by it. */
  after(ms: number, wake: () => void): () => void;
}

/** What a timer of the host can wait for at most. */
const LONGEST_MS = 2 ** 31 - 1;

export const WALL: Wall = {
  now: () => performance.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, Math.min(LONGEST_MS, Math.max(0, ms)));
    return () => clearTimeout(timer);
  },
};
