// HTML and SVG as text in which nothing that was named elsewhere can become markup.

/** Text that is markup already. */
export class Markup {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

export type Content = string | number | Markup | undefined | false | readonly Content[];

/** A template whose values are escaped, but for those that are markup themselves. */
export function markup(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.reduce((all, text, index) => all + textOf(values[index - 1]) + text));
}

function textOf(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "number") return String(content);
  return typeof content === "string" ? escaped(content) : content.map(textOf).join("");
}

const NAMED: { readonly [character in string]?: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escaped(text: string): string {
  return plain(text).replace(/[&<>"']/g, (character) => NAMED[character] ?? character);
}

/** What XML has no way to say, and what turns the direction of the text around it, is shown as U+FFFD. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, (one) =>
    one === "\n" || one === "\t" ? one : "\ufffd",
  );
}
