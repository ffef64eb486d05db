// Domains that come and go with their cpus, and what the filesystem is told (resctrl-glue.md sections 4 and 13).

import { beforeEach, describe, expect, test } from "vitest";
import type { MpamClass } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import {
  type Arch,
  type FsHooks,
  getResource,
  offlineCpu,
  onlineCpu,
  type ResourceId,
  saveArch,
  setupArch,
} from "../../src/resctrl/index.ts";
import { type FakeDriver, type FakeShape, fakeDriver } from "../fs/fakes.ts";
import { archOf, outcome, shown } from "./machine.ts";

const ONE_L3 = { l3: { 3: [0, 1, 2, 3, 4, 5, 6, 7] } };

/** Writes down what the filesystem is told, and can refuse one of it. */
class Told implements FsHooks {
  readonly lines: string[] = [];
  refuse: string | undefined;

  #tell(line: string): void {
    this.lines.push(line);
    if (line === this.refuse) throw new ErrnoError("ENOSPC", `${line}: refused`);
  }
  onlineCtrlDomain: FsHooks["onlineCtrlDomain"] = (r, d) => this.#tell(`+${r.rid} ${d.id}`);
  onlineMonDomain: FsHooks["onlineMonDomain"] = (r, d) => this.#tell(`+${r.rid}_MON ${d.id}`);
  offlineCtrlDomain: FsHooks["offlineCtrlDomain"] = (r, d) => this.#tell(`-${r.rid} ${d.id}`);
  offlineMonDomain: FsHooks["offlineMonDomain"] = (r, d) => this.#tell(`-${r.rid}_MON ${d.id}`);
  onlineCpu: FsHooks["onlineCpu"] = (cpu) => this.#tell(`+cpu ${cpu}`);
  offlineCpu: FsHooks["offlineCpu"] = (cpu) => this.#tell(`-cpu ${cpu}`);
}

function domains(arch: Arch, rid: ResourceId) {
  const { ctrlDomains, monDomains } = getResource(arch, rid);
  return { ctrl: shown(ctrlDomains), mon: shown(monDomains) };
}

async function with0and1(shape: FakeShape = {}): Promise<{ arch: Arch; driver: FakeDriver; fs: Told }> {
  const driver = fakeDriver({ cpus: 4, l3: { 8: [0, 1], 5: [2, 3] }, l2Wd: 4, ...shape });
  for (const cpu of [2, 3]) driver.machine.processor.cpus[cpu]!.online = false;
  // Were a cpu of each L3 online, only those of one would have domains.
  const arch = await setupArch(driver);
  const fs = new Told();
  arch.fs = fs;
  return { arch, driver, fs };
}

