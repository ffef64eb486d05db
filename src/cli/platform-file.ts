// A platform as the text of its file.

import { Document, isPair, isScalar, visit } from "yaml";

/** Keys whose numbers people write in hexadecimal. */
const HEXADECIMAL = new Set(["base"]);

/** YAML that parsePlatform takes, with `remarks` as comments above it. */
export function platformFile(platform: object, remarks: readonly string[]): string {
  const document = new Document(platform, { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, pair) {
      if (!isPair(pair) || !isScalar(pair.key) || !isScalar(pair.value)) return;
      if (HEXADECIMAL.has(String(pair.key.value))) pair.value.format = "HEX";
    },
    // Controls fit on a line each.
    Map(_, map, path) {
      const inner = map.items.every(({ value }) => isScalar(value));
      if (inner && map.items.length <= 4 && path.length > 4) map.flow = true;
    },
  });
  const comments = remarks.map((remark) => `# ${remark}\n`).join("");
  return `${comments}\n${document.toString({ lineWidth: 120 })}`;
}
