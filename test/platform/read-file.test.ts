import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadPlatform } from "../../src/platform/index.ts";

const SMALL = `name: small
cpus: 1
processor: { partidMax: 1, pmgMax: 0 }
caches: [{ level: 3, bytes: 64 KiB, ways: 16, msc: { base: 0x1_4100_0000, cpor: { cpbmWd: 8 } } }]
memory: [{ bytes: 1 GiB, bytesPerSecond: 1 GB/s }]
`;

async function written(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "platform-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "a.yaml");
  await writeFile(path, text);
  return path;
}

test("a file is read whole, also where it is longer than a piece and a letter lies across two", async () => {
  const long = `${SMALL}description: ${"é".repeat(100_001)}\n`;
  const platform = await loadPlatform(await written(long));
  expect(platform).toMatchObject({ name: "small", description: "é".repeat(100_001) });
});

test.each(["/dev/zero", "more than 16 MiB"])("%s is refused in a line", async (what) => {
  const path = what.startsWith("/") ? what : await written("#".repeat(16 * 2 ** 20 + 1));
  await expect(loadPlatform(path)).rejects.toThrow(/: is longer than 16 MiB; no platform file is$/);
});

test("a file that is not there is named with its errno", async () => {
  await expect(loadPlatform("/nowhere.yaml")).rejects.toThrow("/nowhere.yaml: cannot be read (ENOENT)");
});
