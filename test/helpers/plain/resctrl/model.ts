// A mounted resctrl tree as plainly as it can be said: one object for each node, a loop for each rule. It answers what a
// journal asks, and says what registers and labels must hold.

import type { Answered, Asked } from "../../../../src/fuse/journal.ts";
import type { Caller } from "../../../../src/tree/caller.ts";
import type { PlainGroup } from "./group.ts";
import { assignEverywhere, groupFiles, monitorFiles, type Named } from "./group-files.ts";
import { eventFilter, type InfoFile, monitorInfoFiles, schemaFiles } from "./info-files.ts";
import { checkChange, checkMove, type Kind, lookup, may, PlainNode, parentOf, pathOf, READ, WRITE } from "./nodes.ts";
import { Refused, refuse } from "./refused.ts";
import type { Shape } from "./shape.ts";
import { type Occupancy, PlainState } from "./state.ts";

const PAGE = 4096;

export interface PlainLabel {
  readonly partidD: number;
  readonly partidI: number;
  readonly pmg: number;
}

type Attributes = Pick<PlainNode, "mode" | "uid" | "gid">;

export class PlainResctrl {
  readonly state: PlainState;
  readonly #root: PlainNode;
  readonly #handles = new Map<number, { readonly node: PlainNode; readonly access: string }>();
  #lastHandle = 0;
  #now = 0;

  /** What mount refuses is thrown as `Refused`. */
  constructor(
    readonly shape: Shape,
    occupancy: Occupancy = () => 0,
  ) {
    this.state = new PlainState(shape, occupancy);
    const { uid, gid } = shape.owner ?? { uid: 0, gid: 0 };
    this.#root = new PlainNode("", undefined, { mode: 0o555, uid, gid }, "root", this.state.root);
    this.state.root.node = this.#root;
    this.#fillInfo();
    this.#fillGroup(this.state.root);
    assignEverywhere(this.state, this.state.root);
  }

  /** `handle` is the number that the other side gave an open file. */
  apply(asked: Asked, caller: Caller, at: number, handle?: number): Answered {
    this.pass(at);
    try {
      return this.#answer(asked, caller, handle);
    } catch (error) {
      if (error instanceof Refused) return { errno: error.code };
      throw error;
    }
  }

  /** Model time goes on. */
  pass(at: number): void {
    this.#now = at;
    const { state } = this;
    state.rmids.pass(at, (domain, closid, rmid) => state.occupancyOf(domain, closid, rmid) < state.threshold);
  }

  cpu(cpu: number, online: boolean, at: number): void {
    this.pass(at);
    const { state } = this;
    if (state.online.has(cpu) === online) return;
    const before = state.present("L3");
    if (online) {
      state.online.add(cpu);
      state.root.cpus.add(cpu);
    } else {
      state.online.delete(cpu);
      for (const group of state.groups) for (const one of [group, ...group.children]) one.cpus.delete(cpu);
    }
    const after = state.present("L3");
    for (const domain of after) if (!before.includes(domain)) this.#domainCame(domain);
    for (const domain of before) if (!after.includes(domain)) this.#domainGone(domain);
  }

  /** Paths of the groups, "" the default one. */
  groups(): { readonly control: string[]; readonly monitor: string[] } {
    const { groups } = this.state;
    const control = groups.map((group) => pathOf(group.node!));
    return { control, monitor: groups.flatMap(({ children }) => children.map((child) => pathOf(child.node!))) };
  }

  /** Component, as `L3:0`, to what it must hold for each PARTID: CPBM, or the implemented bits of MBW_MAX. */
  registers(): Map<string, number[]> {
    return this.state.schemas.registers();
  }

