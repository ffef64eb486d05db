// MSCs as Linux finds them in the MPAM table (linux-driver reference 8.1 to 8.5): which are counted, which can be used.

import type { FirmwareMsc, FirmwareResource } from "../description.ts";
import { hex } from "./bytes.ts";
import { bitsOf, type Values } from "./layout.ts";
import { type Remarks, refuse } from "./remarks.ts";
import { type AcpiTable, type Entry, entriesOf, isA, resourcesOf } from "./table.ts";
import {
  AFFINITY_TYPE,
  AFFINITY_VALID,
  INTERFACES,
  INTERRUPT_TYPE,
  LOCATORS,
  MSC,
  RESOURCE,
  TABLES,
} from "./tables.ts";

export type MscEntry = Entry<typeof MSC>;

/** The last byte that an address can name. */
const ADDRESS_MAXIMUM = 2n ** 52n - 1n;

/** Which cpus a linked device stands for, and what cache ids and domains are. */
export interface Surroundings {
  /** Every cpu there can be. */
  readonly all: ReadonlySet<number>;
  /** The cpus below the container of that number; empty: there is none. */
  container(uid: number): ReadonlySet<number>;
  processor(uid: number): ReadonlySet<number>;
  hasCache(id: number): boolean;
  /** The node of a proximity domain. */
  nodeOf(domain: number): number | undefined;
  hasChannel(subspace: number): boolean;
}

export interface Mscs {
  readonly mscs: readonly FirmwareMsc[];
  readonly counted: number;
}

/** `compat`: as Linux 7.3 goes about it. Throws EINVAL where its driver would not start. */
export function mscsOf(mpam: AcpiTable | undefined, around: Surroundings, remarks: Remarks, compat: boolean): Mscs {
  if (mpam === undefined || mpam.header.revision < 1) {
    const why =
      mpam === undefined ? "there is no table MPAM" : `MPAM has revision ${mpam.header.revision}, 1 is needed`;
    remarks.say(`${why}: no MSC is described`);
    return { mscs: [], counted: 0 };
  }
  const { entries, trouble } = entriesOf(mpam, TABLES.MPAM);
  for (const entry of entries) if (entry.trouble) refuse("MPAM", entry.trouble);
  if (trouble) refuse("MPAM", trouble);
  const mscs: FirmwareMsc[] = [];
  let counted = 0;
  let stopped = false;
  for (const entry of entries) {
    if (!isA(entry, MSC)) continue;
    const { values, at } = entry;
    const msc = `MSC ${values.identifier}`;
    const skip = (what: string) => remarks.add("MPAM", at, `${msc}: ${what}`);
    if (hasReserved(values)) {
      skip("a reserved field is not 0; it is left out but counted, so MPAM is never enabled");
    } else if (values.size === 0) {
      // Whatever its interface is.
      skip(
        values.interface === INTERFACES.pcc
          ? "a mailbox MSC of size 0 is disabled and not counted; 1 makes it accessible"
          : "its window has no bytes: it is disabled and not counted",
      );
      continue;
    } else if (values.interface !== INTERFACES.mmio && values.interface !== INTERFACES.pcc) {
      if (!stopped)
        skip(
          `interface ${hex(values.interface, 2)} is neither 0x00 (MMIO) nor 0x0a (PCC); no MSC from here on is used`,
        );
      stopped = true;
    } else if (!stopped) {
      const described = describeMsc(mpam, entry, around, remarks, compat);
      if (described) mscs.push(described);
    }
    counted++;
  }
  if (counted === 0) remarks.say("MPAM: no MSC is in use");
  return { mscs, counted };
}

export function hasReserved({ reserved, reserved1, reserved2 }: Values<typeof MSC>): boolean {
  return reserved !== 0 || reserved1 !== 0 || reserved2 !== 0;
}

/** How far the dependencies of the last resource may lie past the end under Linux, whose check forgets the fields before them. */
const DEPENDENCY_SLACK = RESOURCE.bytes;

