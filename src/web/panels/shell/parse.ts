// From words to commands: lists, pipelines, redirections, `for` loops.

import { type Operator, SyntaxProblem, type Token, tokens, type Word } from "./words.ts";

export interface Redirection {
  readonly fd: number;
  /** "copy": 2>&1. */
  readonly how: "read" | "write" | "copy";
  readonly target: Word;
}

export interface Simple {
  readonly kind: "simple";
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
}

export interface Loop {
  readonly kind: "for";
  readonly variable: string;
  readonly words: readonly Word[];
  readonly body: CommandList;
  readonly redirections: readonly Redirection[];
}

export type Command = Simple | Loop;

export interface Pipeline {
  readonly when: "always" | "&&" | "||";
  /** With ! in front: the status is turned round. */
  readonly not: boolean;
  readonly commands: readonly Command[];
}

export type CommandList = readonly Pipeline[];

/** Words that bash takes for itself at the beginning of a command, and this shell has nothing for. */
const FOREIGN = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "while",
  "until",
  "case",
  "esac",
  "select",
  "function",
  "{",
  "}",
  "[[",
  "]]",
  "time",
  "coproc",
]);

/** Throws a SyntaxProblem. */
export function parse(line: string): CommandList {
  const parser = new Parser(tokens(line));
  return parser.whole();
}

class Parser {
  #at = 0;

  constructor(private readonly all: readonly Token[]) {}

  whole(): CommandList {
    const list = this.#list(() => false);
    if (this.#at < this.all.length) throw this.#unexpected();
    return list;
  }

  #peek(): Token | undefined {
    return this.all[this.#at];
  }

  #isOperator(...raw: readonly string[]): boolean {
    const token = this.#peek();
    return token?.kind === "operator" && raw.includes(token.raw);
  }

  #isReserved(word: string): boolean {
    const token = this.#peek();
    return token?.kind === "word" && token.raw === word;
  }

  #unexpected(): SyntaxProblem {
    const token = this.#peek();
    if (!token) return new SyntaxProblem("syntax error: unexpected end of file");
    return new SyntaxProblem(`syntax error near unexpected token \`${token.raw === "\n" ? "newline" : token.raw}'`);
  }

  /** Commands up to the end, or to where `ends` is true. */
  #list(ends: () => boolean): CommandList {
    const list: Pipeline[] = [];
    this.#newlines();
    let when: Pipeline["when"] = "always";
    while (this.#peek() && !ends()) {
      list.push(this.#pipeline(when));
      when = "always";
      if (this.#isOperator("&&", "||")) {
        when = (this.#peek() as Operator).raw as "&&" | "||";
        this.#at++;
        this.#newlines();
        if (!this.#peek()) throw this.#unexpected();
      } else if (this.#isOperator(";", "\n")) {
        this.#at++;
        this.#newlines();
      } else if (this.#isOperator("&")) throw new SyntaxProblem("this shell runs nothing in the background");
      else break;
    }
    return list;
  }

  #newlines(): void {
    while (this.#isOperator("\n")) this.#at++;
  }

  #pipeline(when: Pipeline["when"]): Pipeline {
    const not = this.#isReserved("!");
    if (not) this.#at++;
    // A ! with nothing behind it turns round what nothing answers.
    const nothing = not && (!this.#peek() || this.#isOperator(";", "\n", "&&", "||"));
    const commands: Command[] = [nothing ? { kind: "simple", words: [], redirections: [] } : this.#command()];
    while (this.#isOperator("|")) {
      this.#at++;
      this.#newlines();
      commands.push(this.#command());
    }
    return { when, not, commands };
  }

  #command(): Command {
    const first = this.#peek();
    if (first?.kind === "word" && first.raw === "for") return this.#loop();
    if (first?.kind === "word" && (first.raw === "do" || first.raw === "done")) throw this.#unexpected();
    if (first?.kind === "word" && FOREIGN.has(first.raw)) {
      throw new SyntaxProblem(`${first.raw}: this shell has single commands and \`for' only`);
    }
    if (this.#isOperator("(")) throw new SyntaxProblem("this shell has no subshells");
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      const token = this.#peek();
      const redirection = this.#redirection();
      if (redirection) redirections.push(...redirection);
      else if (token?.kind === "word") {
        words.push(token);
        this.#at++;
      } else break;
    }
    if (words.length === 0 && redirections.length === 0) throw this.#unexpected();
    return { kind: "simple", words, redirections };
  }

  #redirection(): Redirection[] | undefined {
    const token = this.#peek();
    if (token?.kind !== "operator") return undefined;
    const { raw, fd } = token;
    if (raw === "<<") throw new SyntaxProblem("this shell has no here-documents");
    if (![">", ">>", "<", ">&", "&>"].includes(raw)) return undefined;
    this.#at++;
    const target = this.#peek();
    if (target?.kind !== "word") throw this.#unexpectedNewline();
    this.#at++;
    if (raw === "<") return [{ fd: fd ?? 0, how: "read", target }];
    if (raw === "&>") return [1, 2].map((one) => ({ fd: one, how: "write", target }));
    return [{ fd: fd ?? 1, how: raw === ">&" ? "copy" : "write", target }];
  }

  /** At the end of the input bash names the newline that it has read. */
  #unexpectedNewline(): SyntaxProblem {
    if (this.#peek()) return this.#unexpected();
    return new SyntaxProblem("syntax error near unexpected token `newline'");
  }

  #loop(): Loop {
    this.#at++;
    const name = this.#peek();
    if (name?.kind !== "word") throw this.#unexpectedNewline();
    if (!/^[A-Za-z_]\w*$/.test(name.raw)) throw new SyntaxProblem(`\`${name.raw}': not a valid identifier`, 1);
    this.#at++;
    if (!this.#isReserved("in")) throw this.#unexpected();
    this.#at++;
    const words: Word[] = [];
    for (let token = this.#peek(); token?.kind === "word"; token = this.#peek()) {
      words.push(token);
      this.#at++;
    }
    if (!this.#isOperator(";", "\n")) throw this.#unexpected();
    this.#at++;
    this.#newlines();
    if (!this.#isReserved("do")) throw this.#unexpected();
    this.#at++;
    if (this.#isOperator(";")) throw this.#unexpected();
    const body = this.#list(() => this.#isReserved("done"));
    if (!this.#isReserved("done") || body.length === 0) throw this.#unexpected();
    this.#at++;
    const redirections: Redirection[] = [];
    for (let one = this.#redirection(); one; one = this.#redirection()) redirections.push(...one);
    return { kind: "for", variable: name.raw, words, body, redirections };
  }
}
