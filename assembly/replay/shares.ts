// What an edge makes of the bandwidth controls: partitions of each port, and their settings.

import { MBW_MAX, MBW_MIN, MBW_PBM, MBW_PROP, MBW_WINWD, PRI } from "../control/kinds";
import { readControl } from "../control/settings";
import { fieldGet, fieldPrep } from "../field";
import { mix } from "../mixer";
import { RANK_AS_CAME } from "../model/cache";
import { heldAt, NONE } from "../model/held";
import { Port, Share, shareAt, turnWindow } from "../model/port";
import { Resource } from "../model/resource";
import { Bank, defined, MAX_RIS, NO_ENTRY, Ris, risOf, settingsOf } from "../msc/state";
import { labelPartid, labelSpace, owner } from "../pe/owners";
import {
  IDR_HAS_MBW_PART,
  IDR_HAS_PRI_PART,
  MBW_IDR_BWA_WD,
  MBW_IDR_BWPBM_WD,
  PRI_IDR_DSPRI_0_IS_LOW,
  PRI_IDR_DSPRI_WD,
  PRI_IDR_HAS_DSPRI,
  PRI_IDR_HAS_INTPRI,
  PRI_IDR_INTPRI_0_IS_LOW,
  PRI_IDR_INTPRI_WD,
} from "../regs/identity";
import { MBW_MAX_HARDLIM, MBW_MAX_MAX, MBW_MIN_MIN, MBW_PROP_EN, MBW_PROP_STRIDEM1, PRI_DSPRI, PRI_INTPRI } from "../regs/partition";
import { OPTION_MIN_LIMITS } from "../regs/options";
import { root } from "../root";
import { bankBefore, entryOf } from "./edge";

/** Keys of partitions: space [31:20], then the entry; disabled PARTIDs last. */
const DISABLED: u32 = 0xf_ffff;

/** Finds the partition of every owner at a port, and reads the settings of all of them. */
export function shareOwners(at: usize): void {
  const port = changetype<Port>(at);
  const r = root();
  if (port.regulated == 0) {
    port.shareCount = 1;
    setFree(shareAt(port, 0));
    shareAt(port, 0).rank = NONE;
    return;
  }
  fileSlots(port);
  countNames(port);
  for (let index: u32 = 0; index < r.ownerCount; index++) {
    if (!owner(index).live) continue;
    const slot = slotFor(port, keyOf(port, index));
    shareOf(port, index).names--;
    store<u16>(port.slotOf + (<usize>index << 1), <u16>slot);
    shareOf(port, index).names++;
  }
  // A window that has turned since its last use has begun anew, whatever the next one is like.
  const quantum = (r.now + r.quantumNs - 1) / r.quantumNs;
  for (let slot: u32 = 0; slot < port.shareCount; slot++) {
    if (quantum > 0) turnWindow(shareAt(port, slot), quantum - 1);
    read(port, shareAt(port, slot));
  }
  regroupHeld(port);
}

/** Held requests go by the settings as they are now. */
function regroupHeld(port: Port): void {
  if (port.count == 0) return;
  for (let slot: u32 = 0; slot < port.shareCount; slot++) shareAt(port, slot).held = 0;
  for (let index = port.first; index != NONE; index = heldAt(index).next) {
    const held = heldAt(index);
    held.slot = load<u16>(port.slotOf + (<usize>held.owner << 1));
    shareAt(port, held.slot).held += held.bytes;
  }
}

function keyOf(port: Port, index: u32): u32 {
  const label = owner(index).label;
  const space = labelSpace(label);
  const bank = bankBefore(changetype<Resource>(port.resource), space);
  if (changetype<usize>(bank) == 0) return (space << 20) | labelPartid(label);
  const entry = entryOf(bank, label);
  return (space << 20) | (entry == NO_ENTRY ? DISABLED : entry);
}

function shareOf(port: Port, index: u32): Share {
  return shareAt(port, load<u16>(port.slotOf + (<usize>index << 1)));
}

/** The slots of a port are filed by their keys, in lists: a head for each bucket, and for each slot the next. 0 ends a list. */
function fileSlots(port: Port): void {
  const r = root();
  memory.fill(r.keyHash, 0, <usize>(r.ownerHashMask + 1) * 4);
  for (let slot: u32 = 0; slot < port.shareCount; slot++) file(port, slot);
}

