// Lines that fit a terminal: text broken between words, what follows indented.

/** Columns to write to: those of the terminal, 80 to 120; 100 where there is none. */
export function columns(): number {
  return Math.min(120, Math.max(80, process.stdout.columns ?? 100));
}

/** `text` after `head`; later lines begin `indent` spaces in, and no line is longer than `width` unless a word is. */
export function wrap(head: string, text: string, indent: number, width = columns()): string {
  const lines: string[] = [];
  let line = head;
  let empty = head.trim() === "";
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(indent);
      empty = true;
    }
    line += empty && (line === "" || line.endsWith(" ")) ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].map((one) => one.trimEnd()).join("\n");
}
