// A snapshot at any moment of any history: the tree that comes out of it is the one that went in, and goes on alike.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { ErrnoError } from "../../src/errno/index.ts";
import { type MountOptions, Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { refusal } from "./fakes.ts";

const PLATFORM = checkObject(
  {
    name: "two L3s",
    cpus: 4,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [0, 1].map((id) => ({
      ...{ level: 3, id, cpus: [2 * id, 2 * id + 1], bytes: 65_536, ways: 4 },
      msc: {
        ...{ base: 0x1_4000_0000 + id * 0x1_0000, version: "1.1", cpus: [2 * id, 2 * id + 1], nrdyUsec: 5 },
        ...{ cpor: { cpbmWd: 4 }, mbw: { bwaWd: 7, maxLim: "soft" }, csu: { monitors: 1 } },
        mbwu: { monitors: 5, counter: 63 },
      },
    })),
    memory: [{ node: 0, bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
  },
  "test/fs/random-snapshot.test.ts",
);

const GLOBAL = "global_assign_ctrl_assign_mon_per_cpu";
const PER_GROUP = "per_group_assign_ctrl_assign_mon";

interface Subject {
  readonly machine: Machine;
  readonly fs: Resctrl;
}

type Step = (on: Subject) => Promise<unknown>;

const group = fc.constantFrom("", "a/", "b/");
const monitor = fc.constantFrom("", "mon_groups/m/", "mon_groups/n/");
const place = fc.tuple(group, monitor).map(([control, below]) => control + below);

/** What is refused is an answer like any other. */
const step = (what: fc.Arbitrary<Step>): fc.Arbitrary<Step> => what.map((one) => (on) => refusal(one(on)));

const STEPS: fc.Arbitrary<Step> = step(
  fc.oneof(
    place.map(
      (at) =>
        ({ fs }: Subject) =>
          fs.mkdir(at || "c", 0o750),
    ),
    place.map(
      (at) =>
        ({ fs }: Subject) =>
          fs.rmdir(at || "c"),
    ),
    fc.tuple(place, place).map(
      ([from, to]) =>
        ({ fs }: Subject) =>
          fs.rename(from, to),
    ),
    fc
      .tuple(place, fc.constantFrom("tasks", "cpus_list", "schemata", "mbm_L3_assignments"), fc.nat(3))
      .map(([at, file, n]) => {
        const text = {
          tasks: `${7 + n}\n`,
          cpus_list: `${n}\n`,
          schemata: `L3:${n % 2}=${n + 1}\nMB:1=${10 * n + 10}\n`,
          mbm_L3_assignments: `mbm_total_bytes:${n % 2}=${n > 1 ? "e" : "_"}\n`,
        }[file];
        return ({ fs }: Subject) => fs.writeFile(at + file, text ?? "");
      }),
    fc.tuple(place, fc.constantFrom(0o700, 0o511)).map(
      ([at, mode]) =>
        ({ fs }: Subject) =>
          fs.chmod(at, mode),
    ),
    fc.tuple(fc.nat(3), fc.boolean()).map(
      ([n, online]) =>
        ({ machine }: Subject) =>
          online ? machine.cpu(n).online() : machine.cpu(n).offline(),
    ),
    fc.constantFrom(1, 4e8, 1e9, 25e8).map(
      (ns) =>
        ({ machine }: Subject) =>
          machine.clock.advance(ns),
    ),
    fc.nat(9).map(
      (n) =>
        ({ fs }: Subject) =>
          fs.writeFile("info/L3_MON/max_threshold_occupancy", `${n}\n`),
    ),
    fc.constantFrom("0", "1").map(
      (on) =>
        ({ fs }: Subject) =>
          fs.writeFile("info/L3_MON/mbm_assign_on_mkdir", on),
    ),
  ),
);

const kernelGroup = fc.constantFrom("//", "a//", "a/m/", "b//", "/n/");

/** What is written to the files of the kernel mode. */
const KERNEL_STEPS: fc.Arbitrary<Step> = step(
  fc.oneof(
    fc.tuple(fc.constantFrom("inherit_ctrl_and_mon", GLOBAL, PER_GROUP), kernelGroup).map(
      ([name, bound]) =>
        ({ fs }: Subject) =>
          fs.writeFile("info/kernel_mode", name === PER_GROUP ? `${name}\n` : `${name}:group=${bound}\n`),
    ),
    fc.tuple(kernelGroup, kernelGroup).map(
      ([user, kernel]) =>
        ({ fs }: Subject) =>
          fs.writeFile("info/kernel_mode_assignment", `${user}:${kernel}\n`),
    ),
    fc.tuple(place, fc.nat(3)).map(
      ([at, n]) =>
        ({ fs }: Subject) =>
          fs.writeFile(`${at}kmode_cpus_list`, `${n}\n`),
    ),
  ),
);

async function everything({ fs }: Subject): Promise<Record<string, string>> {
  const found: Record<string, string> = { status: await fs.readFile("info/last_cmd_status") };
  const walk = async (path: string): Promise<void> => {
    for (const name of await fs.readdir(path)) {
      const at = `${path}/${name}`;
      const { kind, mode, uid } = await fs.stat(at);
      if (kind === "directory") await walk(at);
      found[at] = `${mode.toString(8)} ${uid} ${kind === "file" && mode & 0o444 ? await fs.readFile(at) : ""}`;
    }
  };
  await walk("");
  return found;
}

/** Time may have stopped where a worker waits for a monitor: there are no snapshots until it has its number. */
async function snapshotOf(machine: Machine): Promise<Uint8Array> {
  for (;;) {
    try {
      return machine.snapshot();
    } catch (error) {
      if (!(error instanceof ErrnoError && error.code === "EBUSY")) throw error;
      await machine.clock.advance(1000);
    }
  }
}

/** Of what is due at one time, limbo and the poll of counters may change places: neither sees the other. */
function dueAt({ clock }: Machine): string[] {
  return clock.waiting.map(({ kind, due }) => `${due} ${kind}`).sort();
}

const OPTIONS: readonly MountOptions[] = [{}, { debug: true }, { cdp: true, expert: true, profile: "x86" }];

test("a tree out of a snapshot is the one that went in, whatever had happened, and goes on alike", async () => {
  await checkAlike(OPTIONS, STEPS);
}, 60_000);

test("so it is with kernel modes", async () => {
  const modes = await checkAlike(
    OPTIONS.map((options) => ({ ...options, proposed: ["kernel-mode"] })),
    fc.oneof(STEPS, KERNEL_STEPS),
  );
  expect([...modes].sort()).toEqual(["global", "inherit", "per-group"]);
}, 60_000);

/** Answers the kernel modes that there were in snapshots. */
async function checkAlike(options: readonly MountOptions[], steps: fc.Arbitrary<Step>): Promise<ReadonlySet<string>> {
  const modes = new Set<string>();
  const threads = { name: "threads", hash: "threads", records: 0, addressRule: "dense", pageBytes: 4096 } as const;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...options),
      fc.array(steps, { maxLength: 25, size: "max" }),
      fc.array(steps, { maxLength: 10, size: "max" }),
      async (options, before, after) => {
        const machine = await Machine.create(PLATFORM);
        const fs = await Resctrl.mount(await Driver.probe(machine), options);
        machine.addTasks({
          ...threads,
          spaces: [{ asid: 1, pages: 1 }],
          requesters: [7, 8, 9].map((tid) => ({ asid: 1, pid: 7, tid, cpu: 0 })),
          async *batches() {},
        });
        const first = { machine, fs };
        for (const one of before) await one(first);
        modes.add(machine.processor.kernel.mode.policy);
        const copy = await Machine.restore(await snapshotOf(machine));
        const second = { machine: copy, fs: await Resctrl.restore(await Driver.restore(copy)) };
        // Free lists, limbo, and when each worker is due, as another snapshot would keep them.
        expect(copy.parts.get("resctrl")?.()).toEqual(machine.parts.get("resctrl")?.());
        expect(dueAt(copy)).toEqual(dueAt(machine));
        expect(await everything(second)).toEqual(await everything(first));
        for (const one of after) expect(await one(second)).toEqual(await one(first));
        expect(await everything(second)).toEqual(await everything(first));
        expect(copy.export()).toEqual(machine.export());
      },
    ),
    { numRuns: 25 },
  );
  return modes;
}
