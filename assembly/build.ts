// Building a machine: memory is laid out once, in the order of these calls, and sealed.

import { declareControls } from "./control/kinds";
import { buildTables } from "./control/settings";
import { Event, EVENT_CAPACITY } from "./events";
import { buildLatencies } from "./model/latency";
import { buildNodes } from "./model/memory";
import { KIND_CACHE, Resource, resourceAt } from "./model/resource";
import { buildCsu, Csu, csuAt } from "./monitor/csu";
import { buildMbwu, Mbwu, mbwuAt } from "./monitor/mbwu";
import { filterMax, followMonSel, monSelBits } from "./monitor/page";
import { OPERATION_BYTES, OPERATIONS } from "./msc/batch";
import { buildEnabled } from "./msc/enabling";
import { buildMap } from "./msc/map";
import { buildNarrowing } from "./msc/narrowing";
import { followPartSel, intPartidMax, isNarrowing, partSelBits } from "./msc/selector";
import {
  Bank,
  bankOf,
  CONTROLS,
  controlWords,
  defined,
  hasBank,
  MAX_RIS,
  mscAt,
  newBank,
  newMsc,
  NO_ENTRY,
  Ris,
  risOf,
  settingsOf,
} from "./msc/state";
import { newTranslation } from "./msc/translation";
import { buildLimited } from "./pe/limited";
import { buildNames } from "./pe/names";
import { buildOwners, SPACES } from "./pe/owners";
import { addCpu } from "./pe/power";
import { buildPes, wide } from "./pe/registers";
import { fieldGet } from "./field";
import {
  CSUMON_IDR_NUM_MON,
  IDR_HAS_IMPL_IDR,
  IDR_HAS_MSMON,
  IDR_HI_HAS_DEFAULT_PARTID,
  IDR_HI_HAS_ENDIS,
  IDR_HI_HAS_IN_TL,
  IDR_HI_HAS_OUT_TL,
  IDR_HI_NO_IMPL_MSMON,
  IDR_HI_NO_IMPL_PART,
  MBWUMON_IDR_HAS_CAPTURE,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_NUM_MON,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
  TL_IDR_PARTID_MAX,
} from "./regs/identity";
import { OPTION_RESET_FILL } from "./regs/options";
import { applyPending } from "./replay/edge";
import { buildGates } from "./replay/gates";
import { buildIntake } from "./replay/intake";
import { CHUNK_RECORDS } from "./replay/loop";
import { allocate, MAX_MSCS, MAX_RESOURCES, powerOn, root } from "./root";
import { buildCpus } from "./replay/cpus";
import { connect } from "./topology";

/** Opens an empty memory. Owners and requesters are capacities; scratch is memory for a host's own columns. */
export function init(owners: u32, requesters: u32, scratchBytes: u32): void {
  powerOn();
  const r = root();
  r.mscs = allocate(<usize>MAX_MSCS * 4);
  r.banks = allocate(<usize>MAX_MSCS * 4);
  buildMap();
  r.resources = allocate(<usize>MAX_RESOURCES * 4);
  r.events = allocate(<usize>EVENT_CAPACITY * offsetof<Event>());
  r.requesterCapacity = requesters;
  r.labels = allocate(<usize>requesters * 8);
  r.levels = allocate(requesters);
  r.marks = allocate(owners);
  r.slices = allocate(<usize>MAX_RESOURCES * 4);
  r.ports = allocate(<usize>MAX_RESOURCES * 4);
  r.entries = allocate(<usize>requesters * 2);
  buildCpus();
  buildOwners(owners);
  buildNames();
  buildPes();
  buildLatencies();
  buildNodes();
  // A record crosses with two requests at most: a line out and a line in.
  const crossings = <usize>CHUNK_RECORDS * 2;
  r.crossingKeys = allocate(crossings * 2);
  r.crossingBytes = allocate(crossings * 4);
  r.lineBytes = allocate(crossings * 4);
  r.operations = allocate(<usize>OPERATIONS * OPERATION_BYTES);
  r.scratchBytes = scratchBytes;
  r.scratch = allocate(scratchBytes);
}

