// The published board test: 64 partitions of a cache of 8 portions, and the register writes behind one command (more.md 4.3).

import { expect, test } from "vitest";
import { Android } from "../../src/android/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

const platform = new URL("../../platforms/android.yaml", import.meta.url);

test("the board has 64 partitions of 8 portions, and 4-5 for partition 45 is PART_SEL 0x2d, CPBM 0x30", async () => {
  const machine = await Machine.create(await loadPlatform(platform));
  const android = await Android.load(machine);
  expect(await android.readdir("mpam")).toEqual(["cmax_nbits", "cpbm_nbits", "partitions"]);
  expect(await android.readdir("mpam/partitions")).toHaveLength(64);
  expect(await android.readFile("mpam/cpbm_nbits")).toBe("8\n");
  for (let partid = 0; partid < 64; partid++) {
    expect(await android.readFile(`mpam/partitions/${partid}/cpbm`)).toBe("0-7\n");
  }
  const writes: [string, number][] = [];
  machine.log("write", ({ register, value }) => void writes.push([register, value]));
  await android.writeFile("mpam/partitions/45/cpbm", "4-5\n");
  expect(writes).toEqual([
    ["MPAMCFG_PART_SEL", 0x2d],
    ["MPAMCFG_CPBM0", 0x30],
  ]);
  expect(await android.readFile("mpam/partitions/45/cpbm")).toBe("4-5\n");
  expect(await android.readFile("mpam/partitions/44/cpbm")).toBe("0-7\n");
});
