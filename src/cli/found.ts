// What the driver found on a platform, as data: MSCs, classes, limits and who sets them, what firmware and driver had to say.

import { AIDR_ARCH_MAJOR_REV, AIDR_ARCH_MINOR_REV, fieldGet } from "../../assembly/regs/index.ts";
import type { Driver, DriverState, LogLine, MscPart, Quirk, RisPart } from "../driver/index.ts";
import { nameOfMsc } from "../machine/index.ts";
import { type MscInstance, type Platform, platformNotes } from "../platform/index.ts";
import { className, thingsOf } from "../resctrl/index.ts";

export interface Found {
  readonly platform: string;
  readonly state: DriverState;
  readonly partids: number;
  readonly pmgs: number;
  readonly limits: { readonly partid: FoundLimit; readonly pmg: FoundLimit };
  readonly mscs: readonly FoundMsc[];
  readonly classes: readonly FoundClass[];
  /** Of the platform file. */
  readonly notes: readonly string[];
  /** Of firmware. */
  readonly remarks: readonly string[];
  readonly log: readonly LogLine[];
}

/** The largest number that may be used, and whose limit it is: that of the cpus, of MSCs, or of SMMUs. */
export interface FoundLimit {
  readonly max: number;
  readonly cpus: boolean;
  /** Names of those MSCs that allow no more. */
  readonly mscs: readonly string[];
  /** Identifiers in firmware of the SMMUs that allow no more, where they are registered. */
  readonly smmus: readonly number[];
}

export interface FoundMsc {
  /** Identifier in firmware. */
  readonly msc: number;
  /** Register page; absent: by mailbox. */
  readonly address?: number;
  /** PCC subspace. */
  readonly mailbox?: number;
  readonly resource: "cache" | "memory";
  /** "L3 0.1": the second slice of L3 0. */
  readonly name: string;
  readonly cpus: readonly number[];
  /** Architecture, from MPAMF_AIDR. */
  readonly version: string;
  readonly iidr: number;
  readonly partidMax: number;
  readonly pmgMax: number;
  /** Microseconds; absent: firmware does not say. */
  readonly nrdyUsec?: number;
  readonly errorInterrupt: number;
  readonly overflowInterrupt: number;
  readonly errata: readonly string[];
  readonly ris: readonly FoundRis[];
}

export interface FoundRis {
  readonly ris: number;
  readonly described: boolean;
  readonly cpus: readonly number[];
  readonly features: readonly string[];
  readonly widths: { readonly [width: string]: number };
  /** Controls and monitors in words. */
  readonly has: readonly string[];
}

export interface FoundClass {
  readonly type: string;
  readonly level: number;
  readonly name: string;
  readonly cpus: readonly number[];
  readonly nrdyUsec: number;
  readonly components: readonly {
    readonly id: number;
    readonly cpus: readonly number[];
    readonly mscs: readonly number[];
  }[];
  readonly features: readonly string[];
  readonly widths: { readonly [width: string]: number };
  readonly has: readonly string[];
}

/** Errata by the workarounds of the driver. */
const ERRATA: { readonly [quirk in Quirk]: string } = {
  scrub_shadow_regs: "T241-MPAM-1",
  force_mbw_min: "T241-MPAM-4",
  mbwu_times_64: "T241-MPAM-6",
  ignore_csu_nrdy: "CMN-650-3642720",
};

interface Limits {
  readonly partidMax: number;
  readonly pmgMax: number;
}

type AnyDriver = Pick<Driver, "state" | "partidMax" | "pmgMax" | "smmus" | "classes" | "parts" | "firmware" | "log"> & {
  readonly machine: { readonly processor: { readonly kernel: { readonly features: Limits | undefined } } };
};

export function findings(driver: AnyDriver, platform: Platform, instances: readonly MscInstance[]): Found {
  const { parts, partidMax, pmgMax, machine } = driver;
  const cpus = machine.processor.kernel.features;
  const names = new Map(instances.map((one) => [one.msc, nameOf(one)]));
  const nameOfMsc = (msc: number) => names.get(msc)?.name ?? "";
  const limit = (max: number, ofCpus: number | undefined, of: (one: Limits) => number): FoundLimit => ({
    max,
    cpus: ofCpus === max,
    mscs: parts.mscs
      .filter((msc) => of(msc) === max)
      .map(({ firmware }) => `MSC ${firmware.id} (${nameOfMsc(firmware.id)})`),
    smmus: driver.smmus.filter((smmu) => of(smmu) === max).map(({ id }) => id),
  });
  return {
    platform: platform.name,
    state: driver.state,
    partids: partidMax + 1,
    pmgs: pmgMax + 1,
    limits: {
      partid: limit(partidMax, cpus?.partidMax, ({ partidMax }) => partidMax),
      pmg: limit(pmgMax, cpus?.pmgMax, ({ pmgMax }) => pmgMax),
    },
    mscs: parts.mscs.map((part) => foundMsc(part, names.get(part.firmware.id))),
    classes: foundClasses(driver),
    notes: platformNotes(platform),
    remarks: driver.firmware.remarks,
    log: driver.log,
  };
}

function nameOf(instance: MscInstance): { readonly resource: "cache" | "memory"; readonly name: string } {
  return { resource: instance.resource.kind, name: nameOfMsc(instance) };
}

function foundMsc(part: MscPart, place: ReturnType<typeof nameOf> | undefined): FoundMsc {
  const { firmware, aidr, iidr, partidMax, pmgMax, quirks, ris } = part;
  return {
    msc: firmware.id,
    ...(firmware.interface === "mmio" ? { address: firmware.address } : { mailbox: firmware.subspace ?? 0 }),
    resource: place?.resource ?? "memory",
    name: place?.name ?? "",
    cpus: [...firmware.cpus],
    version: `${fieldGet(AIDR_ARCH_MAJOR_REV, aidr)}.${fieldGet(AIDR_ARCH_MINOR_REV, aidr)}`,
    iidr,
    partidMax,
    pmgMax,
    ...(firmware.nrdyUsec === undefined ? {} : { nrdyUsec: firmware.nrdyUsec }),
    errorInterrupt: firmware.errorInterrupt,
    overflowInterrupt: firmware.overflowInterrupt,
    errata: quirks.map((quirk) => ERRATA[quirk]),
    ris: ris.map(foundRis),
  };
}

function foundRis({ index, described, affinity, props }: RisPart): FoundRis {
  return { ris: index, described, cpus: [...affinity], ...describeProps(props) };
}

function describeProps(props: RisPart["props"]) {
  const { features, ...widths } = props;
  return {
    features: [...features].sort(),
    widths: Object.fromEntries(Object.entries(widths).filter(([, width]) => width !== 0)),
    has: thingsOf(props),
  };
}

function foundClasses({ parts }: AnyDriver): FoundClass[] {
  return parts.classes.map(({ class: c, components }) => ({
    type: c.type,
    level: c.level,
    name: className(c),
    cpus: [...c.affinity].sort((a, b) => a - b),
    nrdyUsec: c.nrdyUsec,
    components: components.map(({ id, vmscs }, index) => ({
      id,
      cpus: [...(c.components[index]?.affinity ?? [])],
      mscs: vmscs.map(({ msc }) => msc),
    })),
    ...describeProps(c.props),
  }));
}
