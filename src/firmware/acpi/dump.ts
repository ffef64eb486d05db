// A table field by field: where each is, how large, what it says, and what that means.

import { hex, type TableBytes } from "./bytes.ts";
import { bitsOf, type Layout, placesOf, wordsOf } from "./layout.ts";
import {
  type AcpiTable,
  type AnyEntry,
  bodyAt,
  bodyOf,
  entriesOf,
  isA,
  openTable,
  resourcesOf,
  type Trouble,
  typeOf,
} from "./table.ts";
import {
  CACHE,
  CACHE_TYPE,
  GICC,
  GICC_AFFINITY,
  HEADER,
  INITIATOR_AFFINITY,
  MEMORY_AFFINITY,
  MSC,
  PROCESSOR,
  PROCESSOR_FLAGS,
  RESOURCE,
} from "./tables.ts";

/** One field of a table: where it lies and what it says. */
export interface DumpField {
  readonly at: number;
  readonly bytes: number;
  readonly name: string;
  /** A number, text, or "0x..." for 64 bits; a generic address is its own fields. */
  readonly value: unknown;
  readonly text: string;
  /** The value in words. */
  readonly means?: string;
}

/** One structure within a table. */
export interface DumpPart {
  readonly at: number;
  readonly name: string;
  /** 1: a part of the one before. */
  readonly depth: number;
  readonly fields: readonly DumpField[];
  /** Bytes of which nothing is known. */
  readonly raw?: { readonly at: number; readonly bytes: string };
  /** What is wrong here, and what would be right. */
  readonly trouble?: string;
}

/** A table taken apart. */
export interface TableDump {
  readonly signature: string;
  readonly title: string;
  readonly revision: number;
  readonly bytes: number;
  readonly parts: readonly DumpPart[];
}

/** Throws EINVAL for bytes that are no table; what is wrong further on is told in its place. */
export function acpiObject(file: Uint8Array): TableDump {
  const table = openTable(file);
  const { signature, header, bytes } = table;
  const type = typeOf(table);
  const parts: DumpPart[] = [{ at: 0, name: "header", depth: 0, fields: fieldsOf(HEADER, header, 0) }];
  if (type === undefined) {
    parts.push({ at: bodyAt, name: "body", depth: 0, fields: [], ...rawOf(bytes, bodyAt, bytes.length) });
    return { signature, title: "not looked into", revision: header.revision, bytes: bytes.length, parts };
  }
  const body = bodyOf(table, type.body);
  if (body && type.body.bytes > 0) {
    parts.push({ at: bodyAt, name: "body", depth: 0, fields: fieldsOf(type.body, body, bodyAt) });
  }
  const { entries, trouble } = entriesOf(table, type);
  for (const entry of entries) parts.push(...partsOf(table, entry));
  if (trouble) {
    parts.push({
      at: trouble.at,
      name: "rest",
      depth: 0,
      fields: [],
      ...rawOf(bytes, trouble.at, bytes.length),
      ...says(trouble),
    });
  }
  return { signature, title: type.title, revision: header.revision, bytes: bytes.length, parts };
}

const says = ({ what, right }: Trouble) => ({ trouble: `${what}; ${right}` });

function partsOf(table: AcpiTable, entry: AnyEntry): DumpPart[] {
  const { at, length, layout, values } = entry;
  const end = at + length;
  if (layout === undefined) {
    const part = { at, name: `structure of type ${entry.type}`, depth: 0, fields: [], ...rawOf(table.bytes, at, end) };
    return [entry.trouble ? { ...part, ...says(entry.trouble) } : part];
  }
  const fields = fieldsOf(layout, values, at, length);
  const filled = fields.reduce((sum, field) => sum + field.bytes, at);
  const part = { at, name: titleOf(entry), depth: 0, fields };
  if (!isA(entry, MSC)) return [{ ...part, ...rawOf(table.bytes, filled, end) }];
  const { resources, trouble, end: known } = resourcesOf(table, entry);
  const rest =
    trouble ??
    (known < end ? { at: known, what: `${end - known} bytes are left`, right: "resources fill an MSC" } : undefined);
  return [
    part,
    ...resources.map((one) => ({
      at: one.at,
      name: titleOf(one),
      depth: 1,
      fields: fieldsOf(RESOURCE, one.values, one.at),
    })),
    ...(rest
      ? [{ at: known, name: "rest", depth: 1, fields: [], ...rawOf(table.bytes, known, end), ...says(rest) }]
      : []),
  ];
}

