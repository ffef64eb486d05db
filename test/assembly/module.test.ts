// The built hardware as a binary. A further instance on a live memory must change nothing there, so nothing in the module may
// run, copy or hold anything by itself (design section 5).

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { mutability, SECTION, sections } from "./wasm-binary.ts";

const ROOT = new URL("../../", import.meta.url);

function built(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`build/${name}`, ROOT)));
}

const BUILDS = [{ name: "mpam.wasm" }, { name: "mpam.shared.wasm" }, { name: "mpam.scalar.wasm" }];

describe.each(BUILDS)("the module $name", ({ name }) => {
  const bytes = built(name);
  const module = new WebAssembly.Module(bytes);
  const ids = sections(bytes).map(({ id }) => id);

  test("asks its host for a memory, and for nothing else but abort", () => {
    const imports = WebAssembly.Module.imports(module);
    expect(imports).toContainEqual({ module: "env", name: "memory", kind: "memory" });
    for (const wanted of imports) expect(["env.memory", "env.abort"]).toContain(`${wanted.module}.${wanted.name}`);
  });

  test("has no global that may change", () => {
    const globals = sections(bytes).filter(({ id }) => id === SECTION.global);
    expect(globals.flatMap(({ body }) => mutability(body))).not.toContain(true);
    expect(WebAssembly.Module.exports(module).map(({ kind }) => kind)).not.toContain("global");
  });

  test("writes no data into memory when it is instantiated", () => {
    expect(ids).not.toContain(SECTION.data);
    expect(ids).not.toContain(SECTION.dataCount);
  });

  test("runs nothing when it is instantiated, nor has a start that a host would call by custom", () => {
    expect(ids).not.toContain(SECTION.start);
    const names = WebAssembly.Module.exports(module).map((one) => one.name);
    for (const custom of ["_start", "_initialize", "start", "__start", "main"]) expect(names).not.toContain(custom);
  });
});

test("all builds offer the same", () => {
  const [plain, shared, scalar] = BUILDS.map(({ name }) =>
    WebAssembly.Module.exports(new WebAssembly.Module(built(name))),
  );
  expect(plain?.length).toBeGreaterThan(0);
  expect(shared).toEqual(plain);
  expect(scalar).toEqual(plain);
});

test("only the shared build takes a shared memory, and only the plain one a plain memory", async () => {
  const takes = async (name: string, shared: boolean): Promise<boolean> => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared });
    const env = { memory, abort: () => undefined };
    return WebAssembly.instantiate(new WebAssembly.Module(built(name)), { env }).then(
      () => true,
      () => false,
    );
  };
  expect([await takes("mpam.wasm", false), await takes("mpam.wasm", true)]).toEqual([true, false]);
  expect([await takes("mpam.shared.wasm", false), await takes("mpam.shared.wasm", true)]).toEqual([false, true]);
});

test("the compiler is one exact version", () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  expect(devDependencies.assemblyscript).toMatch(/^\d+\.\d+\.\d+$/);
  const lock = JSON.parse(readFileSync(new URL("package-lock.json", ROOT), "utf8")) as {
    packages: Record<string, { version?: string }>;
  };
  expect(lock.packages["node_modules/assemblyscript"]?.version).toBe(devDependencies.assemblyscript);
});

describe("the look at a binary finds", () => {
  const HEAD = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

  test("a start function and a data segment", () => {
    // Type () -> (), one function of it, one page of memory, start 0, an empty body, one byte of data at 0.
    const parts = [
      [1, 4, 1, 0x60, 0, 0],
      [3, 2, 1, 0],
      [5, 3, 1, 0, 1],
      [8, 1, 0],
      [10, 4, 1, 2, 0, 0x0b],
      [11, 7, 1, 0, 0x41, 0, 0x0b, 1, 42],
    ];
    const bytes = new Uint8Array([...HEAD, ...parts.flat()]);
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(sections(bytes).map(({ id }) => id)).toEqual([1, 3, 5, SECTION.start, 10, SECTION.data]);
  });

  test("which of several globals may change", () => {
    // i32 constant 300, i64 variable 7, f32 constant 0.
    const body = [3, 0x7f, 0, 0x41, 0xac, 0x02, 0x0b, 0x7e, 1, 0x42, 7, 0x0b, 0x7d, 0, 0x43, 0, 0, 0, 0, 0x0b];
    const bytes = new Uint8Array([...HEAD, SECTION.global, body.length, ...body]);
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(sections(bytes).flatMap((section) => mutability(section.body))).toEqual([false, true, false]);
  });
});
