// Interrupts of a GIC as firmware numbers them (INTID, GSIV).

/** PPIs and extended PPIs: each cpu has them for itself. */
export function isPrivateInterrupt(line: number): boolean {
  return (line >= 16 && line <= 31) || (line >= 1056 && line <= 1119);
}
