// mpam inside, which mpam run starts in a mount namespace: it dresses the namespace, serves the tree in it, and runs the command.

import { execFileSync, spawn } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../errno/index.ts";
import { startMount } from "../fuse/index.ts";
import {
  bindAndroid,
  MPAM,
  type Offered,
  placeOfDevice,
  RESCTRL,
  roomInSysfs,
  type Shown,
  Stage,
} from "../host/index.ts";
import { loadPlatform } from "../platform/index.ts";
import { UsageError } from "../written/index.ts";
import { endOf, exitCodeOf, passSignals } from "./child.ts";
import { explain } from "./failure.ts";
import { type Booted, treeType } from "./interfaces.ts";
import type { CpusChanged } from "./mount-worker.ts";
import type { TreeOptions } from "./tree-options.ts";

/** What mpam run sends. */
export interface Errand {
  readonly command: readonly string[];
  readonly tree: TreeOptions;
  /** Programs that shall see the type of the tree whoever starts them. */
  readonly wrapped: readonly string[];
}

export async function inside(): Promise<void> {
  const { command, tree, wrapped } = await errand();
  const mask = process.umask(0o022);
  const scene = await Scene.made(tree, wrapped);
  const mounted = await startMount(scene.mountPoint, {
    boot: tree.interface === "android" ? { ...tree, android: { ...tree.android, paths: "machine" } } : tree,
    type: treeType(tree.interface),
    journal: tree.journal,
    onMessage: (message) => scene.cpusChanged(message as CpusChanged),
  });
  try {
    await scene.treeIsThere(mounted.says as Booted);
    process.umask(mask);
    enterAgain();
    process.exitCode = await runIn(scene.stage, command);
  } finally {
    // What the script missed does not hide how the command ended.
    const { exitCode } = process;
    await mounted.unmount().catch((error: unknown) => {
      process.stderr.write(`${explain(error)}\n`);
      process.exitCode = exitCode || 1;
    });
    if (process.connected) process.disconnect?.();
  }
}

/** Below what has been covered the directory is that of the host until it is entered once more. */
function enterAgain(): void {
  try {
    process.chdir(process.cwd());
  } catch {
    // It has no path any more, or none that may be walked: it stays what it is.
  }
}

/** The prepared files, and what they show at the moment. */
class Scene {
  #shown: Shown;

  private constructor(
    readonly stage: Stage,
    cpus: number,
    /** Where the tree is mounted. That of Android is shown in more than one place, by parts. */
    readonly mountPoint: string,
  ) {
    const online = new Set(Array.from({ length: cpus }, (_, cpu) => cpu));
    this.#shown = { online, offered: { info: [], monFeatures: [] }, flags: "" };
  }

  /** The namespace is dressed, and has a directory for the tree. */
  static async made(tree: TreeOptions, wrapped: readonly string[]): Promise<Scene> {
    const platform = await loadPlatform(tree.platform);
    const place = tree.interface === "android" ? MPAM : RESCTRL;
    const { directory, script } = await roomInSysfs(place);
    shell(script);
    const mountPoint = tree.interface === "android" ? join(directory, "tree") : place;
    await mkdir(mountPoint, { recursive: true });
    const scene = new Scene(new Stage(directory, platform, place), platform.cpus, mountPoint);
    scene.stage.show(scene.#shown);
    shell(await scene.stage.dressing(wrapped));
    return scene;
  }

  async treeIsThere({ flags, device }: Booted): Promise<void> {
    if (this.mountPoint === RESCTRL) {
      const there = await offered();
      // Cpus may have gone meanwhile.
      this.#shown = { ...this.#shown, flags, offered: there };
    } else {
      const place = device === undefined ? undefined : placeOfDevice(device);
      shell(await bindAndroid(this.mountPoint, place));
      this.#shown = { ...this.#shown, hidden: [this.mountPoint, ...(place === undefined ? [] : [place])] };
    }
    this.stage.show(this.#shown);
  }

  cpusChanged({ online }: CpusChanged): void {
    this.#shown = { ...this.#shown, online: new Set(online) };
    try {
      this.stage.show(this.#shown);
    } catch (error) {
      process.stderr.write(`mpam: cpu files: ${messageOf(error)}\n`);
    }
  }
}

/** What the tree has. */
async function offered(): Promise<Offered> {
  const info = join(RESCTRL, "info");
  const features = await readFile(join(info, "L3_MON/mon_features"), "utf8").catch(() => "");
  return { info: await readdir(info), monFeatures: features.split("\n").filter((line) => line !== "") };
}

/** The exit code. When mpam run has gone, the command is to go too, and not to begin. */
async function runIn(stage: Stage, command: readonly string[]): Promise<number> {
  if (!process.connected) return exitCodeOf(null, "SIGTERM");
  const env = { ...process.env, MPAM_EXEC: stage.exec };
  const child = spawn(stage.exec, command, { stdio: "inherit", env });
  const done = passSignals(child);
  process.on("disconnect", () => child.kill("SIGTERM"));
  return endOf(child).finally(done);
}

/** Without a channel nobody has sent us. */
function errand(): Promise<Errand> {
  if (process.send === undefined) throw new UsageError("inside: this is what mpam run starts; use mpam run");
  return new Promise((resolve) => process.once("message", resolve));
}

/** Throws what the first command that fails has to say. */
function shell(script: string): void {
  try {
    execFileSync("sh", ["-e"], { input: script, stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    throw new Error(`the namespace cannot be made: ${stderr?.toString().trim() || messageOf(error)}`);
  }
}
