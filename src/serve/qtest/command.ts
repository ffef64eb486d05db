// One command of the qtest protocol, and whose it is.

import type { AccessBytes } from "../../machine/index.ts";
import type { Space } from "../../platform/index.ts";
import type { Board } from "../board.ts";

/** What one connection has chosen. */
export interface Client {
  readonly board: Board;
  /** Who makes its accesses. */
  cpu: number;
  space: Space;
  /** What it hears of without asking. */
  hearsLines: boolean;
  hearsMsis: boolean;
}

export interface Command {
  /** The words behind its name; [] stands around what may be left out, ... behind what may stand there several times. */
  readonly usage: string;
  /** What follows OK, or nothing. Throws what becomes FAIL. */
  run(words: readonly string[], client: Client, line: string): string | undefined | Promise<string | undefined>;
}

export type Commands = Readonly<Record<string, Command>>;

/** By the last letter of readb, readw, readl and readq. */
export const WIDTHS: Readonly<Record<string, AccessBytes>> = { b: 1, w: 2, l: 4, q: 8 };

export function hex16(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}

/** How many words a command takes. */
export function arity(usage: string): { readonly least: number; readonly most: number } {
  const all = usage.split(" ").filter((word) => word !== "");
  const least = all.filter((word) => !word.startsWith("[")).length;
  return { least, most: usage.includes("...") ? Number.POSITIVE_INFINITY : all.length };
}
