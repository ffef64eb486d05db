// How far the replay may run in bulk: the least number of bytes after which an armed monitor overflows.
//
// Monitors that are armed stand in one table, those near their limit first. Only the near ones are looked at often; the
// others are sure to be out of reach until the far slack is used up. So the price of a record does not depend on how
// many monitors there are (design: counting).

import { catchUp, distance, Mbwu } from "../monitor/mbwu";
import { root } from "../root";

/** A monitor this close to its limit, in bytes, is near. */
const NEAR: u64 = 64 << 20;

// @ts-ignore: decorator
@inline
function at(position: u32): Mbwu {
  return changetype<Mbwu>(load<u32>(root().armed + (<usize>position << 2)));
}

function put(position: u32, mbwu: Mbwu): void {
  store<u32>(root().armed + (<usize>position << 2), <u32>changetype<usize>(mbwu));
  mbwu.armed = position + 1;
}

export function arm(mbwu: Mbwu): void {
  const r = root();
  if (mbwu.armed == 0) put(r.armedCount++, mbwu);
  forget();
}

export function disarm(mbwu: Mbwu): void {
  const r = root();
  if (mbwu.armed == 0) return;
  const last = at(--r.armedCount);
  put(mbwu.armed - 1, last);
  mbwu.armed = 0;
  forget();
}

/** What was known of distances no longer holds. */
function forget(): void {
  const r = root();
  r.nearSlack = 0;
  r.farSlack = 0;
  r.nearCount = 0;
}

/** Bytes of slack, looking again where it has become less than `wanted`; overflows that have been reached take effect. */
export function slack(wanted: u64): u64 {
  const r = root();
  if (r.farSlack < wanted) sort();
  else if (r.nearSlack < wanted) lookNear();
  return min(r.nearSlack, r.farSlack);
}

/** Takes what a span may have moved at most from the slack. */
export function spend(bytes: u64): void {
  const r = root();
  r.nearSlack = r.nearSlack > bytes ? r.nearSlack - bytes : 0;
  r.farSlack = r.farSlack > bytes ? r.farSlack - bytes : 0;
}

function lookNear(): void {
  const r = root();
  let least = u64.MAX_VALUE;
  for (let position: u32 = 0; position < r.nearCount; position++) {
    catchUp(at(position));
    least = min(least, distance(at(position)));
  }
  r.nearSlack = least;
}

function sort(): void {
  const r = root();
  let near: u32 = 0;
  let nearest = u64.MAX_VALUE;
  let far = u64.MAX_VALUE;
  for (let position: u32 = 0; position < r.armedCount; position++) {
    const mbwu = at(position);
    catchUp(mbwu);
    const bytes = distance(mbwu);
    if (bytes > NEAR) {
      far = min(far, bytes);
      continue;
    }
    nearest = min(nearest, bytes);
    put(position, at(near));
    put(near, mbwu);
    near++;
  }
  r.nearCount = near;
  r.nearSlack = nearest;
  r.farSlack = far;
}
