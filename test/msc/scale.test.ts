/** Scaled bandwidth counts: what VALUE shows, how it rounds, and where it overflows. */
import { describe, expect, test } from "vitest";
import { offsetOf, wordOf } from "../golden/registers.ts";
import { get, put } from "../helpers/registers.ts";
import { type MscSubject, memoryConfig, range, type SubjectConfig, type SubjectRecord } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const LARGEST = 0x7fff_ffff;

const channel = (scale: number, different: Partial<SubjectConfig> = {}): SubjectConfig =>
  memoryConfig({
    captEvents: [1],
    ris: [{ ris: 0, mbw: { bwaWd: 4 }, mbwu: { monitors: 1, counter: 44, scale, capture: true } }],
    ...different,
  });

function control(msc: MscSubject, fields: Readonly<Record<string, number>> = {}): void {
  put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, SCLEN: 1, ...fields });
}

/** Reads of so many bytes, at most 64 at a time. */
function bytes(count: number): SubjectRecord[] {
  const whole = range(0, Math.floor(count / 64)).map((line) => ({ line, requester: 0, op: 0, bytes: 64 }));
  return count % 64 === 0 ? whole : [...whole, { line: 9, requester: 0, op: 0, bytes: count % 64 }];
}

describe.each(factories)("scaled counts of the $name", ({ create }) => {
  test.each([
    [
      "nearest",
      [
        [7, 0],
        [1, 1],
        [15, 1],
        [1, 2],
        [40, 4],
      ],
    ],
    [
      "floor",
      [
        [7, 0],
        [8, 0],
        [1, 1],
        [15, 1],
        [1, 2],
      ],
    ],
  ] as const)("round to the %s", async (scaleRounding, steps) => {
    const msc = await create(channel(4, { scaleRounding }));
    control(msc);
    for (const [more, shown] of steps) {
      msc.run(bytes(more));
      expect(get(msc, "MSMON_MBWU")).toBe(shown);
    }
  });

  test("round to the nearest when nothing is said", async () => {
    const msc = await create(channel(1));
    control(msc);
    msc.run(bytes(1));
    expect(get(msc, "MSMON_MBWU")).toBe(1);
  });

  test("are of the short number only, and only while SCLEN is set", async () => {
    const msc = await create(channel(6));
    control(msc);
    msc.run(bytes(64 * 5 + 31));
    expect([get(msc, "MSMON_MBWU"), msc.read64(offsetOf("MSMON_MBWU_L"))]).toEqual([5, 351n]);
    control(msc, { SCLEN: 0 });
    expect(get(msc, "MSMON_MBWU")).toBe(351);
    msc.run(bytes(1));
    control(msc);
    expect(get(msc, "MSMON_MBWU")).toBe(6);
  });

  test.each([1, 4, 17, 31])("written with SCALE %i stand for that many bytes", async (scale) => {
    const msc = await create(channel(scale));
    control(msc);
    put(msc, "MSMON_MBWU", 0x123);
    expect(get(msc, "MSMON_MBWU")).toBe(0x123);
    msc.run(bytes(64));
    const shown = Math.floor((0x123 * 2 ** scale + 64 + 2 ** (scale - 1)) / 2 ** scale);
    expect(get(msc, "MSMON_MBWU")).toBe(shown);
    expect(msc.read64(offsetOf("MSMON_MBWU_L"))).toBe(64n);
  });

  test.each(["nearest", "floor"] as const)(
    "never show more than the largest, and overflow when the bytes do (%s)",
    async (scaleRounding) => {
      const msc = await create(channel(4, { scaleRounding }));
      control(msc, { OFLOW_INTR: 1 });
      put(msc, "MSMON_MBWU", LARGEST);
      msc.run(bytes(15));
      expect(get(msc, "MSMON_MBWU")).toBe(LARGEST);
      expect(get(msc, "MSMON_CFG_MBWU_CTL") & 0x0400_0000).toBe(0);
      expect(msc.interrupts()).toEqual([]);
      msc.run(bytes(1));
      expect(get(msc, "MSMON_MBWU")).toBe(0);
      expect(get(msc, "MSMON_CFG_MBWU_CTL")).toBe(
        wordOf("MSMON_CFG_MBWU_CTL", { TYPE: 0x42, EN: 1, SCLEN: 1, OFLOW_INTR: 1, OFLOW_STATUS: 1 }),
      );
      expect(msc.interrupts()).toEqual([{ kind: "overflow", level: 1, record: 0 }]);
      msc.run(bytes(160));
      expect(get(msc, "MSMON_MBWU")).toBe(10);
    },
  );

  test("overflow at SCALE 31 after 2^62 bytes", async () => {
    const msc = await create(channel(31));
    control(msc);
    put(msc, "MSMON_MBWU", LARGEST);
    msc.run(bytes(6400));
    expect(get(msc, "MSMON_MBWU")).toBe(LARGEST);
    expect(get(msc, "MSMON_CFG_MBWU_CTL") & 0x0400_0000).toBe(0);
  });

  test("cut to 31 bits when SCLEN is switched off, without an overflow", async () => {
    const msc = await create(channel(4));
    control(msc);
    put(msc, "MSMON_MBWU", LARGEST);
    control(msc, { SCLEN: 0 });
    expect(get(msc, "MSMON_MBWU")).toBe(0x7fff_fff0);
    expect(get(msc, "MSMON_CFG_MBWU_CTL")).toBe(wordOf("MSMON_CFG_MBWU_CTL", { TYPE: 0x42, EN: 1 }));
    control(msc);
    expect(get(msc, "MSMON_MBWU")).toBe(0x07ff_ffff);
  });

  test("stay scaled in a capture", async () => {
    const msc = await create(channel(6));
    control(msc, { CAPT_EVNT: 1 });
    msc.run(bytes(640));
    msc.capture(1);
    expect(get(msc, "MSMON_MBWU_CAPTURE")).toBe(10);
    expect(msc.read64(offsetOf("MSMON_MBWU_L_CAPTURE"))).toBe(640n);
    control(msc, { SCLEN: 0 });
    expect(get(msc, "MSMON_MBWU_CAPTURE")).toBe(10);
  });
});
