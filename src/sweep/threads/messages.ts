// What the thread that runs units and the one that started it tell each other: plain data.

import type { MessagePort } from "node:worker_threads";
import type { Unit } from "../unit.ts";

/** What a thread is started with. */
export interface ThreadData {
  readonly tool: string;
  /** Folders in which traces are looked for that are not where a unit says, and where fetched ones are kept. */
  readonly folders: readonly string[];
  readonly cacheFolder?: string;
  /** What each thread may keep in memory; default: its share of a quarter of what this host has. */
  readonly memoryBytes?: number;
}

/** And besides: the port of a desk. */
export interface ThreadStart extends ThreadData {
  readonly desk: MessagePort;
}

export interface RunUnit {
  readonly unit: Unit;
}

export type Answer =
  | { readonly kind: "ended"; readonly text: string }
  /** This host could not run it. */
  | { readonly kind: "lost"; readonly why: string };
