// A YAML (or JSON) document that remembers where each of its keys and values stands.

import { Composer, type Document, isCollection, isScalar, LineCounter, Parser, visit, type YAMLError } from "yaml";
import { messageOf } from "../errno/index.ts";
import { tooDeep } from "./depth.ts";
import { offsetOf, writtenAs } from "./locate.ts";
import type { Problem } from "./problem.ts";
import type { Written } from "./source.ts";

/** `refuse` makes the error to throw for a text that is no YAML document. */
export function readDocument(
  text: string,
  file: string,
  whole: string,
  refuse: (problems: readonly Problem[], options?: ErrorOptions) => Error,
): Written {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const allowed = `a YAML map of ${whole.replace(/^the /, "")} keys is allowed`;
  const deep = tooDeep(tokens);
  if (deep !== undefined) throw refuse([{ ...place(deep), found: "it is nested too deeply", allowed }]);
  const documents = new Composer({ uniqueKeys: false }).compose(tokens, true, text.length);
  // There is one even where the text is empty.
  const document = documents.next().value as Document.Parsed;
  const second = documents.next().value as Document.Parsed | undefined;
  const faults: Fault[] = [...document.errors, ...document.warnings].map((fault) => ({
    offset: fault.pos[0],
    ...explain(fault, allowed),
  }));
  if (second) {
    faults.push({ offset: second.range[0], found: "a second document begins here", allowed: "one is allowed" });
  }
  if (faults.length === 0) faults.push(...unusable(document));
  if (faults.length > 0) throw refuse(faults.map(({ offset, ...fault }) => ({ ...place(offset), ...fault })));
  return {
    file,
    whole,
    input: toPlain(document, refuse),
    place: (path, part) => place(offsetOf(document, path, part)),
    written: (path) => writtenAs(document, path),
  };
}

function toPlain(document: Document, refuse: (problems: readonly Problem[], options?: ErrorOptions) => Error): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases that would unfold into more than a file should hold.
    const found = messageOf(cause);
    throw refuse([{ line: 1, column: 1, found, allowed: "a plain YAML map is allowed" }], { cause });
  }
}

interface Fault {
  readonly offset: number;
  readonly found: string;
  readonly allowed: string;
}

/** What YAML can say and no file here means: keys that are lists or maps or stand there twice, and aliases of what they stand in. */
function unusable(document: Document): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    // The library would compare each key with all others.
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const offset = key.range?.[0] ?? 0;
        if (seen.has(key.value))
          faults.push({ offset, found: "this key stands here twice", allowed: "once is allowed" });
        seen.add(key.value);
      }
    },
    Pair: (_, { key }) => {
      if (!isCollection(key)) return;
      faults.push({
        offset: key.range?.[0] ?? 0,
        found: "a key here is a list or a map",
        allowed: "a word is allowed",
      });
    },
    Alias: (_, alias) => {
      const [from, , to] = alias.resolve(document)?.range ?? [0, 0, 0];
      const offset = alias.range?.[0] ?? 0;
      if (offset < from || offset >= to) return;
      faults.push({
        offset,
        found: `*${alias.source} stands in what it names`,
        allowed: "a plain YAML map is allowed",
      });
    },
  });
  return faults;
}

function explain(fault: YAMLError, keys: string): { found: string; allowed: string } {
  return { found: `not YAML: ${fault.message}`, allowed: keys };
}
