// The driver in a snapshot: everything it knows, as JSON, and the way back without touching a register.

import { ErrnoError } from "../errno/index.ts";
import type { FirmwareDescription } from "../firmware/index.ts";
import { type Tree, UNDESCRIBED } from "./classes.ts";
import type { Msc, MscFacts } from "./msc.ts";
import type { LogLine } from "./needs.ts";
import type { Quirk } from "./quirks.ts";
import type { PartConfig, Props } from "./types.ts";

const VERSION = 1;

export interface SavedDriver {
  readonly version: typeof VERSION;
  readonly firmware: SavedFirmware;
  readonly enabled: boolean;
  readonly disableReason: string | null;
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly mscs: readonly SavedMsc[];
  readonly classes: readonly SavedClass[];
  readonly log: readonly LogLine[];
}

interface SavedMsc {
  readonly id: number;
  readonly facts: Omit<MscFacts, "quirks"> & { readonly quirks: readonly Quirk[] };
  /** Its error interrupt has been enabled in MPAMF_ECR. */
  readonly errorEnabled: boolean;
  readonly ris: readonly SavedRis[];
}

interface SavedRis {
  readonly index: number;
  readonly props: Omit<Props, "features"> & { readonly features: readonly string[] };
  readonly inResetState: boolean;
  /** MBWU monitors with any software state: number, correction in decimal, reset at the next read. */
  readonly mbwu: readonly (readonly [mon: number, correction: string, resetPending: boolean])[];
}

/** In the order of the tree. */
interface SavedClass {
  readonly csu: readonly number[];
  readonly mbwu: readonly number[];
  readonly components: readonly {
    readonly configs: readonly (readonly [partid: number, config: PartConfig])[];
    readonly unsure: readonly number[];
  }[];
}

type SavedCpus<T> = Omit<T, "cpus"> & { readonly cpus: readonly number[] };

interface SavedFirmware {
  readonly cpus: FirmwareDescription["cpus"];
  readonly caches: readonly SavedCpus<FirmwareDescription["caches"][number]>[];
  readonly nodes: readonly SavedCpus<FirmwareDescription["nodes"][number]>[];
  readonly mscs: readonly SavedCpus<FirmwareDescription["mscs"][number]>[];
  readonly counted: number;
  readonly remarks: readonly string[];
}

export function saveFirmware(firmware: FirmwareDescription): SavedFirmware {
  const flat = <T extends { readonly cpus: ReadonlySet<number> }>(one: T): SavedCpus<T> => ({
    ...one,
    cpus: [...one.cpus],
  });
  return {
    cpus: firmware.cpus,
    caches: firmware.caches.map(flat),
    nodes: firmware.nodes.map(flat),
    mscs: firmware.mscs.map(flat),
    counted: firmware.counted,
    remarks: firmware.remarks,
  };
}

export function restoreFirmware(saved: SavedFirmware): FirmwareDescription {
  const full = <T extends { readonly cpus: readonly number[] }>(one: T): Omit<T, "cpus"> & { cpus: Set<number> } => ({
    ...one,
    cpus: new Set(one.cpus),
  });
  return {
    cpus: saved.cpus,
    caches: saved.caches.map(full),
    nodes: saved.nodes.map(full),
    mscs: saved.mscs.map(full),
    counted: saved.counted,
    channels: [],
    remarks: saved.remarks,
  };
}

export function saveMsc(msc: Msc, tree: Tree, errorEnabled: boolean): SavedMsc {
  return {
    id: msc.id,
    facts: { ...msc.facts, quirks: [...msc.facts.quirks] },
    errorEnabled,
    ris: tree.risOf(msc).map((ris) => ({
      index: ris.index,
      props: { ...ris.props, features: [...ris.props.features] },
      inResetState: ris.inResetState,
      mbwu: [...ris.mbwu].map(([mon, state]) => [
        mon,
        state.correction.toString(),
        state.resetsWanted !== state.resetsDone,
      ]),
    })),
  };
}

export function saveClasses(tree: Tree): SavedClass[] {
  return tree.classes.map((one) => ({
    csu: one.monitors.csu.save(),
    mbwu: one.monitors.mbwu.save(),
    components: one.components.map(({ configs, unsure }) => ({ configs: [...configs], unsure: [...unsure] })),
  }));
}

/** Into MSCs and a tree just built from the same firmware. */
export function restoreTree(saved: SavedDriver, mscs: readonly Msc[], tree: Tree): void {
  for (const [at, msc] of mscs.entries()) {
    const from = saved.mscs[at];
    if (from?.id !== msc.id) throw damaged(`MSC ${msc.id} is missing`);
    Object.assign(msc.facts, from.facts, { quirks: new Set(from.facts.quirks) });
    for (const one of from.ris) {
      const ris = tree.ris(msc, one.index) ?? tree.add(msc, one.index, UNDESCRIBED);
      ris.props = { ...one.props, features: new Set(one.props.features as Iterable<never>) };
      ris.inResetState = one.inResetState;
      for (const [mon, correction, resetPending] of one.mbwu) {
        ris.mbwu.set(mon, { correction: BigInt(correction), resetsWanted: resetPending ? 1 : 0, resetsDone: 0 });
      }
    }
  }
  for (const [at, one] of tree.classes.entries()) {
    const from = saved.classes[at];
    if (from === undefined) throw damaged(`class ${one} is missing`);
    one.merge();
    one.monitors.csu.restore(from.csu);
    one.monitors.mbwu.restore(from.mbwu);
    for (const [index, component] of one.components.entries()) {
      const stored = from.components[index];
      if (stored === undefined) throw damaged(`${component} is missing`);
      for (const [partid, config] of stored.configs) component.configs.set(partid, Object.freeze({ ...config }));
      for (const partid of stored.unsure) component.unsure.add(partid);
    }
  }
}

/** Takes what a snapshot holds under the driver's name for what it is, or says why not. */
export function asSavedDriver(saved: unknown): SavedDriver {
  if (typeof saved !== "object" || saved === null) {
    throw new ErrnoError("EINVAL", "the snapshot holds no driver; probe one instead");
  }
  const { version } = saved as { version?: unknown };
  if (version !== VERSION) throw damaged(`version ${version}, where ${VERSION} is known`);
  return saved as SavedDriver;
}

export function savedVersion(): typeof VERSION {
  return VERSION;
}

function damaged(what: string): ErrnoError {
  return new ErrnoError("EINVAL", `the driver in the snapshot does not fit: ${what}`);
}
