// A session in one piece (design section 12): what it takes to go on, in another process too, and what is refused.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { offsetOf } from "../golden/registers.ts";
import { EN, MATCH_PARTID, MBWU, MBWU_CTL, MBWU_FLT, MON_SEL, OFLOW_INTR } from "./compare.ts";
import { powerOn } from "./machines.ts";
import {
  ACKNOWLEDGE,
  Channel,
  COMPLETE,
  DOORBELL,
  ERROR,
  mailboxMachine,
  mailboxPlatform,
  PAGE,
  POLLED,
  readMessage,
  SHARED,
  writeMessage,
} from "./mailboxes.ts";
import { continued, MIDDLE, prepared, session } from "./session.ts";
import { FakeTrace, walk } from "./traces.ts";

const PART_SEL = offsetOf("MPAMCFG_PART_SEL");
const CPBM = offsetOf("MPAMCFG_CPBM");

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The session run through, with the snapshot that was taken in its middle. */
async function uninterrupted(): Promise<{ machine: Machine; middle: Uint8Array }> {
  const { machine, files } = await prepared();
  let middle: Uint8Array | undefined;
  machine.clock.at(MIDDLE, "snapshot", () => {
    middle = machine.snapshot();
  });
  session(machine, 0);
  await machine.replay(files);
  return { machine, middle: middle ?? expect.unreachable() };
}

describe("a snapshot from the middle of a replay", () => {
  let directory = "";
  let whole: { machine: Machine; middle: Uint8Array };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mpam-snapshot-"));
    whole = await uninterrupted();
  });
  afterAll(() => rm(directory, { recursive: true }));

  test("is of a session that is not over, and in which much has happened", () => {
    const records = whole.machine.export().records;
    expect(whole.machine.clock.now).toBeGreaterThan(2 * MIDDLE);
    expect(records).toBeGreaterThan(5000);
    expect(whole.machine.statistics().length).toBeGreaterThan(3);
  });

  test("goes on in this process to the same bytes", async () => {
    const machine = await continued(whole.middle);
    expect(machine.export()).toEqual(whole.machine.export());
    expect(Buffer.compare(machine.snapshot(), whole.machine.snapshot())).toBe(0);
  });

  test("goes on in a new process to the same bytes", async () => {
    // The sources as they are, in one file that node can run; the hardware module stays where it is.
    const script = join(directory, "continue.mjs");
    await build({
      stdin: {
        contents: `
          import { readFileSync, writeFileSync } from "node:fs";
          import { useModule } from "./src/machine/index.ts";
          import { continued } from "./test/machine/session.ts";
          const [module, from, to] = process.argv.slice(2);
          useModule(new Uint8Array(readFileSync(module)));
          const machine = await continued(new Uint8Array(readFileSync(from)));
          writeFileSync(to, machine.snapshot());
          console.log(JSON.stringify(machine.export()));
        `,
        resolveDir: ROOT,
        loader: "ts",
      },
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      outfile: script,
      logLevel: "error",
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    });
    const [from, to] = [join(directory, "middle"), join(directory, "end")];
    await writeFile(from, whole.middle);
    const module = join(ROOT, "build/mpam.wasm");
    const { stdout } = await promisify(execFile)(process.execPath, [script, module, from, to], { maxBuffer: 2 ** 26 });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(whole.machine.export())));
    expect(Buffer.compare(await readFile(to), whole.machine.snapshot())).toBe(0);
  });

  test("changes nothing by being taken", async () => {
    const { machine, files } = await prepared();
    machine.clock.at(MIDDLE, "nothing", () => undefined);
    session(machine, 0);
    await machine.replay(files);
    expect(Buffer.compare(machine.snapshot(), whole.machine.snapshot())).toBe(0);
  });
});

