import { expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { estimateMemory, parsePlatform } from "../../src/platform/index.ts";
import { SMALL, small } from "./small.ts";

/** Bytes of WebAssembly memory that a machine has: a snapshot is 16 bytes, some JSON, and that memory. */
async function footprint(text: string): Promise<{ estimated: number; taken: number }> {
  const platform = parsePlatform(text);
  const snapshot = (await Machine.create(platform)).snapshot();
  const json = new DataView(snapshot.buffer, snapshot.byteOffset).getUint32(12, true);
  return { estimated: estimateMemory(platform).bytes, taken: snapshot.length - 16 - json };
}

test.each([
  ["a small machine", SMALL],
  ["a large cache", small("64 KiB", "64 MiB")],
  ["a cache of one way", small("ways: 16", "ways: 1")],
  ["every PARTID there can be", small("partidMax: 7", "partidMax: 65535")],
  [
    "every PARTID with portions that fill many words",
    small("partidMax: 7", "partidMax: 65535").replace("cpbmWd: 8", "cpbmWd: 1024"),
  ],
  ["more portions than ways, in a cache of one way", small("cpbmWd: 8", "cpbmWd: 1024").replace("ways: 16", "ways: 1")],
  ["every monitor there can be", small("monitors: 2", "monitors: 65535")],
  ["one label", small("cpus: 4", "cpus: 4\nowners: 1")],
])("%s takes no more memory than was estimated, and not much less", async (_, text) => {
  const { estimated, taken } = await footprint(text);
  // Memory comes in pages of 64 KiB.
  expect(taken).toBeLessThanOrEqual(estimated + 65_536);
  expect(taken).toBeGreaterThan(estimated / 2 - 2 ** 19);
});
