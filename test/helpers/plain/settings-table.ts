/** The settings of one instance in one bank: of every PARTID, or intPARTID with narrowing, and the default ones. */
import type { SubjectRis } from "../subject.ts";
import { PartSettings } from "./settings.ts";

export class SettingsTable {
  readonly #default: PartSettings;
  readonly #byPartid = new Map<number, PartSettings>();

  /** @param fill what all but PARTID 0 hold at reset, if not what limits nothing */
  constructor(
    private readonly ris: SubjectRis,
    private readonly fill: number | undefined,
  ) {
    this.#default = new PartSettings(ris);
  }

  get default(): PartSettings {
    return this.#default;
  }

  /** What has been written acts on traffic from here on. */
  edge(): void {
    for (const settings of [this.#default, ...this.#byPartid.values()]) settings.edge();
  }

  of(partid: number): PartSettings {
    const found = this.#byPartid.get(partid);
    if (found !== undefined) return found;
    const fresh = new PartSettings(this.ris, partid === 0 ? undefined : this.fill);
    this.#byPartid.set(partid, fresh);
    return fresh;
  }
}
