// The headers of c/ are what the sources say.

import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { LAYOUT_OF_HEADER, prototypes } from "./header.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test("the headers of c/ are those that the sources make", () => {
  const { status, stderr } = spawnSync(process.execPath, ["c/generate-header.mjs", "--check"], { cwd: ROOT });
  expect(String(stderr)).toBe("");
  expect(status).toBe(0);
}, 20_000);

test("every export of the module is in the header with as many words as it takes, and each has a comment", async () => {
  const module = await WebAssembly.compile(await readFile(`${ROOT}/build/mpam.wasm`));
  const header = await readFile(`${ROOT}/c/mpam_wasm.h`, "utf8");
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const found = prototypes(header);
  expect(found.map(({ name }) => name).sort()).toEqual(Object.keys(exports).sort());
  for (const { name, parameters, documented } of found) {
    // What the host sees of an export is how many parameters it has; the first in C is the instance.
    expect([name, parameters.length - 1]).toEqual([name, (exports[name] as () => unknown).length]);
    expect([name, documented]).toEqual([name, true]);
  }
});

test("the layout of the header is that of the machines that the module makes", async () => {
  const header = await readFile(`${ROOT}/c/mpam_wasm.h`, "utf8");
  const { recordPowerOn } = await import("../../src/machine/index.ts");
  const { loadPlatform } = await import("../../src/platform/index.ts");
  const { layout } = await recordPowerOn(await loadPlatform(`${ROOT}/platforms/minimal.yaml`));
  expect(Number(LAYOUT_OF_HEADER.exec(header)?.[1])).toBe(layout);
});
