// Mailboxes, byte by byte: what firmware leaves in the shared memory for what software left there (linux-driver.md 12.1, 12.2).

import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { bytesOf, MAILBOX_ERRORS, MAILBOX_MESSAGES } from "../golden/mailbox-messages.ts";

const SHARED = 0x2_0000_0000;
const COMPLETE = SHARED + 0x1008;
const UPDATE = SHARED + 0x1010;
const DOORBELL = SHARED + 0x1000;
const LATENCY_NS = 5000;

/** MSCs 0 to 7 behind subspace 3. */
function eightMscs(): Promise<Machine> {
  const msc = { mailbox: 3, cpor: { cpbmWd: 8 } };
  const platform = {
    name: "eight",
    cpus: 1,
    processor: { partidMax: 7, pmgMax: 0 },
    mailboxes: [{ subspace: 3, base: SHARED, latencyUsec: LATENCY_NS / 1000 }],
    caches: [{ level: 3, bytes: 8192, ways: 4, slices: 8, msc }],
    memory: [{ node: 0, bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
  };
  return Machine.create(checkObject(platform, "eight"));
}

async function answered(request: string): Promise<Uint8Array> {
  const { bus, clock } = await eightMscs();
  const at = (address: number, bytes: 1 | 4) => ({ cpu: 0, space: "ns", address, bytes }) as const;
  const bytes = bytesOf(request);
  bytes.forEach((byte, i) => void bus.write({ ...at(SHARED + i, 1), value: BigInt(byte) }));
  bus.write({ ...at(UPDATE, 4), value: 0n });
  bus.write({ ...at(DOORBELL, 4), value: 1n });
  await clock.advance(LATENCY_NS);
  expect(bus.read(at(COMPLETE, 4))).toBe(1n);
  return Uint8Array.from(bytes, (_, i) => Number(bus.read(at(SHARED + i, 1))));
}

describe("what is asked of firmware", () => {
  for (const { what, request, answer } of MAILBOX_MESSAGES) {
    test(what, async () => {
      expect(await answered(request)).toEqual(bytesOf(answer));
    });
  }
});

describe("what is refused", () => {
  for (const { what, status, request, answer } of MAILBOX_ERRORS) {
    test(`${what}: ${status}`, async () => {
      const bytes = await answered(request);
      expect(bytes).toEqual(bytesOf(answer));
      expect(new DataView(bytes.buffer).getInt32(16, true)).toBe(status);
    });
  }
});
