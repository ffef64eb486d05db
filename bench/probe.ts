// How long does a driver take to find out about many MSCs, by page and by message? Contestants make the same register accesses.
import { performance } from "node:perf_hooks";
import { MPAMCFG_PART_SEL, MPAMF_ECR, MSMON_CFG_MON_SEL } from "../assembly/regs/index.ts";
import { Driver } from "../src/driver/index.ts";
import { Machine } from "../src/machine/index.ts";
import { loadPlatform } from "../src/platform/index.ts";
import { ours } from "./goals.ts";
import type { Contestant, Row } from "./harness.ts";
import { checksumText, mix } from "./mixer.ts";
import type { Question, RunOptions } from "./question.ts";

const MSCS = 1024;
const PARTID_MAX = 15;

type Way = "page" | "mailbox";

export const probe: Question = {
  name: "probe",
  asks: `a driver that probes and resets ${MSCS.toLocaleString("en")} MSCs: register accesses by page and by mailbox`,
  run: probing,
};

async function probing(options: RunOptions): Promise<Row[]> {
  const accesses = await accessesOfOne();
  const rows = await options.meet({
    bench: "probe",
    case: `${MSCS} MSCs`,
    operations: accesses,
    contestants: (["page", "mailbox"] as const).map(contestant),
    repetitions: options.repetitions,
  });
  for (const row of rows) {
    options.note(`probe: ${row.contestant}: ${accesses} accesses, ${(accesses / row.rate / 1000).toFixed(0)} ms`);
  }
  return rows.map((row) => ({ ...row, rate: row.rate * 1000, unit: "k/s" }));
}

/** What all of them make, alike by page and by mailbox. */
async function accessesOfOne(): Promise<number> {
  const machine = await powerOn("page");
  let accesses = 0;
  const stop = machine.log("*", () => accesses++);
  await Driver.probe(machine);
  stop();
  return accesses;
}

/** The clock runs while the driver does, not during power-on. */
function contestant(way: Way): Contestant {
  return {
    name: ours(`by ${way}`),
    async run() {
      const machine = await powerOn(way);
      const start = performance.now();
      const driver = await Driver.probe(machine);
      const nanoseconds = (performance.now() - start) * 1e6;
      return { nanoseconds, checksum: checksumOf(machine, driver) };
    },
  };
}

/** What the driver has found, and what it has left in the registers of each MSC: its selections, and the error control. */
function checksumOf(machine: Machine, driver: Driver): string {
  let sum = mix(driver.partidMax) ^ mix(driver.classes.length);
  for (const { msc } of machine.mscs) {
    for (const offset of [MPAMCFG_PART_SEL, MSMON_CFG_MON_SEL, MPAMF_ECR]) sum = mix(sum ^ machine.read32(msc, offset));
  }
  return checksumText(sum);
}

/** A small L2 for each of as many cpus, and an MSC with a bit of everything for each. */
async function powerOn(way: Way): Promise<Machine> {
  const place = way === "page" ? { base: 0x1_4000_0000 } : { mailbox: 0 };
  const platform = await loadPlatform({
    name: `probe-by-${way}`,
    cpus: MSCS,
    processor: { partidMax: PARTID_MAX, pmgMax: 1 },
    mailboxes: [{ base: 0x1_3000_0000, latencyUsec: 1, interrupt: 70 }],
    caches: [
      {
        level: 2,
        per: "cpu",
        bytes: 2 ** 14,
        ways: 4,
        msc: {
          ...place,
          version: "1.1",
          nrdyUsec: 0,
          cpor: { cpbmWd: 4 },
          csu: { monitors: 2 },
          mbwu: { monitors: 2, counter: 44 },
        },
      },
    ],
    memory: [{ bytes: 2 ** 30, bytesPerSecond: 1e9 }],
  });
  return Machine.create(platform);
}
