// The driver in a snapshot: everything it knows, as JSON, and the way back without touching a register.

import type { SavedMailboxes } from "../bus/index.ts";
import { ErrnoError, messageOf } from "../errno/index.ts";
import type { FirmwareChannel, FirmwareDescription } from "../firmware/index.ts";
import { type Tree, UNDESCRIBED } from "./classes.ts";
import type { Compat } from "./compat.ts";
import type { Core, Phase } from "./core.ts";
import type { ErrorInterrupts } from "./interrupts.ts";
import type { Msc, MscFacts, Remark } from "./msc.ts";
import type { LogLine } from "./needs.ts";
import type { Quirk } from "./quirks.ts";
import type { MonitorRequest, PartConfig, Props } from "./types.ts";

const VERSION = 5;

/** The state of a driver, for a snapshot. Opaque: only `Driver.restore` reads it. */
export interface SavedDriver {
  readonly version: typeof VERSION;
  readonly compat: Compat | null;
  readonly firmware: SavedFirmware;
  readonly phase: Phase;
  readonly disableReason: string | null;
  /** PARTIDs are in use, and what all parts have in common is settled. */
  readonly published: boolean;
  readonly partidMax: number;
  readonly pmgMax: number;
  /** Requestors among SMMUs. */
  readonly smmus: Core["smmus"];
  /** In the order in which firmware describes them; none once MPAM is disabled. */
  readonly mscs: readonly SavedMsc[];
  /** Numbers of MSCs in the order in which they were probed. */
  readonly probed: readonly number[];
  readonly classes: readonly SavedClass[];
  readonly spurious: number;
  readonly mailboxes: SavedMailboxes;
  readonly log: readonly LogLine[];
}

interface SavedMsc {
  readonly id: number;
  readonly facts: Omit<MscFacts, "quirks" | "reported"> & {
    readonly quirks: readonly Quirk[];
    readonly reported: readonly Remark[];
  };
  /** Its error interrupt has been enabled in MPAMF_ECR. */
  readonly errorEnabled: boolean;
  /** Cpus that keep it in use. */
  readonly users: readonly number[];
  readonly away: boolean;
  readonly unanswered: boolean;
  readonly ris: readonly SavedRis[];
}

interface SavedRis {
  readonly index: number;
  readonly props: Omit<Props, "features"> & { readonly features: readonly string[] };
  readonly hardOnly: boolean;
  readonly inResetState: boolean;
  /** MBWU monitors with any software state. */
  readonly mbwu: readonly SavedMonitor[];
}

interface SavedMonitor {
  readonly mon: number;
  /** In decimal. */
  readonly correction: string;
  /** Reset at the next read. */
  readonly reset: boolean;
  /** What it watches again when a cpu of its MSC comes back. */
  readonly saved: MonitorRequest | null;
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
  /** As JSON.stringify has them, numbers that are bigints in decimal with an n. */
  readonly channels: readonly unknown[];
  readonly smmus: FirmwareDescription["smmus"];
  readonly remarks: readonly string[];
}

function saveFirmware(firmware: FirmwareDescription): SavedFirmware {
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
    channels: firmware.channels.map(withoutBigints),
    smmus: firmware.smmus,
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
    channels: saved.channels.map((channel) => withBigints(channel) as FirmwareChannel),
    smmus: saved.smmus,
    remarks: saved.remarks,
  };
}

export function saveCore(core: Core, interrupts: ErrorInterrupts): Omit<SavedDriver, "mailboxes"> {
  const { tree, requestors } = core;
  return {
    version: VERSION,
    compat: core.compat ?? null,
    firmware: saveFirmware(core.firmware),
    phase: core.phase,
    disableReason: core.disableReason ?? null,
    published: requestors.published,
    ...requestors.limits,
    smmus: core.smmus,
    mscs: core.mscs.map((msc) => saveMsc(msc, tree, interrupts.isOn(msc))),
    probed: core.mscs.length === 0 ? [] : core.probed.map(({ id }) => id),
    classes: saveClasses(tree),
    spurious: interrupts.spurious,
    log: [...core.lines],
  };
}

function saveMsc(msc: Msc, tree: Tree, errorEnabled: boolean): SavedMsc {
  return {
    id: msc.id,
    facts: { ...msc.facts, quirks: [...msc.facts.quirks], reported: [...msc.facts.reported] },
    errorEnabled,
    users: [...msc.users],
    away: msc.away,
    unanswered: msc.unanswered,
    ris: tree.risOf(msc).map((ris) => ({
      index: ris.index,
      props: { ...ris.props, features: [...ris.props.features] },
      hardOnly: ris.hardOnly,
      inResetState: ris.inResetState,
      mbwu: [...ris.mbwu].map(([mon, { correction, resetsWanted, resetsDone, saved }]) => ({
        mon,
        correction: correction.toString(),
        reset: resetsWanted !== resetsDone,
        saved: saved ?? null,
      })),
    })),
  };
}

