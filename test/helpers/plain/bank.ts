/** What one PARTID space has of its own in an MSC: selectors, errors, settings and monitors. */
import type { Space, SubjectConfig, SubjectLabel, SubjectLimits } from "../subject.ts";
import { ErrorSyndrome } from "./errors.ts";
import { CsuMonitor, MbwuMonitor } from "./monitors.ts";
import { PartSettings } from "./settings.ts";

/** What a bank needs of the machine around it. */
export interface Surroundings {
  readonly now: () => number;
  readonly bytesHeld: (accepts: (owner: SubjectLabel) => boolean) => number;
}

/** The monitors of one resource instance. */
export interface RisMonitors {
  readonly csu: readonly CsuMonitor[];
  readonly mbwu: readonly MbwuMonitor[];
}

export class Bank {
  readonly esr: ErrorSyndrome;
  partSel = { ris: 0, partid: 0 };
  monSel = { ris: 0, mon: 0 };
  /** By RIS number. */
  readonly monitors = new Map<number, RisMonitors>();
  readonly #settings = new Map<string, PartSettings>();

  constructor(
    readonly space: Space,
    readonly limits: SubjectLimits,
    private readonly config: SubjectConfig,
    hasRis: boolean,
    surroundings: Surroundings,
  ) {
    this.esr = new ErrorSyndrome(hasRis);
    const v10 = config.version === "1.0";
    const ownBytes = (accepts: (owner: SubjectLabel) => boolean): number =>
      surroundings.bytesHeld((owner) => owner.space === space && accepts(owner));
    for (const { ris, csu, mbwu } of config.ris) {
      this.monitors.set(ris, {
        csu: Array.from(
          { length: csu?.monitors ?? 0 },
          () => new CsuMonitor(ownBytes, surroundings.now, config.nrdyUsec * 1000),
        ),
        mbwu: Array.from(
          { length: mbwu?.monitors ?? 0 },
          () => new MbwuMonitor(v10 ? 31 : (mbwu?.counter ?? 31), !v10 && mbwu?.rwbw === true),
        ),
      });
    }
  }

  /** Settings of an instance that exists, for a PARTID in range. */
  settings(ris: number, partid: number): PartSettings {
    const key = `${ris} ${partid}`;
    const found = this.#settings.get(key);
    if (found !== undefined) return found;
    const instance = this.config.ris.find((r) => r.ris === ris);
    if (instance === undefined || partid > this.limits.partidMax)
      throw new Error(`no settings for RIS ${ris}, PARTID ${partid}`);
    const fresh = new PartSettings(instance);
    this.#settings.set(key, fresh);
    return fresh;
  }

  mbwuMonitors(): MbwuMonitor[] {
    return [...this.monitors.values()].flatMap(({ mbwu }) => mbwu);
  }
}