/**
 * An MSC before a resource: its number. `msmonIdr`: bits of the whole MSC; `options`: regs/options.ts; ID registers as software
 * will read them, less the limits of a bank.
 */
export function addMsc(
  resource: u32,
  aidr: u32,
  iidr: u32,
  idr: u32,
  idrHi: u32,
  risMax: u32,
  msmonIdr: u32,
  nrwIdr: u32,
  inTlIdr: u32,
  outTlIdr: u32,
  options: u32,
  resetFill: u32,
  nrdyNs: u64,
): u32 {
  const entry = newMsc(resourceAt(resource));
  changetype<Resource>(resourceAt(resource)).msc = changetype<usize>(entry);
  entry.aidr = aidr;
  entry.iidr = iidr;
  entry.idr = idr;
  entry.idrHi = idrHi;
  entry.risMax = risMax;
  entry.msmonIdr = msmonIdr;
  entry.nrwIdr = nrwIdr;
  entry.inTlIdr = inTlIdr;
  entry.outTlIdr = outTlIdr;
  entry.options = options;
  entry.fills = options & OPTION_RESET_FILL ? 1 : 0;
  entry.resetFill = resetFill;
  entry.nrdyNs = nrdyNs;
  return entry.index;
}

/**
 * The registers of an MSC in an address space (MPAM_SP), with the limits that they tell there. Right after its
 * `addMsc`, at most one for each space.
 */
export function addBank(msc: u32, space: u32, partidMax: u32, pmgMax: u32): void {
  newBank(mscAt(msc), space, partidMax, pmgMax);
}

/** A resource instance of an MSC, after its banks: its ID registers as software will read them. */
export function addRis(
  msc: u32,
  ris: u32,
  /** Bit n: it exists in the bank of space n (MPAM_SP). */
  spaces: u32,
  idr: u32,
  /** NO_IMPL_PART and NO_IMPL_MSMON. */
  idrHi: u32,
  implIdr: u32,
  cporIdr: u32,
  ccapIdr: u32,
  mbwIdr: u32,
  priIdr: u32,
  msmonIdr: u32,
  csumonIdr: u32,
  mbwumonIdr: u32,
  /** Reset value of MPAMCFG_MBW_WINWD. */
  winwd: u32,
  /** How NRDY works: regs/options.ts. */
  nrdy: u32,
  /** 1: the allowance of a bandwidth window is all there when it begins. */
  fixedWindow: u32,
): void {
  const entry = risOf(mscAt(msc), ris);
  entry.present = 1;
  entry.spaces = spaces;
  entry.idr = idr;
  entry.idrHi = idrHi;
  entry.implIdr = implIdr;
  entry.cporIdr = cporIdr;
  entry.ccapIdr = ccapIdr;
  entry.mbwIdr = mbwIdr;
  entry.priIdr = priIdr;
  entry.msmonIdr = msmonIdr;
  entry.csumonIdr = csumonIdr;
  entry.mbwumonIdr = mbwumonIdr;
  entry.nrdy = nrdy;
  entry.fixedWindow = fixedWindow;
  if (msmonIdr & MSMON_IDR_MSMON_CSU) entry.csuMonitors = fieldGet(CSUMON_IDR_NUM_MON, csumonIdr);
  if (msmonIdr & MSMON_IDR_MSMON_MBWU) entry.mbwuMonitors = fieldGet(MBWUMON_IDR_NUM_MON, mbwumonIdr);
  declareControls(entry, winwd);
}

/** The next cpu: its ID registers as software will read them, and what it chooses (regs/pe-words.ts). It is booted. */
export function addPe(
  pfr0: u32,
  pfr0Hi: u32,
  pfr1: u32,
  idr: u32,
  idrHi: u32,
  bwidr: u32,
  bwidrHi: u32,
  options: u32,
  /** What 1.0 means in its bandwidth limits. */
  bytesPerSecond: u64,
): void {
  addCpu(wide(pfr0Hi, pfr0), pfr1, wide(idrHi, idr), wide(bwidrHi, bwidr), options, bytesPerSecond);
}

