// Register pages through the physical address map.

import { describe, expect, test } from "vitest";
import { MmioBus } from "../../src/bus/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";

const BASE = 0x1_4000_0000;

/** An address map of plain words, and a list of who touched them. */
function fakeMap() {
  const words = new Map<string, number>();
  const accesses: unknown[][] = [];
  return {
    accesses,
    load32(cpu: number, space: string, address: number, by?: string) {
      accesses.push(["load", cpu, space, address, by]);
      return words.get(`${space} ${address}`) ?? -1;
    },
    store32(cpu: number, space: string, address: number, value: number, by?: string) {
      accesses.push(["store", cpu, space, address, value, by]);
      words.set(`${space} ${address}`, value | 0);
    },
  };
}

describe("a bus over the physical address map", () => {
  test("adds offsets to where firmware says the page is, in the Non-secure space and in the driver's name", async () => {
    const map = fakeMap();
    await new MmioBus(map, BASE, () => 2).write32(0x100, 7);
    await new MmioBus(map, 0x4000, () => 0, "debugger", "rl").read32(0x18);
    expect(map.accesses).toEqual([
      ["store", 2, "ns", 0x1_4000_0100, 7, "driver"],
      ["load", 0, "rl", 0x4018, "debugger"],
    ]);
  });

  test("asks anew for each access which cpu is to make it", async () => {
    const map = fakeMap();
    let cpu = 1;
    const bus = new MmioBus(map, BASE, () => cpu);
    await bus.read32(0);
    cpu = 3;
    await bus.read32(0);
    expect(map.accesses.map((access) => access[1])).toEqual([1, 3]);
  });

  test("touches nothing when no cpu that reaches the page is online: ENXIO", async () => {
    const map = fakeMap();
    const bus = new MmioBus(map, BASE, () => undefined);
    await expect(bus.read32(0)).rejects.toThrow("ENXIO: MSC at 0x140000000: no cpu that reaches it is online");
    await expect(bus.write32(0, 1)).rejects.toMatchObject({ code: "ENXIO" });
    expect(map.accesses).toEqual([]);
  });

  test("gives unsigned values both ways, whatever the map hands out", async () => {
    const map = fakeMap();
    const bus = new MmioBus(map, BASE, () => 0);
    await bus.write32(0, -2);
    expect(map.accesses[0]).toEqual(["store", 0, "ns", BASE, 0xffff_fffe, "driver"]);
    expect([await bus.read32(0), await bus.read32(4)]).toEqual([0xffff_fffe, 0xffff_ffff]);
  });

  test("has made an access when the call returns, so that a handler that cannot wait may use it", () => {
    const map = fakeMap();
    const bus = new MmioBus(map, BASE, () => 0);
    expect(bus.sleeps).toBe(false);
    void bus.write32(8, 1);
    expect(map.accesses).toHaveLength(1);
  });

  test.each([2, -4, 1.5, Number.NaN])("refuses offset %s, and reaches no register", async (offset) => {
    const map = fakeMap();
    const bus = new MmioBus(map, BASE, () => 0);
    await expect(bus.read32(offset)).rejects.toThrow(ErrnoError);
    await expect(bus.write32(offset, 0)).rejects.toMatchObject({ code: "EINVAL" });
    expect(map.accesses).toEqual([]);
  });

  test("fails with what the map says, as a rejected promise", async () => {
    const gone = () => {
      throw new ErrnoError("ENXIO", "nothing answers");
    };
    const bus = new MmioBus({ load32: gone, store32: gone }, BASE, () => 0);
    await expect(bus.read32(0)).rejects.toThrow("nothing answers");
    await expect(bus.write32(0, 0)).rejects.toMatchObject({ code: "ENXIO" });
  });
});
