// mpam explain labels as a person runs it.

import { describe, expect, test } from "vitest";
import { start } from "../helpers/command-line.ts";

const run = (...args: string[]) => start("explain", "labels", ...args).ended;

describe("mpam explain labels", () => {
  test("goes from the default group to what MSCs make of it, for data and for fetches", async () => {
    const { code, out, err } = await run("--cpu", "3", "--el", "0");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^one-socket, cpu 3, EL0\n {2}tag +a thread of the default group has the tag PARTID 0, PMG 0/);
    expect(out).toContain("\n\ndata: PARTID 0, PMG 0, Non-secure space\n");
    expect(out).toContain("\n\ninstruction fetches: PARTID 0, PMG 0, Non-secure space\n");
    // 16 PARTIDs and 4 PMGs, of both MSCs of that platform.
    expect(out).toContain("MSCs      0-1: PARTID 0 is in 0..15 and PMG 0 in 0..3");
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("a thread of a group has its PARTID at EL0; in kernel mode default the kernel has that of the default group", async () => {
    const made = ["--cpu", "1", "-d", "@0 mkdir web", "-g", "web", "--kind", "data"];
    expect((await run(...made, "--el", "0")).out).toContain("data: PARTID 1, PMG 0");
    expect((await run(...made, "--el", "1")).out).toContain("data: PARTID 1, PMG 0");
    const { out } = await run(...made, "--el", "1", "--kernel-mode", "default");
    expect(out).toContain("data: PARTID 0, PMG 0");
    expect(out).toContain("kernel mode: default");
  });

  test("a cpu of a group labels threads of the default group; registers written by hand are shown, as data with --json", async () => {
    const { out } = await run(
      ...["--cpu", "2", "--el", "0", "--kind", "data", "--json"],
      ...["-d", "@0 mkdir web", "-d", "@0 write web/cpus_list 2", "--set", "MPAM0_EL1.PMG_D=2"],
    );
    const told = JSON.parse(out);
    expect(told).toMatchObject({ platform: "one-socket", cpu: 2, el: 0 });
    expect(told.software.map(({ step }: { step: string }) => step)).toEqual(["tag", "switch", "by hand"]);
    expect(told.software[0].text).toContain("the default of cpu 2 counts, PARTID 1, PMG 0");
    expect(told.software[2].text).toBe("MPAM0_EL1 := 0x00000200_00010001");
    expect(told.paths).toHaveLength(1);
    expect(told.paths[0]).toMatchObject({ kind: "data", label: { space: "ns", partid: 1, pmg: 2, flawed: false } });
  });

  test("what of a register cannot be written is said", async () => {
    const asked = ["--cpu", "0", "--el", "0", "--kind", "data", "--json"];
    const byHand = async (...set: string[]) =>
      JSON.parse((await run(...asked, "--set", ...set)).out).software.at(-1).text as string;
    // 16 PARTIDs and 4 PMGs; HAS_HCR [17] and VPMR_MAX [20:18] 7.
    expect(await byHand("MPAMIDR_EL1=5")).toBe(
      "MPAMIDR_EL1 := 0x00000003_001e000f (0x5 was asked for: not all of it can be written)",
    );
    expect(await byHand("MPAM1_EL1.MPAMEN=0")).toBe(
      "MPAM1_EL1 := 0x80000000_00000000 (MPAMEN 0x0 was asked for: not all of it can be written)",
    );
    expect(await byHand("MPAM0_EL1.PARTID_D=0xF")).toBe("MPAM0_EL1 := 0x00000000_000f0000");
    // MPAMEN [63] of MPAM1_EL1 is a copy.
    expect(await byHand("MPAM1_EL1=0x8000_0000_0003_0003")).toBe("MPAM1_EL1 := 0x80000000_00030003");
  });

  test("only MSCs that requests of the cpu may come to are named", async () => {
    // An L2 for each of eight cpus, MSCs 0 to 7; then the L3 and memory.
    const { out } = await run("platforms/private-l2.yaml", "--cpu", "3", "--el", "0", "--kind", "data");
    expect(out).toContain("MSCs      3,8-9: PARTID 0 is in 0..15 and PMG 0 in 0..3");
  });

  test("the root of resctrl is the default group", async () => {
    const { out } = await run("--cpu", "0", "--el", "0", "-g", "/", "--kind", "data");
    expect(out).toContain("a thread of the default group has the tag PARTID 0, PMG 0");
  });

  test("without MPAM the kernel says why, and with an MSC that has fewer PARTIDs that is an error there", async () => {
    const { out } = await run("--cpu", "0", "--el", "0", "--command-line", "arm64.nompam");
    expect(out).toContain("uses no MPAM: arm64.nompam is on the command line");
    // Its cpus send PARTIDs to 63; in the Non-secure space its first MSC has 31.
    const other = await run("platforms/four-spaces.yaml", "--cpu", "0", "--el", "0", "--set", "MPAM0_EL1.PARTID_D=63");
    expect(other.out).toContain("PARTID 63 is above its 31: error 2 (Req_PARTID_Range)");
  });

  const refused: readonly (readonly [string[], string])[] = [
    [["--cpu", "9", "--el", "0"], "cpu 9: one-socket has cpus 0 to 7"],
    [["--cpu", "x", "--el", "0"], "cpu 'x': a whole number is needed"],
    [["--cpu", "0", "--el", "4"], "el '4': 0, 1, 2 or 3 is allowed"],
    [["--cpu", "0", "--el", "0", "-g", "nix"], "group nix: there is none"],
    [["--cpu", "0", "--el", "0", "--set", "MPAM0_EL=3"], "set MPAM0_EL: no system register; is it MPAM0_EL1?"],
    [["--cpu", "0", "--el", "0", "--set", "MPAM0_EL1.PMG=3"], "set PMG: no field of MPAM0_EL1"],
    [["--cpu", "0", "--el", "0", "--set", "MPAM0_EL1.PMG_D=256"], "0 to 0xff is allowed"],
    [["--cpu", "0", "--el", "0", "--set", "MPAM0_EL1"], "REGISTER=VALUE"],
    [["--cpu", "0", "--el", "0", "--set", "MPAM0_EL1=_"], "REGISTER=VALUE"],
    [["--cpu", "0", "--el", "0", "--set", "MPAM0_EL1=0x_"], "REGISTER=VALUE"],
    [["--cpu", "0", "--el", "0", "--set", "MPAM0_EL1=0x10000_0000_0000_0000"], "0 to 0xffffffffffffffff is allowed"],
    [["--cpu", "0", "--el", "0", "--set", "MPAMSM_EL1=1"], "cpu 0 of one-socket has no MPAMSM_EL1"],
    [["--cpu", "0", "--el", "0", "-d", "@1ms mkdir web"], "only lines at @0 can happen"],
  ];
  test.for(refused)("mpam explain labels %j is one line on standard error, and exit code 2", async ([args, line]) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(line);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
});
