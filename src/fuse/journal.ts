// What has been asked of a tree and what it answered, in the order in which it took effect.

import type { ErrnoCode } from "../errno/index.ts";

/** Paths are absolute within the tree. Text is a byte string: one character per byte. */
export type Asked =
  | { readonly op: "lookup"; readonly path: string }
  | { readonly op: "readdir"; readonly path: string }
  | { readonly op: "open"; readonly path: string; readonly access: "r" | "w" | "rw" }
  /** The whole text of a file, made anew; reads that go on in it are not told. */
  | { readonly op: "read"; readonly path: string; readonly handle: number }
  | { readonly op: "write"; readonly path: string; readonly handle: number; readonly data: string }
  | { readonly op: "release"; readonly path: string; readonly handle: number }
  | { readonly op: "mkdir"; readonly path: string; readonly mode: number }
  | { readonly op: "rmdir"; readonly path: string }
  | { readonly op: "rename"; readonly path: string; readonly to: string }
  | { readonly op: "chmod"; readonly path: string; readonly mode: number }
  | { readonly op: "chown"; readonly path: string; readonly uid: number; readonly gid: number };

/** What an operation was answered. */
export interface Answered {
  /** Absent: it succeeded. */
  readonly errno?: ErrnoCode;
  /** Of open. */
  readonly handle?: number;
  /** Of read the text, of readdir the names, sorted, a newline after each. */
  readonly reply?: string;
}

/** One operation of a mount: what was asked, and the answer. */
export type JournalEntry = Asked &
  Answered & {
    /** Who asked; `pid` is the thread id. */
    readonly caller: { readonly uid: number; readonly gid: number; readonly pid: number };
    /** Model time, ns. */
    readonly at: number;
  };
