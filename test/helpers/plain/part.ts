/** What a part has, with the defaults filled in (docs/modelled.md, "What a part has"). */
import type { Space, SubjectConfig, SubjectErratum, SubjectRis } from "../subject.ts";

/** In the order of MPAM_SP. */
export const SPACES: readonly Space[] = ["s", "ns", "rt", "rl"];

export class Part {
  readonly v10: boolean;
  /** Whether the RIS fields of the two selectors exist. A lone RIS 0 needs none. */
  readonly hasRis: boolean;
  readonly risMax: number;
  readonly esr: "none" | 32 | 64;
  readonly edge: boolean;
  readonly selectorCheck: "acs" | "reject" | "lazy";
  readonly tlMonitoring: "between" | "before" | "after";
  readonly captEvents: readonly number[];
  readonly nrdyNs: number;
  readonly #ris: readonly SubjectRis[];

  constructor(readonly config: SubjectConfig) {
    this.v10 = config.version === "1.0";
    this.#ris = config.ris.map((ris) => (this.v10 ? plain10(ris) : ris)).toSorted((a, b) => a.ris - b.ris);
    const highest = Math.max(0, ...config.ris.map(({ ris }) => ris));
    this.hasRis = !this.v10 && highest > 0;
    this.risMax = this.hasRis ? highest : 0;
    this.esr = config.esr ?? (this.v10 ? 32 : 64);
    this.edge = config.errorStyle === "edge";
    this.selectorCheck = config.selectorCheck ?? "acs";
    this.tlMonitoring = config.tlMonitoring ?? "between";
    this.captEvents = config.captEvents ?? [];
    this.nrdyNs = config.nrdyUsec * 1000;
  }

  /** Whether it has a defect. */
  suffers(erratum: SubjectErratum): boolean {
    return this.config.errata?.includes(erratum) ?? false;
  }

  /** The instances that exist in a bank, in order. */
  risOf(space: Space): readonly SubjectRis[] {
    return this.#ris.filter(({ spaces }) => spaces === undefined || spaces.includes(space));
  }

  /** Without wire and MSI there is no overflow interrupt, and nothing to enable (D10). */
  get hasOverflowInterrupt(): boolean {
    return this.config.noHwOflwIntr !== true || this.config.oflwMsi === true;
  }
}

/** Version 1.0 has neither long counters nor RWBW (D9). */
function plain10(ris: SubjectRis): SubjectRis {
  return ris.mbwu === undefined ? ris : { ...ris, mbwu: { ...ris.mbwu, counter: 31, rwbw: false } };
}

export function hasMonitors(ris: SubjectRis): boolean {
  return ris.csu !== undefined || ris.mbwu !== undefined;
}

export function hasControls(ris: SubjectRis): boolean {
  return ris.cpor !== undefined || ris.ccap !== undefined || ris.mbw !== undefined || ris.pri !== undefined;
}
