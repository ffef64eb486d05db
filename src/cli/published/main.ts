// What is made of schemas and of the words of mpam when the package is built: JSON Schemas in dist/schemas, and, with "docs", the
// tables in docs/ between their marks.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { documents } from "./documents.ts";
import { jsonSchemas } from "./json-schemas.ts";

if (process.argv[2] === "docs") {
  for (const [file, renew] of Object.entries(documents())) await writeFile(file, renew(await readFile(file, "utf8")));
} else {
  await mkdir("dist/schemas", { recursive: true });
  for (const [file, schema] of Object.entries(jsonSchemas())) {
    await writeFile(`dist/schemas/${file}`, `${JSON.stringify(schema)}\n`);
  }
}
