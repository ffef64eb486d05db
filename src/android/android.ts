// The two modules of the Android kernel on a machine: the one that knows cpus and the MSC, and the one that labels tasks. What they
// show is one tree.

import { ErrnoError } from "../errno/index.ts";
import { describe, type FirmwareMsc } from "../firmware/index.ts";
import { type Access, type Caller, type Directory, type OpenFile, ROOT, type Stat, Tree } from "../tree/index.ts";
import { type Compat, type Oddities, odditiesOf } from "./compat.ts";
import { partidsOfCpus } from "./cpus.ts";
import { type Derivative, type DerivativeRules, rulesOf } from "./derivatives.ts";
import { Msc, type MscFacts } from "./msc.ts";
import type { AndroidMachine, Log, LogLine, Tasks } from "./needs.ts";
import { addPartitions, labelOf } from "./policy.ts";
import { deviceName, MappedPort } from "./port.ts";
import { type Changed, changedIn, changeIn } from "./snapshot.ts";
import { addDevice } from "./sysfs.ts";

/** What an Android mount is made with. */
export interface AndroidOptions {
  /** Keeps what the modules of 2022 do that is hazardous. */
  readonly compat?: Compat | undefined;
  /** A maker's policy module, which goes by cpusets: see `attach`. */
  readonly derivative?: Derivative | undefined;
  /** Where threads come from; those of the machine where nothing is said. */
  readonly tasks?: Tasks;
  /**
   * short: `mpam` and `partitions` in the root. machine: `sys/devices/platform/30000000.msc/mpam` and `sys/fs/mpam/partitions`, as
   * they are on the machine.
   */
  readonly paths?: "short" | "machine";
}

/** What a snapshot keeps under the name "android". */
interface Saved {
  readonly compat: Compat | null;
  readonly derivative: Derivative | null;
  readonly paths: "short" | "machine";
  readonly partids: number;
  readonly msc: { readonly device: string; readonly facts: MscFacts } | null;
  readonly policy: boolean;
  readonly mounted: boolean;
  readonly changed: readonly Changed[];
  readonly log: readonly LogLine[];
}

/** Of what is there for everybody and belongs to no module. */
const PLAIN = { mode: 0o555, uid: 0, gid: 0 };
/** The root of the file system of tasks. */
const LISTED = { mode: 0o444, uid: 0, gid: 0 };

/**
 * The files of an Android kernel that had MPAM before resctrl, on one system cache: sysfs of two modules, in memory
 * (docs/android.md).
 */
export class Android {
  /** The files themselves, for a host that serves them. */
  readonly tree = new Tree({ ...PLAIN, maxWriteBytes: Number.POSITIVE_INFINITY });
  /** What a kernel would log. */
  readonly log: LogLine[] = [];
  readonly #machine: AndroidMachine;
  readonly #options: AndroidOptions;
  readonly #odd: Oddities;
  readonly #derivative: DerivativeRules | undefined;
  readonly #tasks: Tasks;
  /** How many PARTIDs every cpu can send; undefined before the architecture module. */
  #partids: number | undefined;
  #msc: { readonly device: string; readonly msc: Msc } | undefined;
  #policy = false;

  /** A kernel with both modules at hand and none loaded. EINVAL for a compat or a derivative there is not. */
  constructor(machine: AndroidMachine, options: AndroidOptions = {}) {
    this.#machine = machine;
    this.#options = options;
    this.#odd = odditiesOf(options.compat);
    this.#derivative = rulesOf(options.derivative);
    this.#tasks = options.tasks ?? machine.processor;
  }

  /**
   * With the architecture module. EOPNOTSUPP where a cpu is offline, or cannot label its requests; EIO where the kernel dies of
   * asking. A device that cannot be used is told in the log, and there is no `mpam` then.
   */
  static async load(machine: AndroidMachine, options: AndroidOptions = {}): Promise<Android> {
    const android = new Android(machine, options);
    await android.loadArch();
    return android;
  }

  /** The modules as they were when the machine's snapshot was taken. ENOENT where none was loaded. */
  static async restore(machine: AndroidMachine, { tasks }: Pick<AndroidOptions, "tasks"> = {}): Promise<Android> {
    const saved = machine.saved("android") as Saved | undefined;
    if (saved === undefined)
      throw new ErrnoError("ENOENT", "restore: no module was loaded when the snapshot was taken");
    const { paths } = saved;
    const [compat, derivative] = [saved.compat ?? undefined, saved.derivative ?? undefined];
    const android = new Android(machine, { paths, compat, derivative, ...(tasks ? { tasks } : {}) });
    android.#restore(saved);
    return android;
  }

