// Guests of a command line: whose accesses are counted in which groups of the host.

import { describe, expect, test } from "vitest";
import { treeOptions } from "../../src/cli/tree-options.ts";
import type { Machine } from "../../src/machine/index.ts";
import { parseScript } from "../../src/script/index.ts";
import { parseGroupRule } from "../../src/session/groups.ts";
import { parseGuests } from "../../src/session/guests.ts";
import { runSession } from "../../src/session/run-session.ts";
import { FakeTrace, thread, walk } from "../machine/traces.ts";

const platform = new URL("../../platforms/guests.yaml", import.meta.url).pathname;

/** Thread i + 1 makes 10 * 2^i accesses, one after the other. */
function trace(name: string, threads: number, nsPerRecord: number): FakeTrace {
  const requesters = Array.from({ length: threads }, (_, i) => thread(i + 1, { comm: `${name}${i + 1}`, pid: 1 }));
  const rows = requesters.flatMap((_, requester) => walk([requester], 10 * 2 ** requester, { requester }));
  return new FakeTrace(
    name,
    rows.map((row, time) => ({ ...row, time: time * nsPerRecord })),
    { requesters },
  );
}

interface Run {
  readonly guests: readonly string[];
  readonly partids?: readonly string[];
  readonly groups?: readonly string[];
  readonly script?: readonly string[];
  readonly nsPerRecord?: number;
}

async function accesses({ guests, partids = [], groups = [], script = [], nsPerRecord = 1 }: Run) {
  let machine: Machine | undefined;
  const result = await runSession([trace("host", 1, nsPerRecord), trace("guest", 3, nsPerRecord)], {
    platform,
    groups: groups.map(parseGroupRule),
    guests: parseGuests(guests, partids),
    script: parseScript(script.join("\n"), "script"),
    onMachine: (made) => {
      machine = made;
    },
  });
  const sums: Record<string, number> = {};
  for (const { groups: all } of result.phases) {
    for (const one of all) if (one.accesses > 0) sums[one.group] = (sums[one.group] ?? 0) + one.accesses;
  }
  return { sums, machine: machine as Machine, result };
}

test("a guest whose MPAM is hidden is counted in the group of its vCPUs", async () => {
  const { sums, machine } = await accesses({ guests: ["vm=trace:2"], groups: ["vms=trace:2"] });
  expect(sums).toEqual({ "/": 10, vms: 70 });
  expect(machine.processor.tasks.map(({ comm }) => comm)).toEqual(["vm/0", "vm/1", "vm/2", "vm/3", "host1"]);
});

test("a guest with PARTIDs of its own is counted in the groups that stand for them", async () => {
  const { sums } = await accesses({
    guests: ["vm=trace:2,groups=web+batch"],
    partids: ["vm:1=comm:guest1", "vm:2=tid:2"],
    groups: ["vms=trace:2"],
  });
  expect(sums).toEqual({ "/": 10, web: 10, batch: 20, vms: 40 });
});

test("when a group goes, its PARTID is the default group's for the guest, and another group may have the number", async () => {
  const { sums, machine } = await accesses({
    guests: ["vm=trace:2,groups=web,vcpus=0"],
    partids: ["vm:1=comm:guest3"],
    script: ["@4us rmdir web", "@5us mkdir other"],
    nsPerRecord: 100,
  });
  expect(machine.processor.task(1_000_000)).toMatchObject({ comm: "vm:1", label: { partidD: 0 } });
  // guest3 runs from 3 to 7 us. The edge after 4 us is at 5 us; what comes before it still has the number that no group has.
  expect(sums).toEqual({ web: 10, "/": 10 + 30 + 20 });
});

test("a thread that stands for a PARTID is moved as any other", async () => {
  const { sums } = await accesses({
    guests: ["vm=trace:2,groups=web,vcpus=0"],
    partids: ["vm:1=trace:2"],
    // The first of them is the one for the vCPU.
    script: ["@0 mkdir late", "@0 write late/tasks 1000000"],
  });
  expect(sums).toEqual({ "/": 10, late: 70 });
});

test("a guest of a guest has PARTIDs of that", async () => {
  const { sums } = await accesses({
    guests: ["l1=trace:1,nested,groups=a+b", "l2=trace:2,within=l1,groups=2+-"],
    partids: ["l2:1=comm:guest2", "l1:1=trace:1"],
  });
  expect(sums).toEqual({ "/": 50, a: 10, b: 20 });
});

test("a group's rule moves vCPUs by trace and by their own names; the numbers of the guest's threads are not the host's", async () => {
  const guests = ["vm=trace:2,vcpus=0-1"];
  expect((await accesses({ guests, groups: ["vms=comm:vm/0"] })).sums).toEqual({ "/": 30, vms: 50 });
  expect((await accesses({ guests, groups: ["vms=tid:3"] })).sums).toEqual({ "/": 80 });
});

