/** The identification registers, computed from the configuration at each read (IHI 0099, MPAMF_* registers). */
import type { SubjectConfig, SubjectRis } from "../subject.ts";
import type { Bank } from "./bank.ts";

/** Whether the RIS fields of the two selectors exist. A lone RIS 0 needs none. */
export function hasRisFields(config: SubjectConfig): boolean {
  return config.version !== "1.0" && (config.ris.length > 1 || config.ris[0]?.ris !== 0);
}

export function risMax(config: SubjectConfig): number {
  return hasRisFields(config) ? Math.max(...config.ris.map(({ ris }) => ris)) : 0;
}

export function hasMonitors(ris: SubjectRis): boolean {
  return ris.csu !== undefined || ris.mbwu !== undefined;
}

export class IdRegisters {
  constructor(private readonly config: SubjectConfig) {}

  get aidr(): number {
    return { "1.0": 0x10, "1.1": 0x11, "0.1": 0x01 }[this.config.version];
  }

  get iidr(): number {
    return this.config.iidr >>> 0;
  }

  /** With an undefined RIS every HAS_ field is 0, and what software takes minima over stays. */
  idr(bank: Bank): { low: number; high: number } {
    const v10 = this.config.version === "1.0";
    const ris = this.#selected(bank);
    let low = (bank.limits.pmgMax << 16) | bank.limits.partidMax;
    if (!v10) low |= 1 << 28;
    let high = risMax(this.config) << 24;
    if (this.config.spaces.rt !== undefined || this.config.spaces.rl !== undefined) high |= 1 << 9;
    if (ris !== undefined) {
      if (ris.ccap !== undefined) low |= 1 << 24;
      if (ris.cpor !== undefined) low |= 1 << 25;
      if (ris.mbw !== undefined) low |= 1 << 26;
      if (hasMonitors(ris)) low |= 1 << 30;
      if (hasRisFields(this.config)) high |= 1;
      high |= (1 << 6) | (1 << 7);
    }
    return { low: low >>> 0, high: v10 ? 0 : high };
  }

  sidr(bank: Bank): number {
    return bank.space === "s" ? (bank.limits.pmgMax << 16) | bank.limits.partidMax : 0;
  }

  cporIdr(bank: Bank): number {
    return this.#selected(bank)?.cpor?.cpbmWd ?? 0;
  }

  ccapIdr(bank: Bank): number {
    return this.#selected(bank)?.ccap?.cmaxWd ?? 0;
  }

  mbwIdr(bank: Bank): number {
    const mbw = this.#selected(bank)?.mbw;
    return mbw === undefined ? 0 : (1 << 11) | ({ both: 0, soft: 1, hard: 2 }[mbw.maxLim] << 8) | mbw.bwaWd;
  }

  msmonIdr(bank: Bank): number {
    const ris = this.#selected(bank);
    return (ris?.csu === undefined ? 0 : 1 << 16) | (ris?.mbwu === undefined ? 0 : 1 << 17);
  }

  csumonIdr(bank: Bank): number {
    return this.#selected(bank)?.csu?.monitors ?? 0;
  }

  mbwumonIdr(bank: Bank): number {
    const mbwu = this.#selected(bank)?.mbwu;
    if (mbwu === undefined) return 0;
    let value = mbwu.monitors;
    if (this.config.version !== "1.0") {
      if (mbwu.counter !== 31) value |= 1 << 30;
      if (mbwu.counter === 63) value |= 1 << 29;
      if (mbwu.rwbw) value |= 1 << 28;
    }
    return value;
  }

  /** Monitors too are described under PART_SEL.RIS and not MON_SEL.RIS. */
  #selected(bank: Bank): SubjectRis | undefined {
    return this.config.ris.find(({ ris }) => ris === bank.partSel.ris);
  }
}