  /** Called once. EEXIST where it is loaded already, and as `load`. */
  async loadArch(): Promise<void> {
    if (this.#partids !== undefined) throw new ErrnoError("EEXIST", "mpam_arch is loaded already");
    const { kernel, cpus } = this.#machine.processor;
    kernel?.bootAlone(cpus.flatMap(({ cpu, online }) => (online ? [cpu] : [])));
    this.#partids = partidsOfCpus(this.#machine, this.#note);
    this.#probe(this.#partids);
    this.#machine.parts.set("android", () => this.#save());
  }

  /** The policy module, which needs symbols of the other: ENOENT before that one is loaded, EEXIST after itself. */
  async loadPolicy(): Promise<void> {
    if (this.#policy) throw new ErrnoError("EEXIST", "mpam_policy is loaded already");
    if (this.#partids === undefined) {
      this.#note("error", "mpam_policy: Unknown symbol (err -2)");
      throw new ErrnoError("ENOENT", "mpam_policy: Unknown symbol in module: it needs mpam_arch, which is not loaded");
    }
    this.#policy = true;
    const { kernel } = this.#machine.processor;
    if (kernel) kernel.mode = { policy: "default" };
    this.#makeMountPoint();
  }

  #makeMountPoint(): void {
    void this.#fileSystem;
  }

  /** Loads the policy module where it is not, and mounts its file system. There is one; again changes nothing. */
  async mount(): Promise<void> {
    if (!this.#policy) await this.loadPolicy();
    if (!this.mounted) this.#addPartitions();
  }

  #addPartitions(): void {
    const { partids } = this;
    const tasksStay = this.#derivative?.tasksStay ?? false;
    addPartitions(this.tree, this.#fileSystem, { tasks: this.#tasks, partids, tasksStay });
  }

  /**
   * A thread has come into a cpuset: with a `derivative` it has the label of that from now on. A label that the cpus do not have is
   * warned of, and not set. ENOENT before the policy module, EOPNOTSUPP without a derivative, ESRCH where there is no such thread.
   */
  async attach(tid: number, cpuset: string): Promise<void> {
    if (!this.#policy) throw new ErrnoError("ENOENT", "attach: mpam_policy is not loaded");
    if (!this.#derivative)
      throw new ErrnoError("EOPNOTSUPP", "attach: Arm's module knows no cpusets; a derivative does");
    if (this.#tasks.task(tid) === undefined) throw new ErrnoError("ESRCH", `attach: no thread ${tid}`);
    const partid = this.#derivative.labels[cpuset] ?? 0;
    if (partid < this.partids) this.#tasks.setTaskLabel(tid, labelOf(partid));
    else this.#note("warning", `mpam_policy: label ${partid} of ${cpuset}: PARTIDs end at ${this.partids - 1}`);
  }

  /** Tasks keep their labels. EINVAL when not mounted. */
  async unmount(): Promise<void> {
    const partitions = this.#policy ? this.#fileSystem.children.get("partitions") : undefined;
    if (partitions === undefined) throw new ErrnoError("EINVAL", "unmount: not mounted");
    this.tree.remove(partitions);
  }

  /** Whether the files of the policy module are there. */
  get mounted(): boolean {
    return this.#policy && this.#fileSystem.children.has("partitions");
  }

  /** How many PARTIDs every cpu can send: the partitions of the file system. 0 before the architecture module. */
  get partids(): number {
    return this.#partids ?? 0;
  }

  /** The device of the MSC; undefined where there is none that can be used. */
  get device(): string | undefined {
    return this.#msc?.device;
  }

  /** What the MSC said of itself. */
  get msc(): MscFacts | undefined {
    return this.#msc?.msc.facts;
  }

  /** The whole text of a file. ENOENT, EISDIR, EACCES, and what the file refuses with. */
  async readFile(path: string, caller: Caller = ROOT): Promise<string> {
    return this.tree.readFile(path, caller);
  }

  /** One write(2). Answers how many bytes were taken: a file may take fewer than it is given. */
  async writeFile(path: string, text: string | Uint8Array, caller: Caller = ROOT): Promise<number> {
    return this.tree.writeFile(path, text, caller);
  }

  /** Opens a file for reads or writes that follow each other. ENOENT, EISDIR, EACCES. */
  async open(path: string, access: Access, caller: Caller = ROOT): Promise<OpenFile> {
    return this.tree.open(path, access, caller);
  }

  /** Names in a directory. ENOENT, ENOTDIR, EACCES. */
  async readdir(path: string, caller: Caller = ROOT): Promise<string[]> {
    return this.tree.readdir(path, caller);
  }

  /** Mode, owner and kind of a file or directory. ENOENT. */
  async stat(path: string, caller: Caller = ROOT): Promise<Stat> {
    return this.tree.stat(path, caller);
  }

  /** Changes the permission bits. ENOENT, EPERM. */
  async chmod(path: string, mode: number, caller: Caller = ROOT): Promise<void> {
    this.tree.chmod(path, mode, caller);
  }

  /** Changes user and group. ENOENT, EPERM. */
  async chown(path: string, uid: number, gid: number, caller: Caller = ROOT): Promise<void> {
    this.tree.chown(path, uid, gid, caller);
  }

  // Nobody can make, remove or move anything here: EPERM, or what the path says first.

  /** EPERM: sysfs lets nobody make directories. */
  async mkdir(path: string, mode = 0o755, caller: Caller = ROOT): Promise<void> {
    await this.tree.mkdir(path, mode, caller);
  }

  /** EPERM: sysfs lets nobody remove directories. */
  async rmdir(path: string, caller: Caller = ROOT): Promise<void> {
    await this.tree.rmdir(path, caller);
  }

  /** EPERM: sysfs lets nobody rename. */
  async rename(from: string, to: string, caller: Caller = ROOT): Promise<void> {
    await this.tree.rename(from, to, caller);
  }

  readonly #note: Log = (level, text) => {
    this.log.push({ time: this.#machine.clock.now, level, text });
  };

  /** Only a device tree has nodes for the module to match. */
  get #described(): readonly FirmwareMsc[] {
    const { platform } = this.#machine;
    return platform.firmware === "acpi" ? [] : describe(platform).mscs;
  }

  /** The module keeps one MSC: the first that it can use. */
  #probe(partids: number): void {
    const described = this.#described;
    if (described.length === 0)
      this.#note("warning", "mpam: nothing to match: arm,mpam-msc has to be in a device tree");
    for (const msc of described) {
      const note: Log = (level, text) => this.#note(level, `mpam ${deviceName(msc)}: ${text}`);
      if (this.#msc !== undefined) {
        note("warning", "left alone: one MSC is all that the module knows of");
        continue;
      }
      try {
        this.#show(msc, Msc.probe(new MappedPort(this.#machine, msc), partids, note, this.#odd));
      } catch (error) {
        if (!(error instanceof ErrnoError)) throw error;
        note("error", `probe failed: ${error.message}`);
      }
    }
  }

  #show(described: FirmwareMsc, msc: Msc): void {
    const device = deviceName(described);
    this.#msc = { device, msc };
    const directory = this.#isWhole ? this.#below("sys/devices/platform", device, PLAIN) : this.tree.root;
    addDevice(this.tree, directory, msc, this.partids, this.#odd);
  }

  /** Whether paths are those of the machine. */
  get #isWhole(): boolean {
    return this.#options.paths === "machine";
  }

  get #fileSystem(): Directory {
    return this.#isWhole ? this.#below("sys/fs", "mpam", LISTED) : this.tree.root;
  }

  /** A directory that may be there already, with all above it. */
  #below(path: string, name: string, attributes: typeof PLAIN): Directory {
    let at = this.tree.root;
    for (const next of [...path.split("/"), name]) {
      const found = at.children.get(next);
      if (found?.kind === "directory") at = found;
      else at = this.tree.addDirectory(at, next, next === name ? attributes : PLAIN);
    }
    return at;
  }

  #save(): Saved {
    const { compat, derivative, paths = "short" } = this.#options;
    return {
      compat: compat ?? null,
      derivative: derivative ?? null,
      paths,
      partids: this.#partids as number,
      msc: this.#msc === undefined ? null : { device: this.#msc.device, facts: this.#msc.msc.facts },
      policy: this.#policy,
      mounted: this.mounted,
      changed: changedIn(this.tree),
      log: [...this.log],
    };
  }

  /** Settings are in the registers, labels with their tasks: nothing is reset. */
  #restore({ partids, msc, policy, mounted, changed, log }: Saved): void {
    this.#partids = partids;
    this.log.push(...log);
    const described = this.#described.find((one) => deviceName(one) === msc?.device);
    if (msc && described) {
      this.#show(described, new Msc(msc.facts, new MappedPort(this.#machine, described), this.#odd));
    }
    this.#policy = policy;
    if (policy) this.#makeMountPoint();
    if (mounted) this.#addPartitions();
    changeIn(this.tree, changed);
    this.#machine.parts.set("android", () => this.#save());
  }
}
