// Closed timing under the bandwidth limits of cpus (docs/modelled.md, "The processor side"): worked by hand.

import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { FakeTrace, type Row, thread } from "./traces.ts";

describe("limits", () => {
  test("smoke", async () => {
    const platform = checkObject(
      {
        name: "limits",
        cpus: 2,
        processor: { partidMax: 7, pmgMax: 1, outstanding: 100, bandwidth: { bwaWd: 8, bytesPerSecond: 640e6 } },
        memory: [{ bytes: "1 MiB", bytesPerSecond: 6400e6, latencyNs: 100, msc: { base: 0x1_0000_0000, mbw: { bwaWd: 8 } } }],
      },
      "limits",
    );
    const rows: Row[] = Array.from({ length: 400 }, (_, i) => ({
      ...{ time: 0, address: i * 64, bytes: 64, op: 0, requester: i % 2 },
    }));
    const trace = new FakeTrace("t", rows, { requesters: [thread(1, { cpu: 0 }), thread(2, { cpu: 1 })] });
    const machine = await Machine.create(platform);
    machine.addTasks(trace);
    machine.cpu(0).registers.poke("MPAMBW0_EL1", (3n << 61n) | 0x7f00n);
    console.log(machine.cpu(0).registers.limit({ el: 0 }));
    const result = await machine.replay([trace], { timing: "closed" });
    console.log(result.time, machine.latencies(), machine.stalls());
    expect(result.time).toBe(40_000);
  });
});
