// A label map at work: whose accesses are counted where.
import { expect, test } from "vitest";
import { parseScript } from "../../src/script/index.ts";
import { parseGroupRule } from "../../src/session/groups.ts";
import { runSession } from "../../src/session/run-session.ts";
import { checkLabelMap, parseLabelMap } from "../../src/trace/index.ts";
import { FakeTrace, thread, walk } from "../machine/traces.ts";

const platform = new URL("../../platforms/one-socket.yaml", import.meta.url).pathname;

/** Thread i + 1 makes 10 * 2^i accesses; four threads, on cpus 0 to 3, in two processes. */
const COUNTS = [10, 20, 40, 80];
const REQUESTERS = COUNTS.map((_, i) =>
  thread(i + 1, { asid: 1, pid: i < 2 ? 100 : 200, cpu: i, comm: `comm${i + 1}` }),
);

function trace(different: readonly object[] = []): FakeTrace {
  const rows = COUNTS.flatMap((count, requester) => walk([requester], count, { requester })).map((row, time) => ({
    ...row,
    time,
  }));
  return new FakeTrace("t", rows, { requesters: REQUESTERS.map((who, i) => ({ ...who, ...different[i] })) });
}

interface Run {
  readonly script?: readonly string[];
  readonly groups?: readonly string[];
  readonly trace?: FakeTrace;
}

async function accesses(labels: object | undefined, { script = [], groups = [], trace: file = trace() }: Run = {}) {
  const result = await runSession([file], {
    platform,
    groups: groups.map(parseGroupRule),
    script: parseScript(script.join("\n"), "script"),
    ...(labels ? { labels: checkLabelMap(labels) } : {}),
  });
  const sums: Record<string, number> = {};
  for (const { groups: all } of result.phases) {
    for (const one of all) if (one.accesses > 0) sums[one.group] = (sums[one.group] ?? 0) + one.accesses;
  }
  return sums;
}

const made = ["@0 mkdir web", "@0 mkdir batch", "@0 mkdir web/mon_groups/api"];

test("the first rule that matches wins, and the others are in the root or under the default", async () => {
  const rules = [
    { match: { tid: 2 }, label: { partid: 5, pmg: 1 } },
    { match: { pid: 100 }, group: "web" },
    { match: { tid: 2 }, group: "batch" },
    { match: { comm: "comm3" }, label: { space: "rl", partid: 2 } },
  ];
  expect(await accesses({ rules }, { script: made })).toEqual({
    web: 10,
    "label ns:5:1": 20,
    "label rl:2:0": 40,
    "/": 80,
  });
  expect(await accesses({ rules, default: { group: "batch" } }, { script: made })).toEqual({
    web: 10,
    "label ns:5:1": 20,
    "label rl:2:0": 40,
    batch: 80,
  });
  const fixed = await accesses({ rules, default: { label: { space: "s", partid: 1 } } }, { script: made });
  expect(fixed).toEqual({ web: 10, "label ns:5:1": 20, "label rl:2:0": 40, "label s:1:0": 80 });
});

test("a monitor group's threads are in its control group too", async () => {
  const rules = [
    { match: { tid: 1 }, group: "web/mon_groups/api" },
    { match: { tid: 2 }, group: "web" },
  ];
  expect(await accesses({ rules }, { script: made })).toEqual({ "web/mon_groups/api": 10, web: 30, "/": 120 });
});

test("the group of a thread beats that of its cpu, which beats the root, in whatever order the rules stand", async () => {
  const cpus = { match: { cpu: "0-1" }, group: "batch" };
  const threads = { match: { tid: 2 }, group: "web" };
  for (const rules of [
    [cpus, threads],
    [threads, cpus],
  ]) {
    expect(await accesses({ rules }, { script: made })).toEqual({ batch: 10, web: 20, "/": 120 });
  }
  expect(await accesses({ rules: [{ match: { cpu: 3 }, group: "web/mon_groups/api" }] }, { script: made })).toEqual({
    "web/mon_groups/api": 80,
    web: 80,
    "/": 70,
  });
  // A label is for requesters, and the first rule wins.
  const label = { match: { tid: 1 }, label: { partid: 9 } };
  expect(await accesses({ rules: [label, cpus] }, { script: made })).toMatchObject({ "label ns:9:0": 10, batch: 20 });
  expect(await accesses({ rules: [cpus, label] }, { script: made })).toMatchObject({ batch: 30 });
});

test("a thread on several cpus is in the group of each while it runs there", async () => {
  const requesters = [thread(1, { cpu: 0 }), thread(1, { cpu: 3 })];
  const rows = walk([1], 40).map((row, i) => ({ ...row, requester: i < 10 ? 0 : 1 }));
  const file = new FakeTrace("t", rows, { requesters });
  const rules = [{ match: { cpu: "2-3" }, group: "batch" }];
  expect(await accesses({ rules }, { trace: file, script: made })).toEqual({ "/": 10, batch: 30 });
});

