// How fast is a register access, in a batch and one call each?
import { performance } from "node:perf_hooks";
import { CTwin } from "./c-twin.ts";
import { C_PLAIN, JS_PLAIN, OURS } from "./goals.ts";
import type { Contestant, Row, Turn } from "./harness.ts";
import { PlainMsc } from "./js/registers.ts";
import { checksumText, mix } from "./mixer.ts";
import { OurMsc } from "./ours-registers.ts";
import type { Question, RunOptions } from "./question.ts";
import {
  accessesOf,
  addRead,
  BUFFER,
  OFFSET,
  REGISTER_CASES,
  type RegisterCase,
  registerArguments,
  VALUE,
  WHAT,
  WHAT_WRITE,
  WORDS,
} from "./register-accesses.ts";

export const registers: Question = {
  name: "registers",
  asks: "register accesses, batched and one call each, a driver's and in random order (C1, C2)",
  async run(options) {
    const rows: Row[] = [];
    for (const c of REGISTER_CASES) rows.push(...(await one(c, options)));
    return rows;
  },
};

async function one(c: RegisterCase, options: RunOptions): Promise<Row[]> {
  const list = accessesOf(c.list);
  const twin = await CTwin.start("registers", registerArguments(c.list, c.passes));
  const contestants = [ours(c, list, await OurMsc.powerOn())];
  if (twin) contestants.push(twin.contestant(C_PLAIN, c.batched ? "batch" : "calls"));
  contestants.push(plain(c, list, new PlainMsc()));
  return options.meet({
    bench: "registers",
    case: c.name,
    operations: (list.length / WORDS) * c.passes,
    contestants,
    repetitions: options.repetitions,
  });
}

function ours(c: RegisterCase, list: Uint32Array, msc: OurMsc): Contestant {
  const run = c.batched
    ? () => batches(c, list, msc.buffer, (n) => msc.batch(n))
    : () => calls(c, (sum) => msc.calls(list, sum));
  return { name: OURS, run };
}

function plain(c: RegisterCase, list: Uint32Array, msc: PlainMsc): Contestant {
  const buffer = new Uint32Array(BUFFER * WORDS);
  const run = c.batched
    ? () => batches(c, list, buffer, (n) => msc.run(buffer, n))
    : () => calls(c, (sum) => plainCalls(msc, list, sum));
  return { name: JS_PLAIN, run };
}

function plainCalls(msc: PlainMsc, list: Uint32Array, sum: number): number {
  for (let at = 0; at < list.length; at += WORDS) {
    const offset = list[at + OFFSET] as number;
    if ((list[at + WHAT] as number) & WHAT_WRITE) msc.write32(offset, list[at + VALUE] as number);
    else sum = addRead(sum, msc.read32(offset));
  }
  return sum;
}

function calls(c: RegisterCase, pass: (sum: number) => number): Turn {
  let sum = 0;
  const start = performance.now();
  for (let i = 0; i < c.passes; i++) sum = pass(sum);
  return turnOf(performance.now() - start, sum);
}

/** The clock runs during batches only: staging accesses and looking at what was read is no contestant's work. */
function batches(c: RegisterCase, list: Uint32Array, buffer: Uint32Array, batch: (n: number) => void): Turn {
  let sum = 0;
  let milliseconds = 0;
  for (let i = 0; i < c.passes; i++) {
    for (let at = 0; at < list.length; at += BUFFER * WORDS) {
      const part = list.subarray(at, at + BUFFER * WORDS);
      buffer.set(part);
      const start = performance.now();
      batch(part.length / WORDS);
      milliseconds += performance.now() - start;
      sum = addReads(sum, buffer, part.length);
    }
  }
  return turnOf(milliseconds, sum);
}

function addReads(sum: number, buffer: Uint32Array, words: number): number {
  for (let at = 0; at < words; at += WORDS) {
    if (((buffer[at + WHAT] as number) & WHAT_WRITE) === 0) sum = addRead(sum, buffer[at + VALUE] as number);
  }
  return sum;
}

function turnOf(milliseconds: number, sum: number): Turn {
  return { nanoseconds: milliseconds * 1e6, checksum: checksumText(mix(sum)) };
}
