// The files schemata and size of a control group (resctrl-fs.md sections 5 and 6).

import { cacheBytes, getConfig, type Resource, updateDomains } from "../resctrl/index.ts";
import { commandOf } from "../tree/index.ts";
import type { GroupHandlers } from "./commands.ts";
import type { Group, Mount, Schema } from "./group.ts";
import { bitCount, neighbours } from "./masks.ts";
import { forgetStaged, parseSchemata } from "./schemata-parse.ts";

export function schemataFile(mount: Mount): GroupHandlers {
  return {
    read: (group) => schemataText(mount, group),
    write: (group, bytes) => writeSchemata(mount, group, bytes),
  };
}

/** What the file says. */
export function schemataText(mount: Mount, group: Group): string {
  return lines(mount, group, (schema, value) => value.toString(schema.resource.format === "bitmap" ? 16 : 10));
}

/** Bytes of cache a mask stands for; bandwidth lines repeat the percentage. */
export function sizeFile(mount: Mount): GroupHandlers {
  return {
    read: (group) =>
      lines(mount, group, ({ resource }, value, d) => {
        if (resource.format === "range") return `${value}`;
        return `${Math.floor(cacheBytes(mount.arch, resource, d) / resource.cache.cbmLen) * bitCount(value)}`;
      }),
  };
}

type Domain = Resource["ctrlDomains"][number];

function lines(mount: Mount, group: Group, show: (schema: Schema, value: number, d: Domain) => string): string {
  let text = "";
  for (const schema of mount.schemas) {
    if (group.closid >= schema.numClosid) continue;
    const values = schema.resource.ctrlDomains.map((d) => {
      return `${d.id}=${show(schema, getConfig(mount.arch, schema.resource, d, group.closid, schema.type), d)}`;
    });
    text += `${schema.name.padStart(mount.core.columnWidth)}:${values.join(";")}\n`;
  }
  return text;
}

/** What is wrong anywhere applies nothing; what fails while it is applied leaves what was applied before. */
async function writeSchemata(mount: Mount, group: Group, bytes: string): Promise<void> {
  const { status } = mount.core;
  const text = commandOf(bytes);
  if (text === undefined) {
    throw status.refuse("EINVAL", "schemata: Invalid input\n", "schemata: the command must end with a newline");
  }
  const { closid, mode } = group;
  await staging(mount, async (resources) => {
    parseSchemata(text, { status, closid, mode, schemas: mount.schemas, others: neighbours(mount, group) });
    for (const resource of resources) await updateDomains(mount.arch, resource, closid);
  });
}

/** Runs a body that stages values, with nothing staged before it and nothing left after it. */
export async function staging(mount: Mount, body: (resources: ReadonlySet<Resource>) => Promise<void>): Promise<void> {
  // In the order of the schemas: it is the order in which they are applied.
  const resources = new Set(mount.schemas.map((schema) => schema.resource));
  forgetStaged(resources);
  try {
    await body(resources);
  } finally {
    forgetStaged(resources);
  }
}
