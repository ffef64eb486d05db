// Driver and resctrl on the real machine while traces run: a schemata line in the middle confines from the next edge on, and a
// session taken up from a snapshot reads as one that was never broken off.

import { describe, expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { FakeTrace, generator, type Row, thread } from "../machine/traces.ts";

const ONE_SOCKET = new URL("../../platforms/one-socket.yaml", import.meta.url);

/** Threads 1 and 2, each in a space of 4096 lines: four for each of the 1024 sets. Thread 2 begins again and again at its first line. */
function traffic(): FakeTrace {
  const random = generator(4);
  const rows: Row[] = Array.from({ length: 60_000 }, (_, time) => {
    const requester = time % 2;
    const line = requester === 0 ? random(40_000) : (time >> 1) % 4096;
    return { time, address: line * 64, bytes: 64, op: random(3) === 0 ? 1 : 0, requester };
  });
  return new FakeTrace("traffic", rows, { requesters: [thread(1), thread(2)], batches: [5000, 321] });
}

interface Session {
  readonly machine: Machine;
  readonly driver: Driver;
  readonly resctrl: Resctrl;
}

/** Thread 1 in web, thread 2 in a monitor group of db. */
async function mounted(trace: FakeTrace): Promise<Session> {
  const machine = await Machine.create(await loadPlatform(ONE_SOCKET));
  machine.addTasks(trace);
  const driver = await Driver.probe(machine);
  const resctrl = await Resctrl.mount(driver);
  await resctrl.mkdir("web");
  await resctrl.writeFile("web/tasks", "1\n");
  await resctrl.mkdir("db");
  await resctrl.mkdir("db/mon_groups/two");
  await resctrl.writeFile("db/tasks", "2\n");
  await resctrl.writeFile("db/mon_groups/two/tasks", "2\n");
  return { machine, driver, resctrl };
}

/** The label that the requests of a thread carry. */
function partidOf(machine: Machine, tid: number): number {
  return machine.processor.task(tid)?.label.partidD ?? expect.unreachable(`no task ${tid}`);
}

/** Places of a PARTID's lines, by line. */
function placesOf(machine: Machine, partid: number): Map<number, { set: number; way: number }> {
  const places = new Map<number, { set: number; way: number }>();
  machine.export().sets.forEach((lines, set) => {
    for (const line of lines) if (line.partid === partid) places.set(line.line, { set, way: line.way });
  });
  return places;
}

const FILES = [
  "web/mon_data/mon_L3_00/llc_occupancy",
  "web/mon_data/mon_L3_00/mbm_total_bytes",
  "db/mon_data/mon_L3_00/llc_occupancy",
  "db/mon_data/mon_L3_00/mbm_total_bytes",
  "db/mon_groups/two/mon_data/mon_L3_00/llc_occupancy",
  "db/mon_groups/two/mon_data/mon_L3_00/mbm_total_bytes",
  "mon_data/mon_L3_00/llc_occupancy",
  "web/schemata",
  "db/schemata",
  "web/tasks",
  "db/tasks",
  "db/mon_groups/two/tasks",
  "info/last_cmd_status",
];

async function readings(resctrl: Resctrl): Promise<Record<string, string>> {
  const texts: [string, string][] = [];
  for (const file of FILES) texts.push([file, await resctrl.readFile(file)]);
  return Object.fromEntries(texts);
}

describe("a schemata line written in the middle of a replay", () => {
  test("confines what the group fills from the next edge on, and moves nothing that is there", async () => {
    const trace = traffic();
    const { machine, resctrl } = await mounted(trace);
    const web = partidOf(machine, 1);
    const db = partidOf(machine, 2);
    machine.clock.at(30_400, "test", () => resctrl.writeFile("web/schemata", "L3:0=3\n"));
    await machine.replay([trace], { until: 31_000 });
    const before = placesOf(machine, web);
    expect(new Set([...before.values()].map(({ way }) => way)).size).toBe(16);
    const others = placesOf(machine, db).size;
    expect(others).toBeGreaterThan(0);

    await machine.resume([trace]);
    const after = placesOf(machine, web);
    const filled = [...after].filter(([line, { set, way }]) => {
      const was = before.get(line);
      return was?.set !== set || was.way !== way;
    });
    // Thousands of fills: two ways of every set, at least.
    expect(filled.length).toBeGreaterThan(1000);
    expect(new Set(filled.map(([, { way }]) => way))).toEqual(new Set([0, 1]));
    expect([...after.values()].some(({ way }) => way > 1)).toBe(true);
    expect(await resctrl.readFile("web/schemata")).toMatch(/L3:0=0*3$/m);
    expect(await resctrl.readFile("db/schemata")).toMatch(/L3:0=ffff$/m);
  });

  test("that is refused changes nothing, and says why", async () => {
    const trace = traffic();
    const [refused, untouched] = [await mounted(trace), await mounted(trace)];
    let code: unknown;
    refused.machine.clock.at(30_400, "test", () =>
      refused.resctrl.writeFile("web/schemata", "L3:0=1ffff\n").catch((error: unknown) => {
        code = (error as { code?: unknown }).code;
      }),
    );
    await refused.machine.replay([trace]);
    await untouched.machine.replay([trace]);
    expect(code).toBe("EINVAL");
    expect(await refused.resctrl.readFile("info/last_cmd_status")).not.toBe("ok\n");
    expect(refused.machine.export()).toEqual(untouched.machine.export());
  });

  test("leaves the other group's lines alone: those it had in the other ways are no longer thrown out", async () => {
    const trace = traffic();
    const confined = await mounted(trace);
    const free = await mounted(trace);
    await confined.resctrl.writeFile("web/schemata", "L3:0=3\n");
    await confined.resctrl.writeFile("db/schemata", "L3:0=fffc\n");
    for (const { machine } of [confined, free]) await machine.replay([trace]);
    // Four lines a set fit into fourteen ways, and every line came back: once each is all that db ever moved.
    const moved = async ({ resctrl }: Session): Promise<number> =>
      Number(await resctrl.readFile("db/mon_data/mon_L3_00/mbm_total_bytes"));
    expect(await moved(confined)).toBe(4096 * 64);
    expect(await moved(free)).toBeGreaterThan(4096 * 64);
    expect(await confined.resctrl.readFile("db/mon_data/mon_L3_00/llc_occupancy")).toBe(`${4096 * 64}\n`);
  });
});

describe("a session taken up from a snapshot", () => {
  const MIDDLE = 25_250;
  const SCRIPT: readonly { readonly at: number; readonly run: (resctrl: Resctrl) => Promise<void> }[] = [
    { at: 10_000, run: (resctrl) => resctrl.writeFile("web/schemata", "L3:0=ff\n") },
    { at: 25_200, run: (resctrl) => resctrl.writeFile("db/schemata", "L3:0=ff00\n") },
    { at: 25_210, run: (resctrl) => resctrl.writeFile("tasks", "1\n") },
    { at: 40_000, run: (resctrl) => resctrl.writeFile("web/tasks", "1\n") },
    { at: 45_000, run: (resctrl) => resctrl.writeFile("web/schemata", "L3:0=1\n") },
  ];

  function script({ machine, resctrl }: Session, from: number): void {
    for (const { at, run } of SCRIPT) if (at > from) machine.clock.at(at, "script", () => run(resctrl));
  }

  test("reads at the end what the one that was never broken off reads", async () => {
    const trace = traffic();
    const whole = await mounted(trace);
    let image: Uint8Array | undefined;
    whole.machine.clock.at(MIDDLE, "snapshot", () => {
      image = whole.machine.snapshot();
    });
    script(whole, 0);
    await whole.machine.replay([trace]);
    const expected = await readings(whole.resctrl);

    const machine = await Machine.restore(image ?? expect.unreachable());
    const driver = await Driver.restore(machine);
    const resctrl = await Resctrl.restore(driver);
    const again = { machine, driver, resctrl };
    script(again, MIDDLE);
    expect((await machine.resume([trace])).finished).toBe(true);
    expect(await readings(resctrl)).toEqual(expected);
    expect(machine.export()).toEqual(whole.machine.export());
    expect(Number(expected["web/mon_data/mon_L3_00/mbm_total_bytes"])).toBeGreaterThan(0);

    // Both go on alike: groups are removed, made again with what that frees, and read.
    for (const { resctrl: one } of [whole, again]) {
      await one.rmdir("web");
      await one.mkdir("new");
      await one.writeFile("new/tasks", "1\n");
    }
    for (const { machine: one } of [whole, again]) await one.replay([trace]);
    const last = async (one: Resctrl): Promise<string[]> => [
      await one.readFile("new/mon_data/mon_L3_00/llc_occupancy"),
      await one.readFile("new/mon_data/mon_L3_00/mbm_total_bytes"),
      await one.readFile("new/schemata"),
    ];
    expect(await last(resctrl)).toEqual(await last(whole.resctrl));
    expect(driver.enabled).toBe(true);
  });

  test("restored before its traffic ever ran is a machine like the one it was taken from", async () => {
    const trace = traffic();
    const whole = await mounted(trace);
    const machine = await Machine.restore(whole.machine.snapshot());
    const resctrl = await Resctrl.restore(await Driver.restore(machine));
    await machine.replay([trace]);
    await whole.machine.replay([trace]);
    expect(await readings(resctrl)).toEqual(await readings(whole.resctrl));
    expect(machine.export()).toEqual(whole.machine.export());
  });
});
