// Percent and MBW_MAX at every width, through the MB line of a group: what the register holds and what reads back.

import { describe, expect, test } from "vitest";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { ResctrlMachine } from "../helpers/resctrl-machine.ts";
import { golden, KERNELS, type Kernel } from "./ways.ts";

const CLOSID = 1;
const WIDTHS = Array.from({ length: 16 }, (_, i) => i + 1);
const PERCENTAGES = Array.from({ length: 101 }, (_, percent) => percent);

function tableOf(width: number) {
  return golden.fixed_point.per_width[`${width}` as "1"];
}

function mount(width: number, kernel: Kernel): Promise<ResctrlMachine> {
  const domains = [{ id: 0, cpus: [0], bytes: 65_536 }];
  const shape: Shape = {
    ...{ cpus: 1, partidMax: 1, pmgMax: 0, tasks: [], occupancy: false, kernel },
    ...{ l3: { domains }, mb: { width, domains } },
  };
  return ResctrlMachine.mount(shape);
}

/** What group g has: the number it reads and the register. */
async function held(subject: ResctrlMachine): Promise<{ percent: number; register: number }> {
  const text = await subject.resctrl.readFile("g/schemata");
  const [[words]] = [subject.registers(["MB:0"]).get("MB:0")!];
  return { percent: Number(text.trim().slice("MB:0=".length)), register: words![CLOSID]! };
}

describe.each(WIDTHS)("MBW_MAX of %i bits", (width) => {
  const table = tableOf(width);

  test("tells its least value and its granularity, and begins with all bits set", async () => {
    const subject = await mount(width, "7.3 repaired");
    expect(await subject.resctrl.readFile("info/MB/min_bandwidth")).toBe(`${table.min_bw}\n`);
    expect(await subject.resctrl.readFile("info/MB/bandwidth_gran")).toBe(`${table.bw_gran}\n`);
    expect(subject.registers(["MB:0"]).get("MB:0")).toEqual([[0, 1].map(() => Number(table.reset_mbw_max))]);
    await subject.resctrl.mkdir("g");
    expect(await held(subject)).toEqual({ percent: 100, register: Number(table.reset_mbw_max) });
  });

  test.each(KERNELS)("takes every percentage, %s", async (kernel) => {
    const subject = await mount(width, kernel);
    await subject.resctrl.mkdir("g");
    const registers = kernel === "linux-7.3" ? table.parse_roundup_then_mbw_max_v7_1_to_v7_3 : table.percent_to_mbw_max;
    const readback = new Map(
      table.percent_to_mbw_max.map((register, percent) => [register, table.readback_percent[percent]]),
    );
    for (const percent of PERCENTAGES) {
      const written = subject.resctrl.writeFile("g/schemata", `MB:0=${percent}\n`);
      if (percent < table.min_bw) {
        await expect(written).rejects.toMatchObject({ code: "EINVAL" });
        continue;
      }
      await written;
      const register = registers[percent]!;
      expect({ written: percent, ...(await held(subject)) }).toEqual({
        ...{ written: percent, register: Number(register), percent: readback.get(register) },
      });
    }
  });

  test("reads back each band that a percentage leads to", async () => {
    const subject = await mount(width, "7.3 repaired");
    await subject.resctrl.mkdir("g");
    const bands = golden.fixed_point.mbw_max_to_percent[`${width}` as "1"] as [string, number][];
    for (const [register, percent] of bands) {
      const leading = table.percent_to_mbw_max.indexOf(register);
      if (leading < table.min_bw) continue;
      await subject.resctrl.writeFile("g/schemata", `MB:0=${leading}\n`);
      expect(await held(subject)).toEqual({ percent, register: Number(register) });
    }
  });

  test("wraps to the least where rounding leads beyond what there is, in linux-7.3 alone", async () => {
    const overflowing = table.parse_roundup_overflow_percent as number[];
    for (const percent of overflowing) {
      const kept = await mount(width, "linux-7.3");
      await kept.resctrl.mkdir("g");
      await kept.resctrl.writeFile("g/schemata", `MB:0=${percent}\n`);
      expect((await held(kept)).register).toBe(0);
      const repaired = await mount(width, "7.3 repaired");
      await repaired.resctrl.mkdir("g");
      await repaired.resctrl.writeFile("g/schemata", `MB:0=${percent}\n`);
      expect((await held(repaired)).register).toBe(Number(table.reset_mbw_max));
    }
  });
});

test.each(golden.fixed_point.kunit_granularity.filter(({ width }) => width > 0))(
  "KUnit: the granularity of $width bits is $gran",
  async ({ width, gran }) => {
    const { resctrl } = await mount(width, "linux-7.3");
    expect(await resctrl.readFile("info/MB/bandwidth_gran")).toBe(`${gran}\n`);
  },
);

test("KUnit: every reference percentage comes to the driver's value, and 18 of 42 are rounded up", async () => {
  let up = 0;
  for (const { percent, width, reference_value, driver_value, reference_to_percent } of golden.fixed_point
    .kunit_reference_cases) {
    const subject = await mount(width, "linux-7.3");
    await subject.resctrl.mkdir("g");
    await subject.resctrl.writeFile("g/schemata", `MB:0=${percent}\n`);
    const { register, percent: readback } = await held(subject);
    expect(register).toBe(Number(driver_value));
    expect(readback).toBe(percent);
    expect(reference_to_percent).toBe(percent);
    if (register >> (16 - width) > Number(reference_value)) up++;
  }
  const { rounded_up, total } = golden.fixed_point.kunit_round_up_count;
  expect([up, golden.fixed_point.kunit_reference_cases.length]).toEqual([rounded_up, total]);
});

test.each(golden.fixed_point.kunit_usable.filter(({ width }) => width > 0))(
  "KUnit: a limit of $width bits is usable: $usable",
  async ({ width, usable }) => {
    const { resctrl } = await mount(width, "linux-7.3");
    expect((await resctrl.readdir("info")).includes("MB")).toBe(usable);
  },
);
