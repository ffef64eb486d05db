// Until the hardware has the whole memory system, a platform that asks for it is refused in words.

import { expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject, loadPlatform } from "../../src/platform/index.ts";

const CACHE = { level: 3, bytes: 65536, ways: 16 };

test.each<[{ channels?: number; caches?: object[]; lineBytes?: number }, string]>([
  [{ caches: [{ ...CACHE, slices: 2 }] }, "one cache of one slice"],
  [{ caches: [CACHE, { ...CACHE, level: 2 }] }, "one cache of one slice"],
  [{ caches: [{ ...CACHE, policy: "plru" }] }, "policy lru"],
  [{ caches: [{ ...CACHE, inclusive: true }] }, "no inclusive, no relabelOnWriteHit and mbwu downstream"],
  [{ channels: 2 }, "one memory channel"],
  [{ lineBytes: 32 }, "lines of 64 bytes"],
  [{ caches: [{ ...CACHE, msc: { base: 0, mbw: { bwaWd: 7, window: "fixed" } } }] }, "mbw.window paced"],
])("%j", async ({ channels = 1, ...keys }, what) => {
  const memory = [{ bytes: 2 ** 30, bytesPerSecond: 1e9, channels }];
  const platform = checkObject({ name: "t", cpus: 1, processor: { partidMax: 1, pmgMax: 0 }, memory, ...keys });
  await expect(Machine.create(platform)).rejects.toThrow(
    new RangeError(`the hardware of this version simulates ${what} only`),
  );
});

test("two-sockets is one of them", async () => {
  const platform = await loadPlatform(new URL("../../platforms/two-sockets.yaml", import.meta.url));
  await expect(Machine.create(platform)).rejects.toThrow(RangeError);
});
