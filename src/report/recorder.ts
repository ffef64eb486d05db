// A replay as it is recorded for a report: samples at model times, and between them what was written, what was configured and
// what interrupted.

import type { BandwidthMeter, InterruptEvent, Machine, PortBandwidth, Settings } from "../machine/index.ts";
import { nameOfMsc, settingsOf } from "../machine/index.ts";
import { Columns, type Counted, newSince } from "./columns.ts";
import { keyOf } from "./counts.ts";
import { groupPaths } from "./measure.ts";
import type { ConfiguredTree } from "./needs.ts";
import type { RunInterrupt, RunLine, RunPhase } from "./run.ts";
import { byGroup, limitsOf, merged, type Step } from "./steps.ts";

/** More samples than this become fewer: neighbours are merged, and the time between samples doubles. */
export const MOST_SAMPLES = 400;
/** Interrupts that are kept one by one. */
export const MOST_INTERRUPTS = 1000;
/** Reading more registers than this at the end would take longer than most replays. */
const MOST_REGISTERS = 2 ** 22;

/** What a recorder looks at. */
export interface RecorderOptions {
  /** Between samples, ns. */
  readonly everyNs: number;
  /** The machine counts why lines are lost. */
  readonly full: boolean;
  /** Closed timing: requests have latencies. */
  readonly timed: boolean;
  /** Called at the end, before control registers are read. */
  readonly beforeRegisters?: () => void;
}

/** As a script tells of it. */
interface Told {
  readonly line: { readonly text: string; readonly action: { readonly changes: boolean } };
  readonly met?: boolean;
}

/** What a recorder hands to `makeRun`. */
export interface Recording {
  readonly columns: Columns;
  readonly from: number;
  /** Where warm-up ended. */
  readonly countFrom: number;
  readonly steps: readonly Step[];
  readonly phases: readonly RunPhase[];
  readonly lines: readonly RunLine[];
  readonly interrupts: readonly RunInterrupt[];
  readonly moreInterrupts: number;
  readonly ports: readonly { readonly port: string; readonly bytesPerSecond?: number }[];
  readonly settings: readonly Settings[] | undefined;
  /** Between samples in the end, ns. */
  readonly everyNs: number;
}

/**
 * Watches a machine while traces run: `cut` before something is changed, `line` for lines of a script, then `stop`, `cut` and `end`.
 * Its making begins the recording.
 */
export class RunRecorder {
  readonly #columns: Columns;
  readonly #meter: BandwidthMeter;
  readonly #from: number;
  #countFrom: number;
  #everyNs: number;
  #most = MOST_SAMPLES;
  #before: ReadonlyMap<string, Counted>;
  #last: number;
  #phaseFrom: number;
  /** By group, and of the present phase by label. */
  #steps: Step[] = [];
  #raw: Step[] = [];
  readonly #uses = new Map<string, { readonly port: string; readonly use: PortBandwidth["labels"][number] }>();
  #ports: readonly PortBandwidth[] = [];
  readonly #phases: RunPhase[] = [];
  readonly #lines: RunLine[] = [];
  readonly #interrupts: RunInterrupt[] = [];
  #moreInterrupts = 0;
  #recording: Recording | undefined;
  #cancel: () => void = () => {};
  readonly #deaf: () => void;

  constructor(
    private readonly machine: Machine,
    private readonly tree: ConfiguredTree,
    private readonly options: RecorderOptions,
  ) {
    this.#columns = new Columns(machine.platform, options);
    this.#meter = machine.bandwidthMeter();
    this.#everyNs = options.everyNs;
    this.#from = this.#last = this.#phaseFrom = this.#countFrom = machine.clock.now;
    this.#before = this.#columns.look(machine);
    this.#deaf = machine.onInterrupt((event) => this.#interrupted(event));
    this.#arm(this.#from + this.#everyNs);
  }

