// echo and printf, the two builtins that write to files of the tree.

import type { Program } from "./program.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** Text with its escapes carried out; `ends` where \c says that nothing follows. */
function unescaped(text: string, octal: RegExp): { text: string; ends: boolean } {
  let done = "";
  for (let n = 0; n < text.length; n++) {
    const char = text.charAt(n);
    const rest = text.slice(n + 1);
    const number = char === "\\" ? (octal.exec(rest) ?? /^x([0-9a-fA-F]{1,2})/.exec(rest)) : null;
    if (char !== "\\" || rest === "") done += char;
    else if (rest.startsWith("c")) return { text: done, ends: true };
    else if (number) {
      done += String.fromCharCode(Number.parseInt(number[1] || "0", number[0].startsWith("x") ? 16 : 8) & 0xff);
      n += number[0].length;
    } else if (Object.hasOwn(SIMPLE, rest.charAt(0))) {
      done += SIMPLE[rest.charAt(0)];
      n++;
    } else done += char;
  }
  return { text: done, ends: false };
}

const ECHO_OCTAL = /^0([0-7]{0,3})/;
const PRINTF_OCTAL = /^([0-7]{1,3})/;

export const echo: Program = async ({ args, out }) => {
  let first = 0;
  let newline = true;
  let escapes = false;
  for (let arg = args[0]; arg !== undefined && /^-[neE]+$/.test(arg); arg = args[++first]) {
    if (arg.includes("n")) newline = false;
    for (const letter of arg) if (letter === "e" || letter === "E") escapes = letter === "e";
  }
  const said = args.slice(first).join(" ");
  const { text, ends } = escapes ? unescaped(said, ECHO_OCTAL) : { text: said, ends: false };
  await out(newline && !ends ? `${text}\n` : text);
  return 0;
};

const DIRECTIVE = /^%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?([a-zA-Z%])/;

export const printf: Program = async ({ args, out, complain }) => {
  const [format, ...values] = args[0] === "--" ? args.slice(1) : args;
  if (format === undefined) {
    await complain("printf: usage: printf [-v var] format [arguments]");
    return 2;
  }
  const run = new Formatting(values);
  let text = "";
  do text += run.once(format);
  while (run.again);
  await out(text);
  for (const line of run.problems) await complain(`printf: ${line}`);
  return run.problems.length > 0 ? 1 : 0;
};

class Formatting {
  readonly problems: string[] = [];
  #next = 0;
  #used = false;
  #ended = false;

  constructor(private readonly values: readonly string[]) {}

  /** The format is used again while values are left and it takes any. */
  get again(): boolean {
    return !this.#ended && this.#used && this.#next < this.values.length;
  }

  #take(): string | undefined {
    this.#used = true;
    return this.values[this.#next++];
  }

  once(format: string): string {
    let text = "";
    this.#used = false;
    for (let n = 0; n < format.length && !this.#ended; ) {
      const rest = format.slice(n);
      const directive = DIRECTIVE.exec(rest);
      if (directive) {
        text += this.#directive(directive);
        n += directive[0].length;
      } else if (rest.startsWith("%")) {
        this.problems.push(
          `\`${rest.charAt(1) || "%"}': ${rest.length > 1 ? "invalid format character" : "missing format character"}`,
        );
        this.#ended = true;
      } else {
        const next = rest.indexOf("%", 1);
        const plain = next < 0 ? rest : rest.slice(0, next);
        text += this.#escapes(plain, PRINTF_OCTAL);
        n += plain.length;
      }
    }
    return text;
  }

  #escapes(text: string, octal: RegExp): string {
    const done = unescaped(text.replaceAll('\\"', '"'), octal);
    this.#ended ||= done.ends;
    return done.text;
  }

  #directive([, flags = "", width, precision, letter = ""]: RegExpExecArray): string {
    if (letter === "%") return "%";
    const room = width === "*" ? this.#number(this.#take()) : Number(width ?? 0);
    const exact =
      precision === "*" ? this.#number(this.#take()) : precision === undefined ? undefined : Number(precision);
    const left = flags.includes("-") || room < 0;
    const fit = (text: string, zeros = false) => {
      const sign = /^[-+ ]?(0[xX])?/.exec(text)?.[0] ?? "";
      if (zeros && flags.includes("0") && !left)
        return sign + text.slice(sign.length).padStart(Math.abs(room) - sign.length, "0");
      return left ? text.padEnd(Math.abs(room)) : text.padStart(room);
    };
    if (letter === "s") return fit((this.#take() ?? "").slice(0, exact));
    if (letter === "b") return fit(this.#escapes(this.#take() ?? "", /^0?([0-7]{1,3})/).slice(0, exact));
    if (letter === "c") return fit((this.#take() ?? "").slice(0, 1));
    if ("diuxXo".includes(letter)) return fit(this.#integer(letter, flags, exact), exact === undefined);
    this.problems.push(`\`${letter}': invalid format character`);
    this.#ended = true;
    return "";
  }

  #integer(letter: string, flags: string, exact: number | undefined): string {
    const value = this.#number(this.#take());
    const base = letter === "o" ? 8 : letter === "x" || letter === "X" ? 16 : 10;
    const unsigned = letter !== "d" && letter !== "i";
    const big = unsigned ? BigInt.asUintN(64, BigInt(value)) : BigInt(value);
    const digits = (big < 0n ? -big : big).toString(base).padStart(exact ?? 0, "0");
    const sign = big < 0n ? "-" : unsigned ? "" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
    const prefix = flags.includes("#") && big !== 0n ? (base === 16 ? `0x` : base === 8 ? "0" : "") : "";
    const text = sign + prefix + digits;
    return letter === "X" ? text.toUpperCase() : text;
  }

  /** Decimal, 0x hexadecimal, 0 octal, or 'x for the code of x; as much as is a number. */
  #number(text: string | undefined): number {
    if (text === undefined || text === "") return 0;
    if (/^["']/.test(text)) return text.codePointAt(1) ?? 0;
    const [, sign = "", digits = ""] = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|\d+)/.exec(text) ?? [];
    const octal = /^0[0-7]*/.exec(digits)?.[0];
    const isHex = /^0[xX]/.test(digits);
    const read = octal !== undefined && !isHex ? Number.parseInt(octal, 8) : Number(digits);
    const length = octal !== undefined && !isHex ? octal.length : digits.length;
    const whole = /^\s*[-+]?/.exec(text)?.[0].length ?? 0;
    if (digits === "" || whole + length < text.length) {
      this.problems.push(
        `${text}: invalid ${octal !== undefined && !isHex && digits.length > 1 ? "octal number" : "number"}`,
      );
    }
    return sign === "-" ? -read : read;
  }
}
