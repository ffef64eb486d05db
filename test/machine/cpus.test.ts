// Cpus that come and go (docs/firmware.md, "Cpus that come and go").

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CpuHandler, Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { Channel, mailboxMachine, PAGE, readMessage, SHARED } from "./mailboxes.ts";
import { FakeTrace, mixed, runs, thread } from "./traces.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");
const MON_SEL = offsetOf("MSMON_CFG_MON_SEL");
const MBWU_FLT = offsetOf("MSMON_CFG_MBWU_FLT");
const MBWU_CTL = offsetOf("MSMON_CFG_MBWU_CTL");
const MBWU_L = offsetOf("MSMON_MBWU_L");
const ECR = offsetOf("MPAMF_ECR");
const ESR = offsetOf("MPAMF_ESR");

const refused = (code: string, words: RegExp): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(words) }) as Error;

const online = (machine: Machine): boolean[] => [0, 1, 2, 3].map((cpu) => machine.cpu(cpu).isOnline);

/** Writes down who hears what, and what is online then. */
function listen(machine: Machine, heard: string[], name: string, handler: CpuHandler = () => undefined): () => void {
  return machine.onCpu(async (change) => {
    const { isOnline } = machine.cpu(change.cpu);
    heard.push(`${name}: ${change.cpu} ${change.online ? "comes" : "goes"}${isOnline ? "" : ", and is offline"}`);
    await handler(change);
  });
}

describe("a cpu", () => {
  test("is online at power-on, goes and comes; the processor's list says the same", async () => {
    const machine = await mailboxMachine();
    expect(online(machine)).toEqual([true, true, true, true]);
    await machine.cpu(2).offline();
    expect(online(machine)).toEqual([true, true, false, true]);
    expect(machine.processor.cpus.map(({ cpu, online }) => [cpu, online])).toEqual([
      [0, true],
      [1, true],
      [2, false],
      [3, true],
    ]);
    await machine.cpu(2).online();
    expect(online(machine)).toEqual([true, true, true, true]);
    expect(machine.processor.cpus.every(({ online }) => online)).toBe(true);
  });

  test("that is not there is refused", async () => {
    const machine = await mailboxMachine();
    for (const cpu of [4, -1, 0.5]) {
      expect(() => machine.cpu(cpu)).toThrow(refused("EINVAL", /there is no cpu .*: this machine has 0\.\.3$/));
    }
  });

  test("that is offline makes no accesses, of whatever kind, and changes nothing; others do", async () => {
    const machine = await mailboxMachine();
    machine.write32(0, PART_SEL, 5);
    await machine.cpu(1).offline();
    const words = refused("ENXIO", /cpu 1 is offline/);
    const access = { cpu: 1, space: "ns", address: PAGE + PART_SEL, bytes: 4 } as const;
    for (const address of [PAGE + PART_SEL, SHARED, 0]) {
      expect(() => machine.bus.read({ ...access, address })).toThrow(words);
      expect(() => machine.bus.write({ ...access, address, value: 1n })).toThrow(words);
      expect(() => machine.bus.load32(1, "ns", address)).toThrow(words);
      expect(() => machine.bus.store32(1, "ns", address, 1, "driver")).toThrow(words);
    }
    expect(machine.bus.load32(0, "ns", PAGE + PART_SEL)).toBe(5);
    await machine.cpu(1).online();
    expect(machine.bus.read(access)).toBe(5n);
  });

  test("that is the last one online cannot go, whichever it is", async () => {
    const machine = await mailboxMachine();
    for (const cpu of [0, 3, 1]) await machine.cpu(cpu).offline();
    const heard: string[] = [];
    listen(machine, heard, "a");
    await expect(machine.cpu(2).offline()).rejects.toThrow(refused("EBUSY", /cpu 2 is the last one online/));
    expect([online(machine), heard]).toEqual([[false, false, true, false], []]);
    await machine.cpu(0).online();
    await machine.cpu(2).offline();
    expect(online(machine)).toEqual([true, false, false, false]);
  });

  test("runs its tasks' records though it is offline", async () => {
    const ran = async (gone: boolean) => {
      const machine = await mailboxMachine();
      if (gone) await machine.cpu(1).offline();
      const file = new FakeTrace("t", mixed(1, 500, 1, 100), { requesters: [thread(7, { cpu: 1 })] });
      machine.addTasks(file);
      await machine.replay([file]);
      return machine.export();
    };
    expect(await ran(true)).toEqual(await ran(false));
  });
});

