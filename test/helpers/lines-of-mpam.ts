// The lines that begin with mpam in a document, as a shell would hand them over.

export interface LineOfMpam {
  /** Without mpam itself. */
  readonly words: readonly string[];
  /** Where it begins, from 1. */
  readonly line: number;
  /** In the midst of a sentence, where not all is said. */
  readonly inline: boolean;
}

export function linesOfMpam(document: string): LineOfMpam[] {
  const lines = document.split("\n");
  const found: LineOfMpam[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^\s*```(\S*)/.exec(lines[at] ?? "");
    if (!fence) {
      // In a table a bar stands behind a backslash.
      for (const [, code = ""] of (lines[at] ?? "").matchAll(/`((?:npx )?mpam [^`]+)`/g))
        found.push(...among(code.replaceAll("\\|", "|"), at + 1, true));
      continue;
    }
    const close = lines.findIndex((line, index) => index > at && /^\s*```\s*$/.test(line));
    const body = lines.slice(at + 1, close);
    // What a program prints has quotes that are none, so only shell blocks are read as a whole.
    if (fence[1] === "sh") found.push(...among(withoutDocuments(body.join("\n")), at + 2, false));
    else for (const [index, line] of body.entries()) found.push(...among(line, at + 2 + index, false));
    at = close;
  }
  return found;
}

/** Here-documents made empty, with as many lines. */
function withoutDocuments(script: string): string {
  return script.replace(
    /<<'?(\w+)'?(.*)\n([\s\S]*?)\n\1$/gm,
    (_, __, rest: string, body: string) => `${rest}\n${body.replace(/[^\n]/g, "")}\n`,
  );
}

function among(script: string, first: number, inline: boolean): LineOfMpam[] {
  const found: LineOfMpam[] = [];
  let line = first;
  let words: string[] = [];
  let began = line;
  const end = () => {
    while (/^\w+=/.test(words[0] ?? "")) words.shift();
    if (words[0] === "npx") words.shift();
    if (words.shift() === "mpam" && words.length > 0) found.push({ words, line: began, inline });
    words = [];
  };
  // A redirection with its file, an operator, a comment, a line that goes on, blanks, or a word with its quoted parts.
  const token =
    /\d*[<>]+(?:&\d|\s*[^\s;|&<>]+)|[;|&\n]+|(?<=^|\s)#[^\n]*|\\\n|[^\S\n]+|(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[^\n]|[^\s;|&<>"'\\])+|[\s\S]/g;
  for (const [text] of script.matchAll(token)) {
    if (/^[;|&\n]/.test(text)) end();
    else if (!/^(?:\d*[<>]|#|\s|\\\n)/.test(text)) {
      if (words.length === 0) began = line;
      words.push(text.replace(/"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'/g, (_, two, one) => two ?? one));
    }
    line += text.split("\n").length - 1;
  }
  end();
  return found;
}
