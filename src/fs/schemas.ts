// Which lines a schemata file has: one for each resource, two for a cache that CDP has split (resctrl-fs.md section 5).

import { type ConfigType, getCdpEnabled, getNumClosid, getResource, RESOURCE_IDS } from "../resctrl/index.ts";
import type { Core } from "./core.ts";
import type { Schema } from "./group.ts";

/** A CDP-capable resource would need four characters more if it were split. */
const CDP_WIDTH = 4;

const SUFFIX: { readonly [type in ConfigType]: string } = { none: "", data: "DATA", code: "CODE" };

/** In reverse order of registration, which is how they are shown and applied. Widens the name column if need be. */
export function makeSchemas(core: Core): Schema[] {
  const schemas: Schema[] = [];
  for (const rid of [...RESOURCE_IDS].reverse()) {
    const resource = getResource(core.arch, rid);
    if (!resource.allocCapable) continue;
    const types = getCdpEnabled(core.arch, rid) ? (["data", "code"] as const) : (["none"] as const);
    const numClosid = Math.floor(getNumClosid(core.arch, resource) / types.length);
    for (const type of types) schemas.push({ name: resource.name + SUFFIX[type], type, resource, numClosid });
    const width = resource.name.length + (resource.cdpCapable ? CDP_WIDTH : 0);
    core.columnWidth = Math.max(core.columnWidth, width);
  }
  return schemas;
}
