// What was expected beside what is there, line by line.

/** Lines that both have begin with a blank, those that were expected with -, those that are there with +. */
export function diff(expected: string, found: string): string {
  const [a, b] = [linesOf(expected), linesOf(found)];
  // Lengths of the longest common sequence of what begins at (i, j).
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      (common[i] as Uint32Array)[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const shown: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      shown.push(` ${a[i++]}`);
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) shown.push(`-${a[i++]}`);
    else shown.push(`+${b[j++]}`);
  }
  return shown.join("\n");
}

/** A text that does not end with a newline has a line that says so. Bytes nobody sees are written as in a script. */
function linesOf(text: string): string[] {
  const lines = text.split("\n").map(visible);
  const last = lines.pop() as string;
  return last === "" ? lines : [...lines, last, "\\ no newline at the end"];
}

function visible(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant
  return line.replace(/[\x00-\x1f\x7f]/g, (character) => {
    if (character === "\t") return character;
    return character === "\0" ? "\\0" : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
