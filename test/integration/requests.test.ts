// Whole sessions, with driver, groups, a warm-up and a script that confines them on the way: a replay of recorded requests reads below
// the levels that private caches are as a whole one does, phase by phase.

import { expect, test } from "vitest";
import { type Machine, RequestRecorder, type RequestStream } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { parseScript } from "../../src/script/index.ts";
import { parseGroupRule } from "../../src/session/groups.ts";
import { runSession } from "../../src/session/run-session.ts";
import { parseWarmup } from "../../src/session/warmup.ts";
import { openTraces } from "../../src/trace/index.ts";

type Crossing = RequestRecorder | RequestStream;

const TRACES = [
  "synth:zipf,ws=4M,n=60000,threads=2,write=30%,gap=7",
  "synth:random,ws=2M,n=60000,seed=5,write=60%,gap=11",
];

async function session(name: string, script: readonly string[], requests?: Crossing) {
  const platform = await loadPlatform(new URL(`../../platforms/${name}.yaml`, import.meta.url));
  // What a session has no option for yet.
  const cross = (machine: Machine) => {
    const replay = machine.replay.bind(machine);
    if (requests) machine.replay = (sources, options) => replay(sources, { ...options, requests });
  };
  const result = await runSession(await openTraces(TRACES), {
    platform,
    groups: ["polite=trace:1", "greedy=trace:2"].map(parseGroupRule),
    warmup: parseWarmup("10%"),
    script: parseScript(script.join("\n"), "script"),
    onMachine: cross,
  });
  const { phases, seconds: _seconds, paths: _paths, ...rest } = result;
  const last = Math.max(...platform.caches.map(({ level }) => level));
  const split = phases.map(({ groups, ...phase }) => {
    const above = groups.map(({ group, accesses, levels }) => ({
      group,
      accesses,
      levels: levels.filter(({ level }) => level !== last),
    }));
    const below = groups.map(({ accesses: _accesses, levels, ...one }) => ({
      ...one,
      levels: levels.filter(({ level }) => level === last),
    }));
    return { phase, above, below };
  });
  return {
    rest,
    phases: split.map(({ phase }) => phase),
    above: split.map(({ above }) => above),
    below: split.map(({ below }) => below),
  };
}

test.each([
  [
    "private-l2",
    ["@50% write greedy/schemata L3:0=f", "@50% write greedy/schemata MB:0=20", "@80% write polite/schemata L3:0=fff0"],
  ],
  ["two-sockets", ["@50% write greedy/schemata L3:0=f;1=f", "@80% write polite/schemata L3:0=ff00;1=ff00"]],
])("on %s, with settings that the recording did not have", async (name, lines) => {
  const recorder = new RequestRecorder();
  // The recording has other settings of the last level, and cuts its phases at the same times.
  const other = lines.map((line) =>
    line.replace(/(L3|MB):.*/, (_, what) => (what === "MB" ? "MB:0=100" : "L3:0=ffff")),
  );
  const front = await session(name, other, recorder);
  const back = await session(name, lines, recorder.stream as RequestStream);
  const whole = await session(name, lines);
  expect(whole.phases.length).toBe(3);
  expect([back.rest, back.phases]).toEqual([whole.rest, whole.phases]);
  expect(back.below).toEqual(whole.below);
  expect(front.above).toEqual(whole.above);
  // The settings have an effect.
  const unchanged = await session(name, other);
  expect(unchanged.below).not.toEqual(whole.below);
});
