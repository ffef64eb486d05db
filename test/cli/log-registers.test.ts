// --log-registers as a person uses it.

import { execFile } from "node:child_process";
import { expect, test } from "vitest";

const COMMAND = new URL("../../dist/esm/cli.js", import.meta.url).pathname;
const TRACE = new URL("../../examples/traces/polite.arrow.br", import.meta.url).pathname;

function mpam(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { maxBuffer: 1 << 26 }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

test("probe prints the accesses of the driver on standard error, and what it finds as before", async () => {
  const plain = await mpam("probe", "--json");
  const { code, out, err } = await mpam("probe", "--json", "--log-registers", "MPAMF_AIDR,MPAMF_ECR");
  expect(code).toBe(0);
  expect(out).toBe(plain.out);
  expect(plain.err).toBe("");
  expect(lines(err)).toEqual([
    "0.000 us  msc 0 ns  read  MPAMF_AIDR  ArchMinorRev 1, ArchMajorRev 1  (driver)",
    "0.000 us  msc 1 ns  read  MPAMF_AIDR  ArchMinorRev 1, ArchMajorRev 1  (driver)",
    "0.000 us  msc 0 ns  write MPAMF_ECR  INTEN 0 -> 1  (driver)",
    "0.000 us  msc 1 ns  write MPAMF_ECR  INTEN 0 -> 1  (driver)",
    // Once more when the first cpu is brought online with MPAM enabled (linux-driver.md 7.2, post-7.3).
    "0.000 us  msc 0 ns  write MPAMF_ECR  INTEN 1  (driver)",
    "0.000 us  msc 1 ns  write MPAMF_ECR  INTEN 1  (driver)",
  ]);
});

test("replay prints them with the model time at which they are made", async () => {
  const args = ["replay", TRACE, "-g", "a=trace:1", "-d", "@100us write a/schemata L3:0=3", "--json"];
  const { code, err } = await mpam(...args, "--log-registers", "MPAMCFG_CPBM.P,write,msc:0");
  expect(code).toBe(0);
  const late = lines(err).filter((line) => !line.startsWith("0.000 us"));
  expect(late).toEqual(["100.000 us  msc 0 ns  write MPAMCFG_CPBM0  P 0xffff -> 3  (driver)"]);
});

test.each([
  ["FOO", "'FOO': no register has that name"],
  ["MPAMCFG_CMAX.X", "'MPAMCFG_CMAX.X': no field has that name there: CMAX, SOFTLIM"],
  ["msc:x", "'msc:x': read, write, msc:N, space:ns|s|rt|rl, by:NAME, REGISTER or REGISTER.FIELD is allowed"],
  ["msc:7", "'msc:7': this machine has msc 0..1"],
  ["", "'': a term is empty; * lets everything through"],
])("the filter '%s' is one line on standard error, and exit code 2", async (filter, why) => {
  for (const command of [["probe"], ["replay", TRACE]]) {
    const { code, out, err } = await mpam(...command, "--log-registers", filter);
    expect([code, out, err]).toEqual([2, "", `mpam: --log-registers: register filter ${why}\n`]);
  }
});