describe("a snapshot", () => {
  test("of a machine that has just been restored is the snapshot it came from", async () => {
    const { middle } = await uninterrupted();
    const machine = await Machine.restore(middle);
    // Timers are not of the machine: who made them makes them again.
    const { timers } = headerOf(middle);
    for (const { kind, due } of timers) machine.clock.at(due, kind, () => undefined);
    expect(Buffer.compare(machine.snapshot(), middle)).toBe(0);
  });

  test("keeps what the parts on top have to say, and gives it back to them by name", async () => {
    const machine = await powerOn();
    machine.parts.set("driver", () => ({ enabled: true, list: [1, 2, 3] }));
    machine.parts.set("nothing", () => null);
    const again = await Machine.restore(machine.snapshot());
    expect(again.saved("driver")).toEqual({ enabled: true, list: [1, 2, 3] });
    expect([again.saved("nothing"), again.saved("else"), machine.saved("driver")]).toEqual([
      null,
      undefined,
      undefined,
    ]);
  });

  test("keeps what parts had to say that nobody has come for since", async () => {
    const machine = await powerOn();
    machine.parts.set("driver", () => ({ version: 1 }));
    machine.parts.set("mount", () => "there");
    const second = await Machine.restore(machine.snapshot());
    second.parts.set("driver", () => ({ version: 2 }));
    const third = await Machine.restore(second.snapshot());
    expect([third.saved("driver"), third.saved("mount")]).toEqual([{ version: 2 }, "there"]);
  });

  test("keeps an armed stop's place: the restored machine goes on from the very record", async () => {
    const file = new FakeTrace("t", walk([0, 16, 32, 48, 64, 80], 400), { batches: [150] });
    const machine = await powerOn();
    machine.addTasks(file);
    machine.write32(0, MON_SEL, 2);
    machine.write32(0, MBWU_FLT, 0);
    machine.write32(0, MBWU_CTL, EN + MATCH_PARTID + OFLOW_INTR);
    machine.write32(0, MBWU, 2 ** 31 - 64 * 222);
    const { stopped } = await machine.replay([file], { stopOn: ["overflow"] });
    expect(stopped?.record).toBe(221);
    const again = await Machine.restore(machine.snapshot());
    const ends = await Promise.all([machine, again].map((one) => one.resume([file])));
    expect(ends.map(({ records, finished }) => [records, finished])).toEqual([
      [400, true],
      [400, true],
    ]);
    expect(again.export()).toEqual(machine.export());
  });

  test("keeps the seed: pages lie where they lay", async () => {
    const rows = walk([0, 65, 130, 195, 260, 325, 390, 455], 80);
    const file = new FakeTrace("t", rows, { batches: [7] });
    const machine = await powerOn({}, { seed: 99 });
    await machine.replay([file], { until: 33 });
    const again = await Machine.restore(machine.snapshot());
    await machine.resume([file]);
    await again.resume([file]);
    expect(again.export()).toEqual(machine.export());
    expect(again.statistics()[0]?.misses).toBe(8);
  });

  test("is refused while an operation waits on the clock, and given when it has ended", async () => {
    const machine = await powerOn();
    const asleep = machine.clock.sleep(100);
    expect(() => machine.snapshot()).toThrow(expect.objectContaining({ code: "EBUSY" }));
    await asleep;
    expect(machine.snapshot().length).toBeGreaterThan(0);
  });

  test("is refused to handlers, since what they have not heard of yet would be lost", async () => {
    const machine = await powerOn();
    const refused = expect.objectContaining({ code: "EBUSY", message: expect.stringMatching(/handlers/) });
    let told = 0;
    machine.onInterrupt(() => {
      told++;
      expect(() => machine.snapshot()).toThrow(refused);
    });
    const stop = machine.log("MPAMF_ECR", () => {
      told++;
      expect(() => machine.snapshot()).toThrow(refused);
    });
    machine.write32(0, offsetOf("MPAMF_ECR"), 1);
    stop();
    machine.write32(0, offsetOf("MPAMCFG_PART_SEL"), 0xffff);
    expect(told).toBe(2);
    expect(machine.snapshot().length).toBeGreaterThan(0);
  });

  test("is given while timers wait, since those can be made again", async () => {
    const machine = await powerOn();
    machine.clock.at(70, "poll", () => undefined);
    expect(headerOf(machine.snapshot()).timers).toEqual([{ kind: "poll", due: 70 }]);
  });
});

