// What the driver knows of each part, for those who look and change nothing: MSCs with what probing learned, and the tree down
// to the RIS.

import type { FirmwareMsc } from "../firmware/index.ts";
import type { Tree } from "./classes.ts";
import type { Msc } from "./msc.ts";
import type { Quirk } from "./quirks.ts";
import type { MpamClass, Props } from "./types.ts";

/** All that the driver knows of the hardware. */
export interface DriverParts {
  /** In the order of the firmware description. */
  readonly mscs: readonly MscPart[];
  /** The classes of `driver.classes`, in their order. */
  readonly classes: readonly ClassPart[];
}

/** One MSC, and what probing it has shown. */
export interface MscPart {
  readonly firmware: FirmwareMsc;
  readonly probed: boolean;
  /** MPAMF_AIDR and MPAMF_IIDR; 0 until probed. */
  readonly aidr: number;
  readonly iidr: number;
  /** The least of all its RIS. */
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly quirks: readonly Quirk[];
  /** By index. */
  readonly ris: readonly RisPart[];
}

/** One resource instance of an MSC. */
export interface RisPart {
  readonly msc: number;
  readonly index: number;
  /** Firmware says what it controls. */
  readonly described: boolean;
  readonly affinity: ReadonlySet<number>;
  readonly props: Readonly<Props>;
  /** MBW_MAX limits hard, whatever is written to HARDLIM: MPAMF_MBW_IDR.MAX_LIM says so. */
  readonly hardOnly: boolean;
}

/** A class with its components. */
export interface ClassPart {
  readonly class: MpamClass;
  readonly components: readonly ComponentPart[];
}

/** A component with the MSCs that control it. */
export interface ComponentPart {
  readonly id: number;
  readonly vmscs: readonly VmscPart[];
}

/** The RIS of one MSC that control one component, and what they come to together. */
export interface VmscPart {
  readonly msc: number;
  readonly props: Readonly<Props>;
  readonly quirks: readonly Quirk[];
  readonly ris: readonly RisPart[];
}

export function partsOf(mscs: readonly Msc[], tree: Tree): DriverParts {
  const seen = new Map<object, RisPart>();
  const parts = mscs.map((msc) => {
    const described = new Set(msc.firmware.resources.map(({ ris }) => ris));
    const ris = tree.risOf(msc).map((one) => {
      const { index, affinity, props, hardOnly } = one;
      const part = { msc: msc.id, index, described: described.has(index), affinity, props, hardOnly };
      seen.set(one, part);
      return part;
    });
    const { probed, aidr, iidr, partidMax, pmgMax, quirks } = msc.facts;
    return { firmware: msc.firmware, probed, aidr, iidr, partidMax, pmgMax, quirks: [...quirks], ris };
  });
  const classes = tree.classes.map((one) => ({
    class: one,
    components: one.components.map(({ id, vmscs }) => ({
      id,
      vmscs: vmscs.map(({ msc, props, ris }) => ({
        msc: msc.id,
        props,
        quirks: [...msc.facts.quirks],
        ris: ris.flatMap((each) => seen.get(each) ?? []),
      })),
    })),
  }));
  return { mscs: parts, classes };
}
