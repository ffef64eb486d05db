// What ends a command that goes on until somebody ends it.

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** How often is looked whether the parent is still there, ms. */
const LOOK_MS = 500;

/** Done when it is to end. To be called before anything takes time: who ends it early ends it cleanly. */
export function endAsked(): Promise<void> {
  return new Promise((end) => {
    for (const signal of SIGNALS) process.once(signal, () => end());
    // npx runs a shell, which ends by the signals that npx hands on, and hands on none.
    if (process.env.npm_command === "exec") whenOrphaned(end);
  });
}

function whenOrphaned(end: () => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    end();
  }, LOOK_MS);
  looking.unref();
}
