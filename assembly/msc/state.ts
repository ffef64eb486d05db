// What one MSC is made of: resource instances (RIS) that describe what exists, and a bank for every address space with
// the state software can see.

import { allocate, root } from "../root";
import { SPACES } from "../pe/owners";
import { Settings } from "../control/settings";

export const MAX_RIS: u32 = 16;

/** One resource instance: its ID registers, the same in every bank. */
@unmanaged
export class Ris {
  present: u32;
  /** The RIS's own HAS_ bits of MPAMF_IDR. */
  idr: u32;
  cporIdr: u32;
  ccapIdr: u32;
  mbwIdr: u32;
  msmonIdr: u32;
  csumonIdr: u32;
  mbwumonIdr: u32;
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
  /** HAS_ bits that any RIS has: a register that none has is reserved and raises no error. */
  anyIdr: u32;
  anyMsmonIdr: u32;
  anyMbwumonIdr: u32;
  nrdyNs: u64;
  resource: usize;
  ris: usize;
  banks: usize;
  /** Banks that hold the error interrupt up, and monitors that hold the overflow interrupt up. */
  errorsUp: u32;
  overflowsUp: u32;
}

@unmanaged
export class Bank {
  space: u32;
  msc: Msc;
  partidMax: u32;
  pmgMax: u32;
  partSel: u32;
  /** The error that writing the selector has already recorded; 0 for none. */
  partSelError: u32;
  monSel: u32;
  monSelError: u32;
  ecr: u32;
  esr: u32;
  esrHi: u32;
  errorUp: u32;
  /** Errors of requests recorded since the last edge: bit n for code n. */
  requestErrors: u32;
  settings: usize;
}

export function mscAt(index: u32): Msc {
  return changetype<Msc>(load<u32>(root().mscs + (<usize>index << 2)));
}

export function bankOf(msc: Msc, space: u32): Bank {
  return changetype<Bank>(load<u32>(msc.banks + (<usize>space << 2)));
}

export function risOf(msc: Msc, ris: u32): Ris {
  return changetype<Ris>(msc.ris + <usize>ris * offsetof<Ris>());
}

/** Settings and monitors of a RIS in a bank; only for a RIS that is present. */
export function settingsOf(bank: Bank, ris: u32): Settings {
  return changetype<Settings>(bank.settings + <usize>ris * offsetof<Settings>());
}

export function hasBank(msc: Msc, space: u32): bool {
  return load<u32>(msc.banks + (<usize>space << 2)) != 0;
}

export function newMsc(resource: usize, aidr: u32, iidr: u32, idr: u32, idrHi: u32, risMax: u32, nrdyNs: u64): u32 {
  const r = root();
  const at = allocate(offsetof<Msc>());
  const msc = changetype<Msc>(at);
  msc.index = r.mscCount++;
  msc.aidr = aidr;
  msc.iidr = iidr;
  msc.idr = idr;
  msc.idrHi = idrHi;
  msc.risMax = risMax;
  msc.nrdyNs = nrdyNs;
  msc.resource = resource;
  msc.ris = allocate(<usize>MAX_RIS * offsetof<Ris>());
  msc.banks = allocate(<usize>SPACES * 4);
  store<u32>(r.mscs + (<usize>msc.index << 2), <u32>at);
  return msc.index;
}

export function newBank(msc: Msc, space: u32, partidMax: u32, pmgMax: u32): Bank {
  const at = allocate(offsetof<Bank>());
  const bank = changetype<Bank>(at);
  bank.space = space;
  bank.msc = msc;
  bank.partidMax = partidMax;
  bank.pmgMax = pmgMax;
  bank.settings = allocate(<usize>MAX_RIS * offsetof<Settings>());
  store<u32>(msc.banks + (<usize>space << 2), <u32>at);
  return bank;
}