describe("a cpu that comes", () => {
  test("brings the domains it is the first of, each resource in its turn, and joins what is there", async () => {
    const { arch, fs } = await with0and1();
    // The limit of an L3 none of whose cpus was online at setup was no candidate for MB.
    expect(domains(arch, "L3")).toEqual({ ctrl: ["8 [0 1]"], mon: ["8 [0 1]"] });
    await onlineCpu(arch, 3);
    expect(fs.lines).toEqual(["+L3 5", "+L3_MON 5", "+L2 3", "+cpu 3"]);
    fs.lines.length = 0;
    await onlineCpu(arch, 2);
    expect(fs.lines).toEqual(["+L2 2", "+cpu 2"]);
    expect(domains(arch, "L3")).toEqual({ ctrl: ["5 [2 3]", "8 [0 1]"], mon: ["5 [2 3]", "8 [0 1]"] });
    expect(domains(arch, "L2").ctrl).toEqual(["0 [0]", "1 [1]", "2 [2]", "3 [3]"]);
  });

  test("shows a domain in its list only when the filesystem has heard of it", async () => {
    const { arch, fs } = await with0and1();
    const seen: unknown[] = [];
    fs.onlineCtrlDomain = (r) => void seen.push([r.rid, shown(r.ctrlDomains)]);
    fs.onlineMonDomain = (r) => void seen.push([r.rid, shown(r.monDomains)]);
    await onlineCpu(arch, 2);
    expect(seen).toEqual([
      ["L3", ["8 [0 1]"]],
      ["L3", ["8 [0 1]"]],
      ["L2", ["0 [0]", "1 [1]"]],
    ]);
  });

  test.each(["+L3 5", "+L3_MON 5", "+L2 2", "+cpu 2"])(
    "does not come when %s is refused: nothing is left",
    async (refused) => {
      const { arch, fs } = await with0and1();
      const before = [domains(arch, "L3"), domains(arch, "L2")];
      fs.refuse = refused;
      expect(await outcome(onlineCpu(arch, 2))).toBe("ENOSPC");
      expect([domains(arch, "L3"), domains(arch, "L2")]).toEqual(before);
      expect(arch.slots.get("L3")!.domains.length).toBe(1);
      // Whatever the filesystem had taken up it is told to let go of, and nothing else.
      const took = fs.lines.filter((line) => line.startsWith("+") && line !== refused && !line.startsWith("+cpu"));
      const left = fs.lines.filter((line) => line.startsWith("-"));
      expect(left.sort()).toEqual(took.map((line) => line.replace("+", "-")).sort());
      fs.refuse = undefined;
      await onlineCpu(arch, 2);
      expect(domains(arch, "L3").ctrl).toEqual(["5 [2]", "8 [0 1]"]);
    },
  );

  test("that no component serves is refused with EINVAL, and said so", async () => {
    const { arch, driver } = await with0and1();
    for (const c of driver.classes) {
      for (const component of c.components) (component.affinity as Set<number>).delete(3);
    }
    expect(await outcome(onlineCpu(arch, 3))).toBe("EINVAL");
    expect(driver.log.at(-1)).toBe("warning: L3: no component serves cpu 3");
  });

  test("whose L3 is controlled, and monitored by nobody, is refused with EFAULT: the control half goes again", async () => {
    const { arch, fs } = await with0and1();
    const nobody: MpamClass = { ...arch.events.get("llc_occupancy")!, components: [] };
    for (const event of arch.events.keys()) arch.events.set(event, nobody);
    expect(await outcome(onlineCpu(arch, 2))).toBe("EFAULT");
    expect(fs.lines).toEqual(["+L3 5", "-L3 5"]);
    expect(domains(arch, "L3").ctrl).toEqual(["8 [0 1]"]);
  });

  test("whose domain has the id of another leaves that one alone, and it is said once", async () => {
    const { arch, driver, fs } = await with0and1({ mbwu: 0, csu: 0 });
    const l3 = driver.classes.find(({ level }) => level === 3)!;
    const [, second] = l3.components.toSorted((a, b) => b.id - a.id);
    Object.assign(second!, { id: 8 });
    await onlineCpu(arch, 2);
    await onlineCpu(arch, 3);
    expect(domains(arch, "L3").ctrl).toEqual(["8 [0 1]"]);
    expect(driver.log).toEqual(["warning: L3: there is a domain 8 already, and the second one is left out"]);
    expect(fs.lines.filter((line) => line.includes("L3"))).toEqual([]);
  });
});

describe("a cpu that goes", () => {
  test("leaves its domains, after the filesystem has moved what it had there; the last one takes them along", async () => {
    const { arch, fs } = await with0and1();
    await offlineCpu(arch, 0);
    expect(fs.lines).toEqual(["-cpu 0", "-L2 0"]);
    expect(domains(arch, "L3")).toEqual({ ctrl: ["8 [1]"], mon: ["8 [1]"] });
    await onlineCpu(arch, 2);
    fs.lines.length = 0;
    await offlineCpu(arch, 1);
    expect(fs.lines).toEqual(["-cpu 1", "-L3 8", "-L3_MON 8", "-L2 1"]);
    expect(domains(arch, "L3")).toEqual({ ctrl: ["5 [2]"], mon: ["5 [2]"] });
  });

  test("is out of the lists before the filesystem hears that the domain goes", async () => {
    const { arch, fs } = await with0and1();
    const seen: unknown[] = [];
    fs.offlineCtrlDomain = (r) => void seen.push([r.rid, shown(r.ctrlDomains)]);
    fs.offlineMonDomain = (r) => void seen.push([r.rid, shown(r.monDomains)]);
    await offlineCpu(arch, 0);
    await offlineCpu(arch, 1);
    expect(seen).toEqual([
      ["L2", ["1 [1]"]],
      ["L3", []],
      ["L3", []],
      ["L2", []],
    ]);
  });

  test("a domain that comes back has no counters", async () => {
    const { arch } = await with0and1();
    const l3 = getResource(arch, "L3");
    l3.monDomains[0]!.monitorOfIndex.set(3, 1);
    for (const cpu of [0, 1]) await offlineCpu(arch, cpu);
    await onlineCpu(arch, 0);
    expect(l3.monDomains[0]!.monitorOfIndex.size).toBe(0);
  });
});