test("files of the groups count it", async () => {
  const { result } = await accesses({
    guests: ["vm=trace:2,groups=web"],
    partids: ["vm:1=trace:2"],
    script: ["@end read web/mon_data/mon_L3_00/llc_occupancy"],
  });
  // Three threads, of a line each.
  expect(result.script.map(({ text }) => text)).toEqual(["192\n"]);
});

describe("what is refused", () => {
  const guest = (text: string, partids: readonly string[] = []) => expect(() => parseGuests([text], partids));
  test("a guest that is not one", () => {
    guest("vm").toThrow(
      "guest 'vm': NAME=RULE is needed, with trace:N, tid:N, pid:N, asid:N or comm:COMMAND, and vcpus=0-3, groups=a+b, pmgs=N, plk, nested or within=NAME after it",
    );
    guest("vm=all").toThrow(
      "guest 'vm=all': 'all' picks no threads; trace:N, tid:N, pid:N, asid:N or comm:COMMAND is allowed",
    );
    guest("vm=tid:x").toThrow("guest 'vm=tid:x': tid 'x': a whole number is needed");
    guest("vm=tid:1,groups").toThrow("guest 'vm=tid:1,groups': 'groups' is none of vcpus=0-3,");
    guest("vm=tid:1,vcpus=a").toThrow("guest 'vm=tid:1,vcpus=a': 'vcpus=a' is none of vcpus=0-3,");
    guest("vm=tid:1,groups=a+").toThrow("guest 'vm=tid:1,groups=a+': 'groups=a+' has a group without a name");
    guest("vm=tid:1,vcpus=1,vcpus=2").toThrow("guest 'vm=tid:1,vcpus=1,vcpus=2': 'vcpus=2' is said twice");
    guest("vm=tid:1,nested,nested").toThrow("guest 'vm=tid:1,nested,nested': 'nested' is said twice");
    guest("vm=tid:1,groups=a,pmgs=0").toThrow("guest 'vm=tid:1,groups=a,pmgs=0': pmgs=0: a guest has 1 PMG or more");
    guest("vm=tid:1,pmgs=2").toThrow("guest 'vm=tid:1,pmgs=2': pmgs is for guests with PARTIDs of their own");
    guest("vm=tid:1,plk").toThrow("guest 'vm=tid:1,plk': plk is for guests with PARTIDs of their own");
  });

  test("the same guest twice, and PARTIDs that it does not have", () => {
    expect(parseGuests(["vm=tid:1,nested", "vm=tid:2"], []).guests).toEqual([
      {
        name: "vm",
        nested: true,
        threads: [
          { by: "tid", value: 1 },
          { by: "tid", value: 2 },
        ],
      },
    ]);
    expect(() => parseGuests(["vm=tid:1", "vm=tid:2,nested"], [])).toThrow(
      "guest 'vm=tid:2,nested': what vm is has been said before; only threads can be added",
    );
    guest("vm=tid:1", ["vm:1=tid:1"]).toThrow("guest-partid 'vm:1': vm has 0..0 (groups= gives it more)");
    guest("vm=tid:1,groups=a+b", ["vm:3=tid:1"]).toThrow("guest-partid 'vm:3': vm has 0..2 (groups= gives it more)");
    guest("vm=tid:1", ["x:1=tid:1"]).toThrow("guest-partid 'x:1': there is no guest x");
    guest("vm=tid:1", ["vm=tid:1"]).toThrow("guest-partid 'vm=tid:1': NAME:PARTID=RULE is needed");
  });

  test("a trace that is not there", async () => {
    await expect(accesses({ guests: ["vm=trace:3"] })).rejects.toThrow("guest: there is no trace 3; there are 1 to 2");
    await expect(accesses({ guests: ["vm=trace:2,groups=a"], partids: ["vm:1=trace:9"] })).rejects.toThrow(
      "guest-partid: there is no trace 9; there are 1 to 2",
    );
  });

  test("guests of a mounted machine without traces, or with the threads of this host", async () => {
    await expect(treeOptions({ guest: ["vm=trace:1"] })).rejects.toThrow(
      "guest: no threads run; --replay names traces that have some",
    );
    await expect(treeOptions({ guest: ["vm=trace:1"], replay: ["a"], tasks: "host" })).rejects.toThrow(
      "guest: its vCPUs are threads of the machine; --tasks machine has those",
    );
    expect(await treeOptions({ guest: ["vm=trace:1"], replay: ["a"] })).toMatchObject({
      guests: { guest: ["vm=trace:1"], partid: [] },
    });
  });
});
