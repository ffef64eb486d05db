// What a strict project in TypeScript writes, with each entry of the package; .ci/use-package compiles it both ways of finding modules.

import { ErrnoError, loadPlatform, Machine, type MachineExport, type Problem, type SavedDriver } from "mpam-emulator";
import { Machine as Inline } from "mpam-emulator/inline";
import { type Mounted, startMount } from "mpam-emulator/mount";
import { bootMachine, type TestMachine, withMachine, withMount } from "mpam-emulator/testing";
import { test } from "vitest";

export async function version(file: URL): Promise<number> {
  const platform = await loadPlatform(file);
  const machine: Machine = await Machine.create(platform);
  const again = await Inline.create(platform);
  const state: MachineExport = machine.export();
  return state.records + again.read32(0, 0x20, "ns");
}

export function linesOf(problems: readonly Problem[]): string {
  return problems.map(({ line, found, allowed }) => `${line}: ${found}; ${allowed}`).join("\n");
}

export async function mounted(directory: string): Promise<string> {
  const mount: Mounted = await startMount(directory, { boot: { platform: "server.yaml" } });
  return mount.directory;
}

export async function counted(): Promise<number> {
  await using emulated: TestMachine = await bootMachine("server.yaml");
  const saved: SavedDriver = emulated.driver.save();
  if (!(saved instanceof Object)) throw new ErrnoError("EINVAL", "no state");
  return emulated.bytes("", "llc_occupancy");
}

const both = test.extend(withMachine("server.yaml")).extend(withMount("server.yaml"));

both("fixtures have types", async ({ emulated, mounted: tree }) => {
  const where: string = tree.directory;
  await emulated.group(where);
});
