// What the parts of the driver share: the MSCs, the tree of what they control, who is online, and how far it has come.

import type { FirmwareDescription } from "../firmware/index.ts";
import { Tree } from "./classes.ts";
import { type Compat, type Oddities, odditiesOf } from "./compat.ts";
import { OnlineCpus } from "./cpus.ts";
import type { Msc } from "./msc.ts";
import type { DriverMachine, Log, LogLine } from "./needs.ts";
import { type Limits, Requestors } from "./requestors.ts";

/** Of the log: the oldest go first, as in a kernel's. */
const LINES = 4096;

/** "waiting": some MSC has not been probed. "disabled": for good. */
export type Phase = "waiting" | "enabled" | "disabled";

/** An SMMU that keeps everybody to the PARTIDs and PMGs that it has. */
export interface RegisteredSmmu extends Limits {
  /** Identifier in firmware. */
  readonly id: number;
}

export class Core {
  readonly odd: Oddities;
  readonly tree: Tree;
  readonly cpus: OnlineCpus;
  readonly requestors = new Requestors();
  readonly lines: LogLine[] = [];
  /** In the order in which firmware describes them; none once MPAM is disabled. */
  mscs: readonly Msc[] = [];
  /** In the order in which they were probed. */
  readonly probed: Msc[] = [];
  /** Those that are requestors. */
  smmus: readonly RegisteredSmmu[] = [];
  phase: Phase = "waiting";
  disableReason: string | undefined;

  constructor(
    readonly machine: DriverMachine,
    readonly firmware: FirmwareDescription,
    readonly compat: Compat | undefined,
  ) {
    this.odd = odditiesOf(compat);
    this.tree = new Tree(this.odd);
    this.cpus = new OnlineCpus(machine.processor.cpus.filter(({ online }) => online).map(({ cpu }) => cpu));
  }

  get enabled(): boolean {
    return this.phase === "enabled";
  }

  readonly log: Log = (level, text) => {
    this.lines.push({ time: this.machine.clock.now, level, text });
    if (this.lines.length > LINES) this.lines.shift();
  };
}
