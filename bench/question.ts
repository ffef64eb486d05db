// What a question asked of the clock is, and what it is told about the run.
import type { RaceOptions, Row } from "./harness.ts";

export interface RunOptions {
  readonly repetitions: number;
  /** Size of the simulated cache, MiB. */
  readonly cacheMiB: number;
  /** How contestants meet: in a race, or one by one where events of the processor are counted, which makes no rows. */
  meet(options: RaceOptions): Promise<Row[]>;
  /** Words for the reader, beside the rows: what was absent, and why. */
  note(text: string): void;
}

export interface Question {
  readonly name: string;
  readonly asks: string;
  run(options: RunOptions): Promise<Row[]>;
}
