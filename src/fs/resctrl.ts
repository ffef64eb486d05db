// The resctrl filesystem as others see it: mount it on a driver, then read, write, make, remove and move.

import { ErrnoError } from "../errno/index.ts";
import { label, type ResctrlDriver, type TaskLabel, type Tasks } from "../resctrl/index.ts";
import type { Access, Caller, OpenFile, Stat, Tree } from "../tree/index.ts";
import { Core } from "./core.ts";
import type { Group, Mount } from "./group.ts";
import { bringUp, takeDown } from "./mounting.ts";
import { checkController, checkOptions, type MountOptions, shownOptions } from "./options.ts";
import { addedBelow } from "./profile.ts";
import { schemataText } from "./schemata.ts";
import { restoreMount } from "./snapshot.ts";
import { groupsOfTask } from "./tasks.ts";

/**
 * The resctrl filesystem of Linux, in memory: groups are directories, schemata holds limits, mon_data counts
 * (docs/resctrl.md). Errors carry `code`, and `status` is what info/last_cmd_status says.
 */
export class Resctrl {
  readonly #mount: Mount;
  readonly #caller: Caller;
  #unmounted = false;

  private constructor(mount: Mount) {
    this.#mount = mount;
    this.#caller = mount.owner;
  }

  /**
   * EBUSY while another instance is mounted, ENODEV when MPAM is disabled, EOPNOTSUPP for CDP without `expert` or when the machine
   * has nothing resctrl could use, EINVAL for CDP with one PARTID, for mba_MBps, and for an option there is not.
   */
  static async mount(driver: ResctrlDriver, options: MountOptions = {}): Promise<Resctrl> {
    checkOptions(options);
    const core = await Core.of(driver);
    checkController(options);
    return core.mounting(async () => {
      if (core.mounted !== undefined || core.savedMount !== undefined) {
        const message = "mount: mounted already; one instance at a time (a snapshot's comes back with Resctrl.restore)";
        throw new ErrnoError("EBUSY", message);
      }
      return new Resctrl(await bringUp(core, options));
    });
  }

  /**
   * The instance that was mounted when the machine's snapshot was taken. ENOENT where there was none, EINVAL where a thread of one
   * of its groups is not there.
   *
   * @param tasks Where threads come from, if not from the machine.
   */
  static async restore(driver: ResctrlDriver, { tasks }: { readonly tasks?: Tasks } = {}): Promise<Resctrl> {
    const core = await Core.of(driver);
    return core.mounting(() => {
      if (core.mounted !== undefined) throw new ErrnoError("EBUSY", "restore: mounted already");
      return new Resctrl(restoreMount(core, tasks));
    });
  }

  /** The tree itself, for hosts that serve it under node numbers. */
  get tree(): Tree {
    return this.#mount.tree;
  }

  /** Flags as in /proc/mounts, each with a comma before it. */
  get mountOptions(): string {
    return shownOptions(this.#mount.options);
  }

  /** Paths of the files that are there only because of the profile or a proposal. */
  get added(): readonly string[] {
    return addedBelow(this.tree.root);
  }

  /** What /proc/TID/cpu_resctrl_groups says. ESRCH: there is no such thread. */
  cpuResctrlGroups(tid: number): string {
    return groupsOfTask(this.#mount, tid);
  }

  /** What requests of a group's threads carry, which no file says. ENOENT where the path leads to no group. */
  labelOf(path: string): TaskLabel {
    const { closid, rmid } = this.#groupAt(path);
    return label(this.#mount.arch, closid, rmid);
  }

  /**
   * What the group's schemata file says, for who looks on: nothing of it is a command, so last_cmd_status stays. A monitor group has
   * no such file. ENOENT where the path leads to no group.
   */
  schemataOf(path: string): string | undefined {
    const group = this.#groupAt(path);
    return group.kind === "monitor" ? undefined : schemataText(this.#mount, group);
  }

  #groupAt(path: string): Group {
    const node = this.tree.lookup(path);
    const place = node.kind === "directory" ? this.#mount.places.get(node) : undefined;
    if (place?.kind !== "group") throw new ErrnoError("ENOENT", `${path}: this is no group`);
    return place.group;
  }

  /**
   * The whole text of a file. ENOENT, EISDIR, EACCES, and what the file refuses with; EBUSY: a counter is not ready.
   */
  async readFile(path: string, caller: Caller = this.#caller): Promise<string> {
    return this.tree.readFile(path, caller);
  }

  /** One command, as one write(2). */
  async writeFile(path: string, text: string | Uint8Array, caller: Caller = this.#caller): Promise<void> {
    await this.tree.writeFile(path, text, caller);
  }

  /** A file to be read in pieces, or kept open while its group goes. */
  async open(path: string, access: Access, caller: Caller = this.#caller): Promise<OpenFile> {
    return this.tree.open(path, access, caller);
  }

  /**
   * Makes a control group, or below mon_groups a monitoring group. ENOSPC: no closid or rmid is left; EPERM, EEXIST.
   */
  async mkdir(path: string, mode = 0o755, caller: Caller = this.#caller): Promise<void> {
    await this.tree.mkdir(path, mode, caller);
  }

  /** Removes a group; its tasks and cpus go to the group above. EPERM for what is no group. */
  async rmdir(path: string, caller: Caller = this.#caller): Promise<void> {
    await this.tree.rmdir(path, caller);
  }

  /** Moves a monitoring group to another control group, or gives it another name. EPERM for what is none. */
  async rename(from: string, to: string, caller: Caller = this.#caller): Promise<void> {
    await this.tree.rename(from, to, caller);
  }

  /** Names in a directory. ENOENT, ENOTDIR, EACCES. */
  async readdir(path: string, caller: Caller = this.#caller): Promise<string[]> {
    return this.tree.readdir(path, caller);
  }

  /** Mode, owner and kind of a file or directory. ENOENT. */
  async stat(path: string, caller: Caller = this.#caller): Promise<Stat> {
    return this.tree.stat(path, caller);
  }

  /** Changes the permission bits. ENOENT, EPERM. */
  async chmod(path: string, mode: number, caller: Caller = this.#caller): Promise<void> {
    this.tree.chmod(path, mode, caller);
  }

  /** Changes user and group. ENOENT, EPERM. */
  async chown(path: string, uid: number, gid: number, caller: Caller = this.#caller): Promise<void> {
    this.tree.chown(path, uid, gid, caller);
  }

  /**
   * Removes all groups, moves every task and cpu to the default group, takes the counters away, switches CDP off and resets every
   * control. The reuse threshold, RMIDs in limbo, assign-on-mkdir and the column width stay. EINVAL when not mounted; what a bus
   * throws that does not take a reset, when all else has been done.
   */
  async unmount(): Promise<void> {
    const { core } = this.#mount;
    await core.mutex.run(async () => {
      if (core.mounted === undefined || this.#unmounted) throw new ErrnoError("EINVAL", "unmount: not mounted");
      this.#unmounted = true;
      try {
        if (this.#mount.alive) await takeDown(this.#mount);
      } finally {
        core.mounted = undefined;
      }
    });
  }
}
