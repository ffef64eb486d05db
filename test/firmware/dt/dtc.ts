// The device tree compiler, where it is installed: what is compared with it is left out elsewhere, and said to be.

import { execFileSync, spawnSync } from "node:child_process";

export const HAS_DTC = spawnSync("dtc", ["--version"]).status === 0;

if (!HAS_DTC) console.warn("dtc is not installed: comparisons of device trees with what it makes of them are skipped");

export function compile(dts: string): Uint8Array {
  return new Uint8Array(dtc(["-q", "-I", "dts", "-O", "dtb", "-o", "-"], dts));
}

export function decompile(dtb: Uint8Array): string {
  return dtc(["-q", "-I", "dtb", "-O", "dts", "-o", "-"], dtb).toString("utf8");
}

/** What dtc has to say against a tree. */
export function complaints(dts: string): string {
  const { status, stderr } = spawnSync("dtc", ["-I", "dts", "-O", "dtb", "-o", "/dev/null"], { input: dts });
  return `${status === 0 ? "" : `status ${status} `}${stderr.toString("utf8")}`;
}

function dtc(args: string[], input: string | Uint8Array): Buffer {
  return execFileSync("dtc", args, { input, maxBuffer: 2 ** 26 });
}
