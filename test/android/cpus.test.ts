// Loading the architecture module: what every cpu must have, and what is said where one has not (more.md 4.1). Registers by number
// as section 7.2 of the register reference has them.

import { describe, expect, test } from "vitest";
import { Android, type LogLine } from "../../src/android/index.ts";
import type { AndroidMachine, RegisterRead } from "../../src/android/needs.ts";
import type { Machine } from "../../src/machine/index.ts";
import { accesses, machineWith } from "./machines.ts";

type Values = { readonly [register in string]?: bigint | RegisterRead };

const V1: Values = { ID_AA64PFR0_EL1: 0x0100_0000_0011n, MPAM1_EL1: 0x8000_0000_0000_0000n, MPAMIDR_EL1: 0x0002_000fn };

/** The machine, with other registers in its cpus. */
function dressed(machine: Machine, valuesOf: (cpu: number) => Values): { machine: AndroidMachine; reads: string[] } {
  const { platform, clock, processor, bus, parts } = machine;
  const reads: string[] = [];
  const cpu = (number: number) => ({
    cpu: number,
    registers: {
      read(register: string, { el }: { el: number }): RegisterRead {
        reads.push(`cpu ${number} EL${el} ${register}`);
        const value = valuesOf(number)[register];
        if (value === undefined) return { outcome: "undefined" };
        return typeof value === "bigint" ? { outcome: "done", value } : value;
      },
    },
  });
  return { machine: { platform, clock, processor, bus, parts, saved: (name) => machine.saved(name), cpu }, reads };
}

async function loaded(valuesOf: (cpu: number) => Values, shape = {}): Promise<Android> {
  return Android.load(dressed(await machineWith(shape), valuesOf).machine);
}

/** What load was refused with, and what the log says. */
async function refused(machine: AndroidMachine): Promise<{ code: string; log: LogLine[] }> {
  const android = new Android(machine);
  const code = await android.loadArch().then(
    () => "none",
    ({ code }) => code,
  );
  return { code, log: android.log };
}

test("each cpu is asked for its version, then whether labels are on, then for its PARTIDs, at EL1", async () => {
  const { machine, reads } = dressed(await machineWith(), () => V1);
  await Android.load(machine);
  expect(reads).toEqual(
    [0, 1, 2, 3].flatMap((cpu) =>
      ["ID_AA64PFR0_EL1", "MPAM1_EL1", "MPAMIDR_EL1"].map((name) => `cpu ${cpu} EL1 ${name}`),
    ),
  );
});

test("the number of partitions is the least of all cpus, and no more than the MSC has for its files", async () => {
  const android = await loaded((cpu) => ({ ...V1, MPAMIDR_EL1: [15n, 9n, 0xff_0000_000bn, 12n][cpu] as bigint }));
  expect(android.partids).toBe(10);
  await android.mount();
  expect(await android.readdir("partitions")).toHaveLength(10);
  expect(await android.readdir("mpam/partitions")).toHaveLength(10);
  const few = await loaded(() => V1, { msc: { spaces: { ns: { partidMax: 4, pmgMax: 0 } }, cpor: { cpbmWd: 8 } } });
  await few.mount();
  expect(await few.readdir("partitions")).toHaveLength(16);
  expect(await few.readdir("mpam/partitions")).toHaveLength(5);
});

describe("is refused with EOPNOTSUPP, and a warning that says why,", () => {
  test("where a cpu has no version 1 of MPAM, and its registers are not touched", async () => {
    const { machine, reads } = dressed(await machineWith(), (cpu) => (cpu === 2 ? { ID_AA64PFR0_EL1: 0x11n } : V1));
    const { code, log } = await refused(machine);
    expect(code).toBe("EOPNOTSUPP");
    expect(log).toEqual([
      { time: 0, level: "warning", text: "mpam_arch: MPAM only supported on CPUs 0-1,3 (EOPNOTSUPP)" },
    ]);
    expect(reads).not.toContain("cpu 2 EL1 MPAM1_EL1");
  });

  test("where firmware has left MPAMEN off, and the number of PARTIDs is not asked for", async () => {
    const { machine, reads } = dressed(await machineWith(), (cpu) => (cpu > 0 ? { ...V1, MPAM1_EL1: 0n } : V1));
    const { code, log } = await refused(machine);
    expect([code, log[0]?.text]).toEqual(["EOPNOTSUPP", "mpam_arch: MPAM only supported on CPUs 0 (EOPNOTSUPP)"]);
    expect(reads).not.toContain("cpu 1 EL1 MPAMIDR_EL1");
  });

  test("where a cpu is offline, and it is not asked", async () => {
    const real = await machineWith();
    await real.cpu(1).offline();
    const { machine, reads } = dressed(real, () => V1);
    const { code, log } = await refused(machine);
    expect([code, log[0]?.text]).toEqual([
      "EOPNOTSUPP",
      "mpam_arch: only CPUs 0,2-3 were asked, others are present and offline (ENODATA)",
    ]);
    expect(reads.join()).not.toMatch(/cpu 1 /);
  });

  test("where no cpu has it", async () => {
    const { log } = await refused(dressed(await machineWith(), () => ({ ID_AA64PFR0_EL1: 0n })).machine);
    expect(log[0]?.text).toBe("mpam_arch: MPAM only supported on CPUs none (EOPNOTSUPP)");
  });
});

