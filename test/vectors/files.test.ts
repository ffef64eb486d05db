// Files other than schemata: what is written to them, what they say.

import { describe, expect, test } from "vitest";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { ResctrlMachine } from "../helpers/resctrl-machine.ts";
import { golden, KERNELS, type Kernel, onMachine } from "./ways.ts";

const KIB = 1024;
const two = [0, 1].map((id) => ({ id, cpus: [id], bytes: 64 * KIB }));
const one = two.slice(0, 1);

function shapeOf(different: Partial<Shape>): Shape {
  const cpus = different.l3?.domains.length ?? 1;
  return { cpus, partidMax: 3, pmgMax: 1, tasks: [], occupancy: false, kernel: "7.3 repaired", ...different };
}

/** The errno of a write, null for none. */
async function written(
  { resctrl }: ResctrlMachine,
  path: string,
  text: string,
  caller?: { uid: number; gid: number; pid?: number },
) {
  return resctrl.writeFile(path, text, caller).then(
    () => null,
    (error: { code: string }) => error.code,
  );
}

function status({ resctrl }: ResctrlMachine): Promise<string> {
  return resctrl.readFile("info/last_cmd_status");
}

const both = <T>(cases: readonly T[]) => cases.flatMap((one) => KERNELS.map((kernel) => ({ ...one, kernel })));

describe("mbm_L3_assignments", () => {
  test.each(both(golden.mbm_L3_assignments.cases))("$id, $kernel: $reason", async (vector) => {
    const subject = await ResctrlMachine.mount(
      shapeOf({ l3: { bits: 8, domains: two }, monitors: 4, kernel: vector.kernel }),
    );
    await subject.resctrl.mkdir("g");
    const file = "g/mbm_L3_assignments";
    expect(await subject.resctrl.readFile(file)).toBe(golden.mbm_L3_assignments.before);
    expect(await written(subject, file, vector.input)).toBe(vector.errno);
    expect(await status(subject)).toBe(vector.last_cmd_status_reads);
    expect(await subject.resctrl.readFile(file)).toBe(vector.assignments_after);
  });
});

describe("tasks", () => {
  const tasks = [100, 101, 200, 300].map((tid) => ({ tid, uid: tid === 300 ? 0 : 1000, suid: tid === 300 ? 0 : 1000 }));
  const root = { uid: 0, gid: 0, pid: 100 };
  /** What has moved, where the vector says so in words. */
  const moved: Record<string, string> = {
    T01: "100\n",
    T02: "100\n101\n",
    T03: "100\n",
    T04: "100\n",
    T08: "100\n",
    T11: "100\n",
  };

  test.each(both(golden.tasks.cases))("$id, $kernel: $reason", async ({ id, input, errno, status_text, kernel }) => {
    const subject = await ResctrlMachine.mount(
      shapeOf({ l3: { bits: 8, domains: one }, occupancy: true, tasks, kernel }),
    );
    await subject.resctrl.mkdir("g");
    await subject.resctrl.mkdir("g/mon_groups/m");
    const group = id === "T12" ? "g/mon_groups/m" : "g";
    // Text in brackets explains the line.
    const text = input.replace(/ \[.*\]/, "");
    const caller = id === "T13" ? { uid: 1000, gid: 1000, pid: 100 } : root;
    if (id === "T13") await subject.resctrl.chmod("g/tasks", 0o666);
    expect(await written(subject, `${group}/tasks`, text, caller)).toBe(errno);
    expect(await status(subject)).toBe(status_text === "" ? "ok\n" : status_text);
    expect(await subject.resctrl.readFile(`${group}/tasks`)).toBe(moved[id] ?? "");
  });
});

