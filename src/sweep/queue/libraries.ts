// BullMQ and ioredis: beside this package, and only where a sweep goes to a queue.

export interface QueueLibraries {
  readonly bullmq: Pick<typeof import("bullmq"), "Queue" | "Worker" | "UnrecoverableError" | "WaitingError">;
  readonly ioredis: Pick<typeof import("ioredis"), "Redis">;
}

/** Throws one line where they are not installed. */
export async function queueLibraries(): Promise<QueueLibraries> {
  try {
    const [bullmq, ioredis] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, ioredis };
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
    throw new Error("--queue needs bullmq and ioredis beside mpam-emulator: npm install bullmq ioredis", { cause });
  }
}

/** A package that is not there, as against one that fails as it is loaded. */
export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
}
