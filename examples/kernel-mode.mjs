// What each policy for kernel work trades: locks that a limited task holds, the limit that it has, and caches after system calls.
// docs/kernel-mode.md has the story and the figures.
//
//   node examples/kernel-mode.mjs [--json] [--short]

import { fileURLToPath } from "node:url";
import { Driver, loadPlatform, Machine, openTraces, Resctrl } from "mpam-emulator";

const PLATFORM = fileURLToPath(new URL("kernel-mode.yaml", import.meta.url));

/** What info/kernel_mode and info/kernel_mode_assignment are told. */
const POLICIES = {
  inherit: ["inherit_ctrl_and_mon"],
  default: ["global_assign_ctrl_assign_mon_per_cpu:group=//"],
  "one group": ["global_assign_ctrl_assign_mon_per_cpu:group=kernel//"],
  "per group": ["per_group_assign_ctrl_assign_mon", "batch//:kernel//\nweb//:web//\n//://"],
};

/** A machine with three groups: `batch` with 5 % of the channel, `kernel` with 30 %, `web` with all of it. */
async function boot(policy) {
  const machine = await Machine.create(await loadPlatform(PLATFORM), { byEl: true });
  const tree = await Resctrl.mount(await Driver.probe(machine), { proposed: ["kernel-mode"] });
  for (const group of ["batch", "web", "kernel"]) await tree.mkdir(group);
  await tree.writeFile("batch/schemata", "MB:0=5\n");
  await tree.writeFile("kernel/schemata", "MB:0=30\n");
  const [mode, assignment] = POLICIES[policy];
  await tree.writeFile("info/kernel_mode", `${mode}\n`);
  if (assignment) await tree.writeFile("info/kernel_mode_assignment", `${assignment}\n`);
  return { machine, tree };
}

/** Opens traces and puts their threads into groups; "" is the default group. */
async function threadsOf({ machine, tree }, traces) {
  const sources = await openTraces(Object.values(traces).map(({ trace }) => trace));
  for (const [i, { group }] of Object.values(traces).entries()) {
    for (const { tid } of machine.addTasks(sources[i])) await tree.writeFile(`${group}/tasks`, `${tid}\n`);
  }
  return sources;
}

/** Runs traces together in closed timing; how long that took, ns. */
async function run(machine, sources) {
  const from = machine.clock.now;
  const { time } = await machine.replay(sources, { timing: "closed" });
  return time - from;
}

/**
 * A task of batch takes a lock in the kernel, and makes `accesses` to memory before it gives it back. One of web asks for it 2 us
 * later, sleeps until it is free, and then does as much. Who sleeps makes no accesses: the one runs after the other.
 */
async function inversion(policy, accesses) {
  const system = await boot(policy);
  const section = (pid) => `synth:stream,el=1,ws=64M,gap=10,n=${accesses},pid=${pid},tid=${pid}`;
  const [holder, waiter] = await threadsOf(system, {
    holder: { trace: section(100), group: "batch" },
    waiter: { trace: section(200), group: "web" },
  });
  const held = await run(system.machine, [holder]);
  const own = await run(system.machine, [waiter]);
  return { heldNs: held, waitedNs: Math.max(0, held - 2000), ownNs: own };
}

/**
 * The price. A task of batch has the kernel copy for it all the time; one of web works at EL0 beside it. What the first one moves,
 * of a limit of 5 %, and how long requests of the second one take.
 */
async function bypass(policy, accesses) {
  const system = await boot(policy);
  const { machine } = system;
  const sources = await threadsOf(system, {
    copier: { trace: "synth:stream,el=1,ws=256M,gap=8,n=1M,pid=100,tid=100@loop=100", group: "batch" },
    neighbour: { trace: `synth:stream,el=0,ws=256M,gap=16,n=${accesses},pid=200,tid=200`, group: "web" },
  });
  const until = accesses * 16;
  await machine.replay(sources, { timing: "closed", until });
  const moved = machine.statistics().filter(({ el }) => el === 1);
  const bytes = moved.reduce((sum, one) => sum + one.bytesRead + one.bytesWritten, 0);
  const neighbour = machine.latencies().find(({ el }) => el === 0);
  const channel = machine.platform.memory[0].bytesPerSecond;
  return { share: (bytes * 1e9) / until / channel, neighbourNs: neighbour.meanNs };
}

/** Records of a program between two system calls, of the kernel in one, and of the program that tell what a call has left; 10 ns apart. */
const [EVERY, CALL, AFTER, GAP, CALLS] = [400, 100, 50, 10, 10];

