// After tsc: declarations in dist/types say `number` where register pages say u32, which only this project's compilers know.
// A name that nobody knows is an error to one reader, and to another anything at all.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const pages = new URL("../dist/types/assembly/regs/", import.meta.url);
for (const name of readdirSync(pages)) {
  const page = new URL(name, pages);
  writeFileSync(page, readFileSync(page, "utf8").replace(/\b[ui]32\b(?=[;,)[\]])/g, "number"));
}
