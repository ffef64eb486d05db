// What the thread that runs units and the one that started it tell each other: plain data.

import type { Unit } from "../unit.ts";

/** What a thread is started with. */
export interface ThreadData {
  readonly tool: string;
  /** Folders in which traces are looked for that are not where a unit says, and where fetched ones are kept. */
  readonly folders: readonly string[];
  readonly cacheFolder?: string;
  /** For decoded traces. */
  readonly memoryBytes?: number;
}

export interface RunUnit {
  readonly unit: Unit;
}

export type Answer =
  | { readonly kind: "ended"; readonly text: string }
  /** This host could not run it. */
  | { readonly kind: "lost"; readonly why: string };
