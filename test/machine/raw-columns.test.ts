// Columns read where they lie: what a source may offer beside its batches, and what becomes of what is wrong in them.

import { describe, expect, test } from "vitest";
import { Machine, type RawBatch, type RawRows, type TraceSource } from "../../src/machine/index.ts";
import { platformOf, powerOn } from "./machines.ts";
import { FakeTrace, mixed, type Row, thread } from "./traces.ts";

const OPTIONS = { requesters: [thread(1), thread(2, { asid: 1 })], spaces: [{ asid: 1, pages: 20 }] };

interface Raw {
  /** Packed rows: line, requester, size_op, step. */
  readonly rows: readonly (readonly [line: number, requester: number, sizeOp: number, step: number])[];
  /** Rows of a batch. */
  readonly cut: number;
  readonly delayMs?: number;
  readonly failAt?: number;
  /** Bytes between columns, which keep them from being read together. */
  readonly apart?: number;
}

/** A source whose packed columns are what a test says, whatever its batches are. */
class RawTrace extends FakeTrace {
  closed = 0;
  reading = 0;
  views = 0;

  constructor(
    rows: readonly Row[],
    readonly packed: Raw,
  ) {
    super("t.arrow", rows, OPTIONS);
  }

  raw(from = 0): RawRows {
    const { rows, cut, delayMs, failAt, apart = 0 } = this.packed;
    const widths = [4, 2, 1, 4];
    const batches: RawBatch[] = [];
    const parts: Uint8Array[] = [];
    let size = 0;
    let time = 0;
    for (let at = 0; at < rows.length; at += cut) {
      const piece = rows.slice(at, at + cut);
      const columns = widths.map((width, c) => {
        const bytes = new Uint8Array(piece.length * width);
        const view = new DataView(bytes.buffer);
        piece.forEach((row, i) => {
          if (width === 4) view.setUint32(4 * i, row[c] as number, true);
          else if (width === 2) view.setUint16(2 * i, row[c] as number, true);
          else view.setUint8(i, row[c] as number);
        });
        parts.push(bytes, new Uint8Array(apart));
        size += bytes.length + apart;
        return size - bytes.length - apart;
      });
      const skip = Math.min(piece.length, Math.max(0, from - at));
      batches.push({ length: piece.length, columns, time, laterNs: 0, skip, rows: piece.length - skip });
      time += piece.reduce((sum, row) => sum + row[3], 0);
    }
    const all = Buffer.concat(parts);
    return {
      form: "packed",
      batches,
      read: async (offset, into) => {
        if (failAt !== undefined && offset + into.length > failAt) throw new Error("the disk is gone");
        this.reading++;
        if (delayMs !== undefined) await new Promise((done) => setTimeout(done, delayMs));
        this.reading--;
        this.views += into.length;
        into.set(all.subarray(offset, offset + into.length));
      },
      close: async () => {
        this.closed++;
      },
    };
  }
}

const rows = mixed(3, 3000, 2, 1000, 3).map((row) => ({ ...row, address: row.address & ~63, bytes: 40 }));

function packedOf(these: readonly Row[]): [number, number, number, number][] {
  return these.map(({ address, op, requester, time }, i) => [
    address / 64,
    requester,
    (op << 6) | 39,
    time - (these[i - 1]?.time ?? 0),
  ]);
}

async function exported(source: TraceSource): Promise<unknown> {
  const machine = await powerOn();
  await machine.replay([source]);
  return machine.export();
}

