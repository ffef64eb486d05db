/** MPAMCFG_PART_SEL and the settings behind it. */
import type { Bank } from "./bank.ts";
import { INTPARTID_RANGE, PARTID_SEL_RANGE, RIS_NO_CONTROL, UNDEFINED_RIS_PART_SEL } from "./errors.ts";
import { OFFSET } from "./offsets.ts";
import { hasControls } from "./part.ts";
import type { Register } from "./register.ts";
import { CONTROLS, type Control, type PartSettings, wordsOf } from "./settings.ts";

const FIRST_WORD: { readonly [control in Control]: number } = {
  cpbm: OFFSET.MPAMCFG_CPBM,
  cmax: OFFSET.MPAMCFG_CMAX,
  cmin: OFFSET.MPAMCFG_CMIN,
  cassoc: OFFSET.MPAMCFG_CASSOC,
  mbwMin: OFFSET.MPAMCFG_MBW_MIN,
  mbwMax: OFFSET.MPAMCFG_MBW_MAX,
  mbwWinwd: OFFSET.MPAMCFG_MBW_WINWD,
  mbwPbm: OFFSET.MPAMCFG_MBW_PBM,
  mbwProp: OFFSET.MPAMCFG_MBW_PROP,
  pri: OFFSET.MPAMCFG_PRI,
};

export function controlRegisters(bank: Bank): Register[] {
  const registers: Register[] = [];
  if (hasPartSel(bank)) {
    const { partSel } = bank;
    registers.push({
      offset: OFFSET.MPAMCFG_PART_SEL,
      read: () => partSel.read(),
      write: (value) => partSel.write(value),
    });
  }
  for (const control of CONTROLS) {
    const words = Math.max(0, ...bank.instances.map((ris) => wordsOf(ris, control)));
    for (let word = 0; word < words; word++) {
      registers.push({
        offset: FIRST_WORD[control] + 4 * word,
        read: () => selected(bank, control)?.read(control, word) ?? 0,
        write: (value) => selected(bank, control)?.write(control, value, word),
      });
    }
  }
  return registers;
}

/** Where there is something to select. */
function hasPartSel({ part, instances }: Bank): boolean {
  const { partidNrw, endis, inTl, outTl } = part.config;
  if (part.hasRis || partidNrw !== undefined || endis !== undefined) return true;
  if (inTl?.direct === true || outTl?.direct === true) return true;
  return instances.some(
    (ris) => hasControls(ris) || (ris.impl !== undefined && (part.v10 || ris.impl.noPart !== true)),
  );
}

/** The settings that PART_SEL exposes, or undefined and an error. */
function selected(bank: Bank, control: Control): PartSettings | undefined {
  const { partSel, narrowing } = bank;
  const { partid, internal, defaults } = partSel.selection;
  const ris = partSel.instance;
  if (ris === undefined) return refused(bank, UNDEFINED_RIS_PART_SEL);
  if (wordsOf(ris, control) === 0) return refused(bank, RIS_NO_CONTROL);
  const table = bank.settings(ris.ris);
  if (defaults) return table.default;
  if (narrowing !== undefined) {
    if (!internal || partid > narrowing.intPartidMax) return refused(bank, INTPARTID_RANGE);
  } else if (partid > bank.limits.partidMax) {
    return refused(bank, PARTID_SEL_RANGE);
  }
  return table.of(partid);
}

function refused(bank: Bank, errcode: number): undefined {
  bank.partSel.complain(errcode);
  return undefined;
}
