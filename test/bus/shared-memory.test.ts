// Registers that are changed bit by bit, of either width (linux-driver.md 12.2).

import { expect, test } from "vitest";
import { changer, flag, SharedMemory } from "../../src/bus/shared-memory.ts";

const AT = 0x9000_1000;

/** One word of memory, and who touched it. */
function wordOf(value: bigint) {
  const accesses: string[] = [];
  const state = { value };
  const port = {
    load32: (cpu: number, space: string, address: number) => {
      accesses.push(`load32 cpu ${cpu} ${space} ${address === AT}`);
      return Number(BigInt.asIntN(32, state.value));
    },
    store32: (cpu: number, space: string, address: number, to: number) => {
      accesses.push(`store32 cpu ${cpu} ${space} ${address === AT}`);
      state.value = BigInt(to);
    },
    read: ({ cpu, space, address, bytes }: { cpu: number; space: string; address: number; bytes: number }) => {
      accesses.push(`read ${bytes} cpu ${cpu} ${space} ${address === AT}`);
      return state.value;
    },
    write: (to: { cpu: number; space: string; address: number; bytes: number; value: bigint }) => {
      accesses.push(`write ${to.bytes} cpu ${to.cpu} ${to.space} ${to.address === AT}`);
      state.value = to.value;
    },
  };
  return { accesses, state, memory: new SharedMemory(port, () => 2, "a mailbox") };
}

test("a register of 4 bytes keeps what is preserved, gets what is set, and loses the rest", () => {
  const { accesses, state, memory } = wordOf(0xf0f0_00f1n);
  changer(memory, { address: AT, bytes: 4, preserve: 0xffff_0000n, set: 0x8000_0004n })();
  expect(state.value).toBe(0xf0f0_0004n);
  expect(accesses).toEqual(["load32 cpu 2 ns true", "store32 cpu 2 ns true"]);
});

test("a register of 8 bytes is one access of 8 bytes", () => {
  const { accesses, state, memory } = wordOf(0xf0f0_0000_0000_00f1n);
  changer(memory, { address: AT, bytes: 8, preserve: 0xffff_0000_0000_0000n, set: 0x1_0000_0000n })();
  expect(state.value).toBe(0xf0f0_0001_0000_0000n);
  expect(accesses).toEqual(["read 8 cpu 2 ns true", "write 8 cpu 2 ns true"]);
});

test.each([
  [4, 0x8000_0000n, 0x8000_0001n, 1n],
  [8, 0x1_0000_0000n, 0x1_0000_0001n, 1n],
] as const)("bits of %i bytes are set or not, and cleared with the others left alone", (bytes, mask, value, left) => {
  const { state, memory } = wordOf(value);
  const bits = flag(memory, { address: AT, bytes, mask });
  expect(bits.isSet()).toBe(true);
  bits.clear();
  expect([state.value, bits.isSet()]).toEqual([left, false]);
});

test("an access by nobody is ENXIO", () => {
  const { accesses } = wordOf(0n);
  const memory = new SharedMemory(
    { load32: () => 0, store32: () => {}, read: () => 0n, write: () => {} },
    () => undefined,
    "mailbox 5",
  );
  expect(() => memory.load32(AT)).toThrow("ENXIO: mailbox 5: no cpu that reaches it is online");
  expect(() => memory.store64(AT, 0n)).toThrow("ENXIO");
  expect(accesses).toEqual([]);
});
