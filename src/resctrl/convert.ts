// Percent and MBW_MAX: resctrl counts bandwidth in percent, the register in a 16-bit left-aligned fraction of which
// `wd` bits exist (resctrl-glue.md section 7).

export const MAX_BANDWIDTH_PERCENT = 100;

/** x / d, halves up. */
function roundHalfUp(x: number, d: number): number {
  return Math.floor((x + Math.floor(d / 2)) / d);
}

/** The percentage nearest to the upper edge of the band a register value stands for. */
export function mbwMaxToPercent(value: number, wd: number): number {
  return roundHalfUp(((value >>> (16 - wd)) + 1) * 100, 2 ** wd);
}

/**
 * The register value whose upper edge is nearest to a percentage. More than 100 counts as 100, unless `wraps`: a kernel
 * takes 8 bits of it, and 16 of the result, so that 105 can be the minimum.
 */
export function percentToMbwMax(percent: number, wd: number, wraps = false): number {
  const wanted = wraps ? percent & 0xff : Math.min(percent, MAX_BANDWIDTH_PERCENT);
  const band = roundHalfUp(wanted * 2 ** wd, 100);
  return ((Math.max(band, 1) - 1) << (16 - wd)) & 0xffff;
}

/** Smallest percentage that can be told from less. 0 without a usable control. */
export function minBandwidth(wd: number): number {
  return wd === 0 ? 0 : mbwMaxToPercent(0, wd);
}

/** Percent per step of the control, rounded up. 0 without a usable control. */
export function bandwidthGranularity(wd: number): number {
  return wd === 0 ? 0 : Math.ceil(100 / 2 ** wd);
}
