// What is wrong with a file that somebody wrote, one line for each problem: where, what was found, what is allowed.

/** What is wrong in a file that somebody wrote: where, what stands there, and what would be right. */
export interface Problem {
  /** Counted from 1; 0 where an object was given and not a file. */
  readonly line: number;
  readonly column: number;
  readonly found: string;
  readonly allowed: string;
}

/** A file that was refused. The message has one line for each problem, in file order. */
export class WrittenError extends Error {
  override readonly name: string = "WrittenError";
  /** Where the first problem is. */
  readonly line: number;
  readonly column: number;

  constructor(
    readonly file: string,
    readonly problems: readonly Problem[],
    options?: ErrorOptions,
  ) {
    super(problems.map((problem) => problemLine(file, problem)).join("\n"), options);
    this.line = problems[0]?.line ?? 0;
    this.column = problems[0]?.column ?? 0;
  }
}

function problemLine(file: string, problem: Problem): string {
  const where = problem.line > 0 ? `${file}:${problem.line}:${problem.column}` : file;
  return `${where}: ${problem.found}; ${problem.allowed}`.replace(/\s*[\r\n]+\s*/g, " ");
}
