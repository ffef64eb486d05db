// One line of a script: when it runs, what it does, and where it was written.

import type { Machine } from "../machine/index.ts";

/** What script lines read and change: the resctrl tree, or whatever else serves one. */
export interface ScriptTree {
  /** The text of a file. */
  readFile(path: string): Promise<string>;
  /** Writes a file at once. */
  writeFile(path: string, data: Uint8Array): Promise<unknown>;
  /** Makes a directory. */
  mkdir(path: string): Promise<void>;
  /** Removes a directory. */
  rmdir(path: string): Promise<void>;
  /** Moves a directory. */
  rename(from: string, to: string): Promise<void>;
}

export interface ScriptTarget {
  readonly machine: Machine;
  readonly tree: ScriptTree;
  /** What named faults have been added, for lines that end them. */
  readonly faults: Map<string, { remove(): void }>;
}

/** Model time from the start of the replay, ns; a share of it; or ns after all records have run. */
export type ScriptTime = { readonly ns: number } | { readonly share: number } | { readonly afterEnd: number };

/** What came of a line. */
export interface Outcome {
  /** Of read: the file. */
  readonly text?: string;
  /** Of expect: whether it was as expected. */
  readonly met?: boolean;
  /** Of expect, where it was not: what was expected and what was there. */
  readonly diff?: string;
}

/** What a line does. */
export interface Action {
  /** Whether it may change what traffic or tools find: the report has a phase for each such time. */
  readonly changes: boolean;
  /** Throws EINVAL for what no machine of this kind has. */
  check?(machine: Machine): void;
  /** Does it. Throws what was refused. */
  run(target: ScriptTarget): Promise<Outcome>;
}

/** Where a line was written. */
export interface ScriptPlace {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** One line of a script, ready to run. */
export interface ScriptLine {
  readonly place: ScriptPlace;
  readonly at: ScriptTime;
  /** As written, without its time. */
  readonly text: string;
  readonly action: Action;
}

/** A line did this, and nothing worth telling came of it. */
export const DONE: Outcome = {};
