// From a line to words and operators, as bash takes it apart: quotes, backslashes, comments, variables.

/** A character of a word, or a variable in it. What is quoted is neither split nor taken as a pattern. */
export type Unit =
  | { readonly char: string; readonly quoted: boolean }
  | { readonly variable: string; readonly quoted: boolean };

export interface Word {
  readonly kind: "word";
  readonly units: readonly Unit[];
  /** As typed: for messages, and to know a reserved word. */
  readonly raw: string;
  /** "" is a word too. */
  readonly hasQuotes: boolean;
}

export interface Operator {
  readonly kind: "operator";
  readonly raw: string;
  /** Of a redirection: the number in front. */
  readonly fd?: number;
}

export type Token = Word | Operator;

/** A line that is no command; the message is what bash says, without its name. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly exitStatus = 2,
  ) {
    super(message);
  }
}

const OPERATORS = ["&&", "||", ";;", ">>", ">&", "&>", "<<", ";", "|", ">", "<", "&", "(", ")", "\n"];
const ESCAPED_IN_QUOTES = '$`"\\\n';
const ANSI: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  e: "\x1b",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

export function tokens(line: string): Token[] {
  return new Lexer(line).all();
}

class Lexer {
  #at = 0;

  constructor(private readonly line: string) {}

  all(): Token[] {
    const found: Token[] = [];
    for (;;) {
      while (/[ \t]/.test(this.#peek())) this.#at++;
      if (this.#peek() === "#") while (this.#at < this.line.length && this.#peek() !== "\n") this.#at++;
      if (this.#at >= this.line.length) return found;
      found.push(this.#operator() ?? this.#word());
    }
  }

  #peek(ahead = 0): string {
    return this.line.charAt(this.#at + ahead);
  }

  #operator(): Operator | undefined {
    const digits = /^\d+(?=[<>])/.exec(this.line.slice(this.#at))?.[0] ?? "";
    const from = this.#at + digits.length;
    const raw = OPERATORS.find((one) => this.line.startsWith(one, from));
    if (raw === undefined) return undefined;
    this.#at = from + raw.length;
    return { kind: "operator", raw, ...(digits === "" ? {} : { fd: Number(digits) }) };
  }

  #word(): Word {
    const units: Unit[] = [];
    const from = this.#at;
    let hasQuotes = false;
    while (this.#at < this.line.length && !/[ \t\n;|&<>()]/.test(this.#peek())) {
      const char = this.#peek();
      if (char === "'" || char === '"') hasQuotes = true;
      if (char === "'") this.#single(units);
      else if (char === '"') this.#double(units);
      else if (char === "\\") this.#escape(units);
      else if (char === "$" && this.#peek(1) === "'") {
        hasQuotes = true;
        this.#ansi(units);
      } else this.#plain(units, false);
    }
    return { kind: "word", units, raw: this.line.slice(from, this.#at), hasQuotes };
  }

  /** A variable, or a character that stands for itself. */
  #plain(units: Unit[], quoted: boolean): void {
    const char = this.#peek();
    if (char === "`" || (char === "$" && this.#peek(1) === "(")) {
      throw new SyntaxProblem("this shell has no command substitution");
    }
    const rest = this.line.slice(this.#at);
    const variable = char === "$" ? /^\$(?:([A-Za-z_]\w*|[?#$!0-9])|\{([A-Za-z_]\w*|[?#$!0-9])\})/.exec(rest) : null;
    if (variable) {
      units.push({ variable: variable[1] ?? variable[2] ?? "", quoted });
      this.#at += variable[0].length;
    } else if (char === "$" && this.#peek(1) === "{") {
      throw new SyntaxProblem(`${/^\$\{[^}]*\}?/.exec(rest)?.[0]}: this shell has no such expansion`);
    } else {
      units.push({ char, quoted });
      this.#at++;
    }
  }

  #single(units: Unit[]): void {
    const end = this.line.indexOf("'", this.#at + 1);
    if (end < 0) throw unmatched("'");
    for (const char of this.line.slice(this.#at + 1, end)) units.push({ char, quoted: true });
    this.#at = end + 1;
  }

  #double(units: Unit[]): void {
    this.#at++;
    while (this.#peek() !== '"') {
      if (this.#at >= this.line.length) throw unmatched('"');
      if (this.#peek() === "\\" && this.#peek(1) !== "" && ESCAPED_IN_QUOTES.includes(this.#peek(1))) {
        this.#escape(units);
      } else this.#plain(units, true);
    }
    this.#at++;
  }

  #escape(units: Unit[]): void {
    const char = this.#peek(1);
    // One before the end of a line takes it away; one before the end of all stands for itself.
    if (char !== "\n") units.push({ char: char || "\\", quoted: true });
    this.#at += 2;
  }

  #ansi(units: Unit[]): void {
    this.#at += 2;
    while (this.#peek() !== "'") {
      if (this.#at >= this.line.length) throw unmatched("'");
      const meant = this.#peek() === "\\" ? ANSI[this.#peek(1)] : undefined;
      units.push({ char: meant ?? this.#peek(), quoted: true });
      this.#at += meant === undefined ? 1 : 2;
    }
    this.#at++;
  }
}

function unmatched(quote: string): SyntaxProblem {
  return new SyntaxProblem(`unexpected EOF while looking for matching \`${quote}'`);
}
