// Class, component, vMSC, RIS: the tree that says which registers of which MSC make up one cache or one memory node
// (linux-driver.md 1.1, 1.2, 3.2).

import { ErrnoError } from "../errno/index.ts";
import { NumberAllocator } from "./allocator.ts";
import { type Oddities, REPAIRED } from "./compat.ts";
import type { Msc } from "./msc.ts";
import { copyProps, emptyProps, mergeAliases, mergeDistinct } from "./props.ts";
import type { ClassType, Component, MonitorRequest, MpamClass, PartConfig, Props } from "./types.ts";

/** MPAMF_IDR.RIS_MAX is four bits wide. */
const RIS_COUNT = 16;

/** Software's side of one MBWU monitor of one RIS. Guarded by the mon_sel lock of its MSC, except `resetsWanted`. */
export interface MbwuState {
  /** What overflows have added to the count: bytes the register no longer shows. */
  correction: bigint;
  /** Resets asked for, and how many of them a read has carried out. They differ: reset at the next read. */
  resetsWanted: number;
  resetsDone: number;
  /** What it watched when the last cpu of its MSC went; it watches that again when one comes back. */
  saved: MonitorRequest | undefined;
}

/** One resource instance of one MSC. */
export class Ris {
  props: Props = emptyProps();
  /** Every PARTID has its reset values in the hardware. Guarded by the cfg lock of the MSC. */
  inResetState = false;
  /** MPAMF_MBW_IDR.MAX_LIM: MBW_MAX limits hard, whatever is written to HARDLIM. For those who ask; the driver does nothing by it. */
  hardOnly = false;
  readonly affinity: ReadonlySet<number>;
  readonly mbwu = new Map<number, MbwuState>();

  constructor(
    readonly vmsc: Vmsc,
    readonly index: number,
    affinity: Iterable<number>,
  ) {
    this.affinity = new Set(affinity);
  }

  get msc(): Msc {
    return this.vmsc.msc;
  }

  mbwuState(mon: number): MbwuState {
    let state = this.mbwu.get(mon);
    if (state === undefined) {
      state = { correction: 0n, resetsWanted: 0, resetsDone: 0, saved: undefined };
      this.mbwu.set(mon, state);
    }
    return state;
  }
}

/** The RIS of one MSC that control one component. */
export class Vmsc {
  props: Props = emptyProps();
  readonly ris: Ris[] = [];

  constructor(
    readonly component: ComponentNode,
    readonly msc: Msc,
  ) {}
}

export class ComponentNode implements Component {
  readonly class: ClassNode;
  readonly affinity = new Set<number>();
  readonly vmscs: Vmsc[] = [];
  /** Configured PARTIDs only. */
  readonly configs = new Map<number, PartConfig>();
  /**
   * PARTIDs that are being programmed, or whose programming failed half way: the next apply writes whatever changed or not.
   * With the attempt that stored last, which alone can say that all is written.
   */
  readonly unsure = new Map<number, symbol>();

  constructor(
    mpamClass: ClassNode,
    readonly id: number,
  ) {
    this.class = mpamClass;
  }

  /** All RIS, by MSC and index. */
  get ris(): Ris[] {
    return this.vmscs.flatMap((vmsc) => vmsc.ris);
  }

  toString(): string {
    return this.class.type === "memory" ? `memory node ${this.id}` : `${this.class} ${this.id}`;
  }
}

export class ClassNode implements MpamClass {
  props: Props = emptyProps();
  nrdyUsec = 0;
  readonly affinity = new Set<number>();
  readonly components: ComponentNode[] = [];
  readonly monitors = { csu: new NumberAllocator(), mbwu: new NumberAllocator() };

  constructor(
    readonly type: ClassType,
    readonly level: number,
  ) {}

  toString(): string {
    return this.type === "cache" ? `L${this.level}` : this.type;
  }

  /** What all parts of the class have in common. Once, when every RIS has been probed. */
  merge(odd = REPAIRED): void {
    const vmscs = this.components.flatMap((component) => component.vmscs);
    for (const vmsc of vmscs) {
      vmsc.props = mergeAliases(
        vmsc.ris.map((ris) => ris.props),
        odd,
      );
      this.nrdyUsec = Math.max(this.nrdyUsec, vmsc.msc.facts.nrdyUsec);
    }
    this.props = copyProps(vmscs[0]?.props ?? emptyProps());
    for (const vmsc of vmscs) mergeDistinct(this.props, vmsc.props);
    if (vmscs.some((vmsc) => vmsc.msc.facts.quirks.has("force_mbw_min"))) this.props.features.delete("mbw_min");
  }
}

