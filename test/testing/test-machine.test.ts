import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { bootMachine, mountTree, withMachine, withMount } from "../../src/testing/index.ts";

const PLATFORM = new URL("../../platforms/private-l2.yaml", import.meta.url);
const STREAM = "synth:stream,ws=256K,n=40000,gap=100";

const extended = test.extend(withMachine(PLATFORM));
const withCdp = test.extend(withMachine(PLATFORM, { mount: { cdp: true, expert: true } }));
const mountable = test.extend(withMount(PLATFORM));

extended("a test has a machine of its own that has booted", async ({ emulated }) => {
  expect(emulated.driver.enabled).toBe(true);
  await emulated.group("web");
  expect(await emulated.resctrl.readFile("web/mode")).toBe("shareable\n");
});

extended("another test sees nothing of it", async ({ emulated }) => {
  await expect(emulated.resctrl.stat("web")).rejects.toMatchObject({ code: "ENOENT" });
  expect(emulated.machine.clock.now).toBeLessThan(1e6);
});

withCdp("options reach the mount", async ({ emulated }) => {
  expect(Object.keys(await emulated.schemata())).toEqual(expect.arrayContaining(["L3CODE", "L3DATA"]));
});

extended("schemata come by resource and domain, as they are written", async ({ emulated }) => {
  await emulated.group("web");
  await emulated.resctrl.writeFile("web/schemata", "L3:0=ff\nMB:0=50\n");
  expect(await emulated.schemata("web")).toMatchObject({ L3: { 0: "ff" }, MB: { 0: "50" }, L2: { 1: "ff", 8: "ff" } });
  await expect(emulated.schemata("nobody")).rejects.toMatchObject({ code: "ENOENT" });
});

extended("threads of a trace are moved to a group, which is made where there is none", async ({ emulated }) => {
  const [stream] = await emulated.open(STREAM);
  if (!stream) throw new Error("one name is one trace");
  await emulated.group("web", stream);
  await emulated.group("web", stream);
  const tids = emulated.threads(stream).map(({ tid }) => `${tid}\n`);
  expect(await emulated.resctrl.readFile("web/tasks")).toBe(tids.join(""));
  await emulated.play(stream);
  // Every line of the working set, once.
  expect(await emulated.bytes("web", "llc_occupancy")).toBe(256 * 1024);
  expect(await emulated.bytes("", "llc_occupancy")).toBe(0);
});

extended("a step is called at model times, in the midst of the traffic, until that ends", async ({ emulated }) => {
  const traces = await emulated.open(STREAM);
  const start = emulated.machine.clock.now;
  const seen: number[] = [];
  const { time } = await emulated.play(traces, {
    everyNs: 1_000_000,
    step: async (ns) => {
      seen.push(ns);
      expect(emulated.machine.clock.now - start).toBe(ns);
    },
  });
  // 40,000 records, 100 ns apart.
  expect(time - start).toBeGreaterThan(3.9e6);
  expect(seen).toEqual([1e6, 2e6, 3e6]);
  await emulated.machine.clock.advance(5e6);
  expect(seen).toHaveLength(3);
});

extended("what a step throws ends the traffic", async ({ emulated }) => {
  const traces = await emulated.open(STREAM);
  const step = () => Promise.reject(new Error("the agent gave up"));
  await expect(emulated.play(traces, { everyNs: 1_000_000, step })).rejects.toThrow("the agent gave up");
});

extended("a step without a time is refused", async ({ emulated }) => {
  const traces = await emulated.open(STREAM);
  await expect(emulated.play(traces, { step: () => {} })).rejects.toThrow(
    "everyNs is undefined; with step a time in ns, 1 or more, is needed",
  );
});

extended("what nothing counts is refused in words", async ({ emulated }) => {
  await expect(emulated.bytes("", "llc_misses")).rejects.toThrow("ENOENT: the default group has no llc_misses");
});

extended("a counter without a number is refused in words", async ({ emulated }) => {
  emulated.machine.faults.add({ kind: "nrdy-stuck", msc: 8, type: "csu" });
  await expect(emulated.bytes("", "llc_occupancy")).rejects.toThrow(/EBUSY: .*llc_occupancy says Unavailable/);
});

test("await using closes it, and a test may have unmounted before", async () => {
  const emulated = await bootMachine(await loadPlatform(PLATFORM));
  await emulated.resctrl.unmount();
  await emulated[Symbol.asyncDispose]();
  await emulated.close();
});

test("two machines of the same traffic end with the same bytes", async () => {
  const run = async () => {
    const emulated = await bootMachine(PLATFORM);
    await emulated.play(await emulated.open(STREAM), { everyNs: 700_000, step: () => emulated.group("web") });
    return JSON.stringify(emulated.machine.export());
  };
  expect(await run()).toBe(await run());
});

mountable("a mounted tree is at a directory", async ({ mounted }) => {
  expect(existsSync(`${mounted.directory}/schemata`)).toBe(true);
});

test("where nothing can be mounted the test is skipped, and says why", async () => {
  const { mounted } = withMount(PLATFORM, {});
  const skipped = new Error("skipped");
  const said: string[] = [];
  const skip = (why: string): never => {
    said.push(why);
    throw skipped;
  };
  const platform = process.platform;
  Object.defineProperty(process, "platform", { value: "sunos" });
  try {
    await expect(mounted({ skip }, async () => {})).rejects.toBe(skipped);
  } finally {
    Object.defineProperty(process, "platform", { value: platform });
  }
  expect(said).toEqual(["nothing can be mounted here: ENODEV: mounting needs Linux with /dev/fuse"]);
});

test("what is wrong with the platform skips no test", async () => {
  const failure = await mountTree("/nowhere.yaml").catch((error: unknown) => error);
  expect(String(failure)).toMatch(/nowhere\.yaml.*cannot be read \(ENOENT\)/);
  expect(failure).not.toBeInstanceOf(ErrnoError);
});
