// What explain says and what the paragraphs of ready platforms claim, seen in the files of resctrl.

import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { boot, firmwareOf } from "../../src/cli/boot.ts";
import { explainMachine } from "../../src/cli/explain.ts";
import { findings } from "../../src/cli/found.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { refusal } from "../fs/fakes.ts";

type Written = Record<string, unknown> & { caches: { msc?: Record<string, unknown> }[] };

async function start(name: string, change: (written: Written) => void = () => undefined) {
  const path = new URL(`../../platforms/${name}.yaml`, import.meta.url);
  const written = parse(await readFile(path, "utf8")) as Written;
  // YAML 1.2 does not know 0x1_4100_0000; the platform reader does.
  change(written);
  const platform = await loadPlatform(written);
  const machine = await Machine.create(platform);
  const driver = await boot(machine, firmwareOf(platform));
  return { platform, machine, driver };
}

async function mounted(name: string, change?: (written: Written) => void) {
  const started = await start(name, change);
  return { ...started, resctrl: await Resctrl.mount(started.driver) };
}

const PLATFORMS = [
  "minimal",
  "one-socket",
  "private-l2",
  "two-sockets",
  "small-server",
  "server",
  "cmn-650",
  "scarce-monitors",
  "four-spaces",
];

describe.each(PLATFORMS)("%s", (name) => {
  test("schemata and mon_data have what explain exports, with its domains", async () => {
    const { platform, resctrl } = await mounted(name);
    const explained = await explainMachine(await Machine.create(platform), name, firmwareOf(platform));
    if (!explained.enabled) throw new Error(explained.reason);
    const exported = new Map(
      explained.classes.flatMap(({ verdicts }) =>
        verdicts.filter(({ outcome }) => outcome === "exported").map((one) => [one.export as string, one.domains]),
      ),
    );
    const lines = (await resctrl.readFile("schemata")).trim().split("\n");
    const schemas = lines
      .map((line) => line.trim().split(":"))
      .map(([schema = "", domains = ""]) => [
        schema.trim(),
        domains.split(";").map((domain) => Number.parseInt(domain, 10)),
      ]);
    const events = ["llc_occupancy", "mbm_total_bytes"].filter((event) => exported.has(event));
    expect(Object.fromEntries(schemas)).toEqual(
      Object.fromEntries([...exported].filter(([what]) => !events.includes(what))),
    );
    const [first] = await resctrl.readdir("mon_data");
    const files = await resctrl.readdir(`mon_data/${first}`);
    expect([...files].sort()).toEqual(events);
    const monitored = (await resctrl.readdir("mon_data")).map((entry) => Number(/_(\d+)$/.exec(entry)?.[1]));
    expect(monitored.sort((a, b) => a - b)).toEqual(exported.get(events[0] as string));
  });
});

test("android: with nothing exported, mounting is EOPNOTSUPP as explain says", async () => {
  const { driver } = await start("android");
  expect((await refusal(Resctrl.mount(driver)))?.code).toBe("EOPNOTSUPP");
});

test("cmn-650: with its IIDR occupancy is read, without it the reading is Unavailable", async () => {
  const file = "mon_data/mon_L3_00/llc_occupancy";
  const known = await mounted("cmn-650");
  expect(await known.resctrl.readFile(file)).toMatch(/^\d+\n$/);
  const unknown = await mounted("cmn-650", ({ caches }) => {
    for (const { msc } of caches) if (msc) delete msc.iidr;
  });
  expect(await unknown.resctrl.readFile(file)).toBe("Unavailable\n");
});

test.each([
  ["as it is", {}, ["T241-MPAM-1", "T241-MPAM-4", "T241-MPAM-6"]],
  ["with another socId", { socId: 1 }, ["T241-MPAM-4", "T241-MPAM-6"]],
])("t241 %s: the driver works around %j", async (_, change, errata) => {
  const { driver, platform, machine } = await start("t241", (written) => Object.assign(written, change));
  expect(findings(driver, platform, machine.mscs).mscs.map((msc) => msc.errata)).toEqual(new Array(48).fill(errata));
});

test("scarce-monitors: three groups are counted in a domain, the fourth reads Unassigned", async () => {
  const { resctrl } = await mounted("scarce-monitors");
  // The default group has one.
  for (const name of ["a", "b", "c"]) await resctrl.mkdir(name);
  const read = (group: string) => resctrl.readFile(`${group}mon_data/mon_L3_00/mbm_total_bytes`);
  expect(await read("")).toMatch(/^\d+\n$/);
  expect(await read("b/")).toMatch(/^\d+\n$/);
  expect(await read("c/")).toBe("Unassigned\n");
});

test("four-spaces: Realm software sees 64 PARTIDs where a Non-secure driver learns 32, and RIS 1 is there for others", async () => {
  const { machine, driver } = await start("four-spaces");
  expect(driver.partidMax).toBe(31);
  // MPAMF_IDR.PARTID_MAX, bits 15:0.
  const most = (space: "ns" | "s" | "rt" | "rl") => machine.read32(0, 0x0000, space) & 0xffff;
  expect([most("ns"), most("s"), most("rt"), most("rl")]).toEqual([31, 7, 1, 63]);
  // MPAMCFG_PART_SEL of RIS 1, then HAS_PRI_PART, bit 27.
  const hasPriorities = (space: "ns" | "s" | "rt" | "rl") => {
    machine.write32(0, 0x0100, 0x0100_0000, space);
    return (machine.read32(0, 0x0000, space) >>> 27) & 1;
  };
  expect([hasPriorities("ns"), hasPriorities("s"), hasPriorities("rt"), hasPriorities("rl")]).toEqual([0, 1, 1, 0]);
});

test("firmware-backed: what is behind a mailbox is found as what has a page, and finding it takes model time", async () => {
  const { machine, driver, platform } = await start("firmware-backed");
  const found = findings(driver, platform, machine.mscs);
  expect(found.mscs.map(({ mailbox }) => mailbox)).toEqual([...new Array(8), 0, 0, 0, 0, 2, 2]);
  // Each of the six answers for its version register at least: 4 x 5 us and 2 x 40 us.
  expect(machine.clock.now).toBeGreaterThanOrEqual(100_000);
});
