// What one RIS keeps in one bank: a table per control, indexed by PARTID, and its monitors. A control reads and writes
// its own table and knows nothing of the others.

@unmanaged
export class Settings {
  /** cpbmWords u32 a PARTID (control/cpor.ts). */
  cpbm: usize;
  cpbmWords: u32;
  /** A u32 a PARTID (control/ccap.ts). */
  cmax: usize;
  /** A u32 a PARTID (control/mbw.ts). */
  mbwMax: usize;
  csu: usize;
  mbwu: usize;
  spare: u32;
}