describe("mode", () => {
  test.each(both(golden.mode))("$id, $kernel: $reason", async ({ input, errno, status_text, kernel }) => {
    const subject = await ResctrlMachine.mount(shapeOf({ l3: { bits: 8, domains: one }, kernel }));
    await subject.resctrl.mkdir("g");
    expect(await written(subject, "g/mode", input)).toBe(errno);
    expect(await status(subject)).toBe(status_text === "" ? "ok\n" : status_text);
    expect(await subject.resctrl.readFile("g/mode")).toBe("shareable\n");
  });
});

test.each(golden.size_file.filter(onMachine.size))(
  "size: mask $mask of $cbm_len bits in $cache_size bytes",
  async (vector) => {
    const domains = [{ id: 0, cpus: [0], bytes: vector.cache_size }];
    const { resctrl } = await ResctrlMachine.mount(shapeOf({ l3: { bits: vector.cbm_len, domains } }));
    await resctrl.mkdir("g");
    await resctrl.writeFile("g/schemata", `L3:0=${vector.mask}\n`);
    expect(await resctrl.readFile("g/size")).toBe(`    L3:0=${vector.size}\n`);
  },
);

test.each(golden.bit_usage.filter(onMachine.bitUsage))(
  "bit_usage: $shareable_groups of $cbm_len bits",
  async (vector) => {
    const { resctrl } = await ResctrlMachine.mount(shapeOf({ l3: { bits: vector.cbm_len, domains: one } }));
    expect(await resctrl.readFile("info/L3/shareable_bits")).toBe(`${vector.shareable_bits}\n`);
    for (const mask of vector.shareable_groups) await resctrl.writeFile("schemata", `L3:0=${mask}\n`);
    expect(await resctrl.readFile("info/L3/bit_usage")).toBe(`0=${vector.prints}\n`);
  },
);

describe("schemata of a new mount", () => {
  const l3 = { bits: 16, domains: two };
  const mb = { width: 7, domains: two };
  const shapes: Partial<Shape>[] = [
    { l3, mb },
    { l3, mb, options: { cdp: true, expert: true } },
    { l3: { domains: one }, mb: { ...mb, domains: one } },
    {
      ...{ l3: { ...l3, domains: one }, mb: { ...mb, domains: one } },
      l2: { bits: 8, domains: one.map((domain) => ({ ...domain, id: 0 })) },
    },
  ];

  test.each(golden.schemata_display.map((vector, at) => ({ ...vector, shape: shapes[at]! })))(
    "$resources",
    async ({ schemata, shape }) => {
      const { resctrl } = await ResctrlMachine.mount(shapeOf(shape));
      expect(await resctrl.readFile("schemata")).toBe(schemata);
    },
  );
});

describe("a reading that fails", () => {
  const [good, , , unassigned, busy] = golden.mon_data_error_map;
  const shape = { l3: { bits: 8, domains: one }, occupancy: true, monitors: 2 };
  const OCCUPANCY = "mon_data/mon_L3_00/llc_occupancy";

  test.each(KERNELS)("of none is a number, of ENOENT Unassigned, %s", async (kernel) => {
    const { resctrl } = await ResctrlMachine.mount(shapeOf({ ...shape, kernel }));
    expect(good!.prints).toBe("<decimal>\n");
    expect(await resctrl.readFile(OCCUPANCY)).toMatch(/^\d+\n$/);
    await resctrl.writeFile("mbm_L3_assignments", "mbm_total_bytes:0=_\n");
    expect(await resctrl.readFile("mon_data/mon_L3_00/mbm_total_bytes")).toBe(unassigned!.prints);
  });

  test.each<[Kernel, string]>([
    ["linux-7.3", "0\n"],
    ["7.3 repaired", "Unavailable\n"],
  ])("of EBUSY, %s: %j", async (kernel, said) => {
    const { machine, resctrl } = await ResctrlMachine.mount(shapeOf({ ...shape, kernel }));
    expect(busy!.prints).toBe("<accumulated value, normally 0>\n");
    machine.faults.add({ kind: "nrdy-stuck", msc: 0, type: "csu" });
    expect(await resctrl.readFile(OCCUPANCY)).toBe(said);
  });
});
