// Whatever is written to the files of the kernel mode, and whatever happens to groups and cpus meanwhile: the files say what the
// kernel has been told, and what is refused changes nothing.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Resctrl } from "../../src/fs/index.ts";
import type { KernelPolicy, LabelPair } from "../../src/resctrl/index.ts";
import { type FakeDriver, type FakeShape, fakeDriver, type Refusal, refusal } from "./fakes.ts";

const MODE = "info/kernel_mode";
const MAP = "info/kernel_mode_assignment";
const INHERIT = "inherit_ctrl_and_mon";
const GLOBAL = "global_assign_ctrl_assign_mon_per_cpu";
const CONTROL = "global_assign_ctrl_inherit_mon_per_cpu";
const PER_GROUP = "per_group_assign_ctrl_assign_mon";

const piece = fc.oneof(
  fc.constantFrom(INHERIT, GLOBAL, PER_GROUP, CONTROL, ":group=", "\n", " ", "", "[", "]"),
  fc.constantFrom("//", "a//", "b//", "/m/", "a/m/", "b/n/", "x//", "uninitialized", "/", ":", "\0"),
  fc.string({ maxLength: 3 }),
);
const group = fc.constantFrom("//", "a//", "b//", "/m/", "a/m/", "b/m/", "b/n/");
const command = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")),
  fc.array(piece, { maxLength: 4 }).map((pieces) => `${pieces.join("")}\n`),
  fc.constantFrom(INHERIT, GLOBAL, PER_GROUP).map((name) => `${name}\n`),
  fc
    .tuple(fc.constantFrom(INHERIT, GLOBAL, PER_GROUP, CONTROL), fc.constantFrom("uninitialized", "a/m", "x//", "//"))
    .map(([name, group]) => `${name}:group=${group}\n`),
  fc.tuple(fc.constantFrom("", " ", "\t"), group).map(([blank, name]) => `${GLOBAL}${blank}:group=${name}\n`),
);
const lines = fc.oneof(
  fc.array(piece, { maxLength: 5 }).map((pieces) => `${pieces.join("")}\n`),
  fc
    .array(fc.tuple(group, group), { minLength: 1, maxLength: 3 })
    .map((pairs) => pairs.map((pair) => `${pair.join(":")}\n`).join("")),
);

const DIRECTORIES = ["", "a/", "b/", "mon_groups/m/", "a/mon_groups/m/", "b/mon_groups/m/", "b/mon_groups/n/"] as const;
const directory = fc.constantFrom(...DIRECTORIES);
const made = fc.constantFrom(...DIRECTORIES.slice(1));

interface Subject {
  readonly fs: Resctrl;
  readonly driver: FakeDriver;
}

type Step = { readonly shown: string; readonly mode?: string; run(on: Subject): Promise<unknown> };

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: command.map(
      (text): Step => ({
        shown: `mode ${JSON.stringify(text)}`,
        mode: text,
        run: ({ fs }) => fs.writeFile(MODE, text),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: lines.map(
      (text): Step => ({ shown: `map ${JSON.stringify(text)}`, run: ({ fs }) => fs.writeFile(MAP, text) }),
    ),
  },
  fc.tuple(directory, fc.constantFrom("", "1", "0-3", "7", "9", "x")).map(
    ([at, text]): Step => ({
      shown: `cpus ${at} ${text}`,
      run: ({ fs }) => fs.writeFile(`${at}kmode_cpus_list`, `${text}\n`),
    }),
  ),
  { weight: 3, arbitrary: made.map((at): Step => ({ shown: `mkdir ${at}`, run: ({ fs }) => fs.mkdir(at) })) },
  made.map((at): Step => ({ shown: `rmdir ${at}`, run: ({ fs }) => fs.rmdir(at) })),
  fc.tuple(made, made).map(([from, to]): Step => ({ shown: `mv ${from} ${to}`, run: ({ fs }) => fs.rename(from, to) })),
  fc.tuple(fc.nat(7), fc.boolean()).map(
    ([cpu, online]): Step => ({
      shown: `cpu ${cpu} ${online}`,
      run: ({ driver }) => driver.machine.cpu(cpu, online),
    }),
  ),
);

/** Directories of all groups by their spelling. */
async function groupsOf(fs: Resctrl): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const names = (await fs.readdir("/")).filter((name) => name === "a" || name === "b");
  for (const control of ["", ...names]) {
    const at = control === "" ? "" : `${control}/`;
    found.set(`${control}//`, at);
    for (const monitor of await fs.readdir(`${at}mon_groups`))
      found.set(`${control}/${monitor}/`, `${at}mon_groups/${monitor}/`);
  }
  return found;
}