describe("packed columns that a source offers", () => {
  test("are what is replayed, and nothing is left open", async () => {
    for (const cut of [1, 17, 700, 3000]) {
      const raw = new RawTrace([], { rows: packedOf(rows), cut });
      const machine = await powerOn();
      const { records } = await machine.replay([raw]);
      expect(records).toBe(3000);
      expect(machine.export()).toEqual(await exported(new FakeTrace("t", rows, OPTIONS)));
      expect([raw.closed, raw.reading]).toEqual([1, 0]);
    }
  });

  test.each([
    ["a requester that the trace has not", [5, 2, 39, 1]],
    ["a line past the pages of its space", [20 * 64, 0, 39, 1]],
  ] as const)("with %s are left at that row: the batches are believed from there on", async (_, bad) => {
    for (const cut of [40, 3000]) {
      const wrong = packedOf(rows);
      wrong[1500] = [...bad];
      const raw = new RawTrace(rows, { rows: wrong, cut });
      expect(await exported(raw)).toEqual(await exported(new FakeTrace("t", rows, OPTIONS)));
      expect(raw.closed).toBe(1);
    }
  });

  test("and batches that are wrong too say what and where", async () => {
    const wrong = packedOf(rows);
    wrong[1500] = [5, 2, 39, 1];
    const same = rows.map((row, i) => (i === 1500 ? { ...row, requester: 2 } : row));
    const machine = await powerOn();
    await expect(machine.replay([new RawTrace(same, { rows: wrong, cut: 100 })])).rejects.toThrow(
      "t.arrow: row 1500 names requester 2 of 2",
    );
    // What came before the row has run.
    expect(machine.export().records).toBeGreaterThanOrEqual(1500);
  });

  test("that cannot be read end the replay where they do, and it goes on when they can", async () => {
    const machine = await powerOn();
    const raw = new RawTrace([], { rows: packedOf(rows), cut: 500, failAt: 500 * 11 * 3 + 1 });
    await expect(machine.replay([raw])).rejects.toThrow("the disk is gone");
    const again = new RawTrace([], { rows: packedOf(rows), cut: 500 });
    expect(await machine.resume([again])).toMatchObject({ records: 3000, finished: true });
    expect(machine.export()).toEqual(await exported(new FakeTrace("t", rows, OPTIONS)));
  });

  test("are not written to the machine's memory any more when a replay that was aborted has ended", async () => {
    const machine = await powerOn();
    const raw = new RawTrace([], { rows: packedOf(rows), cut: 500, delayMs: 5 });
    const abort = new AbortController();
    machine.clock.at(100, "test", () => abort.abort());
    await expect(machine.replay([raw], { signal: abort.signal })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    expect([raw.closed, raw.reading]).toEqual([1, 0]);
    expect((await machine.resume([raw])).finished).toBe(true);
  });

  test("are not written there any more either when one of several reads has failed", async () => {
    const machine = await powerOn();
    const last = 3000 * 7 + 3 * 2 ** 16 + 1;
    const raw = new RawTrace([], { rows: packedOf(rows), cut: 3000, apart: 2 ** 16, delayMs: 5, failAt: last });
    await expect(machine.replay([raw])).rejects.toThrow("the disk is gone");
    expect([raw.closed, raw.reading]).toEqual([1, 0]);
    expect(raw.views).toBeGreaterThan(0);
  });
});

test("a snapshot leaves out what is on its way in, and the restored machine has room for it again", async () => {
  const machine = await powerOn();
  const raw = new RawTrace([], { rows: packedOf(rows), cut: 500 });
  await machine.replay([raw], { until: 700 });
  const snapshot = machine.snapshot();
  expect(snapshot.length).toBeLessThan(machine.inside.memory.buffer.byteLength - 4 * 2 ** 20);
  const restored = await Machine.restore(snapshot);
  expect(restored.inside.memory.buffer.byteLength).toBe(machine.inside.memory.buffer.byteLength);
  await restored.resume([raw]);
  await machine.resume([raw]);
  expect(restored.export()).toEqual(machine.export());
  expect(Buffer.compare(restored.snapshot(), machine.snapshot())).toBe(0);
});

test("more traces than the intake has numbers for are refused", async () => {
  const machine = await Machine.create(platformOf());
  const one = new FakeTrace("t", []);
  const many = Array.from({ length: 4097 }, () => one);
  await expect(machine.replay(many)).rejects.toThrow(
    new RangeError("4097 traces are to replay together; 4096 is the most"),
  );
});
