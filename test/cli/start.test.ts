// What the built command loads, and when: who asks for help waits for nothing that reads traces and platforms.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

interface Import {
  readonly path: string;
  readonly kind: string;
  readonly external?: boolean;
}

interface Output {
  readonly imports: readonly Import[];
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { outputs } = JSON.parse(readFileSync(at("dist/metafile.json"), "utf8")) as {
  outputs: Readonly<Record<string, Output>>;
};

/** The built file that holds a source. */
function fileOf(source: string): string {
  const found = Object.keys(outputs).find((name) => (outputs[name]?.inputs[source]?.bytesInOutput ?? 0) > 0);
  if (found === undefined) throw new Error(`${source} is in no file of dist`);
  return found;
}

/** Sources and packages that are there once a built file is loaded; what it loads later is not among them. */
function loadedWith(name: string, seen = new Set<string>()): Set<string> {
  const loaded = new Set<string>();
  if (seen.has(name)) return loaded;
  seen.add(name);
  for (const [source, { bytesInOutput }] of Object.entries(outputs[name]?.inputs ?? {})) {
    if (bytesInOutput > 0) loaded.add(/.*node_modules\/([^/]+)/.exec(source)?.[1] ?? source);
  }
  for (const { path, kind, external } of outputs[name]?.imports ?? []) {
    if (kind !== "import-statement") continue;
    if (external) loaded.add(path);
    else for (const one of loadedWith(path, seen)) loaded.add(one);
  }
  return loaded;
}

const packages = (loaded: Iterable<string>) =>
  [...loaded].filter((one) => !/^(src|assembly|build)\/|^node:/.test(one)).sort();

test("before a command is given, nothing is loaded but its words", () => {
  const entry = loadedWith("dist/esm/cli.js");
  const program = loadedWith(fileOf("src/cli/program.ts"));
  expect(packages([...entry, ...program])).toEqual(["commander"]);
  expect([...entry, ...program].filter((one) => one.startsWith("src/") && !one.startsWith("src/cli/"))).toEqual([]);
  const later = outputs["dist/esm/cli.js"]?.imports.filter(({ kind }) => kind === "dynamic-import");
  expect(later?.map(({ path }) => path)).toEqual([fileOf("src/cli/program.ts")]);
});

test("a command loads what it needs: probe nothing of Arrow, replay nothing that writes", () => {
  const probe = loadedWith(fileOf("src/cli/probe.ts"));
  // What reads a platform file is loaded when there is one.
  expect(packages(probe)).toEqual(["valibot"]);
  expect(probe).not.toContain("src/trace/open-trace.ts");
  const replay = loadedWith(fileOf("src/cli/replay.ts"));
  expect(packages(replay)).toEqual(["valibot", "yaml"]);
  for (const form of ["html", "svg", "csv", "arrow"]) expect(replay).not.toContain(`src/report/${form}.ts`);
  const reading = loadedWith(fileOf("src/trace/arrow-trace.ts"));
  expect(reading).toContain("apache-arrow");
  expect(reading).not.toContain("src/trace/arrow-write.ts");
});

test("a program that uses the package loads nothing of Arrow before it opens a trace", () => {
  for (const entry of ["index", "inline"]) {
    expect(packages(loadedWith(`dist/esm/${entry}.js`))).toEqual(["valibot", "yaml"]);
  }
});

test("the command knows its version, and licenses of what was taken in come with it", () => {
  const { version } = JSON.parse(readFileSync(at("package.json"), "utf8")) as { version: string };
  const printed = execFileSync(process.execPath, [at("dist/esm/cli.js"), "--version"], { encoding: "utf8" });
  expect(printed).toBe(`${version}\n`);
  const licenses = readFileSync(at("dist/esm/LICENSES.txt"), "utf8");
  const taken = Object.values(outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).flatMap((source) => /node_modules\/([^/]+)/.exec(source)?.[1] ?? []),
  );
  expect(taken).toContain("yaml");
  for (const name of new Set(taken)) expect(licenses).toMatch(new RegExp(`^${name} [0-9.]+$`, "m"));
});
