// The programs of the shell by name. Builtins write line by line, as bash has its output; the others all at once.

import { ls, mkdir, mv, rm, rmdir } from "./directories.ts";
import { echo, printf } from "./printing.ts";
import type { Program } from "./program.ts";
import { cat, grep, head, sort, tail, wc } from "./reading.ts";

const sleep: Program = async ({ args, signal, complain }) => {
  const [seconds = ""] = args;
  if (!/^\d*\.?\d+s?$/.test(seconds)) {
    await complain(seconds === "" ? "sleep: missing operand" : `sleep: invalid time interval ‘${seconds}’`);
    return 1;
  }
  await pause(Number.parseFloat(seconds) * 1000, signal);
  return 0;
};

/** Seconds of the wall: the machine's time goes on at its own speed meanwhile. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

export const BUILTINS: ReadonlyMap<string, Program> = new Map(
  Object.entries({
    echo,
    printf,
    true: async () => 0,
    ":": async () => 0,
    false: async () => 1,
  } satisfies Record<string, Program>),
);

export const PROGRAMS: ReadonlyMap<string, Program> = new Map(
  Object.entries({ cat, grep, head, tail, wc, sort, ls, mkdir, rmdir, mv, rm, sleep } satisfies Record<
    string,
    Program
  >),
);
