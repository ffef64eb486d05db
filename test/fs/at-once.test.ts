// Many callers at once on hardware that takes its time and fails now and then: whatever they do, the books are right afterwards.

import fc from "fast-check";
import { expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Core } from "../../src/fs/core.ts";
import { Resctrl } from "../../src/fs/index.ts";
import type { SavedMount } from "../../src/fs/snapshot.ts";
import { findDomain } from "../../src/resctrl/index.ts";
import { fakeDriver, refusal, SECOND } from "./fakes.ts";

const RMIDS = 3;
const CLOSIDS = 6;

async function steps(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await Promise.resolve();
}

/** `dice` says how long each access takes; each sixth is refused. */
async function slow(dice: readonly number[]) {
  const driver = fakeDriver({ partidMax: CLOSIDS - 1, pmgMax: RMIDS - 1, mbwu: 5 });
  let thrown = 0;
  for (const name of ["apply", "readMonitor", "resetClass"] as const) {
    const access = driver[name].bind(driver) as (...args: unknown[]) => Promise<never>;
    driver[name] = async (...args: unknown[]) => {
      const die = dice[thrown++ % dice.length] ?? 0;
      await steps(die);
      if (die === 5) throw new ErrnoError("EIO", "as told");
      return access(...args);
    };
  }
  return { driver, fs: await Resctrl.mount(driver), core: await Core.of(driver) };
}

type Subject = Awaited<ReturnType<typeof slow>>;
type Call = (on: Subject) => Promise<unknown>;

const control = fc.constantFrom("", "a/", "b/", "c/");
const place = fc.tuple(control, fc.constantFrom("", "mon_groups/m/", "mon_groups/n/")).map(([a, b]) => a + b);
const n = fc.nat(7);

const CALL: fc.Arbitrary<Call> = fc.oneof(
  place.map(
    (at): Call =>
      ({ fs }) =>
        fs.mkdir(at || "a"),
  ),
  place.map(
    (at): Call =>
      ({ fs }) =>
        fs.rmdir(at || "b"),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Call =>
      ({ fs }) =>
        fs.rename(from, to),
  ),
  fc.tuple(place, n).map(
    ([at, i]): Call =>
      ({ fs }) =>
        fs.writeFile(`${at}tasks`, `${100 + (i % 3)}\n`),
  ),
  fc.tuple(place, n, n).map(
    ([at, i, j]): Call =>
      ({ fs }) =>
        fs.writeFile(`${at}cpus_list`, `${i},${j}\n`),
  ),
  fc.tuple(control, n).map(
    ([at, i]): Call =>
      ({ fs }) =>
        fs.writeFile(`${at}schemata`, `L3:0=${i};1=f\nMB:1=50\n`),
  ),
  fc.tuple(place, fc.constantFrom("0=e", "1=_", "*=e", "*=_")).map(
    ([at, item]): Call =>
      ({ fs }) =>
        fs.writeFile(`${at}mbm_L3_assignments`, `mbm_total_bytes:${item}\n`),
  ),
  place.map(
    (at): Call =>
      ({ fs }) =>
        fs.readFile(`${at}mon_data/mon_L3_00/llc_occupancy`),
  ),
  fc.constant<Call>(({ driver }) => driver.machine.clock.advance(SECOND)),
);

/** Cpus change one after the other, as the machine sees to it, and somebody goes on calling meanwhile. */
const CHANGES = fc.array(n, { maxLength: 6 });

async function changeAll({ driver: { machine } }: Subject, cpus: readonly number[]): Promise<void> {
  for (const cpu of cpus) await machine.cpu(cpu, !machine.processor.cpus[cpu]?.online);
}

/** What is refused is an answer like any other; what is no refusal fails the test. */
function run(on: Subject, calls: readonly Call[], pauses: readonly number[]): Promise<unknown> {
  const each = async (call: Call, at: number): Promise<void> => {
    await steps(at * (pauses[at % pauses.length] ?? 0));
    await refusal(call(on));
  };
  return Promise.all(calls.map(each));
}

const DICE = fc.array(fc.nat(5), { minLength: 1, maxLength: 20 });
const CALLS = fc.array(CALL, { maxLength: 40, size: "max" });

test("every RMID is free, waits in limbo or is of one group, every cpu and thread of one, every counter of who has it", async () => {
  await fc.assert(
    fc.asyncProperty(DICE, CALLS, DICE, CHANGES, async (dice, calls, pauses, cpus) => {
      const on = await slow(dice);
      await Promise.all([run(on, calls, pauses), changeAll(on, cpus)]);
      const { core, driver } = on;
      const { rmids, mount } = core.save();
      const { groups, counters, polls } = mount as SavedMount;
      const free = new Map(rmids.free);
      const all = Array.from({ length: CLOSIDS }, (_, closid) => {
        const fresh = [0, 1, 2].filter((rmid) => closid + rmid > 0);
        return (free.get(closid) ?? fresh).map((rmid) => closid * RMIDS + rmid);
      }).flat();
      all.push(...rmids.limbo.map(([idx]) => idx), ...groups.map(({ closid, rmid }) => closid * RMIDS + rmid));
      expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: CLOSIDS * RMIDS }, (_, idx) => idx));

      const { processor } = driver.machine;
      const labels = new Set(groups.map(({ closid, rmid }) => `${closid} ${rmid}`));
      for (const { label } of processor.tasks) expect(labels).toContain(`${label.partidD} ${label.pmgD}`);
      const having = (cpu: number) => groups.filter((group) => group.cpus.includes(cpu));
      for (const { cpu, online } of processor.cpus) {
        const isControl = ({ path }: { readonly path: string }) => !path.includes("mon_groups");
        expect(having(cpu).filter(isControl).length).toBe(online ? 1 : 0);
        const owner = having(cpu).find((group) => !isControl(group)) ?? having(cpu)[0] ?? groups[0];
        expect(processor.cpuDefaults[cpu]).toMatchObject({ partidD: owner?.closid, pmgD: owner?.rmid });
      }

      const domains = core.monDomains();
      expect(polls.map(({ domain }) => domain).sort()).toEqual(domains.map(({ id }) => id));
      expect(domains.map(({ monitorOfIndex }) => monitorOfIndex.size)).toEqual(
        domains.map(({ id }) => counters.filter(({ domain }) => domain === id).length),
      );
      for (const { domain, counter, path } of counters) {
        const group = groups.find((one) => one.path === path);
        const idx = (group?.closid ?? 0) * RMIDS + (group?.rmid ?? 0);
        expect(findDomain(domains, domain)?.monitorOfIndex.get(idx)).toBe(core.arch.assignedCounters[counter]);
      }
      expect([core.arch.monitorsHeld, driver.taken.csu.size]).toEqual([0, 0]);
    }),
    { numRuns: 150 },
  );
});

test("whenever MPAM ends, the tree is empty afterwards, no timer is left, and nothing can be mounted", async () => {
  await fc.assert(
    fc.asyncProperty(DICE, CALLS, DICE, fc.nat(400), async (dice, calls, pauses, end) => {
      const on = await slow(dice);
      const ending = steps(end).then(() => on.driver.disable("hardware error interrupt"));
      await Promise.all([run(on, calls, pauses), ending]);
      const { driver, fs, core } = on;
      expect(await fs.readdir("/")).toEqual([]);
      expect([driver.machine.clock.timers, core.arch.monitorsHeld]).toEqual([[], 0]);
      expect(await refusal(Resctrl.mount(driver))).toEqual({ code: "ENODEV", status: "" });
      await fs.unmount();
    }),
    { numRuns: 150 },
  );
});