describe("a snapshot of a machine with mailboxes", () => {
  /** Two messages under way, due at one time; an interrupt raised, an error, words everywhere. */
  async function busy(): Promise<Machine> {
    const machine = await mailboxMachine();
    const [shared, polled] = [new Channel(machine, SHARED), new Channel(machine, POLLED)];
    shared.send({ ...readMessage(1, CPBM, 77), flags: 1 });
    await machine.clock.advance(7000);
    shared.store(DOORBELL, 1);
    shared.store(252, 0xffff_ffff);
    machine.bus.write({ cpu: 0, space: "ns", address: SHARED + 37, bytes: 1, value: 0xabn });
    shared.send({ ...writeMessage(2, CPBM, 0x1234), flags: 1 });
    await machine.clock.advance(5000);
    polled.send(writeMessage(3, PART_SEL, 7));
    await machine.clock.advance(500);
    return machine;
  }

  /** What is heard and accessed from here on, and what is found at the end. */
  async function rest(machine: Machine): Promise<unknown[]> {
    const seen: unknown[] = [];
    const [shared, polled] = [new Channel(machine, SHARED), new Channel(machine, POLLED)];
    machine.onInterrupt((event) => seen.push(event));
    machine.log("*", ({ time, by, msc, access, offset, value }) => seen.push([time, by, msc, access, offset, value]));
    await machine.clock.advance(1499);
    seen.push(shared.load(COMPLETE), polled.load(COMPLETE));
    await machine.clock.advance(1);
    seen.push(shared.load(COMPLETE), polled.load(COMPLETE), shared.load(ERROR));
    shared.store(ACKNOWLEDGE, 1);
    seen.push(shared.words(0, 64), polled.words(0, 8));
    return seen;
  }

  test("is the snapshot of the machine that is restored from it", async () => {
    const middle = (await busy()).snapshot();
    expect(Buffer.compare((await Machine.restore(middle)).snapshot(), middle)).toBe(0);
  });

  test("keeps shared memory, registers and messages under way: both go on to the same", async () => {
    const machine = await busy();
    const again = await Machine.restore(machine.snapshot());
    const [one, other] = [await rest(machine), await rest(again)];
    expect(other).toEqual(one);
    // The answers of both at 14,000, that of the first mailbox first, though it rang later; and the interrupt, raised before, lowered.
    const event = { kind: "mailbox", subspace: 3, line: 90, delivery: "wire", count: 1 };
    expect(one.slice(0, 8)).toEqual([
      0,
      0,
      [14000, "firmware", 3, "write", PART_SEL, 7],
      [14000, "firmware", 2, "write", CPBM, 0x1234],
      1,
      1,
      1,
      { ...event, level: 0, time: 14000 },
    ]);
    expect(Buffer.compare(again.snapshot(), machine.snapshot())).toBe(0);
  });

  test("in a replay keeps the answer that is due in it", async () => {
    const file = () => new FakeTrace("t", walk([0, 16, 32, 48], 4000), { batches: [150] });
    const prepare = async () => {
      const machine = await mailboxMachine();
      const trace = file();
      machine.addTasks(trace);
      new Channel(machine, SHARED).send({ ...writeMessage(1, CPBM, 0x000f), flags: 1 });
      return { machine, trace };
    };
    const whole = await prepare();
    await whole.machine.replay([whole.trace]);
    const { machine, trace } = await prepare();
    await machine.replay([trace], { until: 1234 });
    const again = await Machine.restore(machine.snapshot());
    const times: number[] = [];
    again.onInterrupt(({ time }) => times.push(time));
    await again.resume([file()]);
    await again.clock.advance(7000);
    await whole.machine.clock.advance(7000);
    expect(times).toEqual([7000]);
    expect(again.export()).toEqual(whole.machine.export());
  });

  test("keeps which cpus are online, and what an MSC lost", async () => {
    const machine = await Machine.create(mailboxPlatform({ power: "lost", cpus: [0, 1] }));
    machine.write32(0, CPBM, 0x00f0);
    for (const cpu of [3, 0, 1]) await machine.cpu(cpu).offline();
    const again = await Machine.restore(machine.snapshot());
    expect([0, 1, 2, 3].map((cpu) => again.cpu(cpu).isOnline)).toEqual([false, false, true, false]);
    expect(again.processor.cpus.map(({ online }) => online)).toEqual([false, false, true, false]);
    await expect(again.cpu(2).offline()).rejects.toThrow(/EBUSY/);
    expect(() => again.bus.load32(0, "ns", PAGE)).toThrow(/cpu 0 is offline/);
    expect(again.read32(0, CPBM)).toBe(0xffff);
    expect(Buffer.compare(again.snapshot(), machine.snapshot())).toBe(0);
  });

  test("is refused while a cpu comes or goes", async () => {
    const machine = await mailboxMachine();
    const refused = expect.objectContaining({ code: "EBUSY", message: expect.stringMatching(/a cpu comes or goes/) });
    const going = machine.cpu(1).offline();
    expect(() => machine.snapshot()).toThrow(refused);
    await going;
    expect(machine.snapshot().length).toBeGreaterThan(0);
  });

  type Damage = (header: { mailboxes: unknown[]; offline: unknown } & Record<string, unknown>) => unknown;
  const first =
    (change: object): Damage =>
    (header) => {
      header.mailboxes[0] = { ...(header.mailboxes[0] as object), ...change };
    };
  const cases: readonly [string, Damage][] = [
    ["no mailboxes", (header) => header.mailboxes.splice(0)],
    ["one mailbox of two", (header) => header.mailboxes.pop()],
    ["a mailbox more", (header) => header.mailboxes.push(header.mailboxes[0])],
    ["a mailbox that is null", (header) => header.mailboxes.splice(0, 1, null)],
    ["a mailbox that is a list", (header) => header.mailboxes.splice(0, 1, [])],
    ["more words than a mailbox has", first({ words: Array.from({ length: 9 }, () => 0) })],
    ["a word that is none", first({ words: [1, 2 ** 32] })],
    ["a negative word", first({ words: [-1] })],
    ["words that are text", first({ words: ["1"] })],
    ["complete that is no bit", first({ complete: 2 })],
    ["an error that is no bit", first({ error: true })],
    ["a wire that is no bit", first({ raised: null })],
    ["an answer due before the beginning of time", first({ due: -1 })],
    ["an answer due at no time", first({ due: "soon" })],
    ["no word of when an answer is due", first({ due: undefined })],
    ["a cpu offline that is not there", (header) => (header.offline = [4])],
    ["half a cpu offline", (header) => (header.offline = [0.5])],
    ["all cpus offline", (header) => (header.offline = [0, 1, 2, 3])],
    ["cpus offline by name", (header) => (header.offline = ["1"])],
    ["no list of cpus", (header) => (header.offline = 0)],
    ["no word of cpus", (header) => (header.offline = undefined)],
    ["no list of mailboxes", (header) => (header.mailboxes = {} as unknown[])],
  ];

  test.each(cases)("is refused in words with %s", async (_, damage) => {
    const damaged = withText((await busy()).snapshot(), (text) => {
      const header = JSON.parse(text);
      damage(header);
      return JSON.stringify(header);
    });
    await expect(Machine.restore(damaged)).rejects.toThrow(
      expect.objectContaining({ name: "TypeError", message: expect.stringMatching(/^the snapshot is damaged: /) }),
    );
  });
});

