/** Mutated tables through everything that reads tables: nothing but the refusal that says where, and no more work than their size is worth. */

import { ErrnoError } from "../../../src/errno/index.ts";
import {
  acpiTables,
  acpiText,
  checkAcpi,
  describeAcpi,
  platformFromAcpi,
  showFinding,
  splitAcpi,
} from "../../../src/firmware/index.ts";
import { checkObject, PlatformError, parsePlatform } from "../../../src/platform/index.ts";
import * as worked from "../../firmware/acpi/worked.ts";
import { Random } from "../random.ts";
import { CountedReads } from "./counted.ts";
import { mutated } from "./mutate.ts";

export interface AcpiBounds {
  readonly seed: number;
  readonly seconds?: number;
  readonly count?: number;
  readonly from?: number;
}

export interface AcpiFailure {
  readonly number: number;
  readonly reader: string;
  readonly error: string;
  readonly tables: readonly string[];
}

export interface AcpiOutcome {
  readonly seed: number;
  readonly sets: number;
  /** That were changed. */
  readonly tables: number;
  /** Refused with a place, over all readers. */
  readonly refused: number;
  /** The most reads that a byte of a set has cost. */
  readonly readsPerByte: number;
  readonly seconds: number;
  readonly failure?: AcpiFailure;
}

/** Small machines: every kind of structure is in them. */
function machines(): Uint8Array[][] {
  const one = parsePlatform(`
name: fuzzed
cpus: 4
processor: { partidMax: 7, pmgMax: 1 }
clusters: ["0-1", "2-3"]
mailboxes: [{ subspace: 1, base: 0x2_0000_0000, interrupt: 60 }]
smmus: [{ base: 0x2b40_0000, mpam: false }, { base: 0x2b50_0000, mpam: false }]
caches:
  - { level: 2, per: cpu, bytes: 32 KiB, ways: 8 }
  - { level: 4, bytes: 64 KiB, ways: 16, slices: 2, msc: { base: 0x1_4100_0000, nrdyUsec: 5, errorInterrupt: 44, cpor: { cpbmWd: 8 } } }
memory:
  - { node: 0, cpus: 0-1, bytes: 1 GiB, bytesPerSecond: 1 GB/s, msc: { base: 0x1_4200_0000, cpus: 0-1, ris: [{ ris: 0, mbw: { bwaWd: 7 } }, { ris: 3 }] } }
  - { node: 3, cpus: 2, bytes: 1 GiB, bytesPerSecond: 2 GB/s, msc: { mailbox: 1, mbw: { bwaWd: 7 } } }
`);
  const tables = acpiTables(one);
  return [
    tables,
    [
      ...tables.filter((table) => !["PPTT", "MPAM", "HMAT"].includes(String.fromCharCode(...table.subarray(0, 4)))),
      worked.PPTT,
      worked.MPAM,
      worked.HMAT,
    ],
  ];
}

/** A machine's tables; those of them that were changed; how often the set has been drawn. */
type Reader = (set: readonly Uint8Array[], changed: readonly Uint8Array[], number: number) => unknown;

const READERS: readonly (readonly [name: string, read: Reader])[] = [
  // It begins with describeAcpi.
  ["platformFromAcpi", (set, _, number) => tryPlatform(platformFromAcpi(set).platform, number)],
  ["describeAcpi", (set, _, number) => number % 4 === 0 && describeAcpi(set, { compat: "linux-7.3" })],
  ["dump", (_, changed) => changed.map((table) => acpiText(table))],
  ["check", (set) => checkAcpi(set).map(showFinding)],
  ["split", (_, changed) => splitAcpi(new Uint8Array(changed.flatMap((table) => [...table])))],
];

/** A platform of odd tables may be refused, in the words of platforms. */
function tryPlatform(platform: object, number: number): void {
  // It takes longer than all the rest.
  if (number % 16 !== 0) return;
  try {
    checkObject(platform);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
  }
}

/** What a reader may read of each byte, with some for small tables: every one goes over them a few times. */
const READS = { perByte: 16, always: 1024 };

export function searchAcpi(bounds: AcpiBounds): AcpiOutcome {
  const began = performance.now();
  const sets = machines();
  const work = new CountedReads();
  let [count, tables, refused, readsPerByte] = [0, 0, 0, 0];
  const seconds = () => (performance.now() - began) / 1000;
  const done = () => ({ seed: bounds.seed, sets: count, tables, refused, readsPerByte, seconds: seconds() });
  try {
    for (let number = bounds.from ?? 0; ; number++) {
      if (bounds.count !== undefined && tables >= bounds.count) break;
      if (bounds.seconds !== undefined && seconds() >= bounds.seconds) break;
      const random = new Random(bounds.seed, number);
      const { set, changed } = mutated(random.pick(sets), random);
      const bytes = set.reduce((sum, { length }) => sum + length, 0);
      count++;
      tables += changed.length;
      for (const [reader, read] of READERS) {
        work.reads = 0;
        const error = failureOf(() => read(set, changed, number));
        if (error === "refused") refused++;
        const most = READS.always + READS.perByte * bytes;
        readsPerByte = Math.max(readsPerByte, work.reads / Math.max(1, bytes));
        const wrong =
          error !== undefined && error !== "refused"
            ? error
            : work.reads > most
              ? `${work.reads} reads of ${bytes} bytes`
              : undefined;
        if (wrong === undefined) continue;
        return { ...done(), failure: { number, reader, error: wrong, tables: set.map(hexOf) } };
      }
    }
  } finally {
    work.end();
  }
  return done();
}

/** undefined: read. */
function failureOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof ErrnoError && error.code === "EINVAL" && /\+0x[0-9a-f]{2,}: /.test(error.message))
      return "refused";
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

const hexOf = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function acpiTotals({ seed, sets, tables, refused, readsPerByte, seconds, failure }: AcpiOutcome): string {
  const found = failure ? "1 failure" : "nothing but clear refusals";
  const rate = Math.round(tables / Math.max(seconds, 0.001));
  return `acpi: ${tables} mutated tables in ${sets} machines, ${refused} readings refused, at most ${readsPerByte.toFixed(1)} reads a byte: ${found} (seed ${seed}, ${seconds.toFixed(1)} s, ${rate} tables/s)`;
}

export function acpiFailure({ seed, failure }: AcpiOutcome): string {
  if (!failure) return "";
  const again = `npm run fuzz -- acpi --seed ${seed} --from ${failure.number} --count 1`;
  return [
    `${failure.reader}: ${failure.error}`,
    "tables:",
    ...failure.tables.map((table) => `  ${table}`),
    `again: ${again}`,
  ].join("\n");
}