// @ts-ignore: decorator
@inline
function headOf(key: u32): usize {
  return root().keyHash + (<usize>(mix(key) & root().ownerHashMask) << 2);
}

// @ts-ignore: decorator
@inline
function nextOf(slot: u32): usize {
  return root().sorted + (<usize>slot << 2);
}

function file(port: Port, slot: u32): void {
  const head = headOf(shareAt(port, slot).key);
  store<u32>(nextOf(slot), load<u32>(head));
  store<u32>(head, slot + 1);
}

function unfile(port: Port, slot: u32): void {
  let at = headOf(shareAt(port, slot).key);
  while (load<u32>(at) != slot + 1) at = nextOf(load<u32>(at) - 1);
  store<u32>(at, load<u32>(nextOf(slot)));
}

function countNames(port: Port): void {
  for (let slot: u32 = 0; slot < port.shareCount; slot++) shareAt(port, slot).names = 0;
  for (let index: u32 = 0; index < root().ownerCount; index++) if (owner(index).live) shareOf(port, index).names++;
}

function slotFor(port: Port, key: u32): u32 {
  for (let entry = load<u32>(headOf(key)); entry != 0; entry = load<u32>(nextOf(entry - 1))) {
    if (shareAt(port, entry - 1).key == key) return entry - 1;
  }
  const slot = port.shareCount < port.shareCapacity ? port.shareCount++ : freed(port);
  const share = shareAt(port, slot);
  share.key = key;
  share.windowQuanta = 1;
  file(port, slot);
  return slot;
}

/** There are twice as many slots as labels: one is free of both labels and requests. What it used is forgotten. */
function freed(port: Port): u32 {
  for (let slot: u32 = 0; slot < port.shareCount; slot++) {
    const share = shareAt(port, slot);
    if (share.held != 0 || share.names != 0) continue;
    unfile(port, slot);
    share.use = 0;
    return slot;
  }
  return unreachable();
}

function setFree(share: Share): void {
  share.free = 1;
  share.lastOfAll = 0;
  share.hard = 0;
  share.most = NONE;
  share.least = 0;
  share.windowQuanta = 1;
  share.fixedWindow = 0;
  share.weight = 1;
}

function read(port: Port, share: Share): void {
  setFree(share);
  share.rank = NONE;
  const bank = bankBefore(changetype<Resource>(port.resource), share.key >>> 20);
  if (changetype<usize>(bank) == 0) return;
  const entry = share.key & DISABLED;
  share.lastOfAll = entry == DISABLED ? 1 : 0;
  share.rank = insideRank(bank, entry);
  if (share.lastOfAll) return;
  const ris = firstRis(bank, IDR_HAS_MBW_PART);
  if (ris != NONE) readBandwidth(port, share, bank, risOf(bank.msc, ris), entry);
}

function firstRis(bank: Bank, part: u32): u32 {
  for (let i: u32 = 0; i < MAX_RIS; i++) if (defined(bank, i) && risOf(bank.msc, i).idr & part) return i;
  return NONE;
}

function readBandwidth(port: Port, share: Share, bank: Bank, ris: Ris, entry: u32): void {
  const width = fieldGet(MBW_IDR_BWA_WD, ris.mbwIdr);
  share.free = 0;
  share.fractionBits = width;
  share.fixedWindow = ris.fixedWindow;
  share.windowQuanta = quanta(setting(bank, ris, MBW_WINWD, entry, 0));
  if (ris.controls & (1 << MBW_MAX)) {
    const value = limiting(bank, ris, entry);
    const fraction = fieldGet(MBW_MAX_MAX, value) >>> (16 - width);
    share.most = fraction == (1 << width) - 1 ? NONE : fraction;
    share.hard = value & MBW_MAX_HARDLIM ? 1 : 0;
  }
  if (ris.controls & (1 << MBW_MIN)) {
    share.least = fieldGet(MBW_MIN_MIN, setting(bank, ris, MBW_MIN, entry, 0)) >>> (16 - width);
  }
  if (ris.controls & (1 << MBW_PROP)) {
    const value = setting(bank, ris, MBW_PROP, entry, 0);
    if (value & MBW_PROP_EN) share.weight = 1 / <f64>(fieldGet(MBW_PROP_STRIDEM1, value) + 1);
  }
  if (ris.controls & (1 << MBW_PBM)) readPortions(port, share, bank, ris, entry);
  else openPortions(port, share);
}

