// Control and monitor domains, which come with the first of their cpus and go with the last (resctrl-glue.md sections 4
// and 13). What a domain came with is undone where a hook of the filesystem refuses it.

import type { Component, MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { type Arch, type Domain, type Slot, warnOnce } from "./arch.ts";
import { EVENTS, type EventName, findDomain, type MonDomain, type Resource } from "./resource.ts";
import { TOPOLOGY_RULES } from "./rules.ts";
import { cacheOf } from "./topology.ts";

/**
 * A cpu has come: it joins the domains it belongs to, or brings them, and resctrl is told of it. What fails leaves
 * everything as if it had not come.
 */
export async function onlineCpu(arch: Arch, cpu: number): Promise<void> {
  try {
    for (const slot of arch.slots.values()) {
      if (slot.class !== undefined) await join(arch, slot, slot.class, cpu);
    }
    await arch.fs?.onlineCpu(cpu);
  } catch (error) {
    await leaveAll(arch, cpu);
    throw error;
  }
}

/** A cpu is about to go. resctrl is told first: it moves what it has there. */
export async function offlineCpu(arch: Arch, cpu: number): Promise<void> {
  await arch.fs?.offlineCpu(cpu);
  await leaveAll(arch, cpu);
}

async function join(arch: Arch, slot: Slot, c: MpamClass, cpu: number): Promise<void> {
  const l3 = slot.resource.rid === "L3" ? cacheOf(arch.driver, cpu, 3)?.id : undefined;
  const found =
    slot.domains.find(({ ctrl }) => ctrl?.component.affinity.has(cpu)) ??
    slot.domains.find(({ mon }) => mon !== undefined && mon.id === l3);
  if (found === undefined) return make(arch, slot, c, cpu);
  found.ctrl?.cpus.add(cpu);
  found.mon?.cpus.add(cpu);
}

async function make(arch: Arch, slot: Slot, c: MpamClass, cpu: number): Promise<void> {
  const { resource } = slot;
  const component = componentOf(c, cpu);
  if (component === undefined) {
    arch.driver.note("warning", `${resource.name}: no component serves cpu ${cpu}`);
    throw new ErrnoError("EINVAL", `${resource.name}: no component serves cpu ${cpu}`);
  }
  const domain: Domain = { ctrl: undefined, mon: undefined };
  slot.domains.push(domain);
  if (slot.controls) {
    const d = { id: domainId(arch, component, cpu), cpus: new Set([cpu]), component, staged: new Map() };
    if (isFirst(arch, resource, resource.ctrlDomains, d.id)) {
      await arch.fs?.onlineCtrlDomain(resource, d);
      insert(resource.ctrlDomains, d);
      domain.ctrl = d;
    }
  }
  if (resource.monCapable) {
    const d = monDomain(arch, cpu);
    if (isFirst(arch, resource, resource.monDomains, d.id)) {
      await arch.fs?.onlineMonDomain(resource, d);
      insert(resource.monDomains, d);
      domain.mon = d;
    }
  }
}

async function leaveAll(arch: Arch, cpu: number): Promise<void> {
  for (const slot of arch.slots.values()) {
    for (const domain of [...slot.domains]) await leave(arch, slot, domain, cpu);
  }
}

/** A half of a domain that has no cpu any more is out of its list before the filesystem hears of it. */
async function leave(arch: Arch, { resource, domains }: Slot, domain: Domain, cpu: number): Promise<void> {
  const { ctrl, mon } = domain;
  if (ctrl?.cpus.delete(cpu) && ctrl.cpus.size === 0) {
    drop(resource.ctrlDomains, ctrl);
    domain.ctrl = undefined;
    await arch.fs?.offlineCtrlDomain(resource, ctrl);
  }
  if (mon?.cpus.delete(cpu) && mon.cpus.size === 0) {
    drop(resource.monDomains, mon);
    domain.mon = undefined;
    await arch.fs?.offlineMonDomain(resource, mon);
  }
  if (domain.ctrl === undefined && domain.mon === undefined) drop(domains, domain);
}

function monDomain(arch: Arch, cpu: number): MonDomain {
  const components = new Map<EventName, Component>();
  let last: Component | undefined;
  for (const event of EVENTS) {
    const c = arch.events.get(event);
    const component = c && componentOf(c, cpu);
    if (component === undefined) continue;
    components.set(event, component);
    last = component;
  }
  if (last === undefined) throw new ErrnoError("EFAULT", `no monitored component serves cpu ${cpu}`);
  const monitorOfIndex = arch.odd.oneCounterTable ? arch.counterTable : new Map<number, number>();
  return { id: domainId(arch, last, cpu), cpus: new Set([cpu]), components, monitorOfIndex };
}

function componentOf(c: MpamClass, cpu: number): Component | undefined {
  return c.components.find((component) => component.affinity.has(cpu));
}

/** A cache's id; for anything else that matches the L3, the id of the L3 of the cpu. */
function domainId(arch: Arch, component: Component, cpu: number): number {
  const c = component.class;
  const followsL3 = c.type !== "cache" && TOPOLOGY_RULES.every((rule) => rule.look(arch.driver, c).holds);
  if (!followsL3) return component.id;
  const l3 = cacheOf(arch.driver, cpu, 3)?.id;
  if (l3 === undefined) arch.driver.note("warning", `cpu ${cpu}: no id of its L3, a domain is called ${component.id}`);
  return l3 ?? component.id;
}

/** A second domain of the same id is left out. */
function isFirst(arch: Arch, { name }: Resource, domains: readonly { readonly id: number }[], id: number): boolean {
  if (findDomain(domains, id) === undefined) return true;
  warnOnce(arch, `double ${name} ${id}`, `${name}: there is a domain ${id} already, and the second one is left out`);
  return false;
}

/** By ascending ids. */
function insert<D extends { readonly id: number }>(domains: D[], d: D): void {
  const at = domains.findIndex((other) => other.id > d.id);
  domains.splice(at < 0 ? domains.length : at, 0, d);
}

function drop<T>(list: T[], member: T): void {
  const at = list.indexOf(member);
  if (at >= 0) list.splice(at, 1);
}
