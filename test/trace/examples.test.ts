import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ImportOptions, importTrace, openTrace, packTrace, traceInfo } from "../../src/trace/index.ts";
import { TOOL } from "../../src/trace/metadata.ts";
import { rowsOf, text } from "./recordings.ts";

const directory = new URL("../../examples/traces/", import.meta.url).pathname;

async function inTemporary(body: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), "trace-"));
  try {
    await body(path);
  } finally {
    await rm(path, { recursive: true });
  }
}

// The numbers of accesses are those that the recordings were cut to; splitting at lines moves no byte and adds records.
test.each([
  ["polite", 2_000_000, 1024 * 1024],
  ["greedy", 2_300_000, 4 * 1024 * 1024],
])("the recorded %s program has its accesses, and the working set its README names", async (name, accesses, limit) => {
  const trace = await openTrace(`${directory}${name}.arrow.br`);
  const info = await traceInfo(trace);
  expect(info.total.reads + info.total.writes).toBe(trace.records);
  expect(trace.records).toBeGreaterThanOrEqual(accesses);
  expect(trace.records).toBeLessThan(accesses * 1.2);
  expect(info.total.instructions).toBe(0);
  const readme = await readFile(`${directory}README.md`, "utf8");
  const number = (n: number) => n.toLocaleString("en-US");
  for (const n of [info.total.dataLines, trace.records, info.total.reads, info.total.writes])
    expect(readme).toContain(number(n));
  if (name === "polite") expect(info.total.dataLines * 64).toBeLessThan(limit);
  else expect(info.total.dataLines * 64).toBeGreaterThan(limit);
  expect(trace.addressRule).toBe("dense");
  expect(trace.metadata?.form).toBe("packed");
});

test("the name of the tool in the metadata is that of the package", async () => {
  const { name, version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  expect(TOOL).toBe(`${name} ${version}`);
});

test("files are written whole, under their names, in the packing their ending asks for", () =>
  inTemporary(async (path) => {
    const recording = join(path, "a.lackey");
    await writeFile(recording, text(["I  1000,4", " L 2000,8", " S 3000,8"]));
    const expected = [
      [0, 0, 4, 2, 0],
      [0, 4096, 8, 0, 0],
      [0, 8192, 8, 1, 0],
    ];
    for (const name of ["a.arrow", "a.arrow.gz", "a.arrow.br"]) {
      await importTrace(recording, join(path, name));
      expect(await rowsOf(await openTrace(join(path, name)))).toEqual(expected);
    }
    await packTrace(await openTrace(join(path, "a.arrow")), join(path, "b.arrow.br"), { form: "columns", quality: 11 });
    expect(await rowsOf(await openTrace(join(path, "b.arrow.br")))).toEqual(expected);
    expect((await readdir(path)).sort()).toEqual(["a.arrow", "a.arrow.br", "a.arrow.gz", "a.lackey", "b.arrow.br"]);
  }));

test("after a failure nothing half-written stays, and what was there before is untouched", () =>
  inTemporary(async (path) => {
    await writeFile(join(path, "a.lackey"), text([" L 1000,8", " L 20"]).slice(0, -1));
    await writeFile(join(path, "out.arrow.gz"), "before");
    await writeFile(join(path, "short.trace"), Uint8Array.from([25, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1]));
    const attempts: [string, ImportOptions][] = [
      ["a.lackey", {}],
      ["short.trace", {}],
      ["missing", {}],
      ["a.lackey", { pageBytes: 3 }],
    ];
    for (const [name, options] of attempts) {
      await expect(importTrace(join(path, name), join(path, "out.arrow.gz"), options)).rejects.toThrow();
    }
    await expect(importTrace(join(path, "a.lackey"), join(path, "no/such/directory.arrow"))).rejects.toMatchObject({
      code: "ENOENT",
    });
    expect((await readdir(path)).sort()).toEqual(["a.lackey", "out.arrow.gz", "short.trace"]);
    expect(await readFile(join(path, "out.arrow.gz"), "utf8")).toBe("before");
  }));
