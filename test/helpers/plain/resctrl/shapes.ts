// Shapes of platforms/, and of machines made to be short of something.

import type { Shape } from "./shape.ts";
import { range } from "./text.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Threads of root, of two others, and one that has changed its user. */
const OWNED = [100, 101, 200, 201, 300].map((tid) => {
  const uid = tid < 200 ? 0 : tid < 300 ? 1000 : 2000;
  return { tid, uid, suid: tid === 201 ? 2000 : uid };
});
const OF_ROOT = OWNED.map(({ tid }) => ({ tid, uid: 0, suid: 0 }));

/** Machines of platforms/, by file name. */
export const PLATFORM_SHAPES: Readonly<Record<string, Shape>> = {
  "one-socket": {
    ...{ cpus: 8, partidMax: 15, pmgMax: 3, occupancy: true, monitors: 32, tasks: OWNED, kernel: "7.3 repaired" },
    l3: { bits: 16, domains: [{ id: 0, cpus: range(8), bytes: MIB }] },
    mb: { width: 7, domains: [{ id: 0, cpus: range(8) }] },
  },
  "two-sockets": {
    ...{ cpus: 16, partidMax: 31, pmgMax: 3, occupancy: true, monitors: 16, tasks: OF_ROOT, kernel: "7.3 repaired" },
    l2: { bits: 8, domains: range(16).map((cpu) => ({ id: cpu + 2, cpus: [cpu], bytes: 256 * KIB })) },
    l3: { bits: 16, domains: sockets(8, 8 * MIB) },
    mb: { width: 7, domains: sockets(8, 0) },
  },
  minimal: {
    ...{ cpus: 1, partidMax: 1, pmgMax: 0, occupancy: true, tasks: OF_ROOT, kernel: "7.3 repaired" },
    l3: { bits: 2, domains: [{ id: 0, cpus: [0], bytes: 256 }] },
  },
};

function sockets(cpus: number, bytes: number): { id: number; cpus: number[]; bytes: number }[] {
  return [0, 1].map((id) => ({ id, cpus: range(cpus).map((cpu) => cpu + id * cpus), bytes }));
}

const small: Shape = {
  ...{ cpus: 4, partidMax: 3, pmgMax: 2, occupancy: true, monitors: 3, tasks: OWNED, kernel: "7.3 repaired" },
  l3: { bits: 8, domains: sockets(2, 64 * KIB) },
  mb: { width: 4, domains: sockets(2, 0) },
};

const withL2: Shape = {
  ...small,
  ...{ partidMax: 7, options: { debug: true } },
  l2: { bits: 4, domains: range(4).map((cpu) => ({ id: cpu + 10, cpus: [cpu], bytes: 8 * KIB })) },
};

/** Machines that `platformOf` makes. */
export const SMALL_SHAPES: Readonly<Record<string, Shape>> = {
  small,
  debug: { ...small, options: { debug: true }, tasks: OF_ROOT },
  "with L2s": withL2,
  "cdp on L3": { ...withL2, options: { cdp: true, expert: true, debug: true } },
  "cdp on L2": { ...withL2, options: { cdpl2: true, expert: true } },
  "cdp on both": { ...withL2, options: { cdp: true, cdpl2: true, expert: true }, partidMax: 9 },
  "one monitor and cdp": { ...small, monitors: 1, options: { cdp: true, expert: true }, partidMax: 7 },
  "one PMG": { ...small, pmgMax: 0 },
  "no counters": without({ ...small, options: { debug: true } }, "monitors"),
  "no occupancy": { ...small, occupancy: false, options: { debug: true } },
  "no monitors": without({ ...small, occupancy: false }, "monitors"),
  "monitors alone": without({ ...small, l3: { domains: small.l3!.domains } }, "mb"),
  "MB alone": { ...small, l3: { domains: small.l3!.domains }, mb: { ...small.mb!, width: 1 } },
  "cpus that come later": { ...small, offline: [1, 3] },
  "owned by a user": { ...small, owner: { uid: 1000, gid: 1000 } },
  "40 cpus": {
    ...small,
    cpus: 40,
    ...{ l3: { bits: 32, domains: sockets(20, 64 * KIB) }, mb: { width: 16, domains: sockets(20, 0) } },
  },
};

function without(shape: Shape, key: "monitors" | "mb"): Shape {
  const { [key]: _gone, ...rest } = shape;
  return rest as Shape;
}

/** The same with the oddities of the kernel. */
export function withOddities(shape: Shape): Shape {
  return { ...shape, kernel: "linux-7.3" };
}
