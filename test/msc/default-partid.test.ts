/** The default control settings: who is served with them, and how software reaches them. */
import { describe, expect, test } from "vitest";
import { get, NOTHING, partSel, put, single, syndrome } from "../helpers/registers.ts";
import {
  cacheConfig,
  type MscSubject,
  memoryConfig,
  range,
  reads,
  type SubjectConfig,
  writes,
} from "../helpers/subject.ts";
import { factories } from "../helpers/subjects.ts";

const machine = (different: Partial<SubjectConfig> = {}): SubjectConfig =>
  cacheConfig({
    sets: 4,
    ways: 4,
    defaultPartid: true,
    ris: [{ ris: 0, cpor: { cpbmWd: 4 }, csu: { monitors: 1 }, mbwu: { monitors: 1, counter: 31 } }],
    ...different,
  });

function portions(msc: MscSubject, fields: Readonly<Record<string, number>>, cpbm: number): void {
  partSel(msc, fields);
  put(msc, "MPAMCFG_CPBM", cpbm);
}

function waysOf(msc: MscSubject, partid: number): number[] {
  msc.setLabel(1, "all", { space: "ns", partid, pmg: 0 });
  msc.run(reads(range(1000 * partid, 16), 1));
  return [
    ...new Set(
      msc
        .lines()
        .filter((line) => line.partid === partid)
        .map(({ way }) => way),
    ),
  ].toSorted();
}

