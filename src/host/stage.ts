// The prepared files of one mount namespace: where they lie, and what they are bound over.

import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Platform } from "../platform/index.ts";
import { type Files, writeFiles } from "./files.ts";
import { cpuinfo, type Offered, withType } from "./proc.ts";
import { bind, isDirectory, type Step, scriptOf } from "./steps.ts";
import { cpuFiles } from "./sysfs-cpu.ts";
import { nodeFiles } from "./sysfs-node.ts";
import { RESCTRL } from "./sysfs-room.ts";
import { EXEC_SCRIPT, typeEdits, wrapper } from "./type-shown.ts";

const LOCKS = "/var/lock";

/** What the files depend on besides the platform. */
export interface Shown {
  readonly online: ReadonlySet<number>;
  readonly offered: Offered;
  /** What the file system has after `rw` in tables of mounts. */
  readonly flags: string;
  /** Where else the tree is mounted: tables of mounts do not say so. */
  readonly hidden?: readonly string[];
}

export class Stage {
  #files: Files = new Map();

  /**
   * @param directory In the namespace, and in nothing else: of `roomInSysfs`.
   * @param place Where the tree is for programs; its last name is the type.
   */
  constructor(
    readonly directory: string,
    private readonly platform: Platform,
    private readonly place = RESCTRL,
  ) {}

  /** Starts a program for which the tree has the type resctrl. */
  get exec(): string {
    return join(this.directory, "exec");
  }

  /** Writes all, or what has changed since: files that are bound elsewhere are written over. */
  show({ online, offered, flags, hidden }: Shown): void {
    const edits = typeEdits(this.place, flags, basename(this.place), hidden);
    const files = new Map<string, string | { link: string }>([
      ["cpuinfo", cpuinfo(this.platform, online, offered)],
      ["mounts.sed", edits.mounts],
      ["mountinfo.sed", edits.mountinfo],
    ]);
    for (const [path, content] of cpuFiles(this.platform, online)) files.set(`cpu/${path}`, content);
    for (const [path, content] of nodeFiles(this.platform, online)) files.set(`node/${path}`, content);
    const before = this.#files;
    this.#files = files;
    writeFiles(this.directory, files, before);
  }

  /**
   * Commands that put the prepared files into their places, after `show`, for `sh -e`.
   * @param programs Paths of programs that shall see the type of the tree whoever starts them.
   */
  async dressing(programs: readonly string[] = []): Promise<string> {
    const filesystems = withType(await readFile("/proc/filesystems", "utf8"), basename(this.place));
    await writeFile(join(this.directory, "filesystems"), filesystems);
    await writeFile(this.exec, EXEC_SCRIPT, { mode: 0o755 });
    const steps = [
      shown(join(this.directory, "cpu"), "/sys/devices/system/cpu"),
      ...((await isDirectory("/sys/devices/system/node"))
        ? [shown(join(this.directory, "node"), "/sys/devices/system/node")]
        : []),
      bind(join(this.directory, "filesystems"), "/proc/filesystems"),
      bind(join(this.directory, "cpuinfo"), "/proc/cpuinfo"),
    ];
    if (await isDirectory(LOCKS)) steps.push(...(await this.#ownLocks()));
    for (const [index, program] of programs.entries()) steps.push(...(await this.#wrap(program, `${index}`)));
    return scriptOf(steps);
  }

  /** Programs lock out others of their kind by files here; but those of the host, or of another run, use another machine. */
  async #ownLocks(): Promise<Step[]> {
    const locks = join(this.directory, "lock");
    await mkdir(locks);
    return [bind(locks, await realpath(LOCKS))];
  }

  /** The program itself is bound elsewhere, and a script over it. */
  async #wrap(program: string, number: string): Promise<Step[]> {
    const path = await realpath(program);
    const [real, script] = [join(this.directory, number, basename(path)), join(this.directory, `${number}.sh`)];
    await mkdir(join(this.directory, number));
    await writeFile(real, "");
    await writeFile(script, wrapper(this.directory, real), { mode: 0o755 });
    return [bind(path, real), bind(script, path)];
  }
}

/** To be read: a cpu does not go because somebody writes to its file, and who tries hears so. */
function shown(from: string, to: string): Step {
  return ["mount", "-o", "bind,ro", from, to];
}
