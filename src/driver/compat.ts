// What kernel 7.3.4 does that surprises or is hazardous, one field for each. The driver repairs all of it, unless asked for
// `compat: "linux-7.3"`. Rows are those of linux-driver.md section 15; docs/modelled.md lists both behaviours.

export interface Oddities {
  /** Row 1, 0.1: the window is taken to be a byte shorter than it is, so that writing its last word is reported. */
  readonly windowLessOne: boolean;
  /** Row 2, 1.2: firmware may describe RIS 16, one more than MPAMF_IDR can tell of. */
  readonly ris16: boolean;
  /** Row 3, 2.2: the last RIS says whether MPAMF_ESR has a high half; else any. */
  readonly lastRisHasExtdEsr: boolean;
  /** Row 4, 3.3: a control whose widths differ within a vMSC comes back with width 0; else it stays dropped. */
  readonly aliasWidthZero: boolean;
  /** Row 5, 3.3: which RIS of a vMSC is merged last decides about priorities; else all have to agree. */
  readonly aliasOrderDecides: boolean;
  /** Row 5, 1.2: new members go to the head of every list; else lists are sorted. */
  readonly newestFirst: boolean;
  /** Row 6, 6.2: monitors are selected on RIS that have none; else those are left out. */
  readonly asksEveryRis: boolean;
  /** Row 7, 6.6: what is saved of a counter is the raw register, NRDY and all, whatever had overflowed or was reset; RWBW is not saved. */
  readonly rawSavedCounters: boolean;
  /** Row 8, 6.3: sums wrap at 64 bits, and so does an overflow of 2^63 units of 64 bytes: to 0. */
  readonly wraps64: boolean;
  /** Row 9, 5.4: resetting a class does not wait for who configures it. */
  readonly resetsWithoutLock: boolean;
  /** Row 14, 5.1: a configured bitmap is 32 bits long, and the words past the first keep what they had. */
  readonly firstWordOnly: boolean;
  /** Row 15, 6.6: nobody looks at how restoring a counter went; else a failure is logged. */
  readonly silentRestore: boolean;
  /** 6.3: an overflow that is seen while the counter is not ready is forgotten. */
  readonly losesOverflows: boolean;
  /** 2.3: firmware has to say how long any NRDY takes that hardware manages, even one that is always 0. */
  readonly nrdyWantsTime: boolean;
  /** 4, 5.3: a setting that could not be written counts as written; else asking for it again writes it. */
  readonly forgetsFailedWrites: boolean;
  /** 7.2: MPAMF_ECR is not written when the first cpu comes back, so that errors of an MSC that lost power go unnoticed. */
  readonly forgetsEcr: boolean;
  /** 1.2: MSCs behind firmware messages are refused. */
  readonly noMailboxes: boolean;
}

export const REPAIRED: Oddities = {
  windowLessOne: false,
  ris16: false,
  lastRisHasExtdEsr: false,
  aliasWidthZero: false,
  aliasOrderDecides: false,
  newestFirst: false,
  asksEveryRis: false,
  rawSavedCounters: false,
  wraps64: false,
  resetsWithoutLock: false,
  firstWordOnly: false,
  silentRestore: false,
  losesOverflows: false,
  nrdyWantsTime: false,
  forgetsFailedWrites: false,
  forgetsEcr: false,
  noMailboxes: false,
};

export const LINUX_7_3: Oddities = {
  windowLessOne: true,
  ris16: true,
  lastRisHasExtdEsr: true,
  aliasWidthZero: true,
  aliasOrderDecides: true,
  newestFirst: true,
  asksEveryRis: true,
  rawSavedCounters: true,
  wraps64: true,
  resetsWithoutLock: true,
  firstWordOnly: true,
  silentRestore: true,
  losesOverflows: true,
  nrdyWantsTime: true,
  forgetsFailedWrites: true,
  forgetsEcr: true,
  noMailboxes: true,
};

/** A kernel whose behaviour is kept as it is, oddities and all. */
export type Compat = "linux-7.3";

export function odditiesOf(compat: Compat | undefined): Oddities {
  return compat === "linux-7.3" ? LINUX_7_3 : REPAIRED;
}