describe("handlers", () => {
  test("hear before a cpu goes, while it can make accesses, and after it has come", async () => {
    const machine = await mailboxMachine();
    const heard: string[] = [];
    const stop = listen(machine, heard, "a", ({ cpu }) => {
      machine.bus.load32(cpu, "ns", PAGE);
    });
    await machine.cpu(1).offline();
    await machine.cpu(1).online();
    stop();
    await machine.cpu(1).offline();
    expect(heard).toEqual(["a: 1 goes", "a: 1 comes"]);
  });

  test("hear nothing of a cpu that is where it should be already", async () => {
    const machine = await mailboxMachine();
    const heard: string[] = [];
    await machine.cpu(1).offline();
    listen(machine, heard, "a");
    await machine.cpu(1).offline();
    await machine.cpu(2).online();
    expect([heard, online(machine)]).toEqual([[], [true, false, true, true]]);
  });

  test("are awaited one after the other: as registered when a cpu comes, the other way round when it goes", async () => {
    const machine = await mailboxMachine();
    const heard: string[] = [];
    const slow = (name: string, ns: number) =>
      listen(machine, heard, name, async () => {
        await machine.clock.sleep(ns);
        heard.push(`${name} done at ${machine.clock.now}`);
      });
    slow("a", 10);
    slow("b", 5);
    await machine.cpu(3).offline();
    expect(machine.clock.now).toBe(15);
    await machine.cpu(3).online();
    expect(heard).toEqual([
      "b: 3 goes",
      "b done at 5",
      "a: 3 goes",
      "a done at 15",
      "a: 3 comes",
      "a done at 25",
      "b: 3 comes",
      "b done at 30",
    ]);
  });

  test("of one change have all heard before the next change begins", async () => {
    const machine = await mailboxMachine();
    const heard: string[] = [];
    listen(machine, heard, "a", () => machine.clock.sleep(10));
    const changes = [
      machine.cpu(1).offline(),
      machine.cpu(2).offline(),
      machine.cpu(1).online(),
      machine.cpu(1).online(),
    ];
    await Promise.all(changes);
    expect(heard).toEqual(["a: 1 goes", "a: 2 goes", "a: 1 comes"]);
    expect([online(machine), machine.clock.now]).toEqual([[true, true, false, true], 30]);
  });

  test("may use a mailbox, which answers while they wait", async () => {
    const machine = await mailboxMachine();
    const shared = new Channel(machine, SHARED);
    const answers: unknown[] = [];
    machine.onCpu(async () => void answers.push(await shared.call(readMessage(1, CPBM), 100_000), shared.load(20)));
    await machine.cpu(3).offline();
    expect([answers, machine.clock.now]).toEqual([["answered", 0xffff], 7000]);
  });
});

describe("a handler that fails", () => {
  const failing =
    (when: boolean): CpuHandler =>
    ({ online }) => {
      if (online === when) throw new Error(`cannot have that, online: ${online}`);
    };

  test("when a cpu comes takes it offline again: who has heard hears that it goes, the last one first", async () => {
    const machine = await mailboxMachine();
    const heard: string[] = [];
    await machine.cpu(1).offline();
    listen(machine, heard, "a");
    listen(machine, heard, "b");
    const stop = listen(machine, heard, "c", failing(true));
    listen(machine, heard, "d");
    await expect(machine.cpu(1).online()).rejects.toThrow(/^cannot have that, online: true$/);
    expect(heard).toEqual(["a: 1 comes", "b: 1 comes", "c: 1 comes", "b: 1 goes", "a: 1 goes"]);
    expect(online(machine)).toEqual([true, false, true, true]);
    expect(() => machine.bus.load32(1, "ns", PAGE)).toThrow(refused("ENXIO", /offline/));
    stop();
    await machine.cpu(1).online();
    expect(online(machine)).toEqual([true, true, true, true]);
  });

  test("when a cpu goes keeps it: who has heard hears that it is there", async () => {
    const machine = await mailboxMachine();
    const heard: string[] = [];
    listen(machine, heard, "a");
    const stop = listen(machine, heard, "b", failing(false));
    listen(machine, heard, "c");
    await expect(machine.cpu(1).offline()).rejects.toThrow(/^cannot have that, online: false$/);
    expect(heard).toEqual(["c: 1 goes", "b: 1 goes", "c: 1 comes"]);
    expect(online(machine)).toEqual([true, true, true, true]);
    stop();
    await machine.cpu(1).offline();
    expect(machine.cpu(1).isOnline).toBe(false);
  });

  test("after another, while that is taken back, is told with the first one", async () => {
    const machine = await mailboxMachine();
    await machine.cpu(1).offline();
    machine.onCpu(failing(false));
    machine.onCpu(failing(true));
    const error = await machine
      .cpu(1)
      .online()
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors.map(String)).toEqual([
      "Error: cannot have that, online: true",
      "Error: cannot have that, online: false",
    ]);
    expect(machine.cpu(1).isOnline).toBe(false);
  });

  test("holds up no later change", async () => {
    const machine = await mailboxMachine();
    machine.onCpu(({ cpu }) => (cpu === 1 ? Promise.reject(new Error("not 1")) : undefined));
    const [first, second] = await Promise.allSettled([machine.cpu(1).offline(), machine.cpu(2).offline()]);
    expect([first.status, second.status, online(machine)]).toEqual([
      "rejected",
      "fulfilled",
      [true, true, false, true],
    ]);
  });
});

