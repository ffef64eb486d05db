// Parsing what is written to a schemata file: lines and their items. Parsing only stages values, so that an error applies
// nothing (resctrl-fs.md section 6).

import { type CtrlDomain, findDomain, type Resource } from "../resctrl/index.ts";
import { cut, parseUnsigned, trim } from "../tree/index.ts";
import type { GroupMode, Schema } from "./group.ts";
import { parseBandwidth, parseMask } from "./schemata-values.ts";
import type { CommandStatus } from "./status.ts";

/** Modes that only machines with pseudo-locking have, which MPAM machines are not: the grammar is one. */
export type WriterMode = GroupMode | "pseudo-locksetup" | "pseudo-locked";

/** Another control group, as far as its masks can be in the way. */
export interface Neighbour {
  readonly mode: WriterMode;
  mask(schema: Schema, d: CtrlDomain): number;
}

export interface SchemataWriter {
  readonly status: CommandStatus;
  readonly closid: number;
  readonly mode: WriterMode;
  readonly schemas: readonly Schema[];
  readonly others: readonly Neighbour[];
  /** A pseudo-locked region in a cache above or below, on cpus of the domain. */
  hasLockedNearby?(d: CtrlDomain): boolean;
}

/** `text` is the command without its final newline. */
export function parseSchemata(text: string, writer: SchemataWriter): void {
  if (writer.mode === "pseudo-locked") {
    const message = "schemata: a pseudo-locked group stays as it is";
    throw writer.status.refuse("EINVAL", "Resource group is pseudo-locked\n", message);
  }
  for (const line of text.split("\n")) parseLine(line, writer);
}

function parseLine(line: string, writer: SchemataWriter): void {
  const { status } = writer;
  const [nameText, list] = cut(line, ":");
  const name = trim(nameText);
  if (list === undefined) throw status.refuse("EINVAL", "Missing ':'\n", `schemata: "${line}" has no ':'`);
  if (list === "") {
    throw status.refuseFormatted("EINVAL", `Missing '${name}' value\n`, `schemata: nothing after ${name}:`);
  }
  const schema = writer.schemas.find((s) => s.name === name && writer.closid < s.numClosid);
  if (schema === undefined) {
    const known = writer.schemas.map((s) => s.name).join(", ");
    const text = `Unknown or unsupported resource name '${name}'\n`;
    throw status.refuseFormatted("EINVAL", text, `schemata: no resource "${name}"; there is ${known}`);
  }
  const locking = writer.mode === "pseudo-locksetup";
  if (locking && schema.resource.format === "range") {
    const message = `schemata: ${name} has nothing to lock`;
    throw status.refuse("EINVAL", "Cannot pseudo-lock MBA resource\n", message);
  }
  // One semicolon at the end is fine; an empty item anywhere else has no '='.
  for (let rest: string | undefined = list; rest !== undefined && rest !== ""; ) {
    const [item, next] = cut(rest, ";");
    parseItem(item, schema, writer);
    // One region is all that can be locked.
    rest = locking ? undefined : next;
  }
}

function parseItem(item: string, schema: Schema, writer: SchemataWriter): void {
  const { status } = writer;
  const [idText, valueText] = cut(item, "=");
  const id = parseUnsigned(idText, 10, 64);
  if (valueText === undefined || typeof id === "string") {
    const text = "Missing '=' or non-numeric domain\n";
    throw status.refuse("EINVAL", text, `schemata: "${item}" is not <domain>=<value>`);
  }
  const { resource } = schema;
  const d = findDomain(resource.ctrlDomains, Number(id));
  if (d === undefined) {
    // The kernel has no text for this one.
    const ids = resource.ctrlDomains.map((other) => other.id).join(", ");
    throw status.error("EINVAL", `schemata: ${schema.name} has no domain ${id}; there is ${ids}`);
  }
  if (d.staged.has(schema.type)) {
    const text = `Duplicate domain ${d.id}\n`;
    throw status.refuseFormatted("EINVAL", text, `schemata: ${schema.name} domain ${d.id} is given twice`);
  }
  const value = trim(valueText);
  const parsed =
    resource.format === "bitmap" ? parseMask(value, schema, d, writer) : parseBandwidth(value, schema, status);
  d.staged.set(schema.type, parsed);
}

/** Forgets what was staged and not applied. */
export function forgetStaged(resources: Iterable<Resource>): void {
  for (const resource of resources) for (const d of resource.ctrlDomains) d.staged.clear();
}
