// Numbers of groups: how many there are, which labels they lead to, and the thresholds of occupancy.

import { describe, expect, test } from "vitest";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { ResctrlMachine } from "../helpers/resctrl-machine.ts";
import { golden, KERNELS } from "./ways.ts";

const { cases, cdp_partids: pairs, occupancy_threshold: thresholds } = golden.rmid_idx;
const TID = 100;

function shapeOf(partidMax: number, pmgMax: number, different: Partial<Shape> = {}): Shape {
  const domains = [{ id: 0, cpus: [0], bytes: 65_536 }];
  return {
    ...{ cpus: 1, partidMax, pmgMax, occupancy: true, kernel: "7.3 repaired" },
    ...{ l3: { bits: 4, domains }, tasks: [{ tid: TID, uid: 0, suid: 0 }] },
    ...different,
  };
}

/** Makes groups until there is one with these ids, and answers its path. */
async function groupOf({ resctrl }: ResctrlMachine, closid: number, rmid: number): Promise<string> {
  const controls = Array.from({ length: closid }, (_, c) => `c${c + 1}`);
  for (const name of controls) await resctrl.mkdir(name);
  const parent = controls.at(-1) ?? ".";
  const monitors = Array.from({ length: rmid }, (_, r) => `${parent}/mon_groups/m${r + 1}`);
  for (const path of monitors) await resctrl.mkdir(path);
  return monitors.at(-1) ?? parent;
}

/** Those whose groups can be made in a test's time. */
const few = cases.filter(({ closid, rmid }) => closid + rmid <= 130);

test.each(few)(
  "PARTIDs to $partid_max, PMGs to $pmg_max: CLOSID $closid and RMID $rmid are index $idx",
  async ({ partid_max, pmg_max, closid, rmid, idx }) => {
    const subject = await ResctrlMachine.mount(shapeOf(partid_max, pmg_max));
    const path = await groupOf(subject, closid, rmid);
    // A monitor group takes tasks of its own control group alone.
    await subject.resctrl.writeFile(`${path.replace(/mon_groups.*/, "")}/tasks`, `${TID}\n`);
    await subject.resctrl.writeFile(`${path}/tasks`, `${TID}\n`);
    expect(subject.labels().tasks.get(TID)).toEqual({ partidD: closid, partidI: closid, pmg: rmid });
    expect(closid * (pmg_max + 1) + rmid).toBe(idx);
  },
);

const sizes = [...new Map(cases.map((one) => [`${one.partid_max} ${one.pmg_max}`, one])).values()];

describe.each(sizes)("PARTIDs to $partid_max, PMGs to $pmg_max", (one) => {
  const { partid_max, pmg_max, num_rmids_file_no_cdp, num_rmids_file_cdp, system_num_rmid_idx } = one;

  test("num_rmids is the number of all indices", async () => {
    const { resctrl } = await ResctrlMachine.mount(shapeOf(partid_max, pmg_max));
    expect(await resctrl.readFile("info/L3_MON/num_rmids")).toBe(`${num_rmids_file_no_cdp}\n`);
    expect(system_num_rmid_idx).toBe(num_rmids_file_no_cdp);
  });

  test("and half of it with CDP, which one PARTID is too few for", async () => {
    const mounted = ResctrlMachine.mount(shapeOf(partid_max, pmg_max, { options: { cdp: true, expert: true } }));
    if (partid_max === 0) {
      await expect(mounted).rejects.toMatchObject({ code: "EINVAL" });
      return;
    }
    const { resctrl } = await mounted;
    expect(await resctrl.readFile("info/L3_MON/num_rmids")).toBe(`${num_rmids_file_cdp}\n`);
  });
});

test.each(pairs)("with CDP, CLOSID $closid has PARTIDs $partid_data and $partid_code", async (pair) => {
  const subject = await ResctrlMachine.mount(shapeOf(255, 0, { options: { cdp: true, expert: true } }));
  const path = await groupOf(subject, pair.closid, 0);
  await subject.resctrl.writeFile(`${path}/tasks`, `${TID}\n`);
  expect(subject.labels().tasks.get(TID)).toEqual({ partidD: pair.partid_data, partidI: pair.partid_code, pmg: 0 });
});

/** A cache is ways times a power of two. */
const makeable = thresholds.filter(({ cache_size }) => cache_size % 65_536 === 0);

describe.each(KERNELS)("%s", (kernel) => {
  test.each(makeable)(
    "$cache_size bytes for $partid_max and $pmg_max: threshold $threshold, limit $limit",
    async (one) => {
      const { cache_size, partid_max, pmg_max, limit, threshold } = one;
      const ways = cache_size % (3 * 2 ** 20) === 0 ? 12 : 16;
      const domains = [{ id: 0, cpus: [0], bytes: cache_size, ways }];
      const { resctrl } = await ResctrlMachine.mount(
        shapeOf(partid_max, pmg_max, { l3: { bits: 4, domains }, kernel }),
      );
      const file = "info/L3_MON/max_threshold_occupancy";
      expect(await resctrl.readFile(file)).toBe(`${threshold}\n`);
      await resctrl.writeFile(file, `${limit}\n`);
      await expect(resctrl.writeFile(file, `${limit + 1}\n`)).rejects.toMatchObject({ code: "EINVAL" });
      expect(await resctrl.readFile("info/last_cmd_status")).toBe(
        `max_threshold_occupancy: Exceeds limit (before adjustment) of ${limit} bytes\n`,
      );
      expect(await resctrl.readFile(file)).toBe(`${limit}\n`);
    },
  );
});