  #arm(ns: number): void {
    const timer = this.machine.clock.at(ns, "report", () => {
      this.#take();
      this.#arm(ns + this.#everyNs);
    });
    this.#cancel = () => timer.cancel();
  }

  #take(): void {
    const { now } = this.machine.clock;
    if (now === this.#last) return;
    const seen = this.#columns.look(this.machine);
    const counted = new Map([...seen].map(([key, one]) => [key, newSince(one, this.#before.get(key))]));
    const { ports } = this.#meter.sample(now);
    this.#ports = ports;
    for (const { port, labels } of ports) {
      for (const use of labels) this.#uses.set(`${port} ${keyOf(use)}`, { port, use });
    }
    this.#raw.push({ from: this.#last, to: now, phase: this.#phases.length, counted });
    this.#before = seen;
    this.#last = now;
    if (this.#raw.length + this.#steps.length > this.#most) this.#thin();
  }

  #thin(): void {
    this.#steps = merged(this.#steps);
    this.#raw = merged(this.#raw);
    this.#everyNs *= 2;
    // Phases are kept apart, however many there are.
    const left = this.#raw.length + this.#steps.length;
    if (left > (3 / 4) * this.#most) this.#most = 2 * left;
  }

  /** Before something is changed, and at the end: what has been measured belongs to the groups that there are now. */
  async cut(): Promise<void> {
    this.#take();
    const raw = this.#raw.splice(0);
    const uses = [...this.#uses.values()];
    this.#uses.clear();
    const from = this.#phaseFrom;
    const to = this.#last;
    this.#phaseFrom = to;
    const phase = this.#phases.length;
    const groups = await this.#groups();
    const groupOf = new Map(groups.flatMap(({ group, labels }) => labels.map((label) => [label, group])));
    for (const one of this.#fixed()) if (!groupOf.has(one)) groupOf.set(one, `label ${one}`);
    this.#steps.push(...raw.map((step) => ({ ...step, counted: byGroup(step.counted, groupOf) })));
    if (to > from || phase === 0) this.#phases.push({ from, to, groups, limits: limitsOf(uses, groupOf) });
  }

  /** What has been measured so far was warm-up; cuts. */
  async warm(): Promise<void> {
    await this.cut();
    this.#countFrom = this.#last;
  }

  /** A line of the script has run. */
  line({ line, met }: Told): void {
    const { text, action } = line;
    const { now } = this.machine.clock;
    this.#lines.push({ time: now, text, changes: action.changes, ...(met === undefined ? {} : { met }) });
  }

  /** The traffic has ended; lines of the script may follow. */
  stop(): void {
    this.#cancel();
  }

  /** What was recorded; there after `end`. */
  get recording(): Recording {
    if (!this.#recording) throw new Error("a recording is there when the run has ended");
    return this.#recording;
  }

  /** Nothing will follow: reads the control registers, which is the last thing done, as others may watch accesses. */
  end(): void {
    this.#deaf();
    this.options.beforeRegisters?.();
    const settings = this.#registers() <= MOST_REGISTERS ? settingsOf(this.machine, this.machine.platform) : undefined;
    if (this.#ports.length === 0) this.#ports = this.#meter.sample(this.machine.clock.now).ports;
    this.#recording = {
      columns: this.#columns,
      from: this.#from,
      countFrom: this.#countFrom,
      steps: this.#steps,
      phases: this.#phases,
      lines: this.#lines,
      interrupts: this.#interrupts,
      moreInterrupts: this.#moreInterrupts,
      ports: this.#ports.map(({ labels: _, ...port }) => port),
      settings,
      everyNs: this.#everyNs,
    };
  }

  /** Each with the labels of its own: those of its monitor groups are theirs. */
  async #groups(): Promise<RunPhase["groups"]> {
    const taken = new Set<string>();
    return (await groupPaths(this.tree)).map((path) => {
      const { partidD, partidI, pmgD, pmgI } = this.tree.labelOf(path);
      const own = new Set([
        keyOf({ space: "ns", partid: partidD, pmg: pmgD }),
        keyOf({ space: "ns", partid: partidI, pmg: pmgI }),
      ]);
      const labels = [...own].filter((label) => !taken.has(label));
      for (const label of labels) taken.add(label);
      const schemata = this.tree.schemataOf(path);
      return { group: path === "" ? "/" : path, labels, ...(schemata === undefined ? {} : { schemata }) };
    });
  }

  /** Labels that requesters and devices have of their own. */
  #fixed(): string[] {
    return [...this.machine.processor.fixedLabels.values(), ...this.machine.devices.labels.values()].map(keyOf);
  }

  /** How many words settingsOf reads. */
  #registers(): number {
    return this.machine.mscs.reduce((sum, { description }) => {
      const partids = 1 + (description.partidNrw?.intPartidMax ?? description.spaces.ns?.partidMax ?? 0);
      const words = description.ris.reduce(
        (most, { cpor, mbw }) => most + 8 + Math.ceil((cpor?.cpbmWd ?? 0) / 32) + Math.ceil((mbw?.bwpbmWd ?? 0) / 32),
        0,
      );
      return sum + partids * words;
    }, 0);
  }

  #interrupted(event: InterruptEvent): void {
    if (this.#interrupts.length === MOST_INTERRUPTS) {
      this.#moreInterrupts += event.count;
      return;
    }
    const { kind, level, delivery, count, time, space, record } = event;
    const msc = event.msc === undefined ? undefined : this.machine.mscs[event.msc];
    this.#interrupts.push({
      time,
      kind,
      source: event.kind === "mailbox" ? `mailbox ${event.subspace}` : msc ? nameOfMsc(msc) : `MSC ${event.msc}`,
      level,
      delivery,
      count,
      ...(space === undefined ? {} : { space }),
      ...(record === undefined ? {} : { record }),
    });
  }
}
