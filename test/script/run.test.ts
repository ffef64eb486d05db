// Scripts at work, on a machine with its tree: times, order, ends, faults, cpus and captures.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import {
  describeLine,
  parseScript,
  type ScriptHooks,
  ScriptRun,
  type ScriptTree,
  type Told,
} from "../../src/script/index.ts";
import { openTraces } from "../../src/trace/index.ts";
import { WrittenError } from "../../src/written/index.ts";

const bundled = (name: string) => new URL(`../../platforms/${name}.yaml`, import.meta.url);

async function mounted(platform = "one-socket") {
  const machine = await Machine.create(await loadPlatform(bundled(platform)));
  return { machine, tree: await Resctrl.mount(await Driver.probe(machine)) };
}

/** Runs a script beside a trace; what its lines told. */
async function run(script: string, { platform = "one-socket", trace = "synth:stream,n=1000,gap=1000" } = {}) {
  const { machine, tree } = await mounted(platform);
  const told: Told[] = [];
  const cuts: number[] = [];
  const hooks: ScriptHooks = {
    lengthNs: 999_000,
    beforeChange: async (at) => void cuts.push(at),
    onLine: (one) => void told.push(one),
  };
  const running = new ScriptRun(machine, tree, parseScript(script, "s"), hooks);
  await running.begin();
  await machine.replay(await openTraces([trace]));
  await running.end();
  return { machine, tree, running, told, cuts, texts: told.flatMap(({ text }) => text ?? []) };
}

describe("times", () => {
  test("lines run at theirs, those of one time as they stand, and those after the end all the same", async () => {
    const { told, machine } = await run(
      "@end mkdir f\n@2ms mkdir g\n@50% mkdir c\nmkdir d\n@100us mkdir b\n@0 mkdir a\n@end+5ms mkdir h\n@99% mkdir e",
    );
    expect(told.map(({ line, at }) => `${line.text.slice(-1)} ${at}`)).toEqual([
      "a 0",
      "b 100000",
      "c 499500",
      "d 499500",
      "e 989010",
      "f 999000",
      "g 2000000",
      "h 5999000",
    ]);
    expect(machine.clock.now).toBe(5_999_000);
  });

  test("a change is told of before it, once a time; reading and expecting change nothing", async () => {
    const { cuts } = await run(
      "@0 mkdir a\n@10us read a/mode\n@20us expect a/mode shareable\n@30us mkdir b\nmkdir c\n@40us expect EEXIST mkdir b\n@50us cpu 3 offline",
    );
    expect(cuts).toEqual([0, 30_000, 50_000]);
  });

  test("a line that takes model time lets the next ones wait, in their order", async () => {
    // Who reads a monitor that is never ready waits 5 us for it here.
    const { told } = await run(
      "@0 mkdir a\nfault nrdy-stuck msc=0 type=csu\n@100us read a/mon_data/mon_L3_04/llc_occupancy\n@101us mkdir b\n@102us mkdir c\n@end read b/mode",
      { platform: "small-server" },
    );
    expect(told.map(({ line }) => line.text)).toEqual([
      "mkdir a",
      "fault nrdy-stuck msc=0 type=csu",
      "read a/mon_data/mon_L3_04/llc_occupancy",
      "mkdir b",
      "mkdir c",
      "read b/mode",
    ]);
    expect(told[3]?.at).toBeGreaterThan(101_000);
  });
});

describe("what lines do", () => {
  test("cpus go and come", async () => {
    const { texts } = await run(
      "@10us cpu 3 offline\nread cpus_list\n@20us cpu 3 online\nread cpus_list\n@30us mkdir a\nwrite a/cpus_list 2-3\nread cpus_list",
    );
    expect(texts).toEqual(["0-2,4-7\n", "0-7\n", "0-1,4-7\n"]);
  });

  test("a register of a cpu is written past all traps", async () => {
    const { machine, cuts } = await run("@10us cpu 3 poke MPAM0_EL1 0x2_0000_0001\n@20us cpu 3 poke MPAM2_EL2 12");
    expect(machine.cpu(3).registers.peek("MPAM2_EL2") & 0xffffn).toBe(12n);
    expect(cuts).toEqual([10_000, 20_000]);
  });

  test("a fault breaks what is read until it is ended by its name", async () => {
    const { texts } = await run(
      "@10us fault stuck: nrdy-stuck msc=0 type=csu\nread mon_data/mon_L3_00/llc_occupancy\nunfault stuck\nread mon_data/mon_L3_00/llc_occupancy",
    );
    expect(texts[0]).toMatch(/^\D+\n$/);
    expect(texts[1]).toMatch(/^\d+\n$/);
  });

  test("an error interrupt ends MPAM, and the tree is empty", async () => {
    const { tree } = await run("@0 mkdir a\n@10us fault error-interrupt msc=0 code=2\n@20us expect ENOENT read a/mode");
    expect(await tree.readdir("/")).toEqual([]);
  });

  test("capture events copy the counters that listen to them, from outside and by the register", async () => {
    const { machine, tree } = await mounted("everything");
    // Monitor 0 of bandwidth, RIS 1: matches everything, and copies at event 2, or at the local one.
    const listen = (event: number) => {
      machine.write32(0, 0x800, 0x0100_0000);
      machine.write32(0, 0x820, 0);
      machine.write32(0, 0x828, (0x8000_0000 | (event << 28)) >>> 0);
    };
    // An MBWU that counts: its capture register before and after.
    const captured = () => machine.read32(0, 0x868);
    const [trace] = await openTraces(["synth:stream,n=10000,gap=1000"]);
    const through = async (line: string, event: number) => {
      listen(event);
      await machine.replay(trace ? [trace] : []);
      const before = captured();
      const running = new ScriptRun(machine, tree, parseScript(line, "s"));
      await running.begin();
      return [before, captured()];
    };
    for (const [line, event] of [
      ["capture 2", 2],
      ["capture local", 7],
    ] as const) {
      const [before, after] = await through(line, event);
      expect(after).not.toBe(before);
    }
    const [before, after] = await through("capture 1", 2);
    expect(after).toBe(before);
  });
});

