// Lines written to schemata, each to a fresh group: what is answered, what last_cmd_status says, what is read back and what the
// registers of the group hold.

import { expect, test } from "vitest";
import { ResctrlMachine } from "../helpers/resctrl-machine.ts";
import { shapeOf } from "./shapes.ts";
import { appliedBy, golden, isRounded, type Kernel, wayOfSchemata } from "./ways.ts";

type Case = (typeof golden.schemata.cases)[number];
const CLOSID = 1;

const runs = golden.schemata.cases.flatMap((one) => {
  const way = wayOfSchemata(one);
  return way.on === "machine" ? way.kernels.map((kernel) => ({ ...one, kernel })) : [];
});

/** A machine serves all cases of an environment, each in a new group of CLOSID 1. */
async function withGroup(env: string, kernel: Kernel, body: (subject: ResctrlMachine) => Promise<void>): Promise<void> {
  const subject = await ResctrlMachine.mount(shapeOf(env, kernel));
  await subject.resctrl.mkdir("g");
  await body(subject);
}

/** Values of the group's schemata, by name and domain. */
async function valuesOf({ resctrl }: ResctrlMachine): Promise<Map<string, string>> {
  const lines = (await resctrl.readFile("g/schemata")).trimEnd().split("\n");
  const values = lines.flatMap((line) => {
    const [name = "", domains = ""] = line.trim().split(":");
    return domains
      .split(";")
      .map((domain) => domain.split("="))
      .map(([id, value = ""]) => [`${name}:${id}`, value] as const);
  });
  return new Map(values);
}

/** By the table, what MB comes to when it is converted as it is written. */
function converted(width: number, percent: number): { reads_back: string; hw_mbw_max: string } {
  const table = golden.fixed_point.per_width[`${width}` as "1"];
  return { reads_back: `${table.readback_percent[percent]}`, hw_mbw_max: table.percent_to_mbw_max[percent]! };
}

function wanted(one: Case, key: string, kernel: Kernel): { reads_back: string; hw_mbw_max?: string } {
  const applied = new Map(appliedBy(one)).get(key)!;
  const width = shapeOf(one.env, kernel).mb?.width;
  const isMb = key.startsWith("MB:");
  if (!isMb || isRounded(one, kernel)) return applied;
  return converted(width!, Number(percentOf(one.input, key)));
}

/** What the line says of a domain of MB. */
function percentOf(input: string, key: string): string {
  const line = input.split("\n").find((text) => text.startsWith("MB:"))!;
  const item = line
    .slice(3)
    .split(";")
    .find((text) => Number(text.split("=")[0]) === Number(key.slice(3)))!;
  return item.split("=")[1]!.trim();
}

function partidOf(key: string, shape: ReturnType<typeof shapeOf>): [component: string, partid: number] {
  const [name = "", id] = key.split(":");
  if (!shape.options?.cdp) return [key, CLOSID];
  return [`${name.slice(0, 2)}:${id}`, 2 * CLOSID + (name.endsWith("CODE") ? 1 : 0)];
}

test.each(runs)("$id in $env, $kernel: $reason", async (one) => {
  await withGroup(one.env, one.kernel, async (subject) => {
    const { resctrl, shape } = subject;
    const before = await valuesOf(subject);
    const outcome = await resctrl.writeFile("g/schemata", one.input).then(
      () => null,
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe(one.errno);
    expect(await resctrl.readFile("info/last_cmd_status")).toBe(one.last_cmd_status_reads);
    const after = new Map(before);
    for (const [key] of appliedBy(one)) after.set(key, wanted(one, key, one.kernel).reads_back);
    expect(await valuesOf(subject)).toEqual(after);
    for (const [key] of appliedBy(one)) {
      const { reads_back, hw_mbw_max } = wanted(one, key, one.kernel);
      const [component, partid] = partidOf(key, shape);
      const held = subject.registers([component]).get(component)!;
      expect(held.map((words) => words[partid])).toEqual(held.map(() => Number(hw_mbw_max ?? `0x${reads_back}`)));
    }
  });
});

const LOCKED = golden.schemata.cases.filter((one) => wayOfSchemata(one).on === "mode file");

test.each(LOCKED)("$id in $env: no MPAM machine gets there, the mode file refuses", async () => {
  await withGroup("mpam", "linux-7.3", async ({ resctrl }) => {
    for (const mode of ["pseudo-locksetup\n", "pseudo-locked\n"]) {
      await expect(resctrl.writeFile("g/mode", mode)).rejects.toMatchObject({ code: "EINVAL" });
      expect(await resctrl.readFile("info/last_cmd_status")).toBe("Unknown or unsupported mode\n");
    }
    expect(await resctrl.readFile("g/mode")).toBe("shareable\n");
  });
});