function fieldsOf(layout: Layout, values: object, start: number, length = layout.bytes): DumpField[] {
  return placesOf(layout, values, length).map(({ name, kind, at, value }) => {
    const { text, means } = kind.show(value);
    return {
      at: start + at,
      bytes: kind.bytes,
      name: wordsOf(name),
      value: plain(value),
      text,
      ...(means === undefined ? {} : { means }),
    };
  });
}

/** As JSON can have it. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return hex(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

function rawOf(bytes: TableBytes, at: number, end: number): Pick<DumpPart, "raw"> {
  if (at >= end) return {};
  const text = [...bytes.bytes.subarray(at, end)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return { raw: { at, bytes: text } };
}

/** What a structure is called among others of its kind. */
export function titleOf(entry: AnyEntry): string {
  if (isA(entry, MSC)) return `MSC ${entry.values.identifier}`;
  if (isA(entry, RESOURCE)) return `RIS ${entry.values.ris}`;
  if (isA(entry, GICC)) return `GICC ${entry.values.uid}`;
  if (isA(entry, GICC_AFFINITY)) return `cpu ${entry.values.uid} of domain ${entry.values.domain}`;
  if (isA(entry, INITIATOR_AFFINITY)) return `initiator of domain ${entry.values.domain}`;
  if (isA(entry, MEMORY_AFFINITY)) return `memory of domain ${entry.values.domain}`;
  if (isA(entry, PROCESSOR)) {
    return `${entry.values.flags & PROCESSOR_FLAGS.leaf ? "processor" : "container"} ${entry.values.processorId}`;
  }
  if (isA(entry, CACHE)) {
    const { flags, cacheId, attributes } = entry.values;
    const type = flags & 16 ? ` ${["data", "instruction", "unified", "unified"][bitsOf(attributes, CACHE_TYPE)]}` : "";
    return `cache${flags & 128 ? ` ${cacheId}` : ""}${type}`.replace(/^cache (\D+)$/, "cache without id, $1");
  }
  return entry.layout?.name ?? `structure of type ${entry.type}`;
}

/** As text: offset, size, name, value, meaning. Throws as acpiObject does. */
export function acpiText(table: Uint8Array): string {
  return showDump(acpiObject(table));
}

function showDump({ signature, title, revision, bytes, parts }: TableDump): string {
  const lines = [`${signature}  ${title}; revision ${revision}, ${bytes} bytes`];
  const all = parts.flatMap(({ fields }) => fields);
  const width = all.reduce((most, { name }) => Math.max(most, name.length), 0);
  const values = all.reduce((most, { text }) => Math.max(most, Math.min(20, text.length)), 0);
  const offset = (at: number) => at.toString(16).padStart(4, "0");
  for (const { at, name, depth, fields, raw, trouble } of parts) {
    const indent = "  ".repeat(depth + 1);
    lines.push("", `${indent}${offset(at)}  ${name}`);
    for (const field of fields) {
      const means = field.means === undefined ? "" : `  ${field.means}`;
      const text = means === "" ? field.text : field.text.padEnd(values);
      lines.push(
        `${indent}${offset(field.at)}  ${String(field.bytes).padStart(2)}  ${field.name.padEnd(width)}  ${text}${means}`,
      );
    }
    if (raw) lines.push(...rawLines(raw, indent));
    if (trouble !== undefined) lines.push(`${indent}      wrong: ${trouble}`);
  }
  return lines.join("\n");
}

const RAW_SHOWN = 256;

function rawLines({ at, bytes }: NonNullable<DumpPart["raw"]>, indent: string): string[] {
  const all = bytes.split(" ");
  const lines: string[] = [];
  for (let from = 0; from < Math.min(all.length, RAW_SHOWN); from += 16) {
    lines.push(`${indent}${(at + from).toString(16).padStart(4, "0")}      ${all.slice(from, from + 16).join(" ")}`);
  }
  if (all.length > RAW_SHOWN) lines.push(`${indent}          and ${all.length - RAW_SHOWN} more bytes`);
  return lines;
}