interface Header {
  readonly module: string;
  readonly version: number;
  readonly timers: readonly { readonly kind: string; readonly due: number }[];
}

const JSON_AT = 16;

function jsonEnd(bytes: Uint8Array): number {
  return JSON_AT + new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
}

function headerOf(bytes: Uint8Array): Header {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(JSON_AT, jsonEnd(bytes)))) as Header;
}

/** The same snapshot with another text in its header. */
function withText(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  const text = change(new TextDecoder().decode(bytes.subarray(JSON_AT, jsonEnd(bytes))));
  const json = new TextEncoder().encode(text);
  const memory = bytes.subarray(jsonEnd(bytes));
  const changed = new Uint8Array(JSON_AT + json.length + memory.length);
  changed.set(bytes.subarray(0, JSON_AT));
  new DataView(changed.buffer).setUint32(12, json.length, true);
  changed.set(json, JSON_AT);
  changed.set(memory, JSON_AT + json.length);
  return changed;
}

/** The same snapshot with so many bytes of memory, as its header says. */
function withMemory(bytes: Uint8Array, memoryBytes: number): Uint8Array {
  const changed = withText(bytes, (text) => JSON.stringify({ ...JSON.parse(text), memoryBytes }));
  return changed.subarray(0, jsonEnd(changed) + memoryBytes);
}