  /** Tags of tasks, and what the online cpus have by default. */
  labels(): { readonly tasks: Map<number, PlainLabel>; readonly cpus: Map<number, PlainLabel> } {
    const { placed, groups, online } = this.state;
    const tasks = new Map([...placed].map(([tid, group]) => [tid, this.#label(group)]));
    const cpus = new Map<number, PlainLabel>();
    for (const cpu of online) {
      const owner = groups.find((group) => group.cpus.has(cpu))!;
      cpus.set(cpu, this.#label(owner.children.find((child) => child.cpus.has(cpu)) ?? owner));
    }
    return { tasks, cpus };
  }

  /** What is in use: RMIDs as indices, counters by domain. */
  held(): {
    readonly closids: readonly number[];
    readonly rmids: readonly number[];
    readonly limbo: readonly number[];
    readonly counters: Readonly<Record<number, number>>;
  } {
    const { rmids, counters } = this.state;
    const taken = this.state
      .present("L3")
      .map((domain) => [domain, counters ? counters.count - counters.available(domain) : 0]);
    const { usedClosids: closids, used, limbo } = rmids;
    return { closids, rmids: used, limbo, counters: Object.fromEntries(taken) };
  }

  #answer(asked: Asked, caller: Caller, handle: number | undefined): Answered {
    switch (asked.op) {
      case "lookup":
        lookup(this.#root, asked.path, caller);
        return {};
      case "readdir":
        return { reply: this.#readdir(asked.path, caller) };
      case "open":
        return { handle: this.#open(asked.path, asked.access, caller, handle) };
      case "read":
        return { reply: this.#read(asked.handle, caller) };
      case "write":
        this.#write(asked.handle, asked.data, caller);
        return {};
      case "release":
        this.#handles.delete(asked.handle);
        return {};
      case "mkdir":
        this.#mkdir(asked.path, asked.mode, caller);
        return {};
      case "rmdir":
        this.#rmdir(asked.path, caller);
        return {};
      case "rename":
        this.#rename(asked.path, asked.to, caller);
        return {};
      case "chmod":
        this.#chmod(asked.path, asked.mode, caller);
        return {};
      case "chown":
        this.#chown(asked.path, asked.uid, asked.gid, caller);
        return {};
    }
  }

  #readdir(path: string, caller: Caller): string {
    const node = lookup(this.#root, path, caller);
    if (node.file) refuse("ENOTDIR");
    if (!may(node, READ, caller)) refuse("EACCES");
    return [...node.children.keys()]
      .sort()
      .map((name) => `${name}\n`)
      .join("");
  }

  #open(path: string, access: "r" | "w" | "rw", caller: Caller, handle: number | undefined): number {
    const node = lookup(this.#root, path, caller);
    if (!node.file) refuse("EISDIR");
    // A bit has to stand somewhere, even for root.
    if (access.includes("r") && !(may(node, READ, caller) && node.mode & 0o444)) refuse("EACCES");
    if (access.includes("w")) {
      if (node.file.never || !(may(node, WRITE, caller) && node.mode & 0o222)) refuse("EACCES");
    }
    const number = handle ?? this.#lastHandle + 1;
    this.#lastHandle = Math.max(this.#lastHandle, number);
    this.#handles.set(number, { node, access });
    return number;
  }

  #read(handle: number, caller: Caller): string {
    const open = this.#handles.get(handle);
    if (!open?.access.includes("r")) refuse("EBADF");
    if (open.node.removed) refuse("ENODEV");
    const file = open.node.file!;
    if (file.clearsOnRead) this.state.status.clear();
    return file.read(caller);
  }

  #write(handle: number, data: string, caller: Caller): void {
    const open = this.#handles.get(handle);
    if (!open?.access.includes("w")) refuse("EBADF");
    if (open.node.removed) refuse("ENODEV");
    if (data.length > PAGE) refuse("E2BIG");
    const file = open.node.file!;
    if (!file.write) refuse("EINVAL");
    this.state.status.clear();
    file.write(data, caller);
  }

  #mkdir(path: string, mode: number, caller: Caller): void {
    const [parent, name] = parentOf(this.#root, path, caller);
    if (name === "" || this.#exists(parent, name, caller)) refuse("EEXIST");
    checkChange(parent, caller);
    if (name.includes("\n")) refuse("EINVAL");
    const attributes = { mode: mode & 0o1777, uid: caller.uid, gid: caller.gid };
    const isControl = parent === this.#root && this.state.allocation;
    // No group is locked where there could be none, and nothing of info is one.
    if (!isControl && !this.state.monitoring) refuse("EPERM");
    if (parent.kind === "info") refuse("ENODEV");
    this.state.status.clear();
    if (isControl) this.#makeControl(name, attributes);
    else if (parent.kind === "mon_groups" && name !== "mon_groups") this.#makeMonitor(parent, name, attributes);
    else refuse("EPERM");
  }

  #exists(parent: PlainNode, name: string, caller: Caller): boolean {
    try {
      lookup(parent, name, caller);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.code === "ENOENT") return false;
      throw error;
    }
  }

  #makeControl(name: string, attributes: Attributes): void {
    const { state } = this;
    const { rmids, status, schemas } = state;
    const closid = rmids.takeClosid();
    if (closid === undefined) {
      status.put("Out of CLOSIDs\n");
      refuse("ENOSPC");
    }
    let rmid: number;
    try {
      rmid = state.monitoring ? this.#takeRmid(closid) : 0;
    } catch (error) {
      rmids.freeClosid(closid);
      throw error;
    }
    const group = this.#newGroup("control", closid, rmid, undefined);
    for (const schema of schemas.list) {
      const most = schema.resource === "MB" ? 100 : schemas.fullMask(schema.resource);
      for (const domain of state.present(schema.resource)) schemas.set(schema, domain, closid, most);
    }
    state.groups.push(group);
    this.#attach(group, this.#root, name, attributes);
  }

  #makeMonitor(directory: PlainNode, name: string, attributes: Attributes): void {
    const parent = directory.group!;
    const rmid = this.#takeRmid(parent.closid);
    const group = this.#newGroup("monitor", parent.closid, rmid, parent);
    parent.children.push(group);
    this.#attach(group, directory, name, attributes);
  }

  #takeRmid(closid: number): number {
    try {
      return this.state.rmids.takeRmid(closid);
    } catch (error) {
      this.state.status.put("Out of RMIDs\n");
      throw error;
    }
  }

  #newGroup(type: PlainGroup["type"], closid: number, rmid: number, parent: PlainGroup | undefined): PlainGroup {
    return { type, closid, rmid, parent, children: [], cpus: new Set(), counters: new Map(), node: undefined };
  }

