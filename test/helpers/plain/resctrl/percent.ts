// Percent and MBW_MAX (resctrl-glue.md section 7).

function roundHalfUp(x: number, d: number): number {
  return Math.floor((x + Math.floor(d / 2)) / d);
}

/** Left-aligned in 16 bits. */
export function toMbwMax(percent: number, width: number): number {
  const band = Math.max(roundHalfUp((percent % 256) * 2 ** width, 100), 1) - 1;
  return (band * 2 ** (16 - width)) % 65536;
}

export function toPercent(mbwMax: number, width: number): number {
  return roundHalfUp((Math.floor(mbwMax / 2 ** (16 - width)) + 1) * 100, 2 ** width);
}

/** All implemented bits. */
export function allOnes(width: number): number {
  return (2 ** width - 1) * 2 ** (16 - width);
}

export function granularity(width: number): number {
  return Math.ceil(100 / 2 ** width);
}
