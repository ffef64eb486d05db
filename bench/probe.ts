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
const NODES = 16;
const NODE_PAGES = (MSCS / NODES) * 2 ** 16;
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

/** Sixteen memory nodes of 64 channels, each with an MSC that has a bit of everything a channel can have. */
async function powerOn(way: Way): Promise<Machine> {
  const widths = { version: "1.1", nrdyUsec: 0, mbw: { bwaWd: 7 }, mbwu: { monitors: 2, counter: 44 } };
  const place = (node: number) => (way === "page" ? { base: 0x1_4000_0000 + node * NODE_PAGES } : { mailbox: 0 });
  const platform = await loadPlatform({
    name: `probe-by-${way}`,
    cpus: NODES,
    processor: { partidMax: PARTID_MAX, pmgMax: 1 },
    mailboxes: [{ base: 0x1_3000_0000, latencyUsec: 1, interrupt: 70 }],
    memory: Array.from({ length: NODES }, (_, node) => ({
      node,
      cpus: [node],
      bytes: 2 ** 30,
      bytesPerSecond: 64e9,
      channels: MSCS / NODES,
      msc: { ...place(node), ...widths },
    })),
  });
  return Machine.create(platform);
}
