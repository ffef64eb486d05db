// The resctrl filesystem as others see it: mount it on a driver, then read, write, make, remove and move.

import { ErrnoError } from "../errno/index.ts";
import {
  allTasks,
  type ResctrlDriver,
  resetAllCtrls,
  setCdpEnabled,
  setClosidRmid,
  setGlobalDefault,
} from "../resctrl/index.ts";
import { type Access, type Caller, type OpenFile, ROOT, type Stat, Tree } from "../tree/index.ts";
import { Core } from "./core.ts";
import { assignAll, unassignAll } from "./counters.ts";
import { label, onlineOf } from "./cpus.ts";
import { allGroups, type Mount, newGroup } from "./group.ts";
import { addGroupFiles, addInfo, addMonitoring } from "./layout.ts";
import { readCounters } from "./monitor-data.ts";
import { directoryOperations, removeGroup } from "./operations.ts";
import { checkOptions, type MountOptions } from "./options.ts";
import { makeSchemas } from "./schemata.ts";
import { restoreMount, type SavedMount, saveMount } from "./snapshot.ts";
import { Workers } from "./workers.ts";

/** Mode of the root and of what inherits from it. */
const ROOT_MODE = 0o555;

export class Resctrl {
  readonly #mount: Mount;
  readonly #caller: Caller;
  readonly #polls: Workers;
  #unmounted = false;

  private constructor(core: Core, caller: Caller) {
    this.#caller = caller;
    const operations = directoryOperations(() => this.#mount);
    const tree = new Tree({ mode: ROOT_MODE, uid: caller.uid, gid: caller.gid, operations });
    const defaultGroup = newGroup("control", tree.root, 0, 0);
    const mount: Mount = {
      core,
      arch: core.arch,
      tree,
      schemas: makeSchemas(core),
      owner: caller,
      places: new WeakMap([[tree.root, { kind: "group", group: defaultGroup }]]),
      defaultGroup,
      groups: [defaultGroup],
      counters: new Map(),
      alive: true,
    };
    this.#mount = mount;
    const { clock } = core.driver.machine;
    this.#polls = new Workers(clock, core.mutex, "resctrl.mbm", (domain) => readCounters(mount, domain));
    for (const cpu of onlineOf(mount)) defaultGroup.cpus.add(cpu);
    addGroupFiles(mount, defaultGroup);
    addInfo(mount);
    addMonitoring(mount, defaultGroup);
    core.mounted = { save: () => saveMount(mount, this.#polls.save()), disable: () => this.#disable() };
  }

  /**
   * EBUSY while another instance is mounted, ENODEV when MPAM is disabled, EOPNOTSUPP for cdp or when the machine has nothing
   * resctrl could use, EINVAL for an option there is not.
   */
  static async mount(driver: ResctrlDriver, options: MountOptions = {}): Promise<Resctrl> {
    checkOptions(options);
    const core = await Core.of(driver);
    return core.mutex.run(async () => {
      if (core.mounted !== undefined || core.savedMount !== undefined) {
        const message = "mount: mounted already; one instance at a time (a snapshot's comes back with Resctrl.restore)";
        throw new ErrnoError("EBUSY", message);
      }
      if (options.cdp) setCdpEnabled(core.arch, "L3", true);
      core.status.clear();
      const resctrl = new Resctrl(core, options.caller ?? ROOT);
      setGlobalDefault(core.arch);
      await assignAll(resctrl.#mount, resctrl.#mount.defaultGroup);
      resctrl.#startPolls();
      return resctrl;
    });
  }

  /** The instance that was mounted when the machine's snapshot was taken. ENOENT where there was none. */
  static async restore(driver: ResctrlDriver): Promise<Resctrl> {
    const core = await Core.of(driver);
    if (core.mounted !== undefined) throw new ErrnoError("EBUSY", "restore: mounted already");
    const from = core.savedMount as SavedMount | undefined;
    if (from === undefined) throw new ErrnoError("ENOENT", "restore: nothing was mounted when the snapshot was taken");
    const resctrl = new Resctrl(core, from.owner);
    restoreMount(resctrl.#mount, from);
    core.savedMount = undefined;
    for (const { domain, dueNs } of from.polls) resctrl.#polls.start(domain, dueNs);
    return resctrl;
  }

  /** The tree itself, for hosts that serve it under node numbers. */
  get tree(): Tree {
    return this.#mount.tree;
  }

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

  async mkdir(path: string, mode = 0o755, caller: Caller = this.#caller): Promise<void> {
    await this.tree.mkdir(path, mode, caller);
  }

  async rmdir(path: string, caller: Caller = this.#caller): Promise<void> {
    await this.tree.rmdir(path, caller);
  }

  async rename(from: string, to: string, caller: Caller = this.#caller): Promise<void> {
    await this.tree.rename(from, to, caller);
  }

  async readdir(path: string, caller: Caller = this.#caller): Promise<string[]> {
    return this.tree.readdir(path, caller);
  }

  async stat(path: string, caller: Caller = this.#caller): Promise<Stat> {
    return this.tree.stat(path, caller);
  }

  async chmod(path: string, mode: number, caller: Caller = this.#caller): Promise<void> {
    this.tree.chmod(path, mode, caller);
  }

  async chown(path: string, uid: number, gid: number, caller: Caller = this.#caller): Promise<void> {
    this.tree.chown(path, uid, gid, caller);
  }

  /**
   * Removes all groups, moves every task and cpu to the default group, takes the counters away and resets every control. The
   * reuse threshold, RMIDs in limbo, assign-on-mkdir and the column width stay. EINVAL when not mounted.
   */
  async unmount(): Promise<void> {
    const mount = this.#mount;
    const { core } = mount;
    await core.mutex.run(async () => {
      if (core.mounted === undefined || this.#unmounted) throw new ErrnoError("EINVAL", "unmount: not mounted");
      this.#unmounted = true;
      if (mount.alive) await this.#takeDown();
      core.mounted = undefined;
    });
  }

  async #takeDown(): Promise<void> {
    const mount = this.#mount;
    const { core, arch, defaultGroup } = mount;
    for (const monitor of [...defaultGroup.monitors]) await removeGroup(mount, monitor);
    for (const group of mount.groups.slice(1)) await removeGroup(mount, group);
    for (const task of allTasks(arch)) setClosidRmid(arch, task, 0, 0);
    for (const cpu of onlineOf(mount)) label(mount, cpu, defaultGroup);
    await unassignAll(mount, defaultGroup);
    this.#close();
    for (const schema of mount.schemas) await resetAllCtrls(core.arch, schema.resource);
  }

  #startPolls(): void {
    if (!this.#mount.arch.events.has("mbm_total_bytes")) return;
    for (const { id } of this.#mount.core.monDomains()) this.#polls.start(id);
  }

  /** An empty tree that can still be unmounted. */
  #disable(): void {
    for (const group of allGroups(this.#mount)) group.deleted = true;
    this.#close();
  }

  #close(): void {
    this.#mount.alive = false;
    this.#mount.defaultGroup.deleted = true;
    this.#polls.stopAll();
    // Files of info that are still open say ENOENT themselves; those of groups are cut off with ENODEV.
    const info = this.tree.root.children.get("info");
    if (info !== undefined) this.tree.detach(info);
    this.tree.clear();
  }
}
