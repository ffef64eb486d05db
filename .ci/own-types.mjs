// After tsc: what dist/types has of declarations, for somebody who has the package.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const TYPES = new URL("../dist/types/", import.meta.url);
const ROOT = new URL("../", import.meta.url);

// Register pages say u32, which only this project's compilers know. A name that nobody knows is an error to one reader, and to
// another anything at all.
const pages = new URL("assembly/regs/", TYPES);
for (const name of readdirSync(pages)) {
  const page = new URL(name, pages);
  writeFileSync(page, readFileSync(page, "utf8").replace(/\b[ui]32\b(?=[;,)[\]])/g, "number"));
}

// Declarations that no door of the package leads to are nobody's.
const { exports: doors } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
const reached = new Set();
for (const { types } of Object.values(doors)) if (types) reach(new URL(types, ROOT).href);
for (const entry of readdirSync(TYPES, { recursive: true, withFileTypes: true })) {
  const { href } = new URL(`file://${entry.parentPath}/${entry.name}`);
  if (entry.isFile() && !reached.has(href)) rmSync(new URL(href));
}

function reach(href) {
  if (reached.has(href)) return;
  reached.add(href);
  const text = readFileSync(new URL(href), "utf8");
  for (const [, name] of text.matchAll(/(?:from|import|import\()\s*"(\.[^"]+)"/g)) {
    reach(new URL(name.replace(/(\.d)?\.[jt]s$/, ".d.ts"), href).href);
  }
}
