// Units: a result is a function of the unit and the tool, wherever and beside whatever it runs.

import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkObject, loadPlatform } from "../../src/platform/index.ts";
import { type Ended, runUnit, Store, Threads, TraceShelf, type Unit, type Work } from "../../src/sweep/index.ts";
import { openTraces, UnreadableError } from "../../src/trace/index.ts";

const TOOL = "a tool";
const traces = new TraceShelf();
const host = { tool: TOOL, open: (named: Work["traces"]) => traces.open(named) };

const platform = await loadPlatform("platforms/private-l2.yaml");
const work: Work = {
  traces: [{ argument: "synth:zipf,ws=4M,n=20k" }, { argument: "synth:stream,ws=4M,n=20k" }],
  platform,
  replaying: { group: ["a=trace:1", "b=trace:2"] },
  schemata: {},
};
const unit = (n: number, change: Partial<Work> = {}): Unit => ({
  name: String(n).padStart(64, "0"),
  place: { workload: "w", platform: "private-l2", configuration: String(n), settings: {} },
  work: { ...work, ...change },
});

describe("the result of a unit", () => {
  test("is that of a session with the same groups and schemata, and has nothing of the host in it", async () => {
    const schemata = { a: ["L3:0=ff00"], b: ["L3:0=00ff"] };
    const result = JSON.parse(await runUnit(unit(1, { schemata }), host));
    expect(result).toMatchObject({ format: "mpam-unit", version: 1, name: unit(1).name, tool: TOOL, records: 40_000 });
    expect(result.schemata.a).toContain("L3:0=ff00");
    expect(result.schemata.b).toMatch(/L3:0=ff\n/);
    const [a, b] = ["a", "b"].map((name) => result.groups.find((one: { group: string }) => one.group === name));
    expect(a.accesses + b.accesses).toBe(40_000);
    expect(Object.keys(result).sort()).toEqual([
      "format",
      "groups",
      "name",
      "ns",
      "records",
      "schemata",
      "tool",
      "version",
    ]);
  });

  test.each(readdirSync("platforms"))("can be had on %s as units carry it, checked already", async (name) => {
    const checked = await loadPlatform(`platforms/${name}`);
    const carried = JSON.parse(JSON.stringify(checked));
    expect(checkObject(carried)).toEqual(checked);
  });

  test("counts devices", async () => {
    const io = JSON.parse(JSON.stringify(await loadPlatform("platforms/io.yaml")));
    const dma = { argument: "synth:stream,device=dma,n=100" };
    const result = JSON.parse(await runUnit(unit(1, { platform: io, traces: [...work.traces, dma] }), host));
    expect(result.failed).toBeUndefined();
    expect(result.records).toBe(40_100);
  });

  test("says what is wrong at several places in one line", async () => {
    const platform = { name: "none", cpus: 0, caches: 7 };
    const { failed } = JSON.parse(await runUnit(unit(1, { platform }), host));
    expect(failed).toContain("cpus");
    expect(failed).not.toContain("\n");
  });

  test("is the same bytes a second time, after other units in the same process", async () => {
    const schemata = { a: ["L3:0=1"] };
    const first = await runUnit(unit(1, { schemata }), host);
    await runUnit(unit(2), host);
    expect(await runUnit(unit(1, { schemata }), host)).toBe(first);
  });

  test("says in one line what the tree does not take, and is a result", async () => {
    const result = JSON.parse(await runUnit(unit(1, { schemata: { a: ["L3:7=ff"] } }), host));
    expect(result.failed).toMatch(/^EINVAL: a\/schemata does not take L3:7=ff: /);
    expect(result.failed).not.toContain("\n");
    expect(result.groups).toBeUndefined();
  });

  test("is none where a trace is out of reach", async () => {
    const away = unit(1, { traces: [{ argument: "/nowhere/there.arrow" }] });
    await expect(runUnit(away, host)).rejects.toThrow("/nowhere/there.arrow");
  });

  test("says what is wrong with a trace that has its hash, in the same words wherever that lies and whatever it is called", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mpam-bad-"));
    const sha256 = createHash("sha256").update("nonsense").digest("hex");
    const texts: string[] = [];
    for (const name of ["bad.arrow", "worse@@.arrow"]) {
      const argument = join(folder, name);
      await writeFile(argument.replace("@@", "@"), "nonsense");
      const failed = async (more: string) =>
        runUnit(
          unit(1, { traces: [{ argument: "synth:zipf,n=10" }, { argument: `${argument}${more}`, sha256 }] }),
          host,
        );
      texts.push((await failed("")) + (await failed("@loop=0")));
    }
    await rm(folder, { recursive: true });
    expect(texts[0]).toContain('"failed":"EINVAL: trace 2: byte 0: is not an Arrow file');
    expect(texts[0]).toContain('"failed":"EINVAL: trace 2@loop=0: loop is');
    expect(texts[1]).toBe(texts[0]);
  });

  test("is none where a file cannot be read to its end", async () => {
    const [whole] = await openTraces(["synth:zipf,n=20k"]);
    const batches = () => {
      throw new UnreadableError("ENOENT", "/data/x: no such file");
    };
    const gone = Object.assign(Object.create(whole as object), { batches, raw: undefined, synthetic: undefined });
    await expect(runUnit(unit(1), { ...host, open: async () => [gone] })).rejects.toThrow("/data/x");
  });

  test("counts from the end of warm-up on, and over all changes of a script", async () => {
    const whole = JSON.parse(await runUnit(unit(1), host));
    const changed = JSON.parse(
      await runUnit(unit(1, { replaying: { ...work.replaying, script: ["@50% mkdir c", "@60% rmdir c"] } }), host),
    );
    expect(changed.groups.slice(0, 3)).toEqual(whole.groups);
    const warm = JSON.parse(await runUnit(unit(1, { replaying: { ...work.replaying, warmup: "50%" } }), host));
    expect(warm.ns).toBeLessThan(whole.ns * 0.51);
    expect(warm.groups[1].accesses).toBeLessThan(whole.groups[1].accesses * 0.51);
  });
});