describe("ids and halves", () => {
  test("MB at memory is a domain of the L3, with its id", async () => {
    const { arch } = await archOf({ ...ONE_L3, bandwidth: "memory" });
    expect(domains(arch, "MB").ctrl).toEqual(["3 [0 1 2 3 4 5 6 7]"]);
    expect(arch.slots.get("MB")!.class!.type).toBe("memory");
  });

  test("an L3 without controls is monitored by what counts, and the log says once that it is not real", async () => {
    for (const shape of [{}, { csu: 0, mbwu: 4, bandwidth: "memory" as const }]) {
      const { arch, driver } = await archOf({ ...ONE_L3, cbmWd: 0, ...shape });
      expect(driver.log).toEqual(["warning: Faking L3 MSC to enable counters."]);
      expect(domains(arch, "L3")).toEqual({ ctrl: [], mon: ["3 [0 1 2 3 4 5 6 7]"] });
      const l3 = getResource(arch, "L3");
      expect([l3.allocCapable, l3.monCapable]).toEqual([false, true]);
      for (const cpu of [0, 1, 2, 3, 4, 5, 6, 7]) await offlineCpu(arch, cpu);
      expect(domains(arch, "L3").mon).toEqual([]);
      await onlineCpu(arch, 6);
      expect(domains(arch, "L3").mon).toEqual(["3 [6]"]);
      expect(driver.log.length).toBe(1);
    }
  });

  test("counters of memory and controls of the L3 make one domain, read from both", async () => {
    const { arch } = await archOf({ ...ONE_L3, bandwidth: "memory" });
    const [d] = getResource(arch, "L3").monDomains;
    expect([...d!.components].map(([event, { class: c, id }]) => [event, c.type, id])).toEqual([
      ["llc_occupancy", "cache", 3],
      ["mbm_total_bytes", "memory", 7],
    ]);
    expect(d!.id).toBe(3);
  });
});

describe("a snapshot", () => {
  let arch: Arch;
  let driver: FakeDriver;
  beforeEach(async () => {
    ({ arch, driver } = await archOf({ cpus: 4, l3: { 8: [0, 1], 5: [2, 3] } }));
  });

  test("keeps what was chosen, though other cpus are online by now", async () => {
    for (const cpu of [2, 3]) {
      driver.machine.processor.cpus[cpu]!.online = false;
      await offlineCpu(arch, cpu);
    }
    const saved = JSON.parse(JSON.stringify(saveArch(arch)));
    // Set up now, MB would find an L3 that none of its cpus can tell of, and no class.
    driver.taken.mbwu.clear();
    Object.assign(driver.firmware.caches.find(({ id }) => id === 8)!, { bytes: 4096 });
    expect(getResource(await setupArch(driver), "MB").allocCapable).toBe(false);
    const again = await setupArch(driver, { saved });
    expect(domains(again, "MB").ctrl).toEqual(["8 [0 1]"]);
    expect([...again.events.keys()]).toEqual([...arch.events.keys()]);
    expect([again.rmidLimitBytes, again.assignedCounters]).toEqual([arch.rmidLimitBytes, arch.assignedCounters]);
    await onlineCpu(again, 2);
    expect(domains(again, "MB").ctrl).toEqual(["5 [2]", "8 [0 1]"]);
  });

  test("of a class that is not there is refused, and leaves MPAM alone", async () => {
    const saved = { ...saveArch(arch), resources: [["L2", { type: "cache", level: 2 }] as const] };
    expect(await outcome(setupArch(driver, { saved }))).toBe("EINVAL");
    expect([driver.enabled, driver.log]).toEqual([true, []]);
  });

  test("of an L3 that is only monitored is one again", async () => {
    const one = await archOf({ ...ONE_L3, cbmWd: 0, bwaWd: 0 });
    const again = await setupArch(one.driver, { saved: JSON.parse(JSON.stringify(saveArch(one.arch))) });
    expect(domains(again, "L3")).toEqual({ ctrl: [], mon: ["3 [0 1 2 3 4 5 6 7]"] });
    expect(one.driver.log.length).toBe(1);
  });
});
