// What one MSC is made of: resource instances (RIS) that describe what exists, and a bank for every address space with
// the state software can see.

import { allocate, root } from "../root";
import { SPACES } from "../pe/owners";
import { Settings } from "../control/settings";

export const MAX_RIS: u32 = 16;

/** Controls that are numbered (control/kinds.ts). */
export const CONTROLS: u32 = 10;

/** Stands where a bank has no default settings. */
export const NO_ENTRY: u32 = u32.MAX_VALUE;

/** How a control's words are kept. */
@unmanaged
export class Control {
  /** Words a PARTID; 0 where the RIS lacks the control. */
  words: u32;
  /** Bits software may set; of a bitmap, in its last word. */
  mask: u32;
  /** Bits that read 1 whatever is written. */
  ones: u32;
  /** What a PARTID has that nobody has configured. */
  reset: u32;
}

/** One resource instance: its ID registers, the same in every bank that has it. */
@unmanaged
export class Ris {
  present: u32;
  /** Bit n: it exists in the bank of space n. */
  spaces: u32;
  /** The RIS's own bits of MPAMF_IDR, low and high word. */
  idr: u32;
  idrHi: u32;
  implIdr: u32;
  cporIdr: u32;
  ccapIdr: u32;
  mbwIdr: u32;
  priIdr: u32;
  msmonIdr: u32;
  csumonIdr: u32;
  mbwumonIdr: u32;
  /** How NRDY works (regs/options.ts). */
  nrdy: u32;
  /** The allowance of a bandwidth window is all there when it begins. */
  fixedWindow: u32;
  /** Bit n: it has control n. */
  controls: u32;
  shapes: usize;
  index: u32;
  /** Monitors of each type. */
  csuMonitors: u32;
  mbwuMonitors: u32;

  control(control: u32): Control {
    return changetype<Control>(this.shapes + <usize>control * offsetof<Control>());
  }
}

@unmanaged
export class Msc {
  index: u32;
  aidr: u32;
  iidr: u32;
  /** MPAMF_IDR without PARTID_MAX, PMG_MAX and what a RIS adds. */
  idr: u32;
  idrHi: u32;
  risMax: u32;
  /** What MPAMF_MSMON_IDR says of the whole MSC. */
  msmonIdr: u32;
  nrwIdr: u32;
  inTlIdr: u32;
  outTlIdr: u32;
  /** Where the architecture leaves a choice (regs/options.ts). */
  options: u32;
  /** 1: `resetFill` is what PARTIDs other than 0 hold at reset. */
  fills: u32;
  resetFill: u32;
  nrdyNs: u64;
  resource: usize;
  ris: usize;
  banks: usize;
  /** Banks that hold the error interrupt up, and those that hold the overflow interrupt up. */
  errorsUp: u32;
  overflowsUp: u32;
}

/** A block of registers that make a write of an interrupt. */
@unmanaged
export class MsiBlock {
  mpam: u32;
  addressLow: u32;
  addressHigh: u32;
  data: u32;
  attributes: u32;
}

/** PARTID translation as software sees it: direct entries of u32, or 0, and what masks and offsets the others. */
@unmanaged
export class Translation {
  idr: u32;
  direct: usize;
  base: u32;
  maskWd: u32;
}

@unmanaged
export class Bank {
  space: u32;
  msc: Msc;
  partidMax: u32;
  pmgMax: u32;
  /** What any RIS of this bank has: HAS_ bits, words of controls, monitor types. A register that none has is reserved. */
  anyIdr: u32;
  /** Of what MPAMF_IMPL_IDR describes: NO_IMPL_PART where some RIS describes controls, NO_IMPL_MSMON where one describes monitors. */
  described: u32;
  /** Words a PARTID, a u32 per control: the most that any RIS has. */
  words: usize;
  anyMsmonIdr: u32;
  anyCsumonIdr: u32;
  anyMbwumonIdr: u32;
  /** 1 where some RIS has both HAS_LONG and HAS_CAPTURE. */
  anyLongCapture: u32;
  /** Entries of a settings table; the last is for the default settings, or NO_ENTRY. */
  entries: u32;
  defaultEntry: u32;

  /** Bits of the selectors that the part has; 0 without the register. */
  partSelBits: u32;
  monSelBits: u32;
  /** The largest PARTID a monitor may be asked to compare. */
  filterMax: u32;

