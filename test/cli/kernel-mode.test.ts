// Kernel work in mpam replay: under whose label it is, and what it did apart from programs.

import { describe, expect, test } from "vitest";
import { parseScript } from "../../src/script/index.ts";
import { parseGroupRule } from "../../src/session/groups.ts";
import { parseKernelMode } from "../../src/session/kernel-mode.ts";
import { runSession, type SessionOptions } from "../../src/session/run-session.ts";
import { openTraces } from "../../src/trace/index.ts";
import { mpam } from "../helpers/command-line.ts";

const PLATFORM = new URL("../../platforms/private-l2.yaml", import.meta.url).pathname;

/** 700 accesses at EL0 and 300 at EL1, of a thread of web; 100 at EL1 of one of batch. */
const WEB = "synth:stream,n=1000,kernel=stream:30,every=70,gap=100";
const BATCH = "synth:stream,n=100,el=1,gap=1000,pid=9,tid=9";

async function run(mode: string | undefined, script = "", different: Partial<SessionOptions> = {}) {
  const result = await runSession(await openTraces([WEB, BATCH]), {
    platform: PLATFORM,
    groups: ["web=trace:1", "batch=trace:2"].map(parseGroupRule),
    script: parseScript(script, "script"),
    byEl: true,
    ...(mode === undefined ? {} : { kernelMode: parseKernelMode(mode) }),
    ...different,
  });
  return result.phases.map(({ groups }) =>
    Object.fromEntries(
      groups.flatMap(({ group, els = [] }) => {
        const seen = els.filter(({ accesses }) => accesses > 0);
        return seen.length === 0 ? [] : [[group, Object.fromEntries(seen.map(({ el, accesses }) => [el, accesses]))]];
      }),
    ),
  );
}

describe("accesses by group and exception level", () => {
  test.each([
    [undefined, { web: { 0: 700, 1: 300 }, batch: { 1: 100 } }],
    ["inherit", { web: { 0: 700, 1: 300 }, batch: { 1: 100 } }],
    ["default", { web: { 0: 700 }, "/": { 1: 400 } }],
    ["group:/batch/", { web: { 0: 700 }, batch: { 1: 400 } }],
    ["group:web/mon_groups/k", { web: { 0: 700, 1: 400 }, "web/mon_groups/k": { 1: 400 } }],
    ["group:mon_groups/r", { web: { 0: 700 }, "/": { 1: 400 }, "/mon_groups/r": { 1: 400 } }],
    ["per-group:web=batch,batch=/", { web: { 0: 700 }, batch: { 1: 300 }, "/": { 1: 100 } }],
    ["per-group:web=web", { web: { 0: 700, 1: 300 }, "/": { 1: 100 } }],
  ])("with --kernel-mode %s: %j", async (mode, groups) => {
    expect(await run(mode, "@0 mkdir web/mon_groups/k\n@0 mkdir mon_groups/r")).toEqual([groups]);
  });

  test("a script changes the mode in the middle of a run", async () => {
    const line = "@50us write info/kernel_mode inherit_ctrl_and_mon";
    const [before, after] = await run("default", line);
    expect(Object.keys(before ?? {}).sort()).toEqual(["/", "web"]);
    // What is changed at a quantum's border waits for the next.
    expect(after).toMatchObject({ batch: { 1: 49 }, web: { 0: expect.any(Number), 1: expect.any(Number) } });
    const asked = await run(undefined, "@0 write info/kernel_mode global_assign_ctrl_assign_mon_per_cpu", {
      proposed: ["kernel-mode"],
    });
    expect(asked[0]?.["/"]).toEqual({ 1: 400 });
  });

  test("levels of a group add up to what the group did", async () => {
    const result = await runSession(await openTraces([WEB]), {
      ...{ platform: PLATFORM, groups: [parseGroupRule("web=trace:1")], script: [], byEl: true, timing: "closed" },
      kernelMode: { policy: "inherit" },
    });
    const web = result.phases[0]?.groups.find(({ group }) => group === "web");
    const sum = (
      of: (el: NonNullable<typeof web>["els"] extends readonly (infer E)[] | undefined ? E : never) => number,
    ) => (web?.els ?? []).reduce((all, el) => all + of(el), 0);
    expect(sum((el) => el.accesses)).toBe(web?.accesses);
    expect(sum((el) => el.misses)).toBe(web?.misses);
    expect(sum((el) => el.bytesHeld)).toBe(Number(web?.llcOccupancy));
    expect(sum((el) => el.bytes)).toBe(Number(web?.mbmTotalBytes));
    expect(sum((el) => el.latency?.count ?? 0)).toBe(web?.latency?.count);
    expect(result.latencies?.map(({ group, el }) => [group, el])).toEqual([
      ["web", undefined],
      ["web", 0],
      ["web", 1],
    ]);
  });
});

test("a group with the label of one that is gone begins at nothing", async () => {
  const lines = ["@50500ns rmdir batch", "mkdir again", "write again/tasks 9"].join("\n");
  const phases = await run(undefined, lines);
  expect(phases[0]?.batch).toEqual({ 1: 51 });
  expect(phases.at(-1)?.again).toEqual({ 1: 49 });
  const unused = await run(undefined, "@50500ns rmdir batch\nmkdir again");
  expect(unused.at(-1)?.again).toBeUndefined();
});

test("mpam replay shows them below their group", async () => {
  const { code, text } = await shown("--by-el", "--kernel-mode", "default");
  expect(code).toBe(0);
  expect(text).toMatch(/^web +700 .*\n {2}EL0 +700 /m);
  expect(text).toMatch(/^\/ +300 .*\n {2}EL1 +300 /m);
  expect((await shown()).text).not.toMatch(/EL[01]/);
});

test.each([
  ["plza", /^mpam: kernel-mode 'plza': inherit, default, group:GROUP or per-group:GROUP=GROUP,... is allowed\n$/],
  ["group:", /is allowed\n$/],
  ["group:nix", /^mpam: kernel-mode: there is no group nix; -d "@0 mkdir nix" makes one before\n$/],
  ["per-group:web", /'web' is no GROUP=GROUP, a group and the one of its kernel work, as in web=\/\n$/],
  ["per-group:web=/,/web/=web", /web stands there twice\n$/],
])("--kernel-mode %s is one line on standard error, and exit code 2", async (mode, message) => {
  const ended = await mpam("replay", WEB, "-g", "web=trace:1", "-q", "--kernel-mode", mode);
  expect(ended).toMatchObject({ code: 2, err: expect.stringMatching(message) });
});

test("mpam explain labels takes the same modes", async () => {
  const groups = ["-d", "@0 mkdir web", "-d", "@0 mkdir k", "-g", "web", "--json"];
  const label = async (el: string, mode: string) => {
    const { out } = await mpam("explain", "labels", "--cpu", "0", "--el", el, "--kernel-mode", mode, ...groups);
    return JSON.parse(out).paths[0].label.partid;
  };
  expect(await Promise.all(["0", "1"].map((el) => label(el, "group:k")))).toEqual([1, 2]);
  expect(await Promise.all(["0", "1"].map((el) => label(el, "per-group:web=k")))).toEqual([1, 2]);
  expect(await label("1", "default")).toBe(0);
});

async function shown(...options: string[]) {
  const { code, out } = await mpam("replay", WEB, "-p", PLATFORM, "-g", "web=trace:1", "-q", ...options);
  return { code, text: out };
}
