import { expect, test } from "vitest";
import { PageBus } from "../../src/bus/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";

/** Register pages that are plain words, and a list of who touched them. */
function fakePort() {
  const words = new Map<string, number>();
  const accesses: unknown[][] = [];
  return {
    accesses,
    read32(msc: number, offset: number, space: string) {
      accesses.push(["read", msc, offset, space]);
      return words.get(`${msc} ${space} ${offset}`) ?? -1;
    },
    write32(msc: number, offset: number, value: number, space: string) {
      accesses.push(["write", msc, offset, value, space]);
      words.set(`${msc} ${space} ${offset}`, value | 0);
    },
  };
}

test("a bus reaches its own MSC, in the Non-secure space unless told otherwise", async () => {
  const port = fakePort();
  await new PageBus(port, 3).write32(0x100, 7);
  await new PageBus(port, 4, "rl").read32(0x18);
  expect(port.accesses).toEqual([
    ["write", 3, 0x100, 7, "ns"],
    ["read", 4, 0x18, "rl"],
  ]);
});

test("values are unsigned both ways, whatever the port hands out", async () => {
  const port = fakePort();
  const bus = new PageBus(port, 0);
  await bus.write32(0, -2);
  expect(port.accesses[0]).toEqual(["write", 0, 0, 0xffff_fffe, "ns"]);
  expect(await bus.read32(0)).toBe(0xffff_fffe);
  expect(await bus.read32(4)).toBe(0xffff_ffff);
});

test("an access has happened when the call returns, so that a handler that cannot wait may use this bus", () => {
  const port = fakePort();
  const bus = new PageBus(port, 0);
  expect(bus.sleeps).toBe(false);
  void bus.write32(8, 1);
  expect(port.accesses).toHaveLength(1);
});

test.each([2, -4, 1.5, Number.NaN])("offset %s is refused and reaches no register", async (offset) => {
  const port = fakePort();
  const bus = new PageBus(port, 0);
  await expect(bus.read32(offset)).rejects.toThrow(ErrnoError);
  await expect(bus.write32(offset, 0)).rejects.toMatchObject({ code: "EINVAL" });
  expect(port.accesses).toEqual([]);
});

test("a port that fails fails the access, as a rejected promise", async () => {
  const port = {
    read32: () => {
      throw new ErrnoError("EIO", "gone");
    },
    write32: () => undefined,
  };
  await expect(new PageBus(port, 0).read32(0)).rejects.toMatchObject({ code: "EIO" });
});