describe("refused in words", () => {
  const cutBy = (bytes: number) => (whole: Uint8Array) => whole.subarray(0, whole.length - bytes);
  const put = (at: number, value: number) => (whole: Uint8Array) => {
    const changed = Uint8Array.from(whole);
    changed[at] = value;
    return changed;
  };
  const cases: readonly [string, (whole: Uint8Array) => Uint8Array, RegExp][] = [
    ["nothing at all", () => new Uint8Array(0), /^not a snapshot/],
    ["a few bytes of the beginning", (whole) => whole.subarray(0, 12), /^not a snapshot/],
    [
      "a file of another kind",
      () => new TextEncoder().encode("ARROW1\0\0 and more that is no snapshot"),
      /^not a snapshot/,
    ],
    ["another first byte", put(0, 0x4e), /^not a snapshot/],
    ["another format version", put(8, 99), /format version 99; this emulator reads version \d/],
    ["one cut in its header", (whole) => whole.subarray(0, 40), /cut short/],
    ["one cut before its memory", (whole) => whole.subarray(0, jsonEnd(whole)), /cut short/],
    ["one cut by a byte", cutBy(1), /cut short/],
    ["one cut by a page of memory", cutBy(65536), /cut short/],
    ["one cut to its first page of memory", (whole) => whole.subarray(0, jsonEnd(whole) + 65536), /cut short/],
    ["one with more behind it", (whole) => Uint8Array.from([...whole.subarray(0, 0), ...whole, 0]), /cut short|longer/],
    [
      "one with another page behind it",
      (whole) => {
        const longer = new Uint8Array(whole.length + 65536);
        longer.set(whole);
        return longer;
      },
      /longer/,
    ],
    [
      "the work of another build",
      (whole) => withText(whole, (text) => text.replace(headerOf(whole).module, "0".repeat(64))),
      /another build/,
    ],
    ["a memory of another layout", (whole) => put(jsonEnd(whole) + 1024 + 4, 77)(whole), /layout/],
    [
      "a memory of no whole pages",
      (whole) => withMemory(whole, 100),
      /^the snapshot is damaged: it announces 100 bytes/,
    ],
    ["no memory", (whole) => withMemory(whole, 0), /^the snapshot is damaged: it announces 0 bytes/],
    ["a header that says nothing", (whole) => withText(whole, () => "null"), /^the snapshot is damaged: its header/],
    ["a header that is a list", (whole) => withText(whole, () => "[]"), /^the snapshot is damaged: its header/],
    ...[
      "module",
      "platform",
      "now",
      "timers",
      "processor",
      "offline",
      "mailboxes",
      "replay",
      "parts",
      "memoryBytes",
    ].map((key): [string, (whole: Uint8Array) => Uint8Array, RegExp] => [
      `a header with another kind of ${key}`,
      (whole) => withText(whole, (text) => JSON.stringify({ ...JSON.parse(text), [key]: false })),
      new RegExp(`^the snapshot is damaged: the ${key} in its header cannot be used`),
    ]),
    [
      "a session that cannot be",
      (whole) => withText(whole, (text) => text.replace('"tasks":[]', '"tasks":[null]')),
      /^the snapshot is damaged: the session/,
    ],
    ["a header that is no JSON", (whole) => put(JSON_AT, 0x7d)(whole), /snapshot/],
  ];

  test.each(cases)("%s", async (_, change, words) => {
    const machine = await powerOn({ sets: 1024, ways: 16 });
    const bytes = change(machine.snapshot());
    const refusal = await Machine.restore(bytes).then(
      () => expect.unreachable("it was taken"),
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(TypeError);
    expect((refusal as Error).message).toMatch(words);
  });

  test("what is no Uint8Array", async () => {
    const { buffer } = (await powerOn()).snapshot();
    await expect(Machine.restore(buffer as unknown as Uint8Array)).rejects.toThrow(
      new TypeError("a snapshot is a Uint8Array"),
    );
  });
});
