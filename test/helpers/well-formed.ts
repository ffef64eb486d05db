// Whether a text is well-formed XML.

const ENTITIES = /&(?!(amp|lt|gt|quot|#39);)/;

/** The elements of well-formed XML, or what is wrong with it: an XML parser as far as our files need one. */
export function elementsOf(xml: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  const body = xml.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, "");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what XML cannot have.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(body))
    throw new Error("a character that XML has not");
  for (const [piece] of body.matchAll(/<[^>]*>|[^<]+/g)) {
    if (!piece.startsWith("<")) {
      if (ENTITIES.test(piece)) throw new Error(`a bare & in ${piece}`);
      continue;
    }
    const tag = /^<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z0-9:-]+="[^"<]*")*)\s*(\/?)>$/.exec(piece);
    if (!tag) throw new Error(`no tag: ${piece}`);
    const [, closes, name = "", attributes = "", empty] = tag;
    if (ENTITIES.test(attributes)) throw new Error(`a bare & in ${piece}`);
    if (closes) {
      if (open.pop() !== name) throw new Error(`</${name}> closes something else`);
    } else {
      seen.push(name);
      if (!empty) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`${open.join(", ")} left open`);
  return seen;
}
