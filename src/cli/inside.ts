// mpam inside, which mpam run starts in a mount namespace: it dresses the namespace, serves the tree in it, and runs the command.

import { execFileSync, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startMount } from "../fuse/index.ts";
import { type Offered, RESCTRL, Stage } from "../host/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { endOf, passSignals } from "./child.ts";
import { UsageError } from "./failure.ts";
import type { TreeOptions } from "./tree-options.ts";

/** What mpam run sends. */
export interface Errand {
  /** An empty directory. */
  readonly stage: string;
  readonly command: readonly string[];
  readonly tree: TreeOptions;
  /** Programs that shall see the type resctrl whoever starts them. */
  readonly wrapped: readonly string[];
}

const NOTHING: Offered = { info: [], monFeatures: [] };

export async function inside(): Promise<void> {
  const { stage: directory, command, tree, wrapped } = await errand();
  const mask = process.umask(0o022);
  const stage = await dressed(directory, tree, wrapped);
  const mounted = await startMount(RESCTRL, { boot: tree, journal: tree.journal });
  try {
    const online = await loadPlatform(tree.platform);
    await stage.show(new Set(Array.from({ length: online.cpus }, (_, cpu) => cpu)), await offered(), "");
    process.umask(mask);
    const child = spawn(stage.exec, command, { stdio: "inherit" });
    const done = passSignals(child);
    process.on("disconnect", () => child.kill("SIGTERM"));
    process.exitCode = await endOf(child).finally(done);
  } finally {
    await mounted.unmount();
    process.disconnect?.();
  }
}

/** Without a channel nobody has sent us. */
function errand(): Promise<Errand> {
  if (process.send === undefined) throw new UsageError("inside: this is what mpam run starts; use mpam run");
  return new Promise((resolve) => process.once("message", resolve));
}

async function dressed(directory: string, tree: TreeOptions, wrapped: readonly string[]): Promise<Stage> {
  const platform = await loadPlatform(tree.platform);
  shell(`mount -t tmpfs -o mode=755 mpam ${directory}`);
  const stage = new Stage(directory, platform);
  await stage.show(new Set(Array.from({ length: platform.cpus }, (_, cpu) => cpu)), NOTHING, "");
  shell(await stage.dressing(wrapped));
  return stage;
}

/** What the tree has. */
async function offered(): Promise<Offered> {
  const info = join(RESCTRL, "info");
  const features = await readFile(join(info, "L3_MON/mon_features"), "utf8").catch(() => "");
  return { info: await readdir(info), monFeatures: features.split("\n").filter((line) => line !== "") };
}

function shell(script: string): void {
  execFileSync("sh", ["-e"], { input: script, stdio: ["pipe", "pipe", "pipe"] });
}
