// docs/api.md: each section is a program that compiles against the package, runs on it, and prints what it says.

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transformSync } from "esbuild";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Within the package, so that its name leads to what was built. */
const folder = join(root, "dist/api-docs");
const run = promisify(execFile);

interface Program {
  readonly name: string;
  readonly code: string;
  /** Lines, as the comments have them. */
  readonly prints: readonly string[];
}

/** A section's blocks, one after the other. */
function programs(): Program[] {
  const sections = readFileSync(join(root, "docs/api.md"), "utf8").split(/^## /m).slice(1);
  return sections.map((section) => {
    const blocks = [...section.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? "");
    const name =
      section
        .split("\n", 1)[0]
        ?.toLowerCase()
        .replace(/[^a-z]+/g, "-") ?? "";
    return { name, code: blocks.join(""), prints: printed(blocks.join("")) };
  });
}

/** Behind the call of console.log; or on lines of their own that begin the line, where something prints later. */
function printed(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$|^\/\/ (.*)$/gm)].map(
    ([, behind, own]) => behind ?? own ?? "",
  );
}

const all = programs();

test("every section of docs/api.md compiles against the package", { timeout: 120_000 }, () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of all) writeFileSync(join(folder, `${name}.ts`), code);
  const host = ts.createProgram({
    rootNames: all.map(({ name }) => join(folder, `${name}.ts`)),
    options: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ["node"],
    },
  });
  const wrong = ts.getPreEmitDiagnostics(host).map(({ file, start = 0, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName.split("/").pop()}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  expect(wrong).toEqual([]);
});

test.each(all)("$name prints what docs/api.md says", { timeout: 60_000 }, async ({ name, code, prints }) => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, transformSync(code, { loader: "ts", format: "esm", target: "es2022" }).code);
  const { stdout } = await run(process.execPath, [file], { cwd: root });
  expect(stdout.trimEnd().split("\n")).toEqual(prints);
});

test("every value that the package exports is in an example", async () => {
  const code = all.map((program) => program.code).join("");
  for (const entry of ["index", "mount", "testing"]) {
    const exported = Object.keys((await import(join(root, `dist/esm/${entry}.js`))) as object);
    expect(exported.length).toBeGreaterThan(3);
    expect(exported.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  }
});