describe("failures", () => {
  test("a line that is refused ends the run: where it stands, the errno, the kernel's text", async () => {
    await expect(run("@0 mkdir a\n@10us write a/schemata L3:0=0\n@20us mkdir b")).rejects.toThrow(
      /^s:2:1: write a\/schemata L3:0=0: EINVAL: .*\(last_cmd_status: Mask out of range\)$/,
    );
    await expect(run("@0 rmdir a")).rejects.toThrow(/^s:1:1: rmdir a: ENOENT/);
    await expect(run("@end rmdir a")).rejects.toThrow(/^s:1:1: rmdir a: ENOENT/);
    await expect(run("@1s rmdir a\n@2s mkdir a")).rejects.toThrow(/^s:1:1: rmdir a: ENOENT/);
    await expect(run("unfault none")).rejects.toThrow(/^s:1:1: unfault none: ENOENT: .*no fault has this name; none/);
  });

  test("nothing runs after it, not even what was waiting for it to end", async () => {
    const { machine } = await mounted();
    const made: string[] = [];
    const tree: ScriptTree = {
      async mkdir(path) {
        made.push(path);
        await machine.clock.sleep(5000);
        if (path === "a") throw new ErrnoError("ENOSPC", "no more");
      },
      readFile: async () => "",
      writeFile: async () => {},
      rmdir: async () => {},
      rename: async () => {},
    };
    const running = new ScriptRun(machine, tree, parseScript("@1us mkdir a\n@2us mkdir b\n@end mkdir c", "s"));
    await running.begin();
    const replayed = machine.replay(await openTraces(["synth:stream,n=100,gap=1000"])).then(() => running.end());
    await expect(replayed).rejects.toThrow(/^s:1:1: mkdir a: ENOSPC: no more$/);
    await machine.clock.advance(1e6).catch(() => undefined);
    expect(made).toEqual(["a"]);
  });

  test("an expectation that is not met is counted and told, and the rest runs", async () => {
    const { told, running } = await run("expect mode exclusive\n@10us mkdir a\n@end expect a/mode shareable");
    expect(running.missed).toBe(1);
    expect(told).toHaveLength(3);
    expect(describeLine(told[0] as Told)).toBe(
      "@0 expect mode exclusive\ns:1:1: not as expected\n-exclusive\n+shareable\n",
    );
    expect(describeLine(told[2] as Told)).toBe("");
  });

  test.each([
    ["cpu 3 poke MPAMBW0_EL1 0", /^s:2:1: cpu 3 poke MPAMBW0_EL1 0: .*cpu 3 has no MPAMBW0_EL1/],
    ["cpu 8 offline", /^s:2:1: cpu 8 offline: .*there is no cpu 8: this machine has 0\.\.7/],
    ["fault nrdy-stuck msc=2", /^s:2:1: fault nrdy-stuck msc=2: .*msc is 2; 0 to 1 are allowed/],
    ["fault broken msc=0", /kind is "broken"; nrdy-stuck, /],
    ["expect EINVAL fault nrdy-stuck msc=2", /msc is 2; 0 to 1 are allowed/],
  ])("%s is refused before anything runs", async (line, says) => {
    const { machine, tree } = await mounted();
    const make = () => new ScriptRun(machine, tree, parseScript(`mkdir a\n${line}`, "s"));
    expect(make).toThrow(WrittenError);
    expect(make).toThrow(says);
    expect(await tree.readdir("/")).not.toContain("a");
  });
});
