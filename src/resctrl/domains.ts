// Control and monitor domains, made as cpus come online (resctrl-glue.md sections 4 and 13).

import type { Component, MpamClass } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import type { Arch } from "./arch.ts";
import { EVENTS, type EventName, findDomain, type MonDomain, type Resource } from "./resource.ts";
import { TOPOLOGY_RULES } from "./rules.ts";
import { cacheOf } from "./topology.ts";

/** Brings the domains of one cpu up in every resource that has a class. */
export function onlineCpu(arch: Arch, cpu: number): void {
  for (const { resource, class: c } of arch.slots.values()) {
    if (c === undefined) continue;
    const ctrl = resource.ctrlDomains.find((d) => d.component.affinity.has(cpu));
    const l3 = resource.rid === "L3" ? cacheOf(arch.driver, cpu, 3)?.id : undefined;
    const mon = l3 === undefined ? undefined : findDomain(resource.monDomains, l3);
    ctrl?.cpus.add(cpu);
    mon?.cpus.add(cpu);
    if (ctrl === undefined && mon === undefined) makeDomain(arch, resource, c, cpu);
  }
}

function makeDomain(arch: Arch, resource: Resource, c: MpamClass, cpu: number): void {
  const component = componentOf(c, cpu);
  if (component === undefined) throw new ErrnoError("EINVAL", `${resource.name}: no component serves cpu ${cpu}`);
  if (resource.allocCapable) {
    const id = domainId(arch, component, cpu);
    insert(resource.ctrlDomains, { id, cpus: new Set([cpu]), component, staged: new Map() });
  }
  if (resource.monCapable) insert(resource.monDomains, monDomain(arch, cpu));
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
  if (last === undefined) throw new ErrnoError("EINVAL", `no monitored component serves cpu ${cpu}`);
  return { id: domainId(arch, last, cpu), cpus: new Set([cpu]), components, monitorOfIndex: new Map() };
}

function componentOf(c: MpamClass, cpu: number): Component | undefined {
  return c.components.find((component) => component.affinity.has(cpu));
}

/** A cache's id; for anything else that matches the L3, the id of the L3 of the cpu. */
function domainId(arch: Arch, component: Component, cpu: number): number {
  const c = component.class;
  const matchesL3 = TOPOLOGY_RULES.every((rule) => rule.look(arch.driver, c).holds);
  if (c.type === "cache" || !matchesL3) return component.id;
  return cacheOf(arch.driver, cpu, 3)?.id ?? component.id;
}

/** Ascending ids; a second domain of the same id is dropped. */
function insert<D extends { readonly id: number }>(domains: D[], d: D): void {
  if (findDomain(domains, d.id) !== undefined) return;
  const at = domains.findIndex((other) => other.id > d.id);
  domains.splice(at < 0 ? domains.length : at, 0, d);
}
