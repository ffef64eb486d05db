/** Storage usage monitors with options: dirty lines only, values that cannot be written, filters that are not there. */
import { describe, expect, test } from "vitest";
import { get, monSel, put } from "../helpers/registers.ts";
import { cacheConfig, type MscSubject, reads, type SubjectConfig, writes } from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const machine = (csu: object, different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({ sets: 4, ways: 2, ris: [{ ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 2, ...csu } }], ...different });

function watch(
  msc: MscSubject,
  flt: Readonly<Record<string, number>>,
  ctl: Readonly<Record<string, number>> = {},
): void {
  put(msc, "MSMON_CFG_CSU_FLT", flt);
  put(msc, "MSMON_CFG_CSU_CTL", { EN: 1, ...ctl });
}

describe.each(factories)("storage options of the $name", ({ create }) => {
  test("XCL leaves clean lines out", async () => {
    const msc = await create(machine({ xcl: true }));
    watch(msc, { XCL: 1 });
    monSel(msc, 1);
    watch(msc, { XCL: 0 });
    msc.run([...reads([0, 1, 2]), ...writes([3])]);
    expect(get(msc, "MSMON_CSU")).toBe(256);
    monSel(msc, 0);
    expect(get(msc, "MSMON_CSU")).toBe(64);
    msc.run(writes([0, 1, 1])); // hits
    expect(get(msc, "MSMON_CSU")).toBe(192);
    msc.run(reads([4, 8])); // line 0 goes, dirty
    expect(get(msc, "MSMON_CSU")).toBe(128);
  });

  test("XCL goes with the filters, by the owner of the line and not by who dirtied it", async () => {
    const msc = await create(machine({ xcl: true }));
    msc.setLabel(1, "all", { space: "ns", partid: 1, pmg: 0 });
    msc.setLabel(2, "all", { space: "ns", partid: 1, pmg: 1 });
    watch(msc, { XCL: 1, PARTID: 1, PMG: 1 }, { MATCH_PARTID: 1, MATCH_PMG: 1 });
    msc.run([...writes([0], 1), ...writes([1], 2), ...reads([2], 2), ...reads([3])]);
    expect(get(msc, "MSMON_CSU")).toBe(64);
    msc.run(writes([2, 3]));
    expect(get(msc, "MSMON_CSU")).toBe(128);
  });

  test("without XCL its bit is not there", async () => {
    const msc = await create(machine({}));
    put(msc, "MSMON_CFG_CSU_FLT", 0x8001_0003);
    expect(get(msc, "MSMON_CFG_CSU_FLT")).toBe(0x0001_0003);
    watch(msc, {});
    msc.run(reads([0, 1]));
    expect(get(msc, "MSMON_CSU")).toBe(128);
  });

  test("a value that is read-only ignores writes, enabled or not", async () => {
    const msc = await create(machine({ csuRo: true, nrdy: "sw" }));
    put(msc, "MSMON_CSU", 0xffff_ffff);
    expect(get(msc, "MSMON_CSU")).toBe(0);
    watch(msc, {});
    msc.run(reads([0, 1]));
    put(msc, "MSMON_CFG_CSU_CTL", 0);
    put(msc, "MSMON_CSU", 5);
    expect(get(msc, "MSMON_CSU")).toBe(128);
  });

  test("a value that can be written holds until the next update, which an enabled monitor makes at once", async () => {
    const msc = await create(machine({}));
    put(msc, "MSMON_CSU", 5);
    expect(get(msc, "MSMON_CSU")).toBe(5);
    watch(msc, {});
    expect(get(msc, "MSMON_CSU")).toBe(0);
    msc.run(reads([0]));
    put(msc, "MSMON_CSU", 5);
    expect(get(msc, "MSMON_CSU")).toBe(64);
  });

  test("what cannot be matched is not, and its enable is not there", async () => {
    for (const [csu, ctl] of [
      [{ noMatchPartid: true }, 0x8002_0043],
      [{ noMatchPmg: true }, 0x8001_0043],
      [{ noMatchPartid: true, noMatchPmg: true }, 0x8000_0043],
    ] as const) {
      const msc = await create(machine(csu));
      msc.setLabel(1, "all", { space: "ns", partid: 1, pmg: 0 });
      msc.setLabel(2, "all", { space: "ns", partid: 1, pmg: 1 });
      watch(msc, { PARTID: 1, PMG: 1 }, { MATCH_PARTID: 1, MATCH_PMG: 1 });
      expect(get(msc, "MSMON_CFG_CSU_CTL")).toBe(ctl);
      msc.run([...reads([0]), ...reads([1, 2], 1), ...reads([3], 2)]);
      expect(get(msc, "MSMON_CSU")).toBe({ 2147614787: 64, 2147549251: 192, 2147483715: 256 }[ctl]);
    }
  });
});