/** Where a RIS belongs. */
export interface RisPlace {
  readonly type: ClassType;
  readonly level: number;
  readonly id: number;
  readonly cpus: Iterable<number>;
}

/** What the hardware has and firmware does not describe. */
export const UNDESCRIBED: RisPlace = { type: "unknown", level: 0, id: 0, cpus: [] };

const TYPE_ORDER: readonly ClassType[] = ["cache", "memory", "unknown"];

/**
 * The tree. Linux puts each new member at the head of its list; here members are kept sorted (type, level, id, MSC, index),
 * and no merge depends on the order.
 */
export class Tree {
  readonly classes: ClassNode[] = [];
  readonly #byMsc = new Map<Msc, Ris[]>();

  constructor(private readonly odd: Oddities = REPAIRED) {}

  ris(msc: Msc, index: number): Ris | undefined {
    return this.#byMsc.get(msc)?.find((ris) => ris.index === index);
  }

  risOf(msc: Msc): readonly Ris[] {
    return this.#byMsc.get(msc) ?? [];
  }

  add(msc: Msc, index: number, place: RisPlace): Ris {
    const most = this.odd.ris16 ? RIS_COUNT : RIS_COUNT - 1;
    if (index < 0 || index > most) {
      throw new ErrnoError("EINVAL", `${msc}: RIS ${index} does not exist; there are 0 to ${RIS_COUNT - 1}`);
    }
    if (this.ris(msc, index) !== undefined) {
      throw new ErrnoError("EBUSY", `${msc}: firmware describes RIS ${index} twice; each RIS controls one resource`);
    }
    const mpamClass = this.#findOrAdd(
      this.classes,
      (one) => one.type === place.type && one.level === place.level,
      () => new ClassNode(place.type, place.level),
      (a, b) => TYPE_ORDER.indexOf(a.type) - TYPE_ORDER.indexOf(b.type) || a.level - b.level,
    );
    const component = this.#findOrAdd(
      mpamClass.components,
      (one) => one.id === place.id,
      () => new ComponentNode(mpamClass, place.id),
      (a, b) => a.id - b.id,
    );
    const vmsc = this.#findOrAdd(
      component.vmscs,
      (one) => one.msc === msc,
      () => new Vmsc(component, msc),
      (a, b) => a.msc.id - b.msc.id,
    );
    const reached = [...place.cpus].filter((cpu) => msc.firmware.cpus.has(cpu));
    const ris = new Ris(vmsc, index, reached);
    const ofMsc = this.#byMsc.get(msc) ?? [];
    this.#byMsc.set(msc, ofMsc);
    for (const list of [vmsc.ris, ofMsc]) this.#insert(list, ris, (a, b) => a.index - b.index);
    for (const cpu of ris.affinity) {
      component.affinity.add(cpu);
      mpamClass.affinity.add(cpu);
    }
    return ris;
  }

  /**
   * Takes away all RIS of an MSC, and with them what then has no members. Cpus of a RIS leave the affinity of its component
   * and class even where another RIS has them too, as in Linux, where MSCs go all together.
   */
  remove(msc: Msc): void {
    for (const { vmsc, affinity } of this.risOf(msc)) {
      const component = vmsc.component;
      for (const cpu of affinity) {
        component.affinity.delete(cpu);
        component.class.affinity.delete(cpu);
      }
      drop(component.vmscs, vmsc);
      if (component.vmscs.length === 0) drop(component.class.components, component);
      if (component.class.components.length === 0) drop(this.classes, component.class);
    }
    this.#byMsc.delete(msc);
  }

  #findOrAdd<T>(list: T[], same: (one: T) => boolean, make: () => T, order: (a: T, b: T) => number): T {
    const found = list.find(same);
    if (found !== undefined) return found;
    const made = make();
    this.#insert(list, made, order);
    return made;
  }

  #insert<T>(list: T[], made: T, order: (a: T, b: T) => number): void {
    list.unshift(made);
    if (!this.odd.newestFirst) list.sort(order);
  }
}

function drop<T>(list: T[], member: T): void {
  const at = list.indexOf(member);
  if (at >= 0) list.splice(at, 1);
}
