// Command lines as bash reads them, as far as transcripts need it: quotes, $?, lists with ; && ||, redirections.

export type Redirection =
  | { readonly fd: number; readonly how: "read" | "write"; readonly path: string }
  | { readonly fd: number; readonly how: "copy"; readonly of: number }
  | { readonly fd: number; readonly how: "close" };

export interface Simple {
  readonly words: readonly string[];
  readonly redirections: readonly Redirection[];
  /** When it runs: always, after a success, after a failure of what came before. */
  readonly when: ";" | "&&" | "||";
}

const TOKEN = /\s*(?:(&&|\|\||;)|(\d*)(<&|>&|>>|>|<)|((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\;&|<>])+))/y;

/** `status` is what $? stands for. */
export function parseLine(line: string, status: () => number): Simple[] {
  const commands: Simple[] = [];
  let current = empty(";");
  let pending: { fd: number; sign: string } | undefined;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < line.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const [, operator, fd = "", sign, word] = TOKEN.exec(line) ?? [];
    if (operator === undefined && sign === undefined && word === undefined) {
      throw new Error(`'${line.slice(at)}': this shell does not know that`);
    }
    if (operator) {
      commands.push(current);
      current = empty(operator as Simple["when"]);
    } else if (sign) pending = { fd: Number(fd || (sign.startsWith("<") ? 0 : 1)), sign };
    else if (pending) {
      current.redirections.push(redirection(pending, unquoted(word as string, status)));
      pending = undefined;
    } else current.words.push(unquoted(word as string, status));
  }
  return [...commands, current].filter(({ words }) => words.length > 0);
}

function empty(when: Simple["when"]) {
  return { words: [] as string[], redirections: [] as Redirection[], when };
}

function redirection({ fd, sign }: { fd: number; sign: string }, word: string): Redirection {
  if (sign === "<") return { fd, how: "read", path: word };
  if (sign.endsWith("&")) return word === "-" ? { fd, how: "close" } : { fd, how: "copy", of: Number(word) };
  return { fd, how: "write", path: word };
}

function unquoted(word: string, status: () => number): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|\$\?/g,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, "$1").replaceAll("$?", String(status())) ?? escaped ?? String(status()),
  );
}
