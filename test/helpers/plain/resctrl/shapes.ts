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
    ...shared(8, { bits: 16, bytes: MIB, width: 7 }),
  },
  "two-sockets": {
    ...{ cpus: 16, partidMax: 31, pmgMax: 3, occupancy: true, monitors: 16, tasks: OF_ROOT, kernel: "7.3 repaired" },
    l2: { bits: 8, domains: ofEachCpu(16, 2, 256 * KIB) },
    l3: { bits: 16, domains: sockets(8, 8 * MIB) },
    mb: { width: 7, domains: sockets(8, 0) },
  },
  minimal: {
    ...{ cpus: 1, partidMax: 1, pmgMax: 0, occupancy: true, tasks: OF_ROOT, kernel: "7.3 repaired" },
    l3: { bits: 2, domains: [{ id: 0, cpus: [0], bytes: 256 }] },
  },
  "small-server": {
    ...{ cpus: 16, partidMax: 31, pmgMax: 1, occupancy: true, monitors: 8, tasks: OWNED, kernel: "7.3 repaired" },
    ...shared(16, { id: 4, bits: 12, bytes: 2 * MIB, width: 5 }),
  },
  "private-l2": {
    ...{ cpus: 8, partidMax: 15, pmgMax: 3, occupancy: true, monitors: 32, tasks: OWNED, kernel: "7.3 repaired" },
    ...shared(8, { bits: 16, bytes: MIB, width: 7 }),
    l2: { bits: 8, domains: ofEachCpu(8, 1, 64 * KIB) },
  },
  // The L3s have widths and monitors of their own: the least holds for all.
  "scarce-monitors": {
    ...{ cpus: 8, partidMax: 15, pmgMax: 3, occupancy: true, monitors: 3, tasks: OWNED, kernel: "7.3 repaired" },
    l3: { bits: 16, domains: sockets(4, MIB) },
    mb: { width: 6, domains: sockets(4, 0) },
  },
  // Its L2s differ, so they are no resource.
  "big-little": {
    ...{ cpus: 8, partidMax: 31, pmgMax: 1, occupancy: true, monitors: 16, tasks: OWNED, kernel: "7.3 repaired" },
    ...shared(8, { bits: 16, bytes: 4 * MIB, width: 6 }),
  },
  "four-spaces": {
    ...{ cpus: 8, partidMax: 31, pmgMax: 3, occupancy: true, monitors: 8, tasks: OWNED, kernel: "7.3 repaired" },
    ...shared(8, { bits: 16, bytes: 2 * MIB, width: 7 }),
  },
  "cmn-650": {
    ...{ cpus: 32, partidMax: 31, pmgMax: 1, occupancy: true, tasks: OWNED, kernel: "7.3 repaired" },
    l3: { bits: 16, domains: [{ id: 0, cpus: range(32), bytes: 16 * MIB }] },
  },
  server: {
    ...{ cpus: 64, partidMax: 63, pmgMax: 3, occupancy: true, monitors: 32, tasks: OWNED, kernel: "7.3 repaired" },
    ...shared(64, { bits: 16, bytes: 32 * MIB, width: 8 }),
  },
  t241: {
    ...{ cpus: 64, partidMax: 63, pmgMax: 1, occupancy: true, monitors: 32, tasks: OWNED, kernel: "7.3 repaired" },
    l3: { bits: 16, domains: sockets(16, 24 * MIB, 4) },
    mb: { width: 7, domains: sockets(16, 0, 4) },
  },
  // 40 portions are too many for a mask, and narrowing leaves eight PARTIDs. A monitor of RIS 3 does not take a PARTID.
  everything: {
    ...{
      neverReady: true,
      cpus: 4,
      partidMax: 7,
      pmgMax: 3,
      occupancy: true,
      monitors: 1,
      tasks: OWNED,
      kernel: "7.3 repaired",
    },
    l3: { domains: [{ id: 0, cpus: range(4), bytes: 256 * KIB }] },
    mb: { width: 10, domains: [{ id: 0, cpus: range(4) }] },
  },
};

/** One L3 of all cpus, and MB with it. */
function shared(
  cpus: number,
  { id = 0, bits, bytes, width }: { id?: number; bits: number; bytes: number; width: number },
) {
  const domains = [{ id, cpus: range(cpus), bytes }];
  return { l3: { bits, domains }, mb: { width, domains } };
}

function ofEachCpu(cpus: number, first: number, bytes: number) {
  return range(cpus).map((cpu) => ({ id: first + cpu, cpus: [cpu], bytes }));
}

function sockets(cpus: number, bytes: number, count = 2): { id: number; cpus: number[]; bytes: number }[] {
  return range(count).map((id) => ({ id, cpus: range(cpus).map((cpu) => cpu + id * cpus), bytes }));
}

const small: Shape = {
  ...{ cpus: 4, partidMax: 3, pmgMax: 2, occupancy: true, monitors: 3, tasks: OWNED, kernel: "7.3 repaired" },
  l3: { bits: 8, domains: sockets(2, 64 * KIB) },
  mb: { width: 4, domains: sockets(2, 0) },
};

const withL2: Shape = {
  ...small,
  ...{ partidMax: 7, options: { debug: true } },
  l2: { bits: 4, domains: ofEachCpu(4, 10, 8 * KIB) },
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
  "one PMG": { ...small, pmgMax: 0, options: { debug: true } },
  // Whoever comes meets the limbo of who went.
  "few ids": { ...small, partidMax: 2, pmgMax: 1, options: { debug: true } },
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