/** What acts as MBW_MAX: on a part with T241-MPAM-4 that is MBW_MIN, where there is one. */
function limiting(bank: Bank, ris: Ris, entry: u32): u32 {
  if ((bank.msc.options & OPTION_MIN_LIMITS) == 0 || (ris.controls & (1 << MBW_MIN)) == 0) {
    return setting(bank, ris, MBW_MAX, entry, 0);
  }
  return fieldPrep(MBW_MAX_MAX, fieldGet(MBW_MIN_MIN, setting(bank, ris, MBW_MIN, entry, 0))) | MBW_MAX_HARDLIM;
}

function setting(bank: Bank, ris: Ris, control: u32, entry: u32, word: u32): u32 {
  return readControl(settingsOf(bank, ris.index), ris.control(control), control, entry, word);
}

/** MPAMCFG_MBW_WINWD is 16.8 us; rounded up to whole quanta. */
function quanta(winwd: u32): u64 {
  const r = root();
  return max((<u64>winwd * 1000 + 256 * r.quantumNs - 1) / (256 * r.quantumNs), 1);
}

function openPortions(port: Port, share: Share): void {
  for (let i: u32 = 0; i < port.portionCount; i++) setPortion(share, i, true);
}

/** The bitmap of a part with fewer portions than the port has is stretched. */
function readPortions(port: Port, share: Share, bank: Bank, ris: Ris, entry: u32): void {
  const width = fieldGet(MBW_IDR_BWPBM_WD, ris.mbwIdr);
  let some = false;
  for (let i: u32 = 0; i < port.portionCount; i++) {
    const bit = (i * width) / port.portionCount;
    const mine = ((setting(bank, ris, MBW_PBM, entry, bit >>> 5) >>> (bit & 31)) & 1) != 0;
    setPortion(share, i, mine);
    if (mine) some = true;
  }
  if (!some) share.lastOfAll = 1;
}

function setPortion(share: Share, portion: u32, mine: bool): void {
  if (share.portions == 0) return;
  const at = share.portions + ((<usize>portion >>> 6) << 3);
  const bit = <u64>1 << (portion & 63);
  store<u64>(at, mine ? load<u64>(at) | bit : load<u64>(at) & ~bit);
}

/** Steps below the highest priority inside a part, the lowest for disabled PARTIDs; NONE where it has none of its own. */
function insideRank(bank: Bank, entry: u32): u32 {
  const i = firstRis(bank, IDR_HAS_PRI_PART);
  if (i == NONE) return NONE;
  const ris = risOf(bank.msc, i);
  if ((ris.priIdr & PRI_IDR_HAS_INTPRI) == 0) return NONE;
  const width = fieldGet(PRI_IDR_INTPRI_WD, ris.priIdr);
  if (entry == DISABLED) return (1 << width) - 1;
  const value = fieldGet(PRI_INTPRI, setting(bank, ris, PRI, entry, 0));
  return below(value, width, (ris.priIdr & PRI_IDR_INTPRI_0_IS_LOW) != 0);
}

/** The same of what a part sends downstream; that of disabled PARTIDs is the lowest. */
export function downstreamRank(bank: Bank, entry: u32): u32 {
  const i = firstRis(bank, IDR_HAS_PRI_PART);
  if (i == NONE) return RANK_AS_CAME;
  const ris = risOf(bank.msc, i);
  if ((ris.priIdr & PRI_IDR_HAS_DSPRI) == 0) return RANK_AS_CAME;
  const width = fieldGet(PRI_IDR_DSPRI_WD, ris.priIdr);
  if (entry == NO_ENTRY) return (1 << width) - 1;
  const value = fieldGet(PRI_DSPRI, setting(bank, ris, PRI, entry, 0));
  return below(value, width, (ris.priIdr & PRI_IDR_DSPRI_0_IS_LOW) != 0);
}

function below(value: u32, width: u32, zeroIsLow: bool): u32 {
  return zeroIsLow ? (1 << width) - 1 - value : value;
}
