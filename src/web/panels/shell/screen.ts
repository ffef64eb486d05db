// What a terminal shows: lines that were typed and what came of them, the oldest of which go.

import { type Signal, signal } from "@preact/signals";
import type { Terminal } from "./shell.ts";

export interface Piece {
  readonly id: number;
  readonly text: string;
  readonly kind: "out" | "err" | "note" | "typed";
}

const MOST_PIECES = 1000;
/** Of one piece: who prints more sees its end. */
const MOST_CHARACTERS = 100_000;

export class Screen implements Terminal {
  readonly pieces: Signal<readonly Piece[]> = signal([]);
  columns = 80;
  #next = 0;

  print(text: string, kind: Piece["kind"]): void {
    const pieces = this.pieces.value;
    const last = pieces.at(-1);
    const joins = last?.kind === kind && kind !== "typed";
    const whole = (joins ? last.text + text : text).slice(-MOST_CHARACTERS);
    const piece = { id: joins ? last.id : this.#next++, text: whole, kind };
    this.pieces.value = [...(joins ? pieces.slice(0, -1) : pieces.slice(1 - MOST_PIECES)), piece];
  }

  clear(): void {
    this.pieces.value = [];
  }
}