function saveClasses(tree: Tree): SavedClass[] {
  return tree.classes.map((one) => ({
    csu: one.monitors.csu.save(),
    mbwu: one.monitors.mbwu.save(),
    components: one.components.map(({ configs, unsure }) => ({ configs: [...configs], unsure: [...unsure.keys()] })),
  }));
}

/** Into a core just built from the same firmware: no register is read or written. */
export function restoreCore(saved: SavedDriver, core: Core): void {
  core.phase = saved.phase;
  core.disableReason = saved.disableReason ?? undefined;
  core.requestors.restore({ partidMax: saved.partidMax, pmgMax: saved.pmgMax }, saved.published);
  core.smmus = saved.smmus;
  core.lines.push(...saved.log);
  if (saved.phase === "disabled") {
    for (const msc of core.mscs) core.tree.remove(msc);
    core.mscs = [];
    return;
  }
  // RIS that firmware does not describe joined as their MSCs were probed, which may decide where they are in lists.
  const order = [...saved.probed, ...saved.mscs.map(({ id }) => id)];
  for (const id of new Set(order)) {
    const msc = core.mscs.find((one) => one.id === id);
    const from = saved.mscs.find((one) => one.id === id);
    if (msc === undefined || from === undefined) throw damaged(`MSC ${id} is missing`);
    restoreMsc(from, msc, core.tree);
    if (saved.probed.includes(id)) core.probed.push(msc);
  }
  const missing = core.mscs.find(({ id }) => !order.includes(id));
  if (missing !== undefined) throw damaged(`${missing} is missing`);
  restoreClasses(saved, core);
}

function restoreMsc(from: SavedMsc, msc: Msc, tree: Tree): void {
  Object.assign(msc.facts, from.facts, {
    quirks: new Set(from.facts.quirks),
    reported: new Set(from.facts.reported),
  });
  for (const cpu of from.users) msc.users.add(cpu);
  msc.away = from.away;
  msc.unanswered = from.unanswered;
  const ascending = [...from.ris].sort((a, b) => a.index - b.index);
  for (const one of ascending) {
    const ris = tree.ris(msc, one.index) ?? tree.add(msc, one.index, UNDESCRIBED);
    ris.props = { ...one.props, features: new Set(one.props.features as Iterable<never>) };
    ris.hardOnly = one.hardOnly;
    ris.inResetState = one.inResetState;
    for (const { mon, correction, reset, saved } of one.mbwu) {
      const state = { correction: BigInt(correction), resetsWanted: reset ? 1 : 0, resetsDone: 0 };
      ris.mbwu.set(mon, { ...state, saved: saved ?? undefined });
    }
  }
}

function restoreClasses(saved: SavedDriver, { tree, odd }: Core): void {
  for (const [at, one] of tree.classes.entries()) {
    const from = saved.classes[at];
    if (from === undefined) throw damaged(`class ${one} is missing`);
    if (saved.published) one.merge(odd);
    one.monitors.csu.restore(from.csu);
    one.monitors.mbwu.restore(from.mbwu);
    for (const [index, component] of one.components.entries()) {
      const stored = from.components[index];
      if (stored === undefined) throw damaged(`${component} is missing`);
      for (const [partid, config] of stored.configs) component.configs.set(partid, Object.freeze({ ...config }));
      for (const partid of stored.unsure) component.unsure.set(partid, Symbol());
    }
  }
}

/** The same, with "12n" for 12n. */
function withoutBigints(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `${one}n` : one)));
}

function withBigints(value: unknown): unknown {
  const revive = (_: string, one: unknown): unknown =>
    typeof one === "string" && /^-?\d+n$/.test(one) ? BigInt(one.slice(0, -1)) : one;
  return JSON.parse(JSON.stringify(value), revive);
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

/** Runs `step`, which counts on what a snapshot says. */
export function orDamaged<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw error instanceof ErrnoError ? error : damaged(messageOf(error), error);
  }
}

function damaged(what: string, cause?: unknown): ErrnoError {
  return new ErrnoError("EINVAL", `the driver in the snapshot does not fit: ${what}`, { cause });
}
