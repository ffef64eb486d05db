// Which requester each cpu ran last. No kernel keeps it: when a call has run its records, the column of requesters is gone
// through from its end, until every cpu has been met whose last requester can be another one now. Closed timing has no column,
// and few records for its time: there each requester is noted when it comes to issue.

import { allocate, root } from "../root";

/** Cpus of a platform at most. */
export const MAX_CPUS: u32 = 1024;

/** No call need look for this cpu: its only requester is known to be its last. */
const SETTLED: u64 = u64.MAX_VALUE;

/** Records that are looked at one by one, at first. */
const STRETCH: u32 = 256;

/** Requesters that the sieve has room for. */
const SIEVED: u32 = 256;

@unmanaged
export class Cpu {
  /** The last look that met it, or SETTLED. */
  met: u64;
  /** The requester of its last record and 1; 0 for none yet. */
  last: u32;
  /** Requesters that are on it. */
  requesters: u32;
}

export function buildCpus(): void {
  const r = root();
  r.cpuOf = allocate(<usize>r.requesterCapacity * 2);
  r.cpus = allocate(<usize>(MAX_CPUS + 1) * offsetof<Cpu>());
  r.cpuMarks = allocate(r.requesterCapacity);
  r.cpuSieve = allocate(32);
  cpuAt(0).met = SETTLED;
}

/** By number and 1; 0 stands for the cpu of requesters that are on none. */
// @ts-ignore: decorator
@inline
function cpuAt(index: u32): Cpu {
  return changetype<Cpu>(root().cpus + <usize>index * offsetof<Cpu>());
}

// @ts-ignore: decorator
@inline
function cpuOf(requester: u32): Cpu {
  return cpuAt(load<u16>(root().cpuOf + (<usize>requester << 1)));
}

/** Puts a requester on a cpu; before, it was on another or on none. */
export function setCpu(requester: u32, number: u32): void {
  const r = root();
  const before = cpuOf(requester);
  const cpu = cpuAt(number + 1);
  if (before == cpu) return;
  if (before != cpuAt(0) && --before.requesters == 0 && before.met != SETTLED) r.sought--;
  if (cpu.requesters++ == 0 || cpu.met == SETTLED) {
    cpu.met = 0;
    r.sought++;
  }
  store<u16>(r.cpuOf + (<usize>requester << 1), <u16>(number + 1));
  r.cpuRequesters = max(r.cpuRequesters, requester + 1);
}

/** The requester of the last record that a cpu ran; all ones for none yet. */
export function lastRequester(number: u32): u32 {
  return number < MAX_CPUS ? cpuAt(number + 1).last - 1 : u32.MAX_VALUE;
}

/** A requester is about to run a record. */
export function note(requester: u32): void {
  cpuOf(requester).last = requester + 1;
}

/** The `n` records of this column of requesters have run. */
export function look(requesters: usize, n: u32): void {
  const r = root();
  if (r.sought == 0) return;
  r.looks++;
  r.unmet = r.sought;
  let end = requesters + (<usize>n << 1);
  for (let stretch = STRETCH; ; stretch <<= 1) {
    const left = <u32>((end - requesters) >>> 1);
    // Marks take as long as there are requesters.
    end = meet(end, left > r.cpuRequesters ? min<u32>(left, stretch) : left);
    if (r.unmet == 0 || end == requesters) return;
    mark();
    const sieved = ASC_FEATURE_SIMD && r.cpuRequesters <= SIEVED;
    end = sieved ? passSieved(requesters, end) : passUnmarked(requesters, end);
  }
}

/** Looks at up to `n` requesters before `end`, one by one; where it came to. */
function meet(end: usize, n: u32): usize {
  const r = root();
  const turn = r.looks;
  let unmet = r.unmet;
  let at = end;
  for (const first = end - (<usize>n << 1); at > first && unmet != 0; ) {
    at -= 2;
    const requester = <u32>load<u16>(at);
    const cpu = cpuOf(requester);
    if (cpu.met >= turn) continue;
    cpu.last = requester + 1;
    cpu.met = turn;
    unmet--;
    if (cpu.requesters > 1) continue;
    cpu.met = SETTLED;
    r.sought--;
  }
  r.unmet = unmet;
  return at;
}

// Most of a column is passed over where a cpu stands idle: so that costs as little as it can.

/** Marks the requesters whose cpus have not been met, and makes a sieve of the marks: a bit for each of the first 256. */
function mark(): void {
  const r = root();
  const sieve = r.cpuSieve;
  memory.fill(sieve, 0, 32);
  for (let requester: u32 = 0; requester < r.cpuRequesters; requester++) {
    const marked = cpuOf(requester).met < r.looks;
    store<u8>(r.cpuMarks + requester, marked ? 1 : 0);
    if (!marked || requester >= SIEVED) continue;
    const row = sieve + ((requester & 15) | ((requester & 0x80) >>> 3));
    store<u8>(row, <u8>(<u32>load<u8>(row) | (1 << ((requester >>> 4) & 7))));
  }
}

/** Goes back while none is marked. */
function passUnmarked(first: usize, end: usize): usize {
  const marks = root().cpuMarks;
  let at = end;
  while (at - first >= 16) {
    const some =
      <u32>load<u8>(marks + load<u16>(at - 2)) |
      <u32>load<u8>(marks + load<u16>(at - 4)) |
      <u32>load<u8>(marks + load<u16>(at - 6)) |
      <u32>load<u8>(marks + load<u16>(at - 8)) |
      <u32>load<u8>(marks + load<u16>(at - 10)) |
      <u32>load<u8>(marks + load<u16>(at - 12)) |
      <u32>load<u8>(marks + load<u16>(at - 14)) |
      <u32>load<u8>(marks + load<u16>(at - 16));
    if (some != 0) break;
    at -= 16;
  }
  return at;
}

/** The same by the sieve, for which requesters past it are like the last or the first in it. */
function passSieved(first: usize, end: usize): usize {
  const sieve = root().cpuSieve;
  const lower = v128.load(sieve);
  const upper = v128.load(sieve, 16);
  let at = end;
  while (at - first >= 128) {
    const some = v128.or(
      v128.or(sifted(lower, upper, at - 32), sifted(lower, upper, at - 64)),
      v128.or(sifted(lower, upper, at - 96), sifted(lower, upper, at - 128)),
    );
    if (v128.any_true(some)) break;
    at -= 128;
  }
  return at;
}

/** Sixteen requesters: not 0 where the sieve has the bit of one. Its byte is found by bits 3:0 and 7, its bit by bits 6:4. */
// @ts-ignore: decorator
@inline
function sifted(lower: v128, upper: v128, at: usize): v128 {
  const whos = i8x16.narrow_i16x8_u(v128.load(at), v128.load(at, 16));
  const rows = v128.and(whos, i8x16.splat(15));
  const columns = v128.and(i16x8.shr_u(whos, 4), i8x16.splat(15));
  const lowerBits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  const upperBits = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, -128);
  return v128.or(
    v128.and(i8x16.swizzle(lower, rows), i8x16.swizzle(lowerBits, columns)),
    v128.and(i8x16.swizzle(upper, rows), i8x16.swizzle(upperBits, columns)),
  );
}
