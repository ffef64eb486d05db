// A platform whose MSCs monitor nothing: a replay tells what the hardware counted, and no event.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mpam } from "../helpers/command-line.ts";

let folder = "";
let platform = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-"));
  platform = join(folder, "bare.yaml");
  await writeFile(
    platform,
    `name: bare
cpus: 2
processor: { partidMax: 31, pmgMax: 1 }
caches:
  - { level: 3, bytes: 1 MiB, ways: 16, msc: { base: 0x1_4000_0000, cpor: { cpbmWd: 16 } } }
memory:
  - { bytes: 1 GiB, bytesPerSecond: 10 GB/s }
`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe("a replay where nothing is monitored", () => {
  test.each<[string, string[]]>([
    ["tells what each group did", []],
    ["and samples", ["--sample", "1us"]],
    ["and phases", ["-d", "@50% write web/schemata L3:0=3"]],
  ])("%s", async (_, more) => {
    const args = ["-q", "-p", platform, "-g", "web=trace:1", "--json", ...more];
    const { code, out, err } = await mpam("replay", "synth:stream,n=1k", ...args);
    expect([code, err]).toEqual([0, ""]);
    const phases: { groups: object[] }[] = JSON.parse(out).phases;
    expect(phases.at(-1)?.groups).toMatchObject([
      { group: "/", llcOccupancy: "-", mbmTotalBytes: "-" },
      { group: "web", llcOccupancy: "-", mbmTotalBytes: "-" },
    ]);
  });

  test("is shown as text", async () => {
    const { code, out } = await mpam("replay", "synth:stream,n=1k", "-q", "-p", platform, "-g", "web=trace:1");
    expect([code, out]).toEqual([0, expect.stringContaining("web")]);
  });
});
