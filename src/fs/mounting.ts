// Bringing an instance up and taking it down (resctrl-fs.md section 1). A mount that fails leaves nothing.

import { ErrnoError } from "../errno/index.ts";
import {
  disableCdp,
  enableCdp,
  getResource,
  preMount,
  RESOURCE_IDS,
  resetAllCtrls,
  setGlobalDefault,
} from "../resctrl/index.ts";
import { ROOT, Tree } from "../tree/index.ts";
import type { Core } from "./core.ts";
import { assignAll, unassignAll } from "./counters.ts";
import { addCpu, removeCpu } from "./cpus.ts";
import { allGroups, type Mount, newGroup } from "./group.ts";
import { addKernelCpu, INHERITING, inheritLabels, removeKernelCpu } from "./kernel-mode.ts";
import { addDomain, addGroup, addInfo, removeDomain } from "./layout.ts";
import { readCounters } from "./monitor-data.ts";
import { directoryOperations } from "./operations.ts";
import type { MountOptions } from "./options.ts";
import { checkProposalsHere, proposes } from "./proposed.ts";
import { release } from "./remove-group.ts";
import { makeSchemas } from "./schemas.ts";
import { saveMount } from "./snapshot.ts";
import { Workers } from "./workers.ts";

/** Mode of the root and of what inherits from it. */
const ROOT_MODE = 0o555;

/** Called under the lock, with nothing mounted. */
export async function bringUp(core: Core, options: MountOptions): Promise<Mount> {
  const { arch, status } = core;
  checkProposalsHere(core, options);
  status.clear();
  preMount(arch);
  arch.tasks = options.tasks ?? arch.driver.machine.processor;
  try {
    enableCdp(arch, options);
  } catch (error) {
    arch.tasks = arch.driver.machine.processor;
    throw error;
  }
  setGlobalDefault(arch);
  const mount = makeMount(core, options);
  inheritLabels(mount);
  try {
    await assignAll(mount, mount.defaultGroup);
    if (!mount.alive) throw new ErrnoError("ENODEV", "mount: MPAM was disabled meanwhile");
    for (const { id } of core.monDomains()) startPolling(mount, id);
    return mount;
  } catch (error) {
    await unassignAll(mount, mount.defaultGroup);
    core.mounted = undefined;
    leaveCdp(core);
    throw error;
  }
}

/** An instance with the default group and nothing else: all cpus are in it. */
export function makeMount(core: Core, options: MountOptions): Mount {
  const { arch } = core;
  const owner = options.caller ?? ROOT;
  const { uid, gid } = owner;
  const tree = new Tree({ mode: ROOT_MODE, uid, gid, operations: directoryOperations(() => mount) });
  const defaultGroup = newGroup("control", tree.root, { closid: 0, rmid: 0 });
  const { clock } = arch.driver.machine;
  const mount: Mount = {
    core,
    arch,
    tree,
    options,
    schemas: makeSchemas(core),
    owner,
    places: new WeakMap([[tree.root, { kind: "group", group: defaultGroup }]]),
    defaultGroup,
    groups: [defaultGroup],
    counters: new Map(),
    kernelMode: proposes(options, "kernel-mode") ? INHERITING : undefined,
    polls: new Workers(clock, core.mutex, "resctrl.mbm", (domain) => readCounters(mount, domain)),
    alive: true,
  };
  for (const cpu of core.cpus) defaultGroup.cpus.add(cpu);
  addInfo(mount);
  addGroup(mount, defaultGroup);
  core.mounted = listener(mount);
  return mount;
}

function listener(mount: Mount): NonNullable<Core["mounted"]> {
  return {
    save: () => saveMount(mount),
    disable: () => disable(mount),
    onlineDomain: (d) => {
      for (const group of allGroups(mount)) addDomain(mount, group, d);
      startPolling(mount, d.id);
    },
    offlineDomain: (d) => {
      for (const group of allGroups(mount)) removeDomain(mount, group, d);
      mount.polls.stop(d.id);
      mount.counters.delete(d.id);
    },
    onlineCpu: (cpu) => {
      addCpu(mount, cpu);
      addKernelCpu(mount, cpu);
    },
    offlineCpu: (cpu) => {
      removeCpu(mount, cpu);
      removeKernelCpu(mount, cpu);
    },
  };
}

export function startPolling(mount: Mount, domain: number, dueNs?: number): void {
  if (mount.arch.events.has("mbm_total_bytes")) mount.polls.start(domain, dueNs);
}

/**
 * Removes all groups, moves every task and cpu to the default group, takes the counters away, switches CDP off and resets every
 * control. Called under the lock.
 */
export async function takeDown(mount: Mount): Promise<void> {
  const { core, arch } = mount;
  const groups = allGroups(mount);
  for (const group of groups) await unassignAll(mount, group);
  inheritLabels(mount);
  for (const group of groups) release(mount, group);
  empty(mount);
  leaveCdp(core);
  const resources = RESOURCE_IDS.map((rid) => getResource(arch, rid)).filter(({ allocCapable }) => allocCapable);
  const failures: unknown[] = [];
  for (const resource of resources) {
    await resetAllCtrls(arch, resource).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

/** With it every task and cpu gets the label of the default group. */
function leaveCdp({ arch }: Core): void {
  disableCdp(arch);
  arch.tasks = arch.driver.machine.processor;
}

/** MPAM is gone: an empty tree that can still be unmounted. */
function disable(mount: Mount): void {
  inheritLabels(mount);
  for (const group of allGroups(mount)) group.deleted = true;
  empty(mount);
}

function empty(mount: Mount): void {
  const { tree } = mount;
  mount.alive = false;
  mount.defaultGroup.deleted = true;
  mount.polls.stopAll();
  // Files of info that are still open say ENOENT themselves; those of groups are cut off with ENODEV.
  const info = tree.root.children.get("info");
  if (info !== undefined) tree.detach(info);
  tree.clear();
}