function describeMsc(
  table: AcpiTable,
  entry: MscEntry,
  around: Surroundings,
  remarks: Remarks,
  compat: boolean,
): FirmwareMsc | undefined {
  const { values, at } = entry;
  const name = `MSC ${values.identifier}`;
  const note = (what: string, where = at) => remarks.add("MPAM", where, `${name}: ${what}`);
  const unusable = (what: string, where = at) => {
    note(`${what}; it cannot be used but is counted, so MPAM is never enabled`, where);
    return undefined;
  };
  const pcc = values.interface === INTERFACES.pcc;
  if (pcc && compat) return unusable("it is reached by a mailbox, which Linux 7.3 does not know");
  if (!pcc && values.base + BigInt(values.size) - 1n > ADDRESS_MAXIMUM) {
    return unusable(`its window ends at ${hex(values.base + BigInt(values.size) - 1n)}, past 2^52`, at + 8);
  }
  const { resources, trouble } = resourcesOf(table, entry, compat ? DEPENDENCY_SLACK : 0);
  if (trouble) return unusable(`${trouble.what}; ${trouble.right}`, trouble.at);
  const subspace = Number(values.base & 0xffff_ffffn);
  if (pcc && !around.hasChannel(subspace)) note(`there is no PCC channel ${subspace} that can be used`, at + 8);
  const cpus = reachedBy(values, around, compat);
  if (cpus.size === 0)
    note(`no cpu belongs to ${values.linkedHid} ${values.linkedUid}, by which it is reached`, at + 56);
  return {
    id: values.identifier,
    ...(pcc
      ? { interface: "pcc", address: 0, bytes: 0, subspace }
      : { interface: "mmio", address: Number(values.base), bytes: values.size }),
    nrdyUsec: values.maxNrdyUsec,
    errorInterrupt: interruptOf(values.errorInterrupt, values.errorFlags, (why) =>
      note(`error interrupt ${why}`, at + 40),
    ),
    overflowInterrupt: interruptOf(values.overflowInterrupt, values.overflowFlags, (why) =>
      note(`overflow interrupt ${why}`, at + 24),
    ),
    cpus,
    resources: resources.flatMap(
      (resource) => describeResource(resource, around, (what) => note(what, resource.at)) ?? [],
    ),
  };
}

/** The linked device says which cpus reach the MSC when it is made of cpus. Linux takes containers for that and no single cpus. */
function reachedBy(values: Values<typeof MSC>, around: Surroundings, compat: boolean): ReadonlySet<number> {
  if (values.linkedHid === "ACPI0010") return around.container(values.linkedUid);
  if (values.linkedHid === "ACPI0007" && !compat) return around.processor(values.linkedUid);
  return around.all;
}

/** 0 for one that cannot be used. */
function interruptOf(gsiv: number, word: number, note: (why: string) => void): number {
  if (gsiv === 0) return 0;
  if (bitsOf(word, INTERRUPT_TYPE) !== 0) {
    note(`${gsiv} is not wired (flags ${hex(word)}); it is ignored`);
    return 0;
  }
  if (bitsOf(word, AFFINITY_TYPE) === 1 && bitsOf(word, AFFINITY_VALID) === 1) {
    note(`${gsiv} is of a processor container (flags ${hex(word)}); it is ignored`);
    return 0;
  }
  return gsiv;
}

function describeResource(
  { values }: Entry<typeof RESOURCE>,
  around: Surroundings,
  note: (what: string) => void,
): FirmwareResource | undefined {
  const { ris, locator, descriptor1 } = values;
  if (locator === LOCATORS.cache) {
    const id = Number(descriptor1 & 0xffff_ffffn);
    if (!around.hasCache(id)) note(`RIS ${ris} controls cache ${hex(id)}, which no cpu has in the PPTT`);
    return { ris, kind: "cache", id };
  }
  if (locator === LOCATORS.memory) {
    const domain = Number(descriptor1 & 0xffff_ffffn);
    const node = around.nodeOf(domain);
    if (node === undefined)
      note(`RIS ${ris} controls memory of domain ${domain}, which the SRAT does not have; node 0 is taken`);
    return { ris, kind: "memory", id: node ?? 0 };
  }
  note(`RIS ${ris} has a locator of type ${hex(locator, 2)}, which says nothing to software; it is left out`);
  return undefined;
}
