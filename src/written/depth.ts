// How deeply a YAML text is nested. What makes a document of it goes down as deep by calling itself, and a text may have more
// brackets than there is stack.

import type { CST } from "yaml";

/** Far more than any file here has. */
const MOST_DEPTH = 64;

/** The offset of what is nested too deeply. */
export function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const left: [CST.Token, number][] = tokens.map((token) => [token, 0]);
  for (let next = left.pop(); next; next = left.pop()) {
    const [token, depth] = next;
    if (depth > MOST_DEPTH) return "offset" in token ? token.offset : 0;
    if ("value" in token) left.push([token.value as CST.Token, depth]);
    if (!("items" in token)) continue;
    for (const { key, value } of token.items) {
      if (key) left.push([key, depth + 1]);
      if (value) left.push([value, depth + 1]);
    }
  }
  return undefined;
}
