// Numbers of a list. There may be more of them than a call can have arguments.

/** The least and the most of some. */
export function extent(values: readonly number[]): [least: number, most: number] {
  return values.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** Of some; between two it is their middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** What is the same everywhere stays as it is, to the last bit. */
export function mean(values: readonly number[]): number {
  const [least, most] = extent(values);
  return least === most ? least : values.reduce((sum, value) => sum + value, 0) / values.length;
}