/**
 * A program of web has 28 KiB of data, and `web` of the 8 ways of an L2: 2 are 32 KiB, 3 are 48. Each of its system calls makes 100
 * accesses to 20 KiB: 8 KiB are buffers of the program, 12 KiB the kernel's own. After ten calls the cpu is for 50 us another program's, one of the
 * default group, which has 3 ways; 2 are for the group kernel. Nothing is short of bandwidth here: how long an access takes is where it
 * finds its line. Open timing, so that records come in the order in which a cpu makes them.
 */
async function jitter(policy, turns, { web, other }) {
  const system = await boot(policy);
  const { machine, tree } = system;
  await tree.writeFile("schemata", "L2:1=e0;2=e0\n");
  await tree.writeFile("kernel/schemata", "L2:1=18;2=18\n");
  await tree.writeFile("web/schemata", `L2:1=${web};2=${web}\n`);
  const n = CALLS * (EVERY + CALL);
  const turn = n * GAP;
  const program = `synth:mix,of=random:1,ws=40k,random.ws=28k,every=${EVERY},kernel=random:${CALL},kernel.at=20k,kernel.ws=20k`;
  const often = `loop=${turns},every=${2 * turn}ns`;
  const sources = await threadsOf(system, {
    program: { trace: `${program},gap=${GAP},n=${n},pid=100,tid=100@${often}`, group: "web" },
    // Threads are dealt to cpus in turn: one access keeps the second cpu, and the other program comes to the first.
    elsewhere: { trace: "synth:stream,n=1,ws=64,pid=300,tid=300", group: "" },
    other: { trace: `synth:${other},gap=${GAP},n=${n},pid=200,tid=200@start=${turn}ns,${often}`, group: "" },
  });
  const spans = { after: [], later: [], call: [], other: [] };
  const held = [];
  let before = lookAt(machine);
  const cut = (kind, el, lap) => {
    const now = lookAt(machine);
    // The first turns bring everything in.
    if (lap > 0) spans[kind]?.push(spanOf(now, before, el));
    before = now;
  };
  // The kernel switches where somebody looks for who runs.
  const switched = (lap) => {
    machine.processor.look(0);
    if (lap > 0) held.push(heldBy(machine));
  };
  const start = machine.clock.now;
  for (let lap = 0; lap < turns; lap++) {
    const begins = start + 2 * turn * lap;
    for (let call = 0; call < CALLS; call++) {
      const at = begins + call * (EVERY + CALL) * GAP;
      machine.clock.at(at + AFTER * GAP, "after", () => cut(call === 0 ? "first" : "after", 0, lap));
      machine.clock.at(at + EVERY * GAP, "later", () => cut("later", 0, lap));
      machine.clock.at(at + (EVERY + CALL) * GAP, "call", () => cut("call", 1, lap));
    }
    machine.clock.at(begins + turn, "switch", () => switched(lap));
    machine.clock.at(begins + 2 * turn, "switch back", () => {
      cut("other", 0, lap);
      machine.processor.look(0);
    });
  }
  const booted = machine.processor.kernel.counts(0);
  await machine.replay(sources, { until: start + 2 * turn * turns });
  const { switches, writes, isbs } = machine.processor.kernel.counts(0);
  return {
    ...Object.fromEntries(Object.entries(spans).map(([kind, all]) => [kind, spreadOf(all)])),
    held: held.at(-1),
    costs: {
      switches: switches - booted.switches,
      mpam1: writes.MPAM1_EL1 - booted.writes.MPAM1_EL1,
      mpam0: writes.MPAM0_EL1 - booted.writes.MPAM0_EL1,
      isbs: isbs - booted.isbs,
    },
  };
}

const cacheOf = (machine, level, id) =>
  machine.levels().find((one) => one.kind === "cache" && one.level === level && one.id === id);

/** Per exception level: accesses of the first cpu's L2, those it did not have, and those that the L3 had not either. */
function lookAt(machine) {
  const [l2, l3] = [cacheOf(machine, 2, 1), machine.levels().find((one) => one.level === 3)];
  const sum = (slice, el, what) => slice.labels.reduce((all, one) => all + (one.el === el ? one[what] : 0), 0);
  return [0, 1].map((el) => [sum(l2, el, "accesses"), sum(l2, el, "misses"), sum(l3, el, "misses")]);
}

