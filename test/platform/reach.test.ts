// How MSCs are reached, and the defects they have: what a file may say, and where it lies in the address map.

import { expect, test } from "vitest";
import { addressMap, checkObject, PlatformError, shadowWindow } from "../../src/platform/index.ts";

const MAILBOX = { base: 0x9000_0000 };
const CONTROLS = { mbw: { bwaWd: 7, min: true }, mbwu: { monitors: 1, counter: 44 } };

/** One memory node with this MSC; `keys` of the machine. */
function platformOf(msc: object, keys: object = {}) {
  return checkObject({
    name: "t",
    cpus: 2,
    processor: { partidMax: 3, pmgMax: 1 },
    memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s", msc: { ...CONTROLS, ...msc } }],
    ...keys,
  });
}

function refusal(msc: object, keys: object = {}): string[] {
  try {
    platformOf(msc, keys);
  } catch (error) {
    if (error instanceof PlatformError) return error.message.split("\n");
    throw error;
  }
  return [];
}

test("a mailbox has 256 bytes, five microseconds and no interrupt unless the file says otherwise", () => {
  const { mailboxes, memory } = platformOf({ mailbox: 0 }, { mailboxes: [MAILBOX] });
  expect(mailboxes).toEqual([{ subspace: 0, base: 0x9000_0000, bytes: 256, latencyUsec: 5, interrupt: 0 }]);
  expect(memory[0]?.msc).toMatchObject({ mailbox: 0, power: "kept", errata: [] });
  expect(memory[0]?.msc).not.toHaveProperty("base");
});

test.each([
  ["neither way", {}, {}, /msc has neither base nor mailbox; one of them is needed$/],
  ["both ways", { base: 0, mailbox: 0 }, { mailboxes: [MAILBOX] }, /msc\.mailbox stands beside base; one of them/],
  [
    "no such mailbox",
    { mailbox: 3 },
    { mailboxes: [MAILBOX] },
    /mailbox is 3; a subspace of mailboxes \(0\) is allowed$/,
  ],
  [
    "a device tree",
    { mailbox: 0 },
    { mailboxes: [MAILBOX], firmware: "dt" },
    /stands with firmware: dt; acpi is allowed$/,
  ],
  [
    "a mailbox twice",
    { mailbox: 0 },
    { mailboxes: [MAILBOX, { base: 0x9001_0000, subspace: 0 }] },
    /mailboxes\[1\]\.subspace is 0 again; each number is allowed once$/,
  ],
  [
    "a base between pages",
    { mailbox: 0 },
    { mailboxes: [{ base: 0x9000_1000 }] },
    /base is 0x90001000; a multiple of 64/,
  ],
  [
    "half a word",
    { mailbox: 0 },
    { mailboxes: [{ ...MAILBOX, bytes: 254 }] },
    /bytes is 254; a multiple of 4 is allowed$/,
  ],
  ["too small for a message", { mailbox: 0 }, { mailboxes: [{ ...MAILBOX, bytes: 28 }] }, /bytes is 28; .*32 to 4096/],
  [
    "a mailbox over a page",
    { base: 0x9000_0000 },
    { mailboxes: [MAILBOX] },
    /mailboxes\[0\]\.base: the mailbox at .* overlaps/,
  ],
])("%s is refused", (_, msc, keys, message) => {
  const lines = refusal(msc, keys);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(message);
});

test.each([
  ["T241-MPAM-1", { mailbox: 0 }, "base and mbw.max"],
  ["T241-MPAM-4", { base: 0, mbw: { bwaWd: 7 } }, "mbw with max and min"],
  ["T241-MPAM-6", { base: 0, mbwu: { monitors: 1, counter: 63, scale: 6 } }, "mbwu with scale 0"],
  ["CMN-650-3642720", { base: 0 }, "csu with nrdy hw"],
])("%s needs what it is about", (erratum, msc, needs) => {
  const lines = refusal({ ...msc, errata: [erratum] }, { mailboxes: [MAILBOX] });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`errata[0] is ${erratum}; it needs ${needs}`);
});

test("an unknown erratum is refused with those that are known", () => {
  expect(refusal({ base: 0, errata: ["T241-MPAM-9"] }).join()).toMatch(/T241-MPAM-1, T241-MPAM-4, .* are allowed/);
});

test("shadow registers lie where bits 44 and 43 of the page say, once for a chip", () => {
  // 0x1000_0000_0000 is bit 44: chip 2, at (2 << 44) + 0x1900_0000.
  expect(shadowWindow(0x1000_1234_0000)).toBe(0x2000_1900_0000);
  expect(shadowWindow(0x0800_0000_0000)).toBe(0x1000_1900_0000);
  const msc = { base: 0x1000_1234_0000, errata: ["T241-MPAM-1"] };
  const platform = platformOf(msc, { mailboxes: [MAILBOX] });
  expect(addressMap(platform).map(({ what, start, bytes }) => [what, start, bytes])).toEqual([
    ["register page", 0x1000_1234_0000, 0x1_0000],
    ["mailbox", 0x9000_0000, 0x1_0000],
    ["shadow window", 0x2000_1900_0000, 0x80_0000],
  ]);
  expect(refusal(msc, { mailboxes: [{ base: 0x2000_1980_0000 - 0x1_0000 }] })[0]).toMatch(/overlaps/);
  expect(refusal(msc, { mailboxes: [{ base: 0x2000_1980_0000 }] })).toEqual([]);
});
