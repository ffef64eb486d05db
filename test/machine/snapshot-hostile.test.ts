// Snapshots whose header says something else somewhere: refused in words, or of a machine that goes on.

import { expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { offsetOf } from "../golden/registers.ts";

const MBW_MIN = offsetOf("MPAMCFG_MBW_MIN");
const MBW_MAX = offsetOf("MPAMCFG_MBW_MAX");
const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const WINDOW = 0x1900_0000;
const SHADOW = WINDOW + 0x36_0048;
const MAILBOX = 0x2_0000_0000;
const DOORBELL = MAILBOX + 0x1000;
const UPDATE = MAILBOX + 0x1010;

/** A little of everything that a header keeps. */
async function busy(): Promise<Machine> {
  const msc = { errata: ["T241-MPAM-1"], cpus: [0, 1], mbw: { bwaWd: 8, min: true } };
  const platform = checkObject(
    {
      name: "busy",
      cpus: 3,
      processor: { partidMax: 3, pmgMax: 1 },
      mailboxes: [{ subspace: 0, base: MAILBOX, bytes: 32 }],
      caches: [{ level: 2, bytes: 4096, ways: 4, msc: { mailbox: 0, cpor: { cpbmWd: 4 } } }],
      memory: [{ node: 0, bytes: "1 MiB", bytesPerSecond: 640e6, msc: { base: 0x1_0000_0000, ...msc } }],
    },
    "busy",
  );
  const machine = await Machine.create(platform);
  machine.write32(1, PART_SEL, 1);
  machine.write32(1, MBW_MAX, 0x3f00);
  machine.bus.load32(0, "ns", SHADOW + 8);
  machine.bus.store32(0, "ns", UPDATE, 0);
  machine.bus.store32(0, "ns", DOORBELL, 1);
  machine.faults.add({ kind: "write-lost", msc: 1, register: "MPAMF_ECR", times: 2 });
  machine.faults.add({ kind: "mailbox", subspace: 0, how: "slow", ns: 5, times: 3 });
  machine.faults.add({ kind: "error-interrupt", msc: 1, everyNs: 2000, times: 3 });
  await machine.cpu(2).offline();
  await machine.clock.advance(100);
  return machine;
}

/** Everything that the state may be of. */
async function goOn(machine: Machine): Promise<void> {
  for (let partid = 0; partid < 2; partid++) {
    machine.write32(1, PART_SEL, partid);
    for (const offset of [MBW_MIN, MBW_MAX]) {
      machine.read32(1, offset);
      machine.write32(1, offset, 0x4000);
    }
    for (let slice = 0; slice < 12; slice++) {
      for (let turn = 0; turn <= slice; turn++) {
        machine.bus.read({ cpu: 0, space: "ns", address: SHADOW + slice * 0x1_0000 + partid * 8, bytes: 8 });
      }
    }
  }
  for (const place of [0x1b_0000, 0x1c_0000]) machine.bus.store32(0, "ns", WINDOW + place, 0);
  await machine.clock.advance(20_000);
  for (const cpu of [0, 1]) await machine.cpu(2 - cpu).offline();
  for (const { fault, fired } of machine.faults.list) expect([typeof fault, fired >= 0]).toEqual(["object", true]);
  expect(machine.snapshot().length).toBeGreaterThan(0);
}

const KEYS = ["now", "offline", "mailboxes", "shadows", "faults", "replay", "seed", "timers"];
/** As JSON has them; the last is no finite number. */
const VALUES = ["null", '"1"', "{}", "-1", "0.5", "77", "4294967296", "1e300", "1e999"];

/** The ways to every value within, but for words of shared memory past the first. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const within = Object.entries(value).filter(
    ([key]) => !(path.at(-1) === "words" && path[0] === "mailboxes" && key !== "0"),
  );
  return [path, ...within.flatMap(([key, one]) => pathsIn(one, [...path, key]))];
}

const JSON_AT = 16;

function withHeader(bytes: Uint8Array, text: string): Uint8Array {
  const end = JSON_AT + new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
  const json = new TextEncoder().encode(text);
  const memory = bytes.subarray(end);
  const changed = new Uint8Array(JSON_AT + json.length + memory.length);
  changed.set(bytes.subarray(0, JSON_AT));
  new DataView(changed.buffer).setUint32(12, json.length, true);
  changed.set(json, JSON_AT);
  changed.set(memory, JSON_AT + json.length);
  return changed;
}

function headerOf(bytes: Uint8Array): Record<string, unknown> {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(JSON_AT, JSON_AT + length)));
}

/** A header's text, in which the value at `path` is another one; undefined: in which it is missing. */
function changed(header: unknown, path: readonly string[], value: string | undefined): string {
  const copy = structuredClone(header) as Record<string, unknown>;
  const within = path.slice(0, -1).reduce((one, key) => one[key] as Record<string, unknown>, copy);
  within[path.at(-1) as string] = value === undefined ? undefined : "@";
  return JSON.stringify(copy).replace('"@"', value ?? "");
}

test("whatever a header says, it is refused in words, or a machine goes on", async () => {
  const snapshot = (await busy()).snapshot();
  const header = headerOf(snapshot);
  const odd: string[] = [];
  for (const path of KEYS.flatMap((key) => pathsIn(header[key], [key]))) {
    for (const value of [undefined, ...VALUES]) {
      const note = (how: string, error: unknown) => odd.push(`${path.join(".")} = ${value}: ${how} ${error}`);
      let machine: Machine;
      try {
        machine = await Machine.restore(withHeader(snapshot, changed(header, path, value)));
      } catch (error) {
        if (!/^TypeError: the snapshot is damaged/.test(String(error))) note("refused with", error);
        continue;
      }
      try {
        await goOn(machine);
      } catch (error) {
        if (!(error instanceof ErrnoError)) note("goes on to", error);
      }
    }
  }
  expect(odd).toEqual([]);
}, 60_000);
