// Cutting up what was written to a file, by the kernel's rules (resctrl-fs.md section 2).

/** Blanks are space, tab, newline, vertical tab, form feed, carriage return and byte 0xA0. */
const ENDS = /^[ \t\n\v\f\r\xa0]+|[ \t\n\v\f\r\xa0]+$/g;

export function trim(text: string): string {
  return text.replace(ENDS, "");
}

/** A NUL byte ends the text. */
export function untilNul(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** The command without its final newline; undefined when there is none. */
export function commandOf(bytes: string): string | undefined {
  return bytes.endsWith("\n") ? untilNul(bytes.slice(0, -1)) : undefined;
}

/** What is before and after the first separator; nothing after it where it does not occur. */
export function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