/** The share that the L2 had, and how long an access took: 4 ns in the L2, 20 in the L3, 90 in memory. */
function spanOf(now, before, el) {
  const [all, past2, past3] = now[el].map((count, i) => count - before[el][i]);
  return { hits: (all - past2) / all, ns: (4 * (all - past2) + 20 * (past2 - past3) + 90 * past3) / all };
}

/** Of many times: their mean, how far they are from it, and the worst. */
function spreadOf(spans) {
  const meanOf = (of) => spans.reduce((sum, one) => sum + of(one), 0) / spans.length;
  const mean = meanOf(({ ns }) => ns);
  return {
    hits: meanOf(({ hits }) => hits),
    mean,
    deviation: Math.sqrt(meanOf(({ ns }) => (ns - mean) ** 2)),
    worst: Math.max(...spans.map(({ ns }) => ns)),
  };
}

/** KiB of the L2 under the labels of each group. PARTIDs are dealt as groups are made. */
function heldBy(machine) {
  const { labels } = cacheOf(machine, 2, 1);
  const of = (number) => labels.reduce((sum, one) => sum + (one.partid === number ? one.bytesHeld : 0), 0) / 1024;
  return { default: of(0), web: of(2), kernel: of(3) };
}

/** Ways of web, and what the other program does: stay within 40 KiB, or go through 4 MiB. */
const SCENES = {
  quiet: { web: "03", other: "random,ws=40k" },
  busy: { web: "03", other: "stream,ws=4M" },
  roomy: { web: "07", other: "stream,ws=4M" },
};

async function figuresOf({ accesses, copies, turns }) {
  const figures = {};
  for (const policy of Object.keys(POLICIES)) {
    figures[policy] = {
      inversion: await inversion(policy, accesses),
      bypass: await bypass(policy, copies),
      quiet: await jitter(policy, turns, SCENES.quiet),
      busy: await jitter(policy, turns, SCENES.busy),
      roomy: await jitter(policy, turns, SCENES.roomy),
    };
  }
  return figures;
}

function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return all.map((row) => line(row)).join("\n");
}

function story(figures) {
  const rows = (of) => Object.entries(figures).map(([policy, all]) => [policy, ...of(all)]);
  const us = (ns) => `${(ns / 1000).toFixed(0)} us`;
  const ns = (value) => `${value.toFixed(1)} ns`;
  const spread = ({ mean, deviation, worst }) => [`${mean.toFixed(1)} ±${deviation.toFixed(1)}`, worst.toFixed(1)];
  const caches = (scene) =>
    table(
      [
        "kernel mode",
        "L2 hits",
        "EL0 after",
        "worst",
        "EL0 later",
        "EL1",
        "worst",
        "other",
        "web",
        "kernel",
        "default",
      ],
      rows(({ [scene]: one }) => [
        `${(100 * one.after.hits).toFixed(1)} %`,
        ...spread(one.after),
        one.later.mean.toFixed(1),
        ...spread(one.call),
        one.other.mean.toFixed(1),
        ...[one.held.web, one.held.kernel, one.held.default].map((kib) => `${kib.toFixed(0)} KiB`),
      ]),
    );
  return `A lock: a task of batch (5 % of the channel) holds it, one of web waits for it
${table(
  ["kernel mode", "held", "waited", "web itself"],
  rows(({ inversion }) => [us(inversion.heldNs), us(inversion.waitedNs), us(inversion.ownNs)]),
)}

The price: what a task of batch moves by working in the kernel, and how long requests of web take beside it
${table(
  ["kernel mode", "share of the channel", "a request of web"],
  rows(({ bypass }) => [`${(bypass.share * 100).toFixed(1)} %`, ns(bypass.neighbourNs)]),
)}

System calls of a program in 32 KiB of an L2: accesses of EL0 right after a call (hits, ns), later, of EL1 in it, of another
program that has the cpu in turns, and what the L2 holds under whose label. The other program fits into its part of the L2:
${caches("quiet")}

It does not:
${caches("busy")}

Nor does it here, and web has 48 KiB:
${caches("roomy")}

Register writes for so many switches
${table(
  ["kernel mode", "switches", "MPAM0_EL1", "MPAM1_EL1", "ISB"],
  rows(({ quiet: { costs } }) => [costs.switches, costs.mpam0, costs.mpam1, costs.isbs].map(String)),
)}`;
}

const short = process.argv.includes("--short");
const figures = await figuresOf(
  short ? { accesses: 300, copies: 5000, turns: 4 } : { accesses: 2000, copies: 100_000, turns: 50 },
);
console.log(process.argv.includes("--json") ? JSON.stringify(figures) : story(figures));
