// Times of nodes: that at which one was first looked at, until somebody sets others. The machine knows nothing of them.

import type { TreeNode } from "../tree/index.ts";
import { SET_ATIME, SET_ATIME_NOW, SET_CTIME, SET_MTIME, SET_MTIME_NOW } from "./opcodes.ts";

type Three = readonly [atime: number, mtime: number, ctime: number];

/** Of the wall. */
export interface Moment {
  /** Since 1970, before it negative. */
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Of access, change of content and change of attributes. */
export interface Times {
  readonly atime: Moment;
  readonly mtime: Moment;
  readonly ctime: Moment;
}

export class NodeTimes {
  readonly #times = new WeakMap<TreeNode, Times>();

  /** `now`: ms. */
  constructor(private readonly now: () => number) {}

  of(node: TreeNode): Times {
    const known = this.#times.get(node);
    if (known !== undefined) return known;
    const now = momentOf(this.now());
    const times = { atime: now, mtime: now, ctime: now };
    this.#times.set(node, times);
    return times;
  }

  /** `wanted`: which of them, as SETATTR says it. */
  set(node: TreeNode, wanted: number, seconds: Three, nanoseconds: Three): void {
    const given = (index: 0 | 1 | 2) => ({ seconds: seconds[index], nanoseconds: nanoseconds[index] });
    const { atime, mtime } = this.of(node);
    const now = momentOf(this.now());
    this.#times.set(node, {
      atime: wanted & SET_ATIME_NOW ? now : wanted & SET_ATIME ? given(0) : atime,
      mtime: wanted & SET_MTIME_NOW ? now : wanted & SET_MTIME ? given(1) : mtime,
      ctime: wanted & SET_CTIME ? given(2) : now,
    });
  }
}

function momentOf(ms: number): Moment {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanoseconds: Math.floor((ms - seconds * 1000) * 1e6) };
}
