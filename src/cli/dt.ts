// mpam dt: device trees as files.

import {
  checkDeviceTree,
  describeDeviceTree,
  deviceTree,
  deviceTreeObject,
  deviceTreeText,
  type FirmwareDescription,
  platformFromDeviceTree,
} from "../firmware/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { count, plural } from "../written/index.ts";
import { report } from "./findings.ts";
import { about, bytesIn } from "./input.ts";
import { platformOf } from "./named-platform.ts";
import { print } from "./output.ts";
import { writeTo } from "./places.ts";

interface Flags {
  readonly json?: boolean;
}

const WANTED = "a device tree blob (dtb) is needed";

export async function buildTree(
  argument: string | undefined,
  { output, json, platform: option }: Flags & { readonly output: string; readonly platform?: string },
): Promise<void> {
  const platform = await loadPlatform(platformOf(argument, option));
  const dtb = deviceTree(platform);
  await writeTo(output, dtb);
  const told = describeDeviceTree(dtb);
  const made = { platform: platform.name, binding: platform.firmware, file: output, bytes: dtb.length };
  const counts = countsOf(told);
  print(json, { ...made, ...counts }, `${output}: ${count(dtb.length)} bytes, ${showCounts(counts)}`);
}

export async function dumpTree(path: string, { json }: Flags): Promise<void> {
  const dtb = await bytesIn(path, WANTED);
  if (json)
    print(
      true,
      about(path, () => deviceTreeObject(dtb)),
      "",
    );
  else process.stdout.write(about(path, () => deviceTreeText(dtb)));
}

export async function checkTree(path: string, { json }: Flags): Promise<void> {
  report(path, checkDeviceTree(await bytesIn(path, WANTED)), json, { file: path });
}

export async function platformOfTree(path: string, options: Flags & { readonly output?: string }): Promise<void> {
  const dtb = await bytesIn(path, WANTED);
  const guess = about(path, () => platformFromDeviceTree(dtb));
  const { writeGuess } = await import("./platform-file.ts");
  await writeGuess(guess, path, options);
}

function countsOf({ cpus, caches, nodes, mscs }: FirmwareDescription) {
  return { cpus: cpus.length, caches: caches.length, nodes: nodes.length, mscs: mscs.length };
}

function showCounts({ cpus, caches, nodes, mscs }: ReturnType<typeof countsOf>): string {
  return [plural(cpus, "cpu"), plural(caches, "cache"), plural(nodes, "memory node"), plural(mscs, "MSC")].join(", ");
}