test("threads without a recorded cpu match the one they are dealt to", async () => {
  const file = new FakeTrace("t", walk([1], 10), { requesters: [thread(1)] });
  const labels = { rules: [{ match: { cpu: 0, tid: 1 }, label: { partid: 3 } }] };
  expect(await accesses(labels, { trace: file })).toEqual({ "label ns:3:0": 10 });
});

test("a recorded label holds where no rule says otherwise", async () => {
  const recorded = { label: { space: "rt", partid: 7, pmg: 1 } };
  const file = () => trace([recorded, recorded, recorded]);
  expect(await accesses(undefined, { trace: file() })).toEqual({ "label rt:7:1": 70, "/": 80 });
  const rules = [
    { match: { tid: 1 }, group: "web" },
    { match: { tid: 2 }, label: { partid: 4 } },
  ];
  const labels = { rules, default: { group: "batch" } };
  expect(await accesses(labels, { trace: file(), script: made })).toEqual({
    web: 10,
    "label ns:4:0": 20,
    "label rt:7:1": 40,
    batch: 80,
  });
  expect(await accesses(undefined, { trace: file(), groups: ["a=tid:1"] })).toEqual({
    a: 10,
    "label rt:7:1": 60,
    "/": 80,
  });
});

test("monitor groups of the root take threads of the root", async () => {
  const rules = [{ match: { tid: 1 }, group: "mon_groups/one" }];
  const script = ["@0 mkdir mon_groups/one"];
  expect(await accesses({ rules }, { script })).toEqual({ "/mon_groups/one": 10, "/": 150 });
});

test("groups of -g are there, and its rules come first", async () => {
  const rules = [
    { match: { pid: 100 }, group: "b" },
    { match: { tid: 3 }, group: "a" },
  ];
  expect(await accesses({ rules }, { groups: ["a=tid:1", "b=tid:9"] })).toEqual({ a: 50, b: 20, "/": 80 });
});

test("labels that change later are script lines", async () => {
  const labels = { rules: [{ match: { tid: 1 }, group: "web" }] };
  const file = new FakeTrace("t", walk([1], 4000), { requesters: [thread(1)] });
  // What is written in the second us acts from the third on.
  const counts = await accesses(labels, { trace: file, script: [...made, "@1500ns write batch/tasks 1"] });
  expect(counts).toEqual({ web: 2000, batch: 2000 });
});

test.each([
  [
    "rules:\n  - match: { tid: 1 }\n    group: wbe",
    /^l.yaml:3:12: there is no group wbe; there are .*web.*; a script line makes one before the first record: @0 mkdir wbe$/,
  ],
  ["default: { group: late }", /^l.yaml:1:19: there is no group late/],
  [
    "rules:\n  - match: { cpu: 64 }\n    group: web",
    /^l.yaml:3:12: the rule names no cpu of the platform; it has cpus 0 to 7$/,
  ],
  [
    "rules:\n  - match: { tid: 1, cpu: 0 }\n    group: web",
    /^l.yaml:3:12: the group web would get thread 1 in part, .*; a group takes whole threads/,
  ],
  ["rules:\n  - match: { tid: 1 }\n    label: { partid: 60000 }", /PARTID 60000/],
])("%j is refused in words", async (text, says) => {
  const requesters = [thread(1, { cpu: 0 }), thread(1, { cpu: 1 })];
  const file = new FakeTrace("t", walk([1], 10), { requesters });
  const run = runSession([file], {
    platform,
    groups: [],
    script: parseScript([...made, "@5ns mkdir late"].join("\n"), "script"),
    labels: parseLabelMap(text, "l.yaml"),
  });
  await expect(run).rejects.toThrow(says);
});

test("a rule gives a device a label, and no group; what no rule names keeps that of its stream", async () => {
  const io = new URL("../../platforms/io.yaml", import.meta.url).pathname;
  const rows = walk([1], 90).map((row, i) => ({ ...row, requester: i % 3 }));
  const who = ["nic-rx", "nic-tx"].map((device) => ({ asid: 9, pid: 0, tid: 0, device }));
  const file = new FakeTrace("t", rows, { requesters: [thread(1), ...who] });
  const run = async (labels: object) => {
    const result = await runSession([file], { platform: io, labels: checkLabelMap(labels), groups: [], script: [] });
    const sums: Record<string, number> = {};
    for (const { groups } of result.phases)
      for (const one of groups) if (one.accesses > 0) sums[one.group] = one.accesses;
    return sums;
  };
  const rules = [{ match: { device: "nic-tx" }, label: { partid: 9 } }];
  const last = { default: { label: { partid: 8 } } };
  expect(await run({ rules, ...last })).toEqual({ "label ns:1:0": 30, "label ns:9:0": 30, "label ns:8:0": 30 });
  const grouped = run({ rules: [{ match: { device: "nic-*" }, group: "/" }] });
  await expect(grouped).rejects.toThrow(/the group \/ would get nic-rx; a device has no task: give it a label/);
});