  partSel: u32;
  /** The error that writing the selector has already recorded; 0 for none. */
  partSelError: u32;
  /** Where the selector leads, so that a use need not ask: settings of a RIS and an entry, or 0 and NO_ENTRY. */
  partSettings: usize;
  partRis: usize;
  partEntry: u32;
  /** 1 while PARTID_SEL is the entry, if it is in range. */
  partDirect: u32;
  monSel: u32;
  monSelError: u32;
  monRis: usize;
  monSettings: usize;
  /** The monitors that the selector leads to, or 0. */
  csu: usize;
  mbwu: usize;
  ecr: u32;
  esr: u32;
  esrHi: u32;
  errorUp: u32;
  /** Monitors with an overflow that calls for the interrupt, and whether they hold the wire up. */
  overflowsHeld: u32;
  overflowUp: u32;
  /** Capture events that overflows have raised and nobody has followed yet: bit n for event n. */
  linked: u32;
  errorMsi: MsiBlock;
  overflowMsi: MsiBlock;
  /** A byte per PARTID: 1 while it is enabled; 0 without MPAMCFG_EN. */
  enabled: usize;
  /** MPAMCFG_INTPARTID, a u32 per PARTID; 0 without narrowing. */
  narrowed: usize;
  ingress: Translation;
  egress: Translation;
  /** What monitors take an owner's PARTID for, a u32 each; 0 where that is its own. */
  seen: usize;
  settings: usize;
}

export function mscAt(index: u32): Msc {
  return changetype<Msc>(load<u32>(root().mscs + (<usize>index << 2)));
}

/** The bank of an address space, or 0. */
// @ts-ignore: decorator
@inline
export function bankAt(index: u32, space: u32): Bank {
  if (index >= root().mscCount || space >= SPACES) return changetype<Bank>(0);
  return changetype<Bank>(load<u32>(load<usize>(root().banks + (<usize>index << 2)) + (<usize>space << 2)));
}

export function bankOf(msc: Msc, space: u32): Bank {
  return changetype<Bank>(load<u32>(msc.banks + (<usize>space << 2)));
}

export function risOf(msc: Msc, ris: u32): Ris {
  return changetype<Ris>(msc.ris + <usize>ris * offsetof<Ris>());
}

/** Whether a RIS exists in a bank. */
export function defined(bank: Bank, ris: u32): bool {
  const entry = risOf(bank.msc, ris);
  return entry.present != 0 && ((entry.spaces >>> bank.space) & 1) != 0;
}

/** Words past these are reserved, whatever the selector. */
export function controlWords(bank: Bank, control: u32): u32 {
  return load<u32>(bank.words + (<usize>control << 2));
}

/** Settings and monitors of a RIS in a bank; only for a RIS that is defined there. */
export function settingsOf(bank: Bank, ris: u32): Settings {
  return changetype<Settings>(bank.settings + <usize>ris * offsetof<Settings>());
}

export function hasBank(msc: Msc, space: u32): bool {
  return load<u32>(msc.banks + (<usize>space << 2)) != 0;
}

export function newMsc(resource: usize): Msc {
  const r = root();
  const at = allocate(offsetof<Msc>());
  const msc = changetype<Msc>(at);
  msc.index = r.mscCount++;
  msc.resource = resource;
  msc.ris = allocate(<usize>MAX_RIS * offsetof<Ris>());
  for (let ris: u32 = 0; ris < MAX_RIS; ris++) {
    risOf(msc, ris).index = ris;
    risOf(msc, ris).shapes = allocate(<usize>CONTROLS * offsetof<Control>());
  }
  msc.banks = allocate(<usize>SPACES * 4);
  store<u32>(r.mscs + (<usize>msc.index << 2), <u32>at);
  store<u32>(r.banks + (<usize>msc.index << 2), <u32>msc.banks);
  return msc;
}

export function newBank(msc: Msc, space: u32, partidMax: u32, pmgMax: u32): Bank {
  const at = allocate(offsetof<Bank>());
  const bank = changetype<Bank>(at);
  bank.space = space;
  bank.msc = msc;
  bank.partidMax = partidMax;
  bank.pmgMax = pmgMax;
  bank.words = allocate(<usize>CONTROLS * 4);
  bank.settings = allocate(<usize>MAX_RIS * offsetof<Settings>());
  bank.errorMsi = changetype<MsiBlock>(allocate(offsetof<MsiBlock>()));
  bank.overflowMsi = changetype<MsiBlock>(allocate(offsetof<MsiBlock>()));
  store<u32>(msc.banks + (<usize>space << 2), <u32>at);
  return bank;
}
