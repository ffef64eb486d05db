// --smmus: every command that boots a driver keeps to the PARTIDs and PMGs of the platform's SMMUs, when it is asked to.

import { expect, test } from "vitest";
import { mpam } from "../helpers/command-line.ts";

// Its cpus and MSCs have PARTIDs to 63 and PMGs to 3, its SMMU has them to 31 and 1.
const IO = "platforms/io.yaml";
const RUN = ["-q", "-p", IO];
/** How many control groups resctrl has room for. */
const CLOSIDS = ["-d", "@0 read info/L3/num_closids"];

test("probe says whose limit it is", async () => {
  const { out } = await mpam("probe", IO, "--smmus");
  expect(out.split("\n").slice(0, 3)).toEqual([
    "io: MPAM enabled with 32 PARTIDs and 2 PMGs",
    "  PARTIDs to 31, from SMMU 0",
    "  PMGs to 1, from SMMU 0",
  ]);
  const { limits } = JSON.parse((await mpam("probe", IO, "--smmus", "--json")).out);
  expect(limits.partid).toEqual({ max: 31, cpus: false, mscs: [], smmus: [0] });
  expect(JSON.parse((await mpam("probe", IO, "--json")).out).limits.partid).toMatchObject({ max: 63, smmus: [] });
});

test("explain counts them", async () => {
  const count = async (...args: string[]) => JSON.parse((await mpam("explain", IO, "--json", ...args)).out);
  expect(await count("--smmus")).toMatchObject({ partids: 32, pmgs: 2 });
  expect(await count()).toMatchObject({ partids: 64, pmgs: 4 });
});

test("replay makes no more groups than they leave", async () => {
  const closids = async (...args: string[]) => (await mpam("replay", "synth:stream,n=100", ...RUN, ...args)).out;
  expect(await closids(...CLOSIDS, "--smmus")).toMatch(/num_closids.*\n?.*\b32\b/);
  expect(await closids(...CLOSIDS)).toMatch(/num_closids.*\n?.*\b64\b/);
});

test("explain labels takes it, and the interface of Android does not", async () => {
  const labels = await mpam("explain", "labels", IO, "--cpu", "0", "--el", "0", "--smmus");
  expect(labels.code).toBe(0);
  const android = await mpam("run", "--interface", "android", "--smmus", "--", "true");
  expect([android.code, android.err]).toEqual([2, "mpam: smmus: an option of resctrl; --interface android has none\n"]);
});
