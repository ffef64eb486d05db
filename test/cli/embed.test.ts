// mpam embed as a person runs it: a board of C holds what the machine of this package was told.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { mpam } from "../helpers/command-line.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-embed-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Summary {
  readonly layout: number;
  readonly bytes: number;
  readonly symbol: string;
  readonly files: readonly string[];
  readonly calls: readonly (readonly [name: string, ...words: string[]])[];
  readonly mscs: readonly { readonly name: string; readonly spaces: number }[];
  readonly regions: readonly { readonly base: number; readonly what: string }[];
  readonly tables: readonly string[];
  readonly deviceTree?: string;
  readonly lacks: readonly string[];
}

async function embedded(platform: string): Promise<Summary> {
  const { code, out, err } = await mpam("embed", "-p", `${ROOT}platforms/${platform}.yaml`, "-o", folder, "--json");
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

/** Any host does as much: the module, a memory, and the calls with words of the width that each takes. */
async function rebuilt({ calls }: Summary): Promise<Buffer> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = await WebAssembly.compile(await readFile(`${ROOT}build/mpam.wasm`));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  for (const [name, ...words] of calls) {
    const call = exports[name] as (...args: unknown[]) => unknown;
    const wide = WIDE[name] ?? [];
    call(...words.map((word, i) => (wide.includes(i) ? BigInt(word) : Number(word))));
  }
  return Buffer.from(memory.buffer);
}

/** u64 in assembly/build.ts and assembly/topology.ts. */
const WIDE: Readonly<Record<string, readonly number[]>> = {
  configure: [3],
  addCache: [8],
  addNode: [1, 2],
  addMsc: [12],
  addPe: [8],
};

test.each(["one-socket", "everything", "t241", "firmware-backed", "big-little"])(
  "the calls of a board make the machine that power-on makes, byte for byte: %s",
  async (name) => {
    const summary = await embedded(name);
    const machine = await Machine.create(await loadPlatform(`${ROOT}platforms/${name}.yaml`));
    const built = await rebuilt(summary);
    expect(built.length).toBe(summary.bytes);
    expect(Buffer.compare(built, Buffer.from(machine.inside.memory.buffer))).toBe(0);
    expect(summary.layout).toBe(machine.inside.hardware.attach());
  },
  30_000,
);

test("the address map is in order, and the tables are whole", async () => {
  const { regions, tables, mscs, lacks } = await embedded("four-spaces");
  expect(mscs).toMatchObject([
    { name: "L3 0", address: 0x1_4100_0000, spaces: 0xf, errorLine: 64, overflowLine: 65 },
    { name: "node 0", address: 0x1_4200_0000, spaces: 0xf, errorLine: 66, overflowLine: 0 },
  ]);
  expect(regions.map(({ base }) => base)).toEqual([0x1_4100_0000, 0x1_4200_0000]);
  const bytes = tables.map((hex) => Buffer.from(hex, "hex"));
  expect(bytes.map((one) => one.toString("latin1", 0, 4))).toContain("MPAM");
  for (const one of bytes) {
    expect(one.readUInt32LE(4)).toBe(one.length);
    expect(one.reduce((sum, byte) => (sum + byte) & 0xff, 0)).toBe(0);
  }
  expect(lacks).toEqual([]);
});

test("what C does not have of a platform is said, even quietly", async () => {
  expect((await embedded("firmware-backed")).lacks).toEqual(["2 mailboxes to firmware"]);
  expect((await embedded("io")).lacks).toEqual(["registers of 1 SMMU"]);
  expect((await embedded("t241")).lacks).toEqual(["the shadow registers of erratum T241-MPAM-1"]);
  const { out } = await mpam("embed", "-q", "-p", `${ROOT}platforms/io.yaml`, "-o", folder);
  expect(out).toBe("Not in C: registers of 1 SMMU. docs/embedding.md says what to do.\n");
});

test("a board of a device tree has that in place of tables", async () => {
  const { tables, deviceTree } = await embedded("android");
  expect([tables, deviceTree?.slice(0, 8)]).toEqual([[], "d00dfeed"]);
});

test("whatever a platform is called, its files stay in the folder and are C", async () => {
  const text = await readFile(`${ROOT}platforms/minimal.yaml`, "utf8");
  const named = text.replace(/^name: .*$/m, 'name: "../../x */ ä \\" 9"').replace(/^description: .*\n/m, "");
  const [from, to] = [join(folder, "named.yaml"), join(folder, "named")];
  await writeFile(from, named);
  const { code, out } = await mpam("embed", "-p", from, "-o", to, "--json");
  expect(code).toBe(0);
  expect((JSON.parse(out) as Summary).symbol).toBe("mpam_board_x_9");
  expect((await readdir(to)).sort()).toEqual(["x-9.c", "x-9.h"]);
  const source = await readFile(join(to, "x-9.c"), "utf8");
  expect(source.split("\n")[0]).toMatch(/^\/\* The board \.\.\/\.\.\/x \* \/ ä " 9, by mpam embed\..* \*\/$/);
  expect(source).toContain('.name = "../../x */ _ _ 9",');
});

test("a folder that cannot be is one line, and exit code 2", async () => {
  const { code, out, err } = await mpam("embed", "-o", "/dev/null/x");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toBe("mpam: /dev/null/x: cannot be made (ENOTDIR)\n");
});
