// docs/versions.md is a promise: its numbers are those of the code, and no version of ours is missing from it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(join(root, "docs/versions.md"), "utf8");

/** Formats of others that are written or read here. */
const OF_OTHERS = ["FDT_VERSION"];

/** `| trace files | "1" | FORMAT_VERSION, src/trace/metadata.ts |` */
const promised = [...page.matchAll(/^\|[^|]*\| `([^`]+)` \| `([A-Z_]+)`, `([^`]+)` \|/gm)].map(
  ([, value, name, file]) => `${file}: ${name} = ${value}`,
);

function declared(): string[] {
  return ["src", "assembly"].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${top}/${name.replaceAll("\\", "/")}`)
      .flatMap((file) => {
        const text = readFileSync(join(root, file), "utf8");
        return [...text.matchAll(/^export const ([A-Z]+_VERSION|LAYOUT)(?:: u32)? = ([^;]+);/gm)]
          .filter(([, name]) => !OF_OTHERS.includes(name ?? ""))
          .map(([, name, value]) => `${file}: ${name} = ${value}`);
      }),
  );
}

test("the versions that docs/versions.md names are those of the code", () => {
  expect(promised.length).toBeGreaterThan(4);
  // What is in no file yet is promised by nobody.
  const there = promised.filter((line) => existsSync(join(root, line.split(":")[0] ?? "")));
  expect(there.sort()).toEqual(declared().sort());
});

test("pages that it leads to are there", () => {
  const pages = [...page.matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, name]) => name ?? "");
  expect(pages.filter((name) => !existsSync(join(root, "docs", name)))).toEqual([]);
});
