// mpam dt: device trees as files.

import { readFile, writeFile } from "node:fs/promises";
import {
  checkDeviceTree,
  type DeviceTreeFinding,
  describeDeviceTree,
  deviceTree,
  deviceTreeObject,
  deviceTreeText,
  type FirmwareDescription,
  platformFromDeviceTree,
} from "../firmware/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { UsageError } from "./failure.ts";
import { count, print } from "./output.ts";

interface Flags {
  json?: boolean;
}

interface OutputFlags extends Flags {
  output: string;
}

export async function buildTree(path: string, { output, json }: OutputFlags): Promise<void> {
  const platform = await loadPlatform(path);
  const dtb = deviceTree(platform);
  await writeFile(output, dtb);
  const told = describeDeviceTree(dtb);
  const report = { platform: platform.name, binding: platform.firmware, file: output, bytes: dtb.length };
  const counts = countsOf(told);
  print(json, { ...report, ...counts }, `${output}: ${count(dtb.length)} bytes, ${showCounts(counts)}`);
}

export async function dumpTree(path: string, { json }: Flags): Promise<void> {
  const dtb = await blob(path);
  print(json, json ? deviceTreeObject(dtb) : undefined, json ? "" : deviceTreeText(dtb).trimEnd());
}

export async function checkTree(path: string, { json }: Flags): Promise<void> {
  const findings = checkDeviceTree(await blob(path));
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const lines = findings.length === 0 ? [`${path}: nothing found`] : findings.map(showLine);
  print(json, { file: path, errors, findings }, lines.join("\n"));
  if (errors > 0) throw new Error(`${path}: ${errors === 1 ? "one error" : `${errors} errors`}`);
}

function showLine({ severity, path, offset, text }: DeviceTreeFinding): string {
  const place = offset === undefined ? "" : ` at 0x${offset.toString(16)}`;
  return `${severity}: ${path}${place}\n  ${text}`;
}

export async function platformOfTree(path: string, { output, json }: OutputFlags): Promise<void> {
  const { platform, remarks } = platformFromDeviceTree(await blob(path));
  const { platformFile } = await import("./platform-file.ts");
  await writeFile(output, platformFile(platform, [`Made from ${path}.`, ...remarks]));
  const lines = [`${output}: ${platform.name}`, ...remarks.map((remark) => `  ${remark}`)];
  print(json, { file: output, platform, remarks }, lines.join("\n"));
}

async function blob(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? String(cause);
    throw new UsageError(`${path}: cannot be read (${code}); the path of a device tree blob is needed`, { cause });
  }
}

function countsOf({ cpus, caches, nodes, mscs }: FirmwareDescription) {
  return { cpus: cpus.length, caches: caches.length, nodes: nodes.length, mscs: mscs.length };
}

function showCounts({ cpus, caches, nodes, mscs }: ReturnType<typeof countsOf>): string {
  const of = (number: number, one: string, several = `${one}s`) => `${number} ${number === 1 ? one : several}`;
  return [of(cpus, "cpu"), of(caches, "cache"), of(nodes, "memory node"), of(mscs, "MSC")].join(", ");
}
