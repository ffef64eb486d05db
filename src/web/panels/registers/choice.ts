// What the register view looks at: an MSC, one of its address spaces, and the selection that decides what its registers show.

import * as regs from "../../../../assembly/regs/index.ts";
import { type Identity, meaningOf, type RegisterMeaning } from "../../../meaning/index.ts";
import type { Space } from "../../../platform/index.ts";
import type { MscView } from "../../engine/protocol.ts";

export interface Choice {
  readonly msc: number;
  readonly space: Space;
  readonly ris: number;
  readonly partid: number;
  /** With narrowing: the number is that of an internal PARTID. */
  readonly internal: boolean;
  readonly monitor: number;
}

/** An MSC with what its ID registers say in one address space. */
export interface Known {
  readonly msc: MscView;
  readonly space: Space;
  /** By RIS, of those that are there. */
  readonly identities: ReadonlyMap<number, Identity>;
  readonly intPartidMax: number;
}

export function choiceFor({ msc, spaces, ris }: MscView): Choice {
  const space = spaces.find((one) => one.space === "ns") ?? spaces[0];
  return { msc, space: space?.space ?? "ns", ris: ris[0] ?? 0, partid: 0, internal: false, monitor: 0 };
}

export function narrows(of: Identity | undefined): boolean {
  return of !== undefined && (of.idr & regs.IDR_HAS_PARTID_NRW) !== 0;
}

export function monitorsOf(of: Identity | undefined): { csu: number; mbwu: number } {
  if (!of || (of.idr & regs.IDR_HAS_MSMON) === 0) return { csu: 0, mbwu: 0 };
  const count = (there: number, mask: number, word: number) =>
    (of.msmon & there) === 0 ? 0 : regs.fieldGet(mask, word);
  return {
    csu: count(regs.MSMON_IDR_MSMON_CSU, regs.CSUMON_IDR_NUM_MON, of.csu),
    mbwu: count(regs.MSMON_IDR_MSMON_MBWU, regs.MBWUMON_IDR_NUM_MON, of.mbwu),
  };
}

/** The largest number that may be selected. */
export function partidMax({ msc, space, identities, intPartidMax }: Known, { ris, internal }: Choice): number {
  if (internal && narrows(identities.get(ris))) return intPartidMax;
  return msc.spaces.find((one) => one.space === space)?.partidMax ?? 0;
}

/** The same, as far as the MSC has it. Reading under a selection out of range would record errors. */
export function withinReach(choice: Choice, known: Known): Choice {
  const ris = known.identities.has(choice.ris) ? choice.ris : ([...known.identities.keys()][0] ?? 0);
  const of = known.identities.get(ris);
  const internal = choice.internal && narrows(of);
  const { csu, mbwu } = monitorsOf(of);
  const most = partidMax(known, { ...choice, ris, internal });
  return {
    ...choice,
    ris,
    internal,
    partid: Math.min(choice.partid, most),
    monitor: Math.min(choice.monitor, Math.max(0, csu - 1, mbwu - 1)),
  };
}

export function partSelOf({ ris, partid, internal }: Choice): number {
  return (regs.partSel(ris, partid) | (internal ? regs.PART_SEL_INTERNAL : 0)) >>> 0;
}

export function monSelOf({ ris, monitor }: Choice): number {
  return regs.monSel(ris, monitor);
}

/** Why a register shows nothing under this selection; undefined where it does. */
export function hiddenBecause(name: string, choice: Choice, of: Identity | undefined): string | undefined {
  const { selection } = meaningOf(name);
  if (narrows(of)) {
    if (selection === "ris and partid" && !choice.internal)
      return "settings stand under internal PARTIDs: tick INTERNAL";
    if (selection === "partid" && choice.internal) return "it stands under PARTIDs of requests: untick INTERNAL";
  }
  if (selection === "monitor" || selection === "32 monitors") {
    const { csu, mbwu } = monitorsOf(of);
    const count = name.includes("CSU") ? csu : mbwu;
    if (choice.monitor >= count) return `there are ${count} monitors of this kind`;
  }
  return undefined;
}

/** Under which selection a register stands, in a sentence without its end. */
export function selectionWords({ selection }: RegisterMeaning, { ris, partid, internal, monitor }: Choice): string {
  const named = `${internal ? "internal PARTID" : "PARTID"} ${partid}`;
  switch (selection) {
    case "none":
      return "There is one for the whole MSC";
    case "ris":
      return `It is that of RIS ${ris} (MPAMCFG_PART_SEL.RIS)`;
    case "partid":
      return `It is that of ${named} (MPAMCFG_PART_SEL)`;
    case "ris and partid":
      return `It is that of ${named}, RIS ${ris} (MPAMCFG_PART_SEL)`;
    case "monitor":
      return `It is that of monitor ${monitor}, RIS ${ris} (MSMON_CFG_MON_SEL)`;
    case "32 monitors":
      return `It is that of monitors ${monitor & ~31} to ${(monitor & ~31) + 31}, RIS ${ris} (MSMON_CFG_MON_SEL)`;
  }
}