test("nothing of the MSC is touched by a module that is refused", async () => {
  const real = await machineWith();
  const { machine } = dressed(real, () => ({ ID_AA64PFR0_EL1: 0n }));
  const android = new Android(machine);
  const touched = await accesses(real, () => android.loadArch().catch(() => undefined));
  expect(touched).toEqual([]);
  expect(await android.readdir("/")).toEqual([]);
});

test("a minor version that is 0 is not asked for: 1.0 and 1.1 are the same", async () => {
  const { machine, reads } = dressed(await machineWith(), () => V1);
  await Android.load(machine);
  expect(reads.join()).not.toMatch(/ID_AA64PFR1/);
});

test.each([
  ["every cpu is as the other", {}, 16],
  ["one sends fewer PARTIDs", { unlike: [{ cpus: "2", partidMax: 6, pmgMax: 0 }] }, 7],
  ["all are of version 1.0", { version: "1.0" }, 16],
])("cpus with registers of their own: %s", async (_, processor, partids) => {
  const android = await Android.load(await machineWith({ processor }));
  expect(android.partids).toBe(partids);
});

test.each([
  ["one is of version 0.1", { unlike: [{ cpus: "2", version: "0.1" }] }, /supported on CPUs 0-1,3 /],
  ["one has no MPAM", { unlike: [{ cpus: "0", version: "none" }] }, /supported on CPUs 1-3 /],
  ["firmware of one has left labels off", { unlike: [{ cpus: "3", firmware: { enables: false } }] }, /CPUs 0-2 /],
])("cpus with registers of their own: %s, and the module is refused", async (_, processor, why) => {
  const load = Android.load(await machineWith({ processor }));
  await expect(load).rejects.toMatchObject({ code: "EOPNOTSUPP", message: expect.stringMatching(why) });
});

test("where firmware has left the trap to EL3 on, the first look at MPAM1_EL1 is the end", async () => {
  const load = Android.load(await machineWith({ processor: { firmware: { traps: true } } }));
  await expect(load).rejects.toMatchObject({
    code: "EIO",
    message: expect.stringMatching(/EL3/),
  });
});

test("a kernel that is trapped dies, and is told by whom", async () => {
  const trap: Values = { ...V1, MPAM1_EL1: { outcome: "trap", to: 3 } };
  await expect(loaded(() => trap)).rejects.toMatchObject({
    code: "EIO",
    message: expect.stringMatching(/cpu 0: reading MPAM1_EL1 at EL1 traps to EL3/),
  });
  await expect(loaded(() => ({ ID_AA64PFR0_EL1: 1n << 40n }))).rejects.toMatchObject({
    code: "EIO",
    message: expect.stringMatching(/MPAM1_EL1 at EL1 is undefined/),
  });
});

describe("the policy module", () => {
  test("lacks symbols before the architecture module is there", async () => {
    const android = new Android(await machineWith());
    for (const start of [android.loadPolicy(), android.mount()]) {
      await expect(start).rejects.toMatchObject({ code: "ENOENT", message: expect.stringMatching(/Unknown symbol/) });
    }
    expect(android.log.map(({ level, text }) => [level, text])).toEqual([
      ["error", "mpam_policy: Unknown symbol (err -2)"],
      ["error", "mpam_policy: Unknown symbol (err -2)"],
    ]);
    expect(await android.readdir("/")).toEqual([]);
  });

  test("and also after that one was refused", async () => {
    const android = new Android(dressed(await machineWith(), () => ({ ID_AA64PFR0_EL1: 0n })).machine);
    await expect(android.loadArch()).rejects.toMatchObject({ code: "EOPNOTSUPP" });
    await expect(android.mount()).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is loaded once, as is the other", async () => {
    const android = await Android.load(await machineWith());
    await expect(android.loadArch()).rejects.toMatchObject({ code: "EEXIST" });
    await android.loadPolicy();
    await expect(android.loadPolicy()).rejects.toMatchObject({ code: "EEXIST" });
  });

  test("works without a device", async () => {
    const android = await Android.load(await machineWith({ msc: undefined }));
    await android.mount();
    expect(await android.readdir("/")).toEqual(["partitions"]);
    expect(await android.readdir("partitions")).toHaveLength(16);
  });
});