test("whatever is asked, there is one online, and handlers know which are", async () => {
  const wish = fc.record({ cpu: fc.nat({ max: 3 }), comes: fc.boolean(), wait: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(wish, { maxLength: 30 }), async (wishes) => {
      const machine = await mailboxMachine();
      const known = new Set([0, 1, 2, 3]);
      machine.onCpu(({ cpu, online }) => {
        expect(known.has(cpu)).toBe(!online);
        if (online) known.add(cpu);
        else known.delete(cpu);
      });
      const expected = new Set([0, 1, 2, 3]);
      const asked: Promise<unknown>[] = [];
      for (const { cpu, comes, wait } of wishes) {
        const busy = !comes && expected.has(cpu) && expected.size === 1;
        if (comes) expected.add(cpu);
        else if (!busy) expected.delete(cpu);
        const change = comes ? machine.cpu(cpu).online() : machine.cpu(cpu).offline();
        const done = busy ? expect(change).rejects.toThrow(refused("EBUSY", /last/)) : change;
        asked.push(done);
        if (wait) await done;
      }
      await Promise.all(asked);
      expect([...known].toSorted()).toEqual([...expected].toSorted());
      expect([0, 1, 2, 3].filter((cpu) => machine.cpu(cpu).isOnline)).toEqual([...expected].toSorted());
    }),
    runs(30),
  );
});

