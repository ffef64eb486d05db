// What the documents point at is there: files, headings, and the tests that the README names.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const HOUSE = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = [".", "docs", "docs/tutorials", "c", "examples", "examples/traces", "examples/ci"];

const documents = (
  await Promise.all(
    FOLDERS.map(async (folder) =>
      (
        await readdir(join(HOUSE, folder)).catch(() => [])
      )
        .filter((name) => name.endsWith(".md"))
        .map((name) => join(folder, name)),
    ),
  )
).flat();

/** As a host of repositories makes anchors of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

const withoutBlocks = (text: string) => text.replace(/^```[\s\S]*?^```/gm, "");

test.each(documents)("%s points at what is there", async (path) => {
  const text = await readFile(join(HOUSE, path), "utf8");
  const broken: string[] = [];
  for (const [, target = ""] of withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [file = "", anchor] = target.split("#");
    const to = file === "" ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(HOUSE, to))) broken.push(target);
    else if (anchor && to.endsWith(".md") && !anchorsOf(await readFile(join(HOUSE, to), "utf8")).has(anchor))
      broken.push(target);
  }
  expect(broken).toEqual([]);
});

test("every document is in the index", async () => {
  const index = await readFile(join(HOUSE, "docs/README.md"), "utf8");
  const missing = documents
    .filter((path) => path.startsWith("docs/") && path !== "docs/README.md")
    .filter((path) => !index.includes(`(${path.slice("docs/".length)})`));
  expect(missing).toEqual([]);
});

test("what the README says of tests is there", async () => {
  const readme = await readFile(join(HOUSE, "README.md"), "utf8");
  const named = [...readme.matchAll(/`((?:test|\.ci)\/[^`\s]+)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(HOUSE, path)))).toEqual([]);
});
