// What a replay shows of devices, whose requests may go past every cache.

import { expect, test } from "vitest";
import { describeSession } from "../../src/cli/describe-session.ts";
import { bundled, session } from "../helpers/recorded-run.ts";

test("a device that goes straight to memory has a row with its bytes", async () => {
  const result = await session(["synth:stream,device=dma,n=1000,gap=10"], { platform: bundled("io") });
  const text = describeSession(result);
  expect(text).toMatch(/^label ns:3:0 +0 +- +0 \(0 B\) +64,000 \(62\.5 KiB\)$/m);
  expect(text).not.toContain("no accesses");
  const device = result.phases[0]?.groups.find(({ group }) => group === "label ns:3:0");
  expect(device?.uncachedBytes).toBe(64_000);
});

test("what goes through caches does not count as going past them, write-backs neither", async () => {
  const result = await session(["synth:random,ws=16M,n=100k,write=50%"], { platform: bundled("io") });
  for (const group of result.phases.flatMap((phase) => phase.groups)) expect(group).not.toHaveProperty("uncachedBytes");
  expect(describeSession(result)).not.toMatch(/^label/m);
});
