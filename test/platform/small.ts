// The smallest platform file with every part in it; tests change one line of it.

export const SMALL = `name: small
cpus: 4
processor: &limits { partidMax: 7, pmgMax: 1 }
caches:
  - level: 3
    bytes: 64 KiB
    ways: 16
    msc:
      base: 0x1_0000
      version: "1.1"
      cpor: { cpbmWd: 8 }
memory:
  - bytes: 1 GiB
    bytesPerSecond: 1 GB/s
    msc:
      base: 0x2_0000
      mbwu: { monitors: 2, counter: 63, rwbw: true }
`;

/** SMALL with one line changed: `from` must stand in it once. */
export function small(from: string, to: string): string {
  const parts = SMALL.split(from);
  if (parts.length !== 2) throw new Error(`${JSON.stringify(from)} stands ${parts.length - 1} times in the file`);
  return parts.join(to);
}
