// Threads that replay together, as the command has them, and on which paths what they ran went.

import { describe, expect, test } from "vitest";
import { describeSession, describeSpeed } from "../../src/cli/describe-session.ts";
import { replay } from "../../src/cli/replay.ts";
import type { Machine } from "../../src/machine/index.ts";
import { runSession, type SessionOptions } from "../../src/session/run-session.ts";
import { openTraces } from "../../src/trace/index.ts";

const twoSockets = new URL("../../platforms/two-sockets.yaml", import.meta.url).pathname;

async function run(trace: string, options: Partial<SessionOptions> = {}) {
  return runSession(await openTraces([trace]), { platform: twoSockets, groups: [], script: [], ...options });
}

const lastLine = (text: string) => text.split("\n").at(-1);

describe("workers of a replay", () => {
  const SHARED = "synth:zipf,ws=16M,n=200k,threads=16";

  test("change the speed and nothing else, and are gone in the end", async () => {
    const machines: Machine[] = [];
    const onMachine = (machine: Machine) => void machines.push(machine);
    const { seconds: _, ...alone } = await run(SHARED);
    const { seconds: __, ...together } = await run(SHARED, { workers: 4, onMachine });
    expect(together).toEqual({ ...alone, workers: 4 });
    expect(alone.workers).toBe(1);
    expect(Number(machines[0]?.inside.hardware.recordsBy(3))).toBeGreaterThan(100_000);
    expect(machines[0]?.workers).toBe(1);
  });

  test("are named beside the speed when there are several", async () => {
    expect(describeSpeed(await run(SHARED, { workers: 2 }))).toMatch(/^[0-9.]+ M records\/s here with 2 workers$/);
    expect(describeSpeed(await run(SHARED))).toMatch(/^[0-9.]+ M records\/s here$/);
  });

  test("are one in closed timing, whatever is asked for", async () => {
    expect(await run("synth:stream,n=100", { workers: 4, timing: "closed" })).toMatchObject({ workers: 1 });
  });

  test.each(["0", "9", "1.5", "-1", "two", ""])("'%s' of them are refused", async (workers) => {
    await expect(replay(["synth:stream,n=1"], { group: [], do: [], workers })).rejects.toThrow(
      `workers '${workers}': a whole number from 1 to 8 is allowed`,
    );
  });
});

describe("the path of what ran", () => {
  // Each access is in one line.
  const TRACE = "synth:stream,n=3000";

  test("is that of a kernel for caches it is made for", async () => {
    const result = await run(TRACE);
    expect(result.paths).toEqual({ specialised: 3000, general: 0, single: 0 });
    expect(lastLine(describeSession(result))).toBe("requests: 3,000 on specialised kernels");
  });

  test("is the general one where reasons are counted", async () => {
    const result = await run(TRACE, { statistics: "full" });
    expect(result.paths).toEqual({ specialised: 0, general: 3000, single: 0 });
    expect(lastLine(describeSession(result))).toBe("requests: 3,000 on the general path");
  });

  test("is one by one in closed timing", async () => {
    const result = await run(TRACE, { timing: "closed" });
    expect(result.paths).toEqual({ specialised: 0, general: 0, single: 3000 });
    expect(lastLine(describeSession(result))).toBe("requests: 3,000 one by one");
  });

  test("has several requests of a record that crosses lines, and names all that there were", async () => {
    // Places are 128 bytes apart: each access is in two lines.
    const { paths, ...result } = await run("synth:stream,n=1000,bytes=128,stride=128");
    expect(paths).toEqual({ specialised: 2000, general: 0, single: 0 });
    const several = { ...result, paths: { specialised: 2000, general: 30, single: 4 } };
    expect(lastLine(describeSession(several))).toBe(
      "requests: 2,000 on specialised kernels, 30 on the general path, 4 one by one",
    );
    const none = { ...result, paths: { specialised: 0, general: 0, single: 0 } };
    expect(lastLine(describeSession(none))).toBe("requests: none");
  });
});