  #attach(group: PlainGroup, parent: PlainNode, name: string, attributes: Attributes): void {
    assignEverywhere(this.state, group);
    group.node = new PlainNode(name, parent, attributes, "group", group);
    this.#fillGroup(group);
  }

  #rmdir(path: string, caller: Caller): void {
    const [parent, name] = parentOf(this.#root, path, caller);
    if (name === "") refuse("EBUSY");
    const node = lookup(parent, name, caller);
    checkChange(parent, caller);
    if (node.file) refuse("ENOTDIR");
    if (node.kind !== "info") this.state.status.clear();
    if (node.kind !== "group") refuse("EPERM");
    const group = node.group!;
    if (group.type === "control") this.#removeControl(group);
    else this.#removeMonitor(group);
    node.remove();
  }

  #removeControl(group: PlainGroup): void {
    const { state } = this;
    const members = [group, ...group.children];
    for (const [tid, where] of state.placed) if (members.includes(where)) state.placed.set(tid, state.root);
    for (const cpu of group.cpus) state.root.cpus.add(cpu);
    for (const one of members) this.#release(one);
    state.rmids.freeClosid(group.closid);
    state.groups.splice(state.groups.indexOf(group), 1);
  }

  #removeMonitor(group: PlainGroup): void {
    const parent = group.parent!;
    for (const [tid, where] of this.state.placed) if (where === group) this.state.placed.set(tid, parent);
    this.#release(group);
    parent.children.splice(parent.children.indexOf(group), 1);
  }

  /** Its counters and its RMID. */
  #release(group: PlainGroup): void {
    const { state } = this;
    state.counters?.unassignAll(group);
    if (state.monitoring) state.rmids.freeRmid(group.closid, group.rmid, state.present("L3"), this.#now);
  }

  #rename(path: string, to: string, caller: Caller): void {
    const [parent, name] = parentOf(this.#root, path, caller);
    const [newParent, newName] = parentOf(this.#root, to, caller);
    if (name === "" || newName === "") refuse("EBUSY");
    const node = lookup(parent, name, caller);
    const taken = this.#exists(newParent, newName, caller) ? lookup(newParent, newName, caller) : undefined;
    checkMove(node, newParent, taken, caller);
    if (taken === node) return;
    this.#checkRename(node, newParent, newName);
    if (taken) refuse("EEXIST");
    this.#moveGroup(node.group!, newParent.group!);
    parent.children.delete(name);
    newParent.children.set(newName, node);
    node.parent = newParent;
    node.name = newName;
  }

  #checkRename(node: PlainNode, newParent: PlainNode, newName: string): void {
    const { status } = this.state;
    if (node.kind === "info" || newParent.kind === "info") refuse("ENOENT");
    status.clear();
    const refused = (text: string): never => {
      status.put(text);
      refuse("EPERM");
    };
    if (node.file || newParent.file) refused("Source and destination must be directories");
    if (node.kind !== "group" || node.group!.type !== "monitor") refused("Source must be a MON group\n");
    if (newParent.kind !== "mon_groups" || newName === "mon_groups") {
      refused("Destination must be a mon_groups subdirectory\n");
    }
    const group = node.group!;
    if (group.cpus.size > 0 && newParent.group !== group.parent)
      refused("Cannot move a MON group that monitors CPUs\n");
  }

  /** A group that goes to another control group gets an RMID of that; linux-7.3 lets it keep its own. */
  #moveGroup(group: PlainGroup, parent: PlainGroup): void {
    const from = group.parent!;
    if (from === parent) return;
    const { state } = this;
    const { rmids } = state;
    const old = { closid: group.closid, rmid: group.rmid };
    const rmid = this.shape.kernel === "linux-7.3" ? old.rmid : this.#takeRmid(parent.closid);
    if (this.shape.kernel !== "linux-7.3") rmids.freeRmid(old.closid, old.rmid, state.present("L3"), this.#now);
    from.children.splice(from.children.indexOf(group), 1);
    parent.children.push(group);
    group.parent = parent;
    group.closid = parent.closid;
    group.rmid = rmid;
  }

  #chmod(path: string, mode: number, caller: Caller): void {
    const node = lookup(this.#root, path, caller);
    if (caller.uid !== 0 && caller.uid !== node.uid) refuse("EPERM");
    node.mode = mode & 0o7777;
  }

  #chown(path: string, uid: number, gid: number, caller: Caller): void {
    const node = lookup(this.#root, path, caller);
    // Its owner may say what is so already, and give it to the own group.
    const harmless = caller.uid === node.uid && uid === node.uid && [node.gid, caller.gid].includes(gid);
    if (caller.uid !== 0 && !harmless) refuse("EPERM");
    node.uid = uid;
    node.gid = gid;
  }

  #label({ closid, rmid }: PlainGroup): PlainLabel {
    if (!this.state.schemas.cdp) return { partidD: closid, partidI: closid, pmg: rmid };
    return { partidD: 2 * closid, partidI: 2 * closid + 1, pmg: rmid };
  }

  #fillInfo(): void {
    const { state } = this;
    const info = this.#directory(this.#root, "info", "info");
    const status: InfoFile = { name: "last_cmd_status", mode: 0o444, read: () => state.status.read() };
    this.#infoFiles(info, [status]);
    for (const schema of state.schemas.list) {
      this.#infoFiles(this.#directory(info, schema.name, "info"), schemaFiles(state, schema));
    }
    if (!state.monitoring) return;
    const monitors = this.#directory(info, "L3_MON", "info");
    this.#infoFiles(monitors, monitorInfoFiles(state));
    if (!state.counters) return;
    const configs = this.#directory(monitors, "event_configs", "info");
    this.#infoFiles(this.#directory(configs, "mbm_total_bytes", "info"), [eventFilter(state)]);
  }

  #fillGroup(group: PlainGroup): void {
    const { state } = this;
    const node = group.node!;
    this.#groupFiles(node, groupFiles(state, group));
    if (!state.monitoring) return;
    if (group.type === "control") this.#directory(node, "mon_groups", "mon_groups");
    this.#directory(node, "mon_data", "mon_data");
    for (const domain of state.present("L3")) this.#addMonitors(group, domain);
  }

  #addMonitors(group: PlainGroup, domain: number): void {
    const name = `mon_L3_${`${domain}`.padStart(2, "0")}`;
    const directory = this.#directory(group.node!.children.get("mon_data")!, name, "mon_domain");
    this.#groupFiles(directory, monitorFiles(this.state, group, domain));
  }

  #domainCame(domain: number): void {
    const { state } = this;
    if (!state.monitoring) return;
    state.counters?.domainCame(domain);
    for (const control of state.groups)
      for (const group of [control, ...control.children]) this.#addMonitors(group, domain);
  }

  #domainGone(domain: number): void {
    const { state } = this;
    if (!state.monitoring) return;
    state.counters?.domainGone(domain);
    state.rmids.domainGone(domain);
    for (const control of state.groups) {
      for (const group of [control, ...control.children]) {
        const directory = group.node!.children.get("mon_data")!;
        directory.children.get(`mon_L3_${`${domain}`.padStart(2, "0")}`)!.remove();
      }
    }
  }

  #directory(parent: PlainNode, name: string, kind: Kind): PlainNode {
    return new PlainNode(name, parent, parent, kind, kind === "info" ? undefined : parent.group);
  }

  #groupFiles(parent: PlainNode, files: readonly Named[]): void {
    for (const { name, mode, ...file } of files) {
      new PlainNode(name, parent, { ...this.#owner(parent), mode }, parent.kind, parent.group, {
        ...file,
        clearsOnRead: true,
      });
    }
  }

  #infoFiles(parent: PlainNode, files: readonly InfoFile[]): void {
    for (const { name, mode, clearsOnRead = false, ...file } of files) {
      new PlainNode(name, parent, { ...this.#owner(parent), mode }, "info", undefined, { ...file, clearsOnRead });
    }
  }

  #owner({ uid, gid }: PlainNode): { uid: number; gid: number } {
    return { uid, gid };
  }
}
