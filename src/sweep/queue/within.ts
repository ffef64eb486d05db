// What is waited for, and no longer than so long.

/** What the work comes to. Rejects where the time is over first. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the work is over, well or not, or the time is. */
export async function withinMs(ms: number, work: Promise<unknown>): Promise<void> {
  await within(ms, work).catch(() => {});
}
