// What is waited for, and no longer than so long.

/** Resolves when the work is over, well or not, or the time is. */
export async function withinMs(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([
    work.then(
      () => {},
      () => {},
    ),
    late,
  ]);
  clearTimeout(timer);
}
