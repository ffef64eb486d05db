// A tutorial as its reader uses it: the lines to copy, and what the text says they print.

/** One block of lines to copy. */
export interface Step {
  /** Where its first line stands, from 1. */
  readonly line: number;
  readonly script: string;
  /** What the text shows of its standard output; a line "..." stands for any lines. */
  readonly shown?: string;
  /** Exit code that the text promises, 0 where it promises none. */
  readonly exitCode: number;
  /** What it needs beyond Node and npm, as `<!-- needs: fuse, gcc -->` before it says. */
  readonly needs: readonly string[];
}

export interface Tutorial {
  readonly title: string;
  readonly steps: readonly Step[];
}

const FENCE = /^```(\S*)\s*$/;

/** Blocks marked `sh` are steps; a block without a language right behind one shows what it prints. */
export function readTutorial(text: string): Tutorial {
  const lines = text.split("\n");
  const title = /^# (.+)$/.exec(lines[0] ?? "")?.[1];
  if (title === undefined) throw new Error("a tutorial begins with its title, # ...");
  const steps: Step[] = [];
  let last: Step | undefined;
  let ends = 0;
  let needs: readonly string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const exit = /<!-- ends with (\d+) -->/.exec(lines[at] ?? "");
    if (exit) ends = Number(exit[1]);
    needs = /<!-- needs: (.+?) -->/.exec(lines[at] ?? "")?.[1]?.split(/,\s*/) ?? needs;
    const open = FENCE.exec(lines[at] ?? "");
    if (!open) {
      // Words between the two: what follows is not what the step printed.
      if ((lines[at] ?? "").trim() !== "") last = undefined;
      continue;
    }
    const close = lines.findIndex((line, index) => index > at && line === "```");
    if (close < 0) throw new Error(`line ${at + 1}: the block is never closed`);
    const body = lines.slice(at + 1, close).join("\n");
    if (open[1] === "sh") {
      last = { line: at + 2, script: body, exitCode: ends, needs };
      ends = 0;
      needs = [];
      steps.push(last);
    } else if (open[1] === "" && last) {
      steps[steps.length - 1] = { ...last, shown: body };
      last = undefined;
    }
    at = close;
  }
  return { title, steps };
}

/** Whether `printed` is what `shown` says. */
export function matches(printed: string, shown: string): boolean {
  const lines = printed.replace(/\n+$/, "").split("\n");
  const parts = shown.split("\n").reduce<string[][]>(
    (all, line) => {
      if (line.trim() === "...") all.push([]);
      else (all.at(-1) as string[]).push(line);
      return all;
    },
    [[]],
  );
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    let from = -1;
    if (index === 0) from = holds(lines, 0, part) ? 0 : -1;
    else if (isLast) from = holds(lines, lines.length - part.length, part) ? lines.length - part.length : -1;
    else
      for (let start = at; start <= lines.length - part.length && from < 0; start++)
        if (holds(lines, start, part)) from = start;
    if (from < at) return false;
    at = from + part.length;
  }
  return parts.length > 1 || at === lines.length;
}

function holds(lines: readonly string[], start: number, part: readonly string[]): boolean {
  return start >= 0 && part.every((line, index) => (lines[start + index] ?? "").trimEnd() === line.trimEnd());
}