/** Gives every RIS its tables and monitors in every bank, and closes the machine. Returns the bytes it takes. */
export function seal(): u32 {
  const r = root();
  for (let m: u32 = 0; m < r.mscCount; m++) {
    for (let space: u32 = 0; space < SPACES; space++) {
      if (hasBank(mscAt(m), space)) furnish(bankOf(mscAt(m), space));
    }
  }
  connect();
  buildLimited();
  buildGates();
  r.armed = allocate(<usize>r.monitorCount * 4);
  r.waiting = allocate(<usize>r.monitorCount * 4);
  applyPending();
  buildIntake();
  r.sealed = 1;
  return <u32>r.top;
}

function furnish(bank: Bank): void {
  const msc = bank.msc;
  const partids = isNarrowing(msc) ? intPartidMax(msc) + 1 : bank.partidMax + 1;
  const hasDefault = (msc.idrHi & IDR_HI_HAS_DEFAULT_PARTID) != 0;
  bank.entries = hasDefault ? partids + 1 : partids;
  bank.defaultEntry = hasDefault ? partids : NO_ENTRY;
  if (isNarrowing(msc)) buildNarrowing(bank);
  if (msc.idrHi & IDR_HI_HAS_ENDIS) buildEnabled(bank);
  if (msc.idrHi & IDR_HI_HAS_IN_TL) bank.ingress = newTranslation(msc.inTlIdr, fieldGet(TL_IDR_PARTID_MAX, msc.inTlIdr));
  if (msc.idrHi & IDR_HI_HAS_OUT_TL) bank.egress = newTranslation(msc.outTlIdr, bank.partidMax);
  if (msc.idrHi & (IDR_HI_HAS_IN_TL | IDR_HI_HAS_OUT_TL)) translating(bank);
  for (let i: u32 = 0; i < MAX_RIS; i++) if (defined(bank, i)) furnishRis(bank, risOf(msc, i));
  bank.partSelBits = partSelBits(bank);
  bank.monSelBits = monSelBits(bank);
  bank.filterMax = filterMax(bank);
  followPartSel(bank);
  followMonSel(bank);
}

/** What it takes to keep apart the labels before, within and behind a part. */
function translating(bank: Bank): void {
  const r = root();
  r.translates = 1;
  bank.seen = allocate(<usize>r.ownerCapacity * 4);
  const resource = changetype<Resource>(bank.msc.resource);
  if (resource.kind == KIND_CACHE && resource.egress == 0) {
    resource.egress = allocate(<usize>r.ownerCapacity * 2);
  }
}

function furnishRis(bank: Bank, ris: Ris): void {
  const settings = settingsOf(bank, ris.index);
  bank.anyIdr |= ris.idr;
  if (ris.idr & IDR_HAS_IMPL_IDR) bank.described |= ~ris.idrHi & (IDR_HI_NO_IMPL_PART | IDR_HI_NO_IMPL_MSMON);
  for (let control: u32 = 0; control < CONTROLS; control++) {
    const words = max(controlWords(bank, control), ris.control(control).words);
    store<u32>(bank.words + (<usize>control << 2), words);
  }
  if (ris.idr & IDR_HAS_MSMON) bank.anyMsmonIdr |= ris.msmonIdr | bank.msc.msmonIdr;
  buildTables(bank, ris, settings);
  if (ris.msmonIdr & MSMON_IDR_MSMON_CSU) {
    bank.anyCsumonIdr |= ris.csumonIdr;
    const monitors = ris.csuMonitors;
    settings.csu = allocate(<usize>monitors * offsetof<Csu>());
    for (let mon: u32 = 0; mon < monitors; mon++) buildCsu(csuAt(settings, mon), bank, ris);
  }
  if (ris.msmonIdr & MSMON_IDR_MSMON_MBWU) {
    bank.anyMbwumonIdr |= ris.mbwumonIdr;
    if (ris.mbwumonIdr & MBWUMON_IDR_HAS_LONG && ris.mbwumonIdr & MBWUMON_IDR_HAS_CAPTURE) bank.anyLongCapture = 1;
    const monitors = ris.mbwuMonitors;
    settings.mbwu = allocate(<usize>monitors * offsetof<Mbwu>());
    for (let mon: u32 = 0; mon < monitors; mon++) buildMbwu(mbwuAt(settings, mon), bank, ris);
    root().monitorCount += monitors;
  }
}