describe("an MSC that has its power from cpus 0 and 1", () => {
  /** MSC 0 is configured, counts, and reports an error; lines are in its cache. */
  async function used(): Promise<Machine> {
    const machine = await mailboxMachine({ power: "lost", cpus: [0, 1] });
    const file = new FakeTrace("t", mixed(1, 500, 1, 100), { requesters: [thread(7)] });
    machine.addTasks(file);
    for (const msc of [0, 1]) {
      machine.write32(msc, MON_SEL, 1);
      machine.write32(msc, MBWU_FLT, 0);
      machine.write32(msc, MBWU_CTL, 0x8001_0000);
      machine.write32(msc, PART_SEL, 3);
      machine.write32(msc, CPBM, 0x00f0);
    }
    await machine.replay([file]);
    machine.write32(0, ECR, 1);
    machine.write32(0, PART_SEL, 99);
    machine.write32(0, PART_SEL, 3);
    return machine;
  }

  const registers = (machine: Machine, msc: number) => {
    machine.write32(msc, PART_SEL, 3);
    machine.write32(msc, MON_SEL, 1);
    const words = [CPBM, MBWU_CTL, MBWU_L, ECR, ESR].map((offset) => machine.read32(msc, offset));
    return words;
  };

  test("keeps its registers while one of them is online", async () => {
    const machine = await used();
    const before = registers(machine, 0);
    expect(before[0]).toBe(0x00f0);
    expect(before[2]).toBeGreaterThan(0);
    await machine.cpu(0).offline();
    for (const cpu of [2, 3]) await machine.cpu(cpu).offline();
    expect(registers(machine, 0)).toEqual(before);
  });

  test("loses them when the last one goes, after its handlers; others and the lines of its cache stay", async () => {
    const machine = await used();
    const [fresh, second] = [
      registers(await mailboxMachine({ power: "lost", cpus: [0, 1] }), 0),
      registers(machine, 1),
    ];
    const { sets } = machine.export();
    const levels: number[] = [];
    machine.onInterrupt(({ msc, level }) => {
      if (msc === 0) levels.push(level);
    });
    const seen: number[] = [];
    machine.onCpu(() => void seen.push(machine.read32(0, CPBM)));
    await machine.cpu(0).offline();
    await machine.cpu(1).offline();
    expect([seen, levels]).toEqual([[0x00f0, 0x00f0], [0]]);
    expect(registers(machine, 0)).toEqual(fresh);
    expect(registers(machine, 1)).toEqual(second);
    expect(machine.export().sets).toEqual(sets);
    await machine.cpu(1).online();
    expect(registers(machine, 0)).toEqual(fresh);
  });

  test("loses nothing while its cpus stay and others go", async () => {
    const machine = await used();
    const before = registers(machine, 0);
    for (const cpu of [2, 3]) {
      await machine.cpu(cpu).offline();
      await machine.cpu(cpu).online();
    }
    expect(registers(machine, 0)).toEqual(before);
  });

  test("loses them again when a cpu that came was refused by a handler", async () => {
    const machine = await used();
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    machine.onCpu(({ online }) => {
      machine.write32(0, PART_SEL, 3);
      machine.write32(0, CPBM, 0x0f0f);
      if (online) throw new Error("not now");
    });
    await expect(machine.cpu(0).online()).rejects.toThrow("not now");
    machine.write32(0, PART_SEL, 3);
    expect(machine.read32(0, CPBM)).toBe(0xffff);
  });

  test("raises nothing without power, though it is broken", async () => {
    const machine = await used();
    const times: number[] = [];
    machine.onInterrupt(({ msc, level, time }) => msc === 0 && level === 1 && times.push(time - from));
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    const from = machine.clock.now;
    machine.faults.add({ kind: "error-interrupt", msc: 0, code: 3 });
    machine.faults.add({ kind: "error-interrupt", msc: 0, everyNs: 100, times: 2 });
    await machine.clock.advance(250);
    const again = await Machine.restore(machine.snapshot());
    again.onInterrupt(({ msc, level, time }) => msc === 0 && level === 1 && times.push(time - from));
    expect([times, machine.read32(0, ESR)]).toEqual([[], 0]);
    for (const one of [machine, again]) {
      times.length = 0;
      await one.cpu(1).online();
      expect(one.read32(0, ESR) >>> 24).toBe(3);
      await one.clock.advance(1000);
      expect(times).toEqual([250, 300, 400]);
    }
  });

  test.each(["open", "closed"] as const)(
    "loses them in the middle of a replay in %s timing: traffic goes by that from the next edge",
    async (timing) => {
      /** Portions 0..3 for what comes; at 1,700 they are lost, or all of them given by whoever writes the register. */
      const ends = async (lose: (machine: Machine) => void) => {
        const machine = await mailboxMachine({ power: "lost", cpus: [0, 1] });
        const file = new FakeTrace("t", mixed(5, 2000, 1, 300), { requesters: [thread(7)] });
        machine.addTasks(file);
        machine.write32(0, CPBM, 0x000f);
        for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
        await machine.cpu(0).online();
        machine.write32(0, CPBM, 0x000f);
        machine.clock.at(1700, "test", () => lose(machine));
        await machine.replay([file], { timing });
        return machine.export();
      };
      const lost = await ends((machine) => void machine.cpu(0).offline());
      expect(lost).toEqual(await ends((machine) => machine.write32(0, CPBM, 0xffff)));
      expect(lost.sets).not.toEqual((await ends(() => undefined)).sets);
    },
  );

  test("keeps them where the platform does not say otherwise", async () => {
    const machine = await mailboxMachine({ cpus: [0, 1] });
    machine.write32(0, PART_SEL, 3);
    machine.write32(0, CPBM, 0x00f0);
    for (const cpu of [0, 1]) await machine.cpu(cpu).offline();
    expect(machine.read32(0, CPBM)).toBe(0x00f0);
  });
});