/** What the kernel should have been told, as the files of the tree have it. */
async function saidByFiles(fs: Resctrl): Promise<KernelPolicy> {
  const groups = await groupsOf(fs);
  const labelOf = async (name: string) => {
    const at = groups.get(name);
    expect(at).toBeDefined();
    const pmg = Number(await fs.readFile(`${at}mon_hw_id`));
    const control = (at ?? "").replace(/mon_groups\/.*/, "");
    const partid = Number(await fs.readFile(`${control}ctrl_hw_id`));
    return { partidD: partid, partidI: partid, pmgD: pmg, pmgI: pmg };
  };
  const modeLines = (await fs.readFile(MODE)).split("\n");
  expect(modeLines.map((line) => line.replace(/[[\]]|:group=.*/g, ""))).toEqual([INHERIT, GLOBAL, PER_GROUP, ""]);
  const active = modeLines.filter((line) => /^\[.*\]$/.test(line));
  expect(active.length).toBe(1);
  const [, name, bound] = /^\[([a-z_]+)(?::group=(.*))?\]$/.exec(active[0] ?? "") ?? [];
  expect(modeLines[1]?.includes("uninitialized")).toBe(bound === undefined);
  const withFiles: string[] = [];
  for (const [spelling, at] of groups) {
    const there = (await fs.readdir(`/${at}`)).filter((file) => file.startsWith("kmode_cpus"));
    if (there.length > 0) withFiles.push(spelling);
  }
  expect(withFiles).toEqual(bound === undefined ? [] : [bound]);
  expect((await fs.readdir("info")).includes("kernel_mode_assignment")).toBe(name === PER_GROUP);
  if (name === GLOBAL && bound !== undefined) {
    const mask = Number.parseInt(await fs.readFile(`${groups.get(bound)}kmode_cpus`), 16);
    const cpus = [0, 1, 2, 3, 4, 5, 6, 7].filter((cpu) => mask & (1 << cpu));
    return { policy: "global", label: await labelOf(bound), cpus };
  }
  if (name !== PER_GROUP) return { policy: "inherit" };
  const pairs = (await fs.readFile(MAP))
    .trimEnd()
    .split("\n")
    .map((line) => /^(.*?\/.*?\/):(.*)$/.exec(line)?.slice(1) ?? []);
  expect(pairs.map(([user]) => user).sort()).toEqual([...groups.keys()].sort());
  const told: LabelPair[] = [];
  for (const [user = "", kernel = ""] of pairs) told.push({ user: await labelOf(user), kernel: await labelOf(kernel) });
  // 7.3 can give two groups one label.
  const first = told.filter(
    ({ user }, at) => told.findIndex((one) => one.user.partidD === user.partidD && one.user.pmgD === user.pmgD) === at,
  );
  return { policy: "per-group", pairs: first };
}

/** What the write should have come to, read off the text without looking at the tree but for its groups. */
function expected(
  text: string,
  groups: ReadonlyMap<string, string>,
  active: string,
): { refused?: string; active?: string } {
  if (!text.endsWith("\n")) return { refused: "" };
  const [body = ""] = text.slice(0, -1).split("\0");
  const trimmed = body.replace(/^[ \t\n\v\f\r\xa0]+|[ \t\n\v\f\r\xa0]+$/g, "");
  const [head = "", ...rest] = trimmed.split(":group=");
  const name = rest.length === 0 ? head : head.replace(/[ \t\n\v\f\r\xa0]+$/, "");
  const spelling = rest.length === 0 ? undefined : rest.join(":group=");
  if (name === INHERIT) return { active: `[${INHERIT}]` };
  if (name === CONTROL) return { refused: "Kernel mode not available\n" };
  if (name === PER_GROUP)
    return spelling === undefined ? { active: `[${PER_GROUP}]` } : { refused: `${PER_GROUP} takes no group\n` };
  if (name !== GLOBAL) return { refused: "Unknown kernel mode\n" };
  const wanted = spelling ?? "//";
  if (wanted === "uninitialized") return { refused: "Cannot bind to 'uninitialized' group\n" };
  if (wanted.split("/").length !== 3 || !wanted.endsWith("/")) return { refused: "Group must be <ctrl>/<mon>/\n" };
  if (!groups.has(wanted)) return { refused: "Group not found\n" };
  return { active: active.endsWith(`:group=${wanted}]`) ? active : `[${GLOBAL}:group=${wanted}]` };
}

async function activeLine(fs: Resctrl): Promise<string> {
  return (await fs.readFile(MODE)).split("\n").find((line) => line.startsWith("[")) ?? "";
}

const SHAPES: readonly FakeShape[] = [{ pmgMax: 3 }, { pmgMax: 1, csu: 0 }, { pmgMax: 3, compat: "linux-7.3" }];

test("the files say what the kernel has been told, and what is refused changes nothing", async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SHAPES),
      fc.array(step, { maxLength: 30, size: "max" }),
      async (shape, steps) => {
        const driver = fakeDriver(shape);
        const fs = await Resctrl.mount(driver, { proposed: ["kernel-mode"], debug: true });
        const kernel = driver.machine.processor.kernel;
        for (const { mode, run } of steps) {
          const [groups, active, before] = [await groupsOf(fs), await activeLine(fs), kernel?.mode];
          const refused: Refusal | undefined = await refusal(run({ fs, driver }) as Promise<unknown>);
          if (mode !== undefined) {
            const should = expected(mode, groups, active);
            expect(refused).toEqual(
              should.refused === undefined ? undefined : { code: "EINVAL", status: should.refused },
            );
            expect(await activeLine(fs)).toBe(should.active ?? active);
            reached.add(should.refused ?? should.active?.replace(/:.*/, "") ?? "");
          }
          if (refused !== undefined) expect(kernel?.mode).toEqual(before);
          expect(kernel?.mode).toEqual(await saidByFiles(fs));
        }
      },
    ),
    { numRuns: 150 },
  );
  // Everything that a write can come to was drawn.
  expect([...reached].map((one) => one.slice(0, 12)).sort()).toEqual([
    "",
    "Cannot bind ",
    "Group must b",
    "Group not fo",
    "Kernel mode ",
    "Unknown kern",
    "[global_assi",
    "[inherit_ctr",
    "[per_group_a",
    "per_group_as",
  ]);
}, 60_000);
