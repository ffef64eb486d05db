// Closed timing: staged records go to the streams of their requesters, in bulk.

import { root } from "../root";
import { append } from "./closed";
import { handed } from "./intake";
import { ran, spellStaged, stagedEnd, stagedFirst, stagedTimes } from "./staging";
import { Stream, STREAM_RECORDS, streamAt } from "./stream";

/** Whether a stream can take its next record now: earlier ones may still wait outside. */
// @ts-ignore: decorator
@inline
function takes(stream: Stream): bool {
  return stream.behind == 0 && stream.written - stream.read < STREAM_RECORDS;
}

/** Gives staged records to their streams, in order, up to the first that cannot be taken: where it is staged, or all ones. */
export function giveStaged(): u32 {
  const r = root();
  const first = stagedFirst();
  const end = stagedEnd();
  spellStaged();
  const times = stagedTimes();
  let i = first;
  for (; i < end; i++) {
    const at = <usize>i;
    const index = <u32>load<u16>(r.streamOf + (<usize>load<u16>(r.stagedRequesters + (at << 1)) << 1));
    const stream = streamAt(index);
    if (stream.skip > 0) {
      stream.skip--;
      continue;
    }
    if (!takes(stream)) break;
    append(index, load<u32>(r.stagedLines + (at << 2)), load<u8>(r.stagedMetas + at), <u64>load<f64>(times + (at << 3)));
  }
  ran(i - first);
  return i < end ? i : u32.MAX_VALUE;
}

/** Gives a stream `n` records of its own from where `handed` says, no more than it has room for: times f64, lines u32, metas u8. */
export function giveHanded(index: u32, n: u32): void {
  const times = handed();
  const lines = times + (<usize>STREAM_RECORDS << 3);
  const metas = lines + (<usize>STREAM_RECORDS << 2);
  for (let i: usize = 0; i < n; i++) {
    append(index, load<u32>(lines + (i << 2)), load<u8>(metas + i), <u64>load<f64>(times + (i << 3)));
  }
}

/** Records that are to be passed over before a stream takes any: it has them from before. */
export function setSkip(index: u32, records: u32): void {
  streamAt(index).skip = records;
}

/** Records that a stream still passes over (setSkip). */
export function streamSkip(index: u32): u32 {
  return streamAt(index).skip;
}

/** Whether records of a stream wait outside, so that none may come before them. */
export function setBehind(index: u32, behind: bool): void {
  streamAt(index).behind = behind ? 1 : 0;
}

/** Records that a stream has taken, modulo 2^32. */
export function streamTaken(index: u32): u32 {
  return streamAt(index).written;
}
