/** The registers that belong to PARTIDs and to no instance: enabling, narrowing and translation. */
import type { SubjectTranslation } from "../subject.ts";
import type { Bank } from "./bank.ts";
import { INTPARTID_RANGE, PARTID_SEL_RANGE, UNEXPECTED_INTERNAL } from "./errors.ts";
import { OFFSET } from "./offsets.ts";
import type { Register } from "./register.ts";
import type { Translation } from "./translation.ts";

export function partidRegisters(bank: Bank): Register[] {
  const { ingress, egress } = bank;
  const { endis, inTl, outTl } = bank.part.config;
  return [
    ...(endis === undefined ? [] : enableRegisters(bank)),
    ...(bank.narrowing === undefined ? [] : [intPartid(bank)]),
    ...(ingress === undefined || inTl === undefined
      ? []
      : translationRegisters(ingress, inTl, OFFSET.MPAMCFG_IN_TL, () => ingressPartid(bank, inTl))),
    ...(egress === undefined || outTl === undefined
      ? []
      : translationRegisters(egress, outTl, OFFSET.MPAMCFG_OUT_TL, () => egressPartid(bank))),
  ];
}

/** The PARTID that PART_SEL selects, or undefined and an error. INTERNAL and DEFAULT_PARTID are not looked at. */
function requestPartid(bank: Bank): number | undefined {
  return within(bank, bank.limits.partidMax);
}

function within(bank: Bank, largest: number): number | undefined {
  const { partid } = bank.partSel.selection;
  if (partid <= largest) return partid;
  bank.partSel.complain(PARTID_SEL_RANGE);
  return undefined;
}

function enableRegisters(bank: Bank): Register[] {
  return [
    { offset: OFFSET.MPAMCFG_EN, read: () => 0, write: (value) => enable(bank, value & 0xffff) },
    {
      offset: OFFSET.MPAMCFG_DIS,
      read: () => 0,
      write: (value) => disable(bank, value & 0xffff, value >>> 31 === 1),
    },
    {
      offset: OFFSET.MPAMCFG_EN_FLAGS,
      read: () => {
        const partid = requestPartid(bank);
        return partid === undefined ? 0 : bank.enables.readFlags(partid);
      },
      write: (value) => {
        const partid = requestPartid(bank);
        if (partid !== undefined) bank.enables.writeFlags(partid, value);
      },
    },
  ];
}

function enable(bank: Bank, partid: number): void {
  if (exists(bank, partid)) bank.enables.set(partid, true);
}

/** @param forget NFU: the settings need not be kept */
function disable(bank: Bank, partid: number, forget: boolean): void {
  if (!exists(bank, partid)) return;
  bank.enables.set(partid, false);
  if (!forget || bank.part.config.endis?.nfu !== "poison") return;
  for (const { ris } of bank.instances) bank.settings(ris).of(partid).poison();
}

/** EN and DIS name their own PARTID. */
function exists(bank: Bank, partid: number): boolean {
  if (partid <= bank.limits.partidMax) return true;
  bank.esr.record(PARTID_SEL_RANGE, { partidMon: partid, ris: bank.partSel.selection.ris });
  return false;
}

function intPartid(bank: Bank): Register {
  const reqPartid = (): number | undefined => {
    if (!bank.partSel.selection.internal) return requestPartid(bank);
    bank.partSel.complain(UNEXPECTED_INTERNAL);
    return undefined;
  };
  return {
    offset: OFFSET.MPAMCFG_INTPARTID,
    read: () => {
      const partid = reqPartid();
      return partid === undefined ? 0 : (bank.narrowing?.read(partid) ?? 0);
    },
    write: (value) => {
      const partid = reqPartid();
      if (partid === undefined || bank.narrowing?.write(partid, value)) return;
      bank.esr.record(INTPARTID_RANGE, { partidMon: value & 0xffff });
    },
  };
}

/** Ingress entries are there only while PART_SEL says that it selects an ingress PARTID, and egress entries while it does not. */
function ingressPartid(bank: Bank, { partidMax }: SubjectTranslation): number | undefined {
  return bank.partSel.selection.ingress ? within(bank, partidMax) : undefined;
}

function egressPartid(bank: Bank): number | undefined {
  return bank.partSel.selection.ingress ? undefined : requestPartid(bank);
}

/** Entry, base and mask, eight bytes apart. @param selected the PARTID whose entry is exposed, or undefined */
function translationRegisters(
  translation: Translation,
  has: SubjectTranslation,
  first: number,
  selected: () => number | undefined,
): Register[] {
  const registers: Register[] = [];
  if (has.direct === true) {
    registers.push({
      offset: first,
      read: () => {
        const partid = selected();
        return partid === undefined ? 0 : translation.readEntry(partid);
      },
      write: (value) => {
        const partid = selected();
        if (partid !== undefined) translation.writeEntry(partid, value);
      },
    });
  }
  if (has.baseMask === true) {
    registers.push(
      {
        offset: first + 8,
        read: () => translation.readBase(),
        write: (value) => translation.writeBase(value),
      },
      {
        offset: first + 16,
        read: () => translation.readMask(),
        write: (value) => translation.writeMask(value),
      },
    );
  }
  return registers;
}
