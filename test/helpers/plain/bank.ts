/** What one PARTID space has of its own in an MSC: selectors, errors, settings, translation and monitors. */
import type { Space, SubjectLabel, SubjectLimits, SubjectRis } from "../subject.ts";
import { CsuMonitor } from "./csu-monitor.ts";
import { Enables } from "./enables.ts";
import { ErrorSyndrome } from "./errors.ts";
import type { Interrupts } from "./interrupts.ts";
import { MbwuMonitor } from "./mbwu-monitor.ts";
import { MsiBlock } from "./msi.ts";
import { Narrowing } from "./narrowing.ts";
import type { Part } from "./part.ts";
import { MonSelector, PartSelector } from "./selectors.ts";
import type { PartSettings } from "./settings.ts";
import { SettingsTable } from "./settings-table.ts";
import { Translation } from "./translation.ts";

/** What a bank needs of the machine around it. */
export interface Surroundings {
  readonly now: () => number;
  readonly bytesHeld: (accepts: (owner: SubjectLabel, dirty: boolean) => boolean) => number;
}

/** The monitors of one resource instance. */
export interface RisMonitors {
  readonly ris: number;
  readonly csu: readonly CsuMonitor[];
  readonly mbwu: readonly MbwuMonitor[];
}

/** Under which number settings are kept: a PARTID, or intPARTID with narrowing, or the default ones. */
export type Entry = number | "default";

/** What the controls say about a request: all instances describe the one resource, so all of their settings apply. */
export interface Control {
  readonly enabled: boolean;
  readonly entry: Entry;
  /** In order of RIS. */
  readonly settings: readonly PartSettings[];
}

export class Bank {
  readonly instances: readonly SubjectRis[];
  readonly esr: ErrorSyndrome;
  readonly errorMsi = new MsiBlock();
  readonly overflowMsi = new MsiBlock();
  readonly partSel: PartSelector;
  readonly monSel: MonSelector;
  readonly enables: Enables;
  readonly narrowing: Narrowing | undefined;
  readonly ingress: Translation | undefined;
  readonly egress: Translation | undefined;
  /** In order of RIS. */
  readonly monitors: readonly RisMonitors[];
  readonly #settings: ReadonlyMap<number, SettingsTable>;
  /** The bank as it was when its registers were lost: traffic goes by that up to the next edge. */
  #before: Bank | undefined;

  constructor(
    readonly space: Space,
    readonly limits: SubjectLimits,
    readonly part: Part,
    surroundings: Surroundings,
    interrupts: Interrupts,
    before?: Bank,
  ) {
    this.#before = before;
    const { config } = part;
    this.instances = part.risOf(space);
    this.esr = new ErrorSyndrome(part.esr !== "none", part.hasRis, (record) => {
      if (!part.edge) return;
      if (this.errorMsi.enabled) interrupts.msi("error", space, this.errorMsi.message(), record);
      else interrupts.pulse(space, record);
    });
    this.partSel = new PartSelector(this);
    this.monSel = new MonSelector(this);
    this.enables = new Enables(limits.partidMax);
    this.narrowing = config.partidNrw && new Narrowing(config.partidNrw.intPartidMax);
    this.ingress = config.inTl && new Translation(config.inTl);
    this.egress = config.outTl && new Translation(config.outTl);
    this.#settings = new Map(this.instances.map((ris) => [ris.ris, new SettingsTable(ris, config.resetFill)]));
    const measure = (accepts: (owner: SubjectLabel, dirty: boolean) => boolean): number =>
      surroundings.bytesHeld((owner, dirty) => owner.space === space && accepts(this.seen(owner), dirty));
    this.monitors = this.instances.map(({ ris, csu, mbwu }) => ({
      ris,
      csu: csu === undefined ? [] : times(csu.monitors, () => new CsuMonitor(csu, part, measure, surroundings.now)),
      mbwu: mbwu === undefined ? [] : times(mbwu.monitors, () => new MbwuMonitor(mbwu, part, surroundings.now)),
    }));
  }

  /** Settings of an instance that exists. */
  settings(ris: number): SettingsTable {
    const table = this.#settings.get(ris);
    if (table === undefined) throw new Error(`no settings for RIS ${ris}`);
    return table;
  }

  /** From here on traffic goes by the settings, and traffic and monitors by the translations, as they are now. */
  edge(): void {
    this.#before = undefined;
    for (const table of this.#settings.values()) table.edge();
    this.enables.edge();
    this.narrowing?.edge();
    this.ingress?.edge();
    this.egress?.edge();
  }

  /** A request's PARTID after ingress translation, or undefined where it breaks a limit. */
  arriving(label: SubjectLabel): number | undefined {
    if (this.#before !== undefined) return this.#before.arriving(label);
    const { partid } = label;
    const { inTl } = this.part.config;
    if (inTl !== undefined && partid > inTl.partidMax) return undefined;
    const translated = this.ingress?.translate(partid) ?? partid;
    return translated > this.limits.partidMax ? undefined : translated;
  }

  /** What the controls say about a request. One that breaks a limit has the default settings, or those of PARTID 0. */
  controls(label: SubjectLabel): Control {
    if (this.#before !== undefined) return this.#before.controls(label);
    const arriving = this.arriving(label);
    if (arriving === undefined && this.part.config.defaultPartid === true) {
      return { enabled: true, entry: "default", settings: this.settingsOf("default") };
    }
    const partid = arriving ?? 0;
    const entry = this.narrowing?.intPartid(partid) ?? partid;
    return { enabled: this.enables.lets(partid), entry, settings: this.settingsOf(entry) };
  }

  /** Of each instance, in order of RIS. */
  settingsOf(entry: Entry): PartSettings[] {
    if (this.#before !== undefined) return this.#before.settingsOf(entry);
    return [...this.#settings.values()].map((table) => (entry === "default" ? table.default : table.of(entry)));
  }

  /** Whose lines count together against a limit: those that share settings. A PARTID out of range counts for itself. */
  account(label: SubjectLabel): string {
    if (this.#before !== undefined) return this.#before.account(label);
    const arriving = this.arriving(label);
    if (arriving === undefined) return `out of range ${label.partid}`;
    return `${this.narrowing?.intPartid(arriving) ?? arriving}`;
  }

  /** The label that monitors compare. A PARTID that breaks a limit is compared as it arrived. */
  seen(label: SubjectLabel): SubjectLabel {
    if (this.#before !== undefined) return this.#before.seen(label);
    const arriving = this.arriving(label);
    if (arriving === undefined || this.part.tlMonitoring === "before") return label;
    if (this.part.tlMonitoring === "between") return { ...label, partid: arriving };
    return { ...label, partid: this.egress?.translate(arriving) ?? arriving };
  }

  /** The label that the next level sees. A PARTID that breaks a limit leaves as it arrived. */
  leaving(label: SubjectLabel): SubjectLabel {
    if (this.#before !== undefined) return this.#before.leaving(label);
    const arriving = this.arriving(label);
    if (arriving === undefined) return label;
    return { ...label, partid: this.egress?.translate(arriving) ?? arriving };
  }

  /** A capture event reaches the monitors of the bank. */
  capture(events: ReadonlySet<number>): void {
    for (const { csu, mbwu } of this.monitors) {
      for (const monitor of [...csu, ...mbwu]) if (events.has(monitor.words.captureEvent)) monitor.capture();
    }
  }

  /** Whether the bank holds up the wire of overflows. */
  get overflowAsserted(): boolean {
    if (this.overflowMsi.enabled) return false;
    return this.monitors.some(({ mbwu }) => mbwu.some((monitor) => monitor.asserted));
  }
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
