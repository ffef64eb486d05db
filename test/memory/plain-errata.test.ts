/** T241-MPAM-4: the bandwidth of a partition settles at its minimum (docs/modelled.md, "Errata"). */
import { describe, expect, test } from "vitest";
import type { MemoryConfig, MemorySubject } from "../helpers/memory-subject.ts";
import { memorySubjects } from "../helpers/memory-subjects.ts";
import type { SubjectErratum } from "../helpers/subject.ts";
import { channel, countsOf, msc, node, ns, ownPartids, set, system } from "./systems.ts";

/** 256 lines a quantum. */
const CHANNEL = 256 * 64e6;
const QUANTA = 20;

function part(errata: readonly SubjectErratum[]): MemoryConfig {
  const one = msc({ mbw: { bwaWd: 8, min: true } }, { errata });
  return system({ outstanding: 1000, nodes: [node({ bytesPerSecond: CHANNEL, msc: one })] });
}

describe.each(memorySubjects)("$name", ({ create }) => {
  /** Lines of each requester, of PARTID as many, in the second half of the time; both want all there is. */
  async function shares(errata: readonly SubjectErratum[], settings: (subject: MemorySubject) => void) {
    const subject = await create(part(errata));
    ownPartids(subject, 2);
    settings(subject);
    for (const requester of [0, 1]) {
      const first = requester * 2 ** 20;
      subject.load(
        Array.from({ length: 2 * QUANTA * 300 }, (_, i) => ({ time: 0, line: first + i, requester, op: 0, bytes: 64 })),
      );
    }
    const lines = () => [0, 1].map((one) => countsOf(subject, channel, ns(one)).bytesRead / 64);
    subject.runTo(QUANTA * 1000);
    const before = lines();
    subject.runTo(2 * QUANTA * 1000);
    return lines().map((now, one) => (now - (before[one] ?? 0)) / QUANTA);
  }

  /** (v + 1) lines of 256. */
  const minimum = (subject: MemorySubject, partid: number, v: number) =>
    set(subject, partid, "MPAMCFG_MBW_MIN", v << 8);
  const maximum = (subject: MemorySubject, partid: number, v: number, HARDLIM = 0) =>
    set(subject, partid, "MPAMCFG_MBW_MAX", { MAX: v << 8, HARDLIM });

  test("what acts as a hard maximum is MBW_MIN, whatever MBW_MAX says", async () => {
    const found = await shares(["T241-MPAM-4"], (subject) => {
      minimum(subject, 0, 31);
      maximum(subject, 0, 127);
      minimum(subject, 1, 63);
      maximum(subject, 1, 15, 1);
    });
    expect(found).toEqual([32, 64]);
  });

  test("without the erratum both would get what is left", async () => {
    const found = await shares([], (subject) => {
      minimum(subject, 0, 31);
      maximum(subject, 0, 127);
      minimum(subject, 1, 63);
      maximum(subject, 1, 15, 1);
    });
    expect(found).toEqual([240, 16]);
  });

  test("all ones, the value of reset, is no limit", async () => {
    const found = await shares(["T241-MPAM-4"], (subject) => {
      minimum(subject, 0, 31);
      maximum(subject, 1, 15, 1);
    });
    // 0 has 31 lines by its minimum, and nothing is left by that of 1, of 255.
    expect(found).toEqual([31, 225]);
  });

  test("MBW_MAX and HARDLIM read back", async () => {
    const subject = await create(part(["T241-MPAM-4"]));
    maximum(subject, 1, 15, 1);
    expect(subject.read32(0, 0x208, "ns")).toBe(0x8000_0f00);
  });
});
