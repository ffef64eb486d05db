// Work that goes on after a refusal.

import { ErrnoError } from "../errno/index.ts";

/** A refusal is an answer here; anything else is a fault and goes on. */
export async function refusalsIgnored(body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
  }
}