describe.each(factories)("default settings of the $name", ({ create }) => {
  test("serve requests whose PARTID is out of range, and nobody else", async () => {
    const msc = await create(machine());
    portions(msc, { PARTID_SEL: 0 }, 0b0001);
    portions(msc, { DEFAULT_PARTID: 1 }, 0b0100);
    expect([waysOf(msc, 40), waysOf(msc, 0), waysOf(msc, 31)]).toEqual([[2], [0], [0, 1, 2, 3]]);
    expect(syndrome(msc)).toMatchObject({ code: 2, partidMon: 40 });
  });

  test("where they are missing those requests have the settings of PARTID 0", async () => {
    const msc = await create(machine({ defaultPartid: false }));
    portions(msc, { PARTID_SEL: 0 }, 0b0010);
    expect(waysOf(msc, 40)).toEqual([1]);
    partSel(msc, { DEFAULT_PARTID: 1, PARTID_SEL: 3 });
    expect(get(msc, "MPAMCFG_PART_SEL")).toBe(3);
  });

  test("are counted under the request's own label", async () => {
    const msc = await create(machine());
    put(msc, "MSMON_CFG_MBWU_FLT", { PARTID: 40 });
    put(msc, "MSMON_CFG_MBWU_CTL", { EN: 1, MATCH_PARTID: 1 });
    msc.setLabel(1, "all", { space: "ns", partid: 40, pmg: 2 });
    msc.run([...reads([1, 2], 1), ...writes([3], 1)]);
    expect(get(msc, "MSMON_MBWU")).toBe(3 * 64);
    expect(msc.occupancy()).toEqual([{ space: "ns", partid: 40, pmg: 2, lines: 3 }]);
  });

  test("are one set, whatever PARTID_SEL says", async () => {
    const msc = await create(machine());
    portions(msc, { DEFAULT_PARTID: 1, PARTID_SEL: 5 }, 0b0101);
    for (const partid of [0, 31, 32, 0xffff]) {
      partSel(msc, { DEFAULT_PARTID: 1, PARTID_SEL: partid });
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0b0101);
    }
    for (const partid of [0, 5]) {
      partSel(msc, { PARTID_SEL: partid });
      expect(get(msc, "MPAMCFG_CPBM")).toBe(0b1111);
    }
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("are not looked for by INTERNAL", async () => {
    const msc = await create(machine({ partidNrw: { intPartidMax: 3 } }));
    portions(msc, { DEFAULT_PARTID: 1, PARTID_SEL: 9 }, 0b1000);
    partSel(msc, { DEFAULT_PARTID: 1, INTERNAL: 1, PARTID_SEL: 9 });
    expect(get(msc, "MPAMCFG_CPBM")).toBe(0b1000);
    expect(syndrome(msc)).toEqual(NOTHING);
  });

  test("are no business of associations and enables, which look at PARTID_SEL all the same", async () => {
    const msc = await create(
      machine({ partidNrw: { intPartidMax: 3 }, endis: { nfu: "none" }, selectorCheck: "lazy" }),
    );
    partSel(msc, { DEFAULT_PARTID: 1, PARTID_SEL: 9 });
    put(msc, "MPAMCFG_INTPARTID", { INTPARTID: 2, INTERNAL: 1 });
    put(msc, "MPAMCFG_EN_FLAGS", 0xffff_fffe);
    partSel(msc, { PARTID_SEL: 9 });
    expect([get(msc, "MPAMCFG_INTPARTID"), get(msc, "MPAMCFG_EN_FLAGS")]).toEqual([0x0001_0002, 0xffff_fffe]);
    expect(syndrome(msc)).toEqual(NOTHING);
    partSel(msc, { DEFAULT_PARTID: 1, PARTID_SEL: 32 });
    expect(get(msc, "MPAMCFG_EN_FLAGS")).toBe(0);
    expect(syndrome(msc)).toEqual(single(1, 32));
  });

  test("still belong to an instance: one that is not there or lacks the control is an error", async () => {
    const ris = [
      { ris: 0, cpor: { cpbmWd: 4 } },
      { ris: 2, ccap: { cmaxWd: 4 } },
    ];
    const msc = await create(machine({ ris }));
    partSel(msc, { DEFAULT_PARTID: 1, RIS: 1, PARTID_SEL: 3 });
    get(msc, "MPAMCFG_CPBM");
    expect(syndrome(msc)).toEqual(single(8, 3, { ris: 1 }));
    partSel(msc, { DEFAULT_PARTID: 1, RIS: 2 });
    get(msc, "MPAMCFG_CPBM");
    expect(syndrome(msc)).toEqual(single(9, 0, { ris: 2, ovrwr: 1 }));
    put(msc, "MPAMCFG_CMAX", 0x5000);
    partSel(msc, { DEFAULT_PARTID: 1, RIS: 0 });
    expect(get(msc, "MPAMCFG_CPBM")).toBe(0xf);
    partSel(msc, { DEFAULT_PARTID: 1, RIS: 2 });
    expect(get(msc, "MPAMCFG_CMAX")).toBe(0x5000);
  });

  test("belong to a bank", async () => {
    const msc = await create(machine());
    portions(msc, { DEFAULT_PARTID: 1 }, 0b0001);
    partSel(msc, { DEFAULT_PARTID: 1 }, "s");
    expect(get(msc, "MPAMCFG_CPBM", "s")).toBe(0b1111);
  });

  test("start as those of PARTID 0, whatever fills the others", async () => {
    const mbw = { bwaWd: 8, min: true, prop: true, bwpbmWd: 40 };
    const pri = { intpriWd: 4, dspriWd: 4 };
    const msc = await create(
      memoryConfig({ defaultPartid: true, resetFill: 0x5a5a_5a5a, ris: [{ ris: 0, mbw, pri }] }),
    );
    const names = [
      "MPAMCFG_MBW_MIN",
      "MPAMCFG_MBW_MAX",
      "MPAMCFG_MBW_PROP",
      "MPAMCFG_MBW_PBM",
      "MPAMCFG_PRI",
      "MPAMCFG_MBW_WINWD",
    ];
    const seen = [{ PARTID_SEL: 0 }, { DEFAULT_PARTID: 1 }].map((fields) => {
      partSel(msc, fields);
      return names.map((name) => get(msc, name));
    });
    expect(seen[0]).toEqual([0xff00, 0xff00, 0, 0xffff_ffff, 0, 1000 * 256]);
    expect(seen[1]).toEqual(seen[0]);
  });

  test("hold for a translated PARTID above the largest", async () => {
    const msc = await create(machine({ inTl: { partidMax: 50, direct: true } }));
    portions(msc, { DEFAULT_PARTID: 1 }, 0b1000);
    partSel(msc, { INGRESS_TL: 1, PARTID_SEL: 4 });
    put(msc, "MPAMCFG_IN_TL", { PARTID_TL: 500, ENABLE: 1 });
    expect(waysOf(msc, 4)).toEqual([3]);
    expect(syndrome(msc)).toMatchObject({ code: 2, partidMon: 4 });
  });
});
