// --command-line, and machines whose cpus keep the kernel from MPAM: what probe, explain, replay and mount say.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const COMMAND = new URL("../../dist/esm/cli.js", import.meta.url).pathname;

function mpam(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

let folder = "";
const file = (name: string) => join(folder, `${name}.yaml`);
const platform = (different: string) => `name: four
cpus: 4
processor: { partidMax: 31, pmgMax: 1, unlike: [{ cpus: [3], ${different} }] }
caches:
  - { level: 3, bytes: 1 MiB, ways: 16, msc: { base: 0x1_4000_0000, version: "1.1", cpor: { cpbmWd: 16 } } }
memory:
  - { bytes: 1 GiB, bytesPerSecond: 10 GB/s }
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-"));
  await writeFile(file("none"), platform("version: none"));
  await writeFile(file("traps"), platform("firmware: { traps: true }"));
  await writeFile(file("less"), platform("partidMax: 15"));
});
afterAll(() => rm(folder, { recursive: true }));

const NOMPAM = ["--command-line", "arm64.nompam"];

describe("arm64.nompam", () => {
  test("is told by probe, and there is nothing else to tell", async () => {
    const { code, out } = await mpam("probe", ...NOMPAM);
    expect([code, out]).toEqual([
      0,
      "one-socket: MPAM is not enabled: arm64.nompam is on the command line\n\ndriver info: no MPAM: arm64.nompam is on the command line\n",
    ]);
  });

  test("is told by explain, with what would change it", async () => {
    const { findings, reason } = JSON.parse((await mpam("explain", "--json", ...NOMPAM)).out);
    expect(reason).toBe("arm64.nompam is on the command line");
    expect(findings).toEqual([
      expect.objectContaining({ rule: "cpus", found: "no: arm64.nompam is on the command line" }),
    ]);
  });

  test("leaves replay nothing to mount", async () => {
    const { code, err } = await mpam("replay", "synth:stream", ...NOMPAM);
    expect([code, err]).toEqual([1, "mpam: ENODEV: resctrl: MPAM is disabled: arm64.nompam is on the command line\n"]);
  });

  test("is the way out where firmware traps", async () => {
    const { code, err } = await mpam("probe", file("traps"));
    expect(code).toBe(1);
    expect(err).toMatch(
      /^mpam: EIO: the kernel dies on cpu 3 as it reads MPAMIDR_EL1: .* arm64.nompam on the command line/,
    );
    expect((await mpam("probe", file("traps"), ...NOMPAM)).code).toBe(0);
    const explained = JSON.parse((await mpam("explain", "--json", file("traps"))).out);
    expect(explained.findings).toEqual([
      expect.objectContaining({ rule: "registers", change: expect.stringContaining("arm64.nompam") }),
    ]);
  });
});

test("one cpu without MPAM is named", async () => {
  const { code, out } = await mpam("probe", file("none"));
  expect(code).toBe(0);
  expect(out).toMatch(/^four: MPAM is not enabled: cpu 3 has no MPAM, and all need it\n/);
  expect(out).toMatch(/driver warning: cpu 3 has ID_AA64PFR0_EL1.MPAM = 0/);
});

test("a cpu with fewer PARTIDs sets the limit", async () => {
  const { out } = await mpam("probe", file("less"));
  expect(out).toMatch(/^four: MPAM enabled with 16 PARTIDs and 2 PMGs\n {2}PARTIDs to 15, from the cpus\n/);
});
