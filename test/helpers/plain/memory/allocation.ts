/** What the controls of an MSC say about the lines of one label in its cache (docs/modelled.md, "Caches"). */
import type { SubjectLabel } from "../../subject.ts";
import { bit } from "../bits.ts";
import type { PlainMsc } from "../msc.ts";
import type { PartSettings } from "../settings.ts";

const SOFTLIM = 31;

export interface Allocation {
  /** A disabled PARTID allocates nowhere. */
  readonly enabled: boolean;
  /** Lines of the same account count together. */
  readonly account: string;
  /** Whether the portion of a way of a set is open. */
  opens(set: number, way: number): boolean;
  /** CMAX in lines; Infinity is no limit. */
  readonly most: number;
  readonly soft: boolean;
  /** CMIN in lines. */
  readonly least: number;
  /** CASSOC in ways; Infinity is no limit. */
  readonly waysOfSet: number;
}

/** Without an MSC, or without a bank of the label's space, nothing is limited. */
export function allocationOf(
  msc: PlainMsc | undefined,
  label: SubjectLabel,
  { lines, ways }: { readonly lines: number; readonly ways: number },
): Allocation {
  const control = msc?.controls(label);
  const account = msc?.account(label) ?? `${label.space} ${label.partid}`;
  const settings = control?.settings ?? [];
  const limits = settings.map((one) => ({ most: mostOf(one, lines), soft: bit(one.inForce("cmax"), SOFTLIM) }));
  const most = Math.min(Infinity, ...limits.map((limit) => limit.most));
  return {
    enabled: control?.enabled ?? true,
    account,
    opens: (set, way) => settings.every((one) => opens(one, set, way, ways)),
    most,
    soft: limits.filter((limit) => limit.most === most).every(({ soft }) => soft),
    least: Math.max(0, ...settings.map((one) => leastOf(one, lines))),
    waysOfSet: Math.min(Infinity, ...settings.map((one) => waysOf(one, ways))),
  };
}

/** Portions are dealt to cells, way by way, `r` cells a way. */
function opens(settings: PartSettings, set: number, way: number, ways: number): boolean {
  const cpbmWd = settings.ris.cpor?.cpbmWd;
  if (cpbmWd === undefined) return true;
  let r = 1;
  while (ways * r < cpbmWd) r *= 2;
  const cell = way * r + (set % r);
  return settings.portion("cpbm", Math.floor((cell * cpbmWd) / (ways * r)));
}

function mostOf(settings: PartSettings, lines: number): number {
  const cmax = settings.fraction("cmax");
  if (cmax === undefined || cmax.v === 2 ** cmax.width - 1) return Infinity;
  return Math.floor(((cmax.v + 1) * lines) / 2 ** cmax.width);
}

function leastOf(settings: PartSettings, lines: number): number {
  const cmin = settings.fraction("cmin");
  return cmin === undefined ? 0 : Math.floor((cmin.v * lines) / 2 ** cmin.width);
}

function waysOf(settings: PartSettings, ways: number): number {
  const cassoc = settings.fraction("cassoc");
  if (cassoc === undefined || cassoc.v === 2 ** cassoc.width - 1) return Infinity;
  return Math.max(1, Math.floor(((cassoc.v + 1) * ways) / 2 ** cassoc.width));
}