describe("threads", () => {
  const run = async (count: number, units: readonly Unit[], signal?: AbortSignal) => {
    const ended: Ended[] = [];
    await new Threads(count, { tool: TOOL, folders: [] }).run(units, {
      ended: async (one) => void ended.push(one),
      ...(signal ? { signal } : {}),
    });
    return ended;
  };

  test("come to the bytes that one thread comes to", async () => {
    const units = [0x1, 0x3, 0x7, 0xf].map((cbm, i) => unit(i, { schemata: { b: [`L3:0=${cbm.toString(16)}`] } }));
    const texts = await Promise.all(units.map((one) => runUnit(one, host)));
    const ended = await run(2, units);
    const text = (one: Unit) => ended.find((found) => found.unit.name === one.name);
    expect(units.map((one) => text(one))).toEqual(units.map((one, i) => ({ unit: one, text: texts[i] })));
  });

  test("go on with the others where one is lost, and say why", async () => {
    const away = unit(1, { traces: [{ argument: "/nowhere/there.arrow" }] });
    const ended = await run(1, [away, unit(2)]);
    expect(ended.map((one) => [one.unit.name, "lost" in one])).toEqual([
      [unit(1).name, true],
      [unit(2).name, false],
    ]);
    expect(ended[0]).toMatchObject({ lost: expect.stringContaining("/nowhere/there.arrow") });
  });

  test("end at once where they are told to, and what ended before has been handed over", async () => {
    const stop = new AbortController();
    const long = unit(9, { traces: [{ argument: "synth:zipf,ws=4M,n=500M" }] });
    const ended: Ended[] = [];
    const running = new Threads(2, { tool: TOOL, folders: [] }).run([unit(1), unit(2), long, long], {
      async ended(one) {
        ended.push(one);
        if (ended.length === 2) stop.abort();
      },
      signal: stop.signal,
    });
    await expect(running).rejects.toThrow("abort");
    expect(ended.map(({ unit: { name } }) => name).sort()).toEqual([unit(1).name, unit(2).name]);
  });
});

