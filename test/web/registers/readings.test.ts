// What the register view reads and writes, on machines as the worker has them.

import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { Driver } from "../../../src/driver/index.ts";
import { Resctrl } from "../../../src/fs/index.ts";
import { Machine, nameOfMsc } from "../../../src/machine/index.ts";
import { parsePlatform } from "../../../src/platform/index.ts";
import type { MscView } from "../../../src/web/engine/protocol.ts";
import { RegisterCalls } from "../../../src/web/engine/register-calls.ts";
import { choiceFor, hiddenBecause, withinReach } from "../../../src/web/panels/registers/choice.ts";
import { know, readAll, rowsFor, write } from "../../../src/web/panels/registers/readings.ts";
import { filtered, type Row } from "../../../src/web/panels/registers/rows.ts";

async function machineOf(platform: string) {
  const text = readFileSync(new URL(`../../../platforms/${platform}.yaml`, import.meta.url), "utf8");
  const machine = await Machine.create(parsePlatform(text));
  return { machine, calls: new RegisterCalls(machine) };
}

const ERROR_STATUS = 0xf8;
const PART_SEL = 0x100;
const MON_SEL = 0x800;
const CPBM0 = 0x1000;

describe("the register view", () => {
  let one: Awaited<ReturnType<typeof machineOf>>;
  let msc: MscView;

  beforeEach(async () => {
    one = await machineOf("one-socket");
    msc = one.calls.mscs().find(({ kind }) => kind === "cache") as MscView;
  });

  test("reads the settings of another PARTID and leaves both selectors as they were", async () => {
    const { machine, calls } = one;
    machine.write32(msc.msc, PART_SEL, 5);
    machine.write32(msc.msc, CPBM0, 0x3);
    machine.write32(msc.msc, PART_SEL, 2);
    machine.write32(msc.msc, MON_SEL, 1);
    const known = await know(calls, msc, "ns");
    const choice = { ...choiceFor(msc), partid: 5 };
    const readings = await readAll(calls, rowsFor(known, 0), choice, known);
    expect(readings.get("MPAMCFG_CPBM0")?.value).toBe(3n);
    expect(readings.get("MPAMCFG_PART_SEL")?.value).toBe(2n);
    expect(machine.read32(msc.msc, PART_SEL)).toBe(2);
    expect(machine.read32(msc.msc, MON_SEL)).toBe(1);
  });

  test("writes under the selection that it shows", async () => {
    const { machine, calls } = one;
    const known = await know(calls, msc, "ns");
    const row = rowsFor(known, 0).find(({ name }) => name === "MPAMCFG_CPBM0");
    expect(row && (await write(calls, row, 0, 0xf0, { ...choiceFor(msc), partid: 3 }, known))).toBeUndefined();
    expect(machine.read32(msc.msc, PART_SEL)).toBe(0);
    machine.write32(msc.msc, PART_SEL, 3);
    expect(machine.read32(msc.msc, CPBM0)).toBe(0xf0);
  });

  test("says which registers have changed since they were read last", async () => {
    const { machine, calls } = one;
    const known = await know(calls, msc, "ns");
    const rows = rowsFor(known, 0);
    const before = await readAll(calls, rows, choiceFor(msc), known);
    machine.write32(msc.msc, CPBM0, 1);
    const after = await readAll(calls, rows, choiceFor(msc), known, before);
    expect([...after].filter(([, { changed }]) => changed).map(([name]) => name)).toEqual(["MPAMCFG_CPBM0"]);
  });

  test("finds registers by name, field and words of their meaning", async () => {
    const known = await know(one.calls, msc, "ns");
    const names = (text: string) => filtered(rowsFor(known, 0), text).map(({ name }) => name);
    expect(names("cpbm0")).toEqual(["MPAMCFG_CPBM0"]);
    expect(names("errcode")).toEqual(["MPAMF_ESR"]);
    expect(names("portions cache may fill")).toContain("MPAMCFG_CPBM0");
    expect(names("nothing of this")).toEqual([]);
  });
});

test("resctrl shows what it wrote, and writes again only for another value", async () => {
  const { machine, calls } = await machineOf("one-socket");
  const tree = await Resctrl.mount(await Driver.probe(machine));
  await tree.mkdir("web");
  const msc = calls.mscs().find(({ kind }) => kind === "cache") as MscView;
  const known = await know(calls, msc, "ns");
  const choice = { ...choiceFor(msc), partid: 1 };
  const row = rowsFor(known, 0).find(({ name }) => name === "MPAMCFG_CPBM0") as Row;
  const value = async () => (await readAll(calls, [row], choice, known)).get(row.name)?.value;
  const schemata = async () => /L3:0=([0-9a-f]+)/.exec(await tree.readFile("web/schemata"))?.[1];
  await write(calls, row, 0, 0x3, choice, known);
  expect([await value(), await schemata()]).toEqual([0x3n, "ffff"]);
  await tree.writeFile("web/schemata", "L3:0=ffff\n");
  expect(await value()).toBe(0x3n);
  await tree.writeFile("web/schemata", "L3:0=ff\n");
  expect(await value()).toBe(0xffn);
});

describe("looking at registers records no error", () => {
  test.each(["minimal", "everything", "four-spaces", "one-socket", "io", "cmn-650"])("of %s", async (platform) => {
    const { machine, calls } = await machineOf(platform);
    for (const msc of calls.mscs()) {
      expect(msc.name).toBe(nameOfMsc(machine.mscs[msc.msc] as (typeof machine.mscs)[number]));
      for (const { space } of msc.spaces) {
        const known = await know(calls, msc, space);
        for (const ris of msc.ris) {
          for (const internal of [false, true]) {
            for (const far of [0, 0xffff]) {
              const wanted = { ...choiceFor(msc), space, ris, internal, partid: far, monitor: far };
              const choice = withinReach(wanted, known);
              const readings = await readAll(calls, rowsFor(known, choice.ris), choice, known);
              expect(readings.size).toBeGreaterThan(2);
              expect([msc.msc, space, ris, internal, far, machine.read32(msc.msc, ERROR_STATUS, space)]).toEqual([
                msc.msc,
                space,
                ris,
                internal,
                far,
                0,
              ]);
            }
          }
        }
      }
    }
  });

  test("what cannot be read is explained instead", async () => {
    const { calls } = await machineOf("everything");
    const msc = calls.mscs()[0] as MscView;
    const known = await know(calls, msc, "ns");
    const choice = { ...choiceFor(msc), monitor: 60_000 };
    expect(hiddenBecause("MSMON_MBWU", choice, known.identities.get(0))).toMatch(
      /^there are \d+ monitors of this kind$/,
    );
    expect(hiddenBecause("MPAMF_IDR", choice, known.identities.get(0))).toBeUndefined();
  });
});
