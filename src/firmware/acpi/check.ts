// What is wrong or doubtful in a set of tables: each by itself, and what they say of each other.

import { ErrnoError } from "../../errno/index.ts";
import type { Finding } from "../finding.ts";
import { hex } from "./bytes.ts";
import { checkIort } from "./check-iort.ts";
import { checkMpam } from "./check-mpam.ts";
import { checkHmat, checkMadt, checkPcct, checkSrat } from "./check-others.ts";
import { checkPptt } from "./check-pptt.ts";
import { titleOf } from "./dump.ts";
import { type Flags, type Layout, lengthOf, placesOf, wordsOf } from "./layout.ts";
import {
  type AcpiTable,
  type AnyEntry,
  bodyAt,
  bodyOf,
  checksumOf,
  type Entry,
  entriesOf,
  isA,
  openTable,
  signatureOf,
  typeOf,
} from "./table.ts";
import { MSC, type Signature, TABLES } from "./tables.ts";

export class Findings {
  readonly list: (Finding & { readonly offset: number })[] = [];

  error(table: string, at: number, text: string): void {
    this.list.push({ severity: "error", place: table, offset: at, text });
  }

  warn(table: string, at: number, text: string): void {
    this.list.push({ severity: "warning", place: table, offset: at, text });
  }
}

/** A table and its structures. */
export interface Opened {
  readonly table: AcpiTable;
  readonly entries: readonly AnyEntry[];
}

export type OpenedTables = { readonly [name in Signature]?: Opened };

/** Findings table by table, in the order of their places. Never throws. */
export function checkAcpi(files: readonly Uint8Array[]): Finding[] {
  const findings = new Findings();
  const opened: { [signature: string]: Opened } = {};
  for (const file of files) {
    const one = open(file, findings);
    if (one === undefined) continue;
    const { signature } = one.table;
    if (opened[signature]) findings.error(signature, 0, "this is a second table of its name; software reads the first");
    else opened[signature] = one;
  }
  const tables: OpenedTables = opened;
  try {
    checkMadt(tables, findings);
    checkPptt(tables, findings);
    checkSrat(tables, findings);
    checkHmat(tables, findings);
    checkIort(tables, findings);
    checkMpam(tables, findings);
    checkPcct(tables, findings);
  } catch (error) {
    // Tables that refer to each other so often that nobody follows them.
    if (!(error instanceof ErrnoError)) throw error;
    findings.error("PPTT", 0, error.message);
  }
  const order = Object.keys(TABLES);
  return findings.list.sort((a, b) => order.indexOf(a.place) - order.indexOf(b.place) || a.offset - b.offset);
}

function open(file: Uint8Array, findings: Findings): Opened | undefined {
  let table: AcpiTable;
  try {
    table = openTable(file);
  } catch (error) {
    findings.error(signatureOf(file), 0, (error as Error).message.replace(/^EINVAL: [^:]*: /, ""));
    return undefined;
  }
  const { signature, bytes } = table;
  if (bytes.length < file.length) {
    findings.warn(signature, bytes.length, `${file.length - bytes.length} bytes follow the table; nobody reads them`);
  }
  const rest = checksumOf(bytes.bytes);
  if (rest !== 0) {
    const right = (bytes.number(9, 1) + 256 - rest) % 256;
    findings.error(signature, 9, `checksum is ${hex(bytes.number(9, 1), 2)}; ${hex(right, 2)} is right`);
  }
  const type = typeOf(table);
  if (type === undefined) return undefined;
  const body = bodyOf(table, type.body);
  if (body) checkReserved(signature, type.body, body, bodyAt, findings);
  const { entries, trouble } = entriesOf(table, type);
  if (trouble) findings.error(signature, trouble.at, `${trouble.what}; ${trouble.right}`);
  for (const entry of entries) checkEntry(signature, entry, findings);
  return { table, entries };
}

/** What holds for structures of any kind. */
export function checkEntry(table: string, entry: AnyEntry, findings: Findings): void {
  const { layout, values, at, length, trouble } = entry;
  if (trouble) findings.error(table, trouble.at, `${trouble.what}; ${trouble.right}`);
  if (layout === undefined) return;
  checkReserved(table, layout, values, at, findings, length);
  if (layout === MSC || Object.keys(layout.lists).length === 0) return;
  const needs = lengthOf(layout, values);
  if (length < needs) findings.error(table, at, `${titleOf(entry)}: length is ${length}; ${needs} is needed`);
}

function checkReserved(
  table: string,
  layout: Layout,
  values: object,
  start: number,
  findings: Findings,
  length = layout.bytes,
): void {
  for (const { name, kind, at, value } of placesOf(layout, values, length)) {
    // Linux leaves out an MSC for it.
    const bad = layout === MSC ? findings.error : findings.warn;
    if (kind.reserved && value !== kind.empty) {
      bad.call(findings, table, start + at, `${layout.name}: ${wordsOf(name)} is ${hex(value as number)}; 0 is right`);
    }
    const stray = (kind as Partial<Flags>).stray?.(value as number) ?? 0;
    if (stray !== 0) {
      findings.warn(table, start + at, `${layout.name}: ${wordsOf(name)} has reserved bits ${hex(stray)}; 0 is right`);
    }
  }
}

export function structuresOf<T extends Layout>(opened: Opened | undefined, layout: T): Entry<T>[] {
  return (opened?.entries ?? []).filter((entry): entry is Entry<T> => isA(entry, layout));
}