describe("the store", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mpam-store-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const text = (name: string) => `${JSON.stringify({ format: "mpam-unit", version: 1, name, tool: TOOL })}\n`;

  test("keeps a result under its name, whole, and writing it again changes nothing", async () => {
    const store = new Store(folder);
    const { name } = unit(1);
    expect(await store.read(name)).toBeUndefined();
    await Promise.all([store.write(name, text(name)), store.write(name, text(name))]);
    expect(await store.read(name)).toBe(text(name));
    expect(await readdir(join(folder, "00"))).toEqual([`${name}.json`]);
  });

  test("knows no result whose file was cut off, is empty or is another's", async () => {
    const store = new Store(folder);
    const { name } = unit(2);
    for (const bad of ["", text(name).slice(0, 40), text(unit(3).name), "null", "[]"]) {
      await store.write(name, bad);
      expect(await store.read(name)).toBeUndefined();
    }
  });

  test("removes what processes that are gone had begun, and nothing that is being written", async () => {
    const store = new Store(folder);
    const { name } = unit(4);
    await store.write(name, text(name));
    const [old, young] = [`${name}.json.1.1`, `${name}.json.2.2`].map((file) => join(folder, "00", file));
    await writeFile(old as string, "{");
    await writeFile(young as string, "{");
    await utimes(old as string, 0, 0);
    await store.sweepOut();
    const left = await readdir(join(folder, "00"));
    expect(left).not.toContain(`${name}.json.1.1`);
    expect(left).toContain(`${name}.json.2.2`);
    expect(await readFile(join(folder, "00", `${name}.json`), "utf8")).toBe(text(name));
  });

  test("is refused in words where it cannot be, before anything is written", async () => {
    await writeFile(join(folder, "file"), "");
    const at = (path: string) => new Store(path).ready();
    await expect(at(join(folder, "file/units"))).rejects.toThrow(/: cannot be written: .*file/);
    if (existsSync("/proc/self"))
      await expect(at("/proc/x/units")).rejects.toThrow("/proc/x/units: cannot be written: ");
    await at(join(folder, "new/units"));
    expect(await readdir(join(folder, "new"))).toEqual(["units"]);
  });

  test("is there again for what comes when somebody has removed it", async () => {
    const store = new Store(join(folder, "removed/units"));
    await store.ready();
    await rm(join(folder, "removed"), { recursive: true });
    await store.write(unit(5).name, text(unit(5).name));
    expect(await store.read(unit(5).name)).toBe(text(unit(5).name));
  });

  test("says where it cannot write", async () => {
    const store = new Store(join(folder, "blocked"));
    await store.ready();
    await writeFile(join(folder, "blocked/00"), "");
    await expect(store.write(unit(6).name, "")).rejects.toThrow(
      `the results in ${join(folder, "blocked")} cannot be written: `,
    );
  });

  test("is made by many at once, folders above it too", async () => {
    for (let round = 0; round < 20; round++) {
      const deep = join(folder, `${round}`, "a", "b", "c");
      await Promise.all(Array.from({ length: 8 }, () => new Store(deep).ready()));
      await new Store(deep).write(unit(1).name, text(unit(1).name));
    }
  });

  test("takes no name that is none", async () => {
    await expect(new Store(folder).write("../../x", "")).rejects.toThrow("names no unit");
  });
});

test("a session is what a unit runs", async () => {
  const { runSession, parseGroupRule } = await import("../../src/session/index.ts");
  const session = await runSession(await openTraces(work.traces.map(({ argument }) => argument)), {
    platform,
    groups: work.replaying.group.map(parseGroupRule),
    script: [],
  });
  const { groups, ns } = JSON.parse(await runUnit(unit(1), host));
  expect(ns).toBe(session.time);
  expect(groups).toEqual(session.phases[0]?.groups);
});
