// Devices and streams in traces: from every place that can name one to the requester table.
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { describe, expect, test } from "vitest";
import type { TraceRequester } from "../../src/machine/index.ts";
import { checkLabelMap, MemorySink, openTrace, packTrace, synthTrace, traceInfo } from "../../src/trace/index.ts";
import { FakeTrace, thread, walk } from "../machine/traces.ts";
import { importedRows, refusalOf, text } from "./recordings.ts";

test("columns of CSV name devices and streams; a row with empty ones is a thread's", async () => {
  const { trace, rows } = await importedRows(
    "a.csv",
    text([
      "address,pid,tid,device,smmu,sid,ssid",
      "0,10,11,,,,",
      "64,10,11,nic,,,",
      "128,10,11,,0,0x10,",
      "192,10,11,,,0x10,2",
      "256,10,11,,1,0,0",
      "320,10,11,nic,0,0x10,",
      "384,10,11,disk,,,",
      "448,10,11,nic,,,",
      "512,10,11,,,,",
    ]),
  );
  const common = { asid: 10, pid: 10, tid: 11, source: "a.csv" };
  expect(trace.requesters).toEqual([
    common,
    { ...common, device: "nic" },
    { ...common, stream: { smmu: 0, sid: 16 } },
    { ...common, stream: { smmu: 0, sid: 16, ssid: 2 } },
    { ...common, stream: { smmu: 1, sid: 0, ssid: 0 } },
    { ...common, device: "disk" },
  ]);
  expect(rows.map((row) => row.at(-1))).toEqual([0, 1, 2, 3, 4, 1, 5, 1, 0]);
});

test("a stream that is no number is refused with its line", async () => {
  const refusal = await refusalOf("a.csv", text(["address,sid", "0,nic"]));
  expect(refusal).toMatch(/sid is "nic"; a whole number from 0 to 4294967295 is needed/);
});

test("columns of a user's Arrow file name streams; all ones are for rows of threads", async () => {
  const none = 0xffff_ffff;
  const trace = await openTrace(
    tableToIPC(
      tableFromArrays({
        address: Int32Array.of(0, 64, 128, 192),
        tid: Int32Array.of(5, 0, 0, 0),
        smmu: Uint32Array.of(none, 0, 1, none),
        sid: Uint32Array.of(none, 16, 16, 17),
        ssid: Uint32Array.of(none, none, 3, none),
      }),
    ),
  );
  for await (const _ of trace.batches());
  expect(trace.requesters).toEqual([
    { asid: 0, pid: 0, tid: 5 },
    { asid: 0, pid: 0, tid: 0, stream: { smmu: 0, sid: 16 } },
    { asid: 0, pid: 0, tid: 0, stream: { smmu: 1, sid: 16, ssid: 3 } },
    { asid: 0, pid: 0, tid: 0, stream: { smmu: 0, sid: 17 } },
  ]);
});

const WHO: readonly TraceRequester[] = [
  thread(1),
  { asid: 1, pid: 1, tid: 1, device: "nic" },
  { asid: 1, pid: 1, tid: 1, stream: { smmu: 0, sid: 16 } },
  { asid: 1, pid: 1, tid: 1, stream: { smmu: 0, sid: 16, ssid: 2 } },
];

const file = () =>
  new FakeTrace(
    "t",
    walk([0, 1, 2], 40).map((row, i) => ({ ...row, requester: i % 4 })),
    { requesters: WHO },
  );

test("a packed trace has them as they were", async () => {
  const sink = new MemorySink();
  await packTrace(Object.assign(file(), { metadata: undefined }), sink);
  const trace = await openTrace(sink.bytes());
  expect(trace.requesters.map(({ source: _, ...who }) => who)).toEqual(WHO);
});

test("what is in a trace is told device by device", async () => {
  const info = await traceInfo(file());
  expect(info.threads.map(({ tid, device, records }) => [device ?? tid, records])).toEqual([
    [1, 10],
    ["nic", 10],
    ["smmu 0 sid 16", 10],
    ["smmu 0 sid 16 ssid 2", 10],
  ]);
});

describe("a made-up trace", () => {
  test("is of a device, where it says so", () => {
    const { requesters, hash } = synthTrace("synth:stream,n=10,device=nic-rx");
    expect(requesters).toEqual([{ asid: 1, pid: 1, tid: 1, comm: "stream", device: "nic-rx" }]);
    expect(hash).not.toBe(synthTrace("synth:stream,n=10").hash);
  });

  test("of a device has one thread, and its name is one", () => {
    expect(() => synthTrace("synth:stream,device=nic,threads=2")).toThrow(/a device has no threads; threads=1/);
    expect(() => synthTrace("synth:stream,device=n!c")).toThrow(/device is 'n!c'; the name of a device/);
  });
});

describe("a label map", () => {
  const taken = (match: object) => {
    const { rules } = checkLabelMap({ rules: [{ match, label: { partid: 1 } }] });
    return WHO.map((one) => rules[0]?.matches({ ...one, comm: "x" }));
  };

  test("finds devices by name, and streams by number", () => {
    expect(taken({ device: "n?c" })).toEqual([false, true, false, false]);
    expect(taken({ sid: 16 })).toEqual([false, false, true, true]);
    expect(taken({ sid: "0-20", ssid: 2 })).toEqual([false, false, false, true]);
    expect(taken({ smmu: 1 })).toEqual([false, false, false, false]);
  });

  test("takes no device for a thread, and knows its address space", () => {
    for (const match of [{ tid: 1 }, { pid: 1 }, { comm: "x" }, { comm: "*" }]) {
      expect(taken(match)[0]).toBe(true);
      if (!("comm" in match) || match.comm !== "*") expect(taken(match).slice(1)).toEqual([false, false, false]);
    }
    expect(taken({ asid: 1 })).toEqual([true, true, true, true]);
  });
});
