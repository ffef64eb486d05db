// The files of the MSC's device: which portions and how much of the cache each PARTID may have (more.md 4.3).

import { ErrnoError } from "../errno/index.ts";
import {
  type Attributes,
  type Directory,
  type FileContent,
  formatBitmapList,
  parseBitmapList,
  parseUnsigned,
  type Tree,
  untilNul,
} from "../tree/index.ts";
import type { Oddities } from "./compat.ts";
import type { Msc } from "./msc.ts";

/** What stat shows of a file in sysfs, and the most that one write gives it. */
const PAGE = 4096;

const DIRECTORY: Attributes = { mode: 0o755, uid: 0, gid: 0 };
const SHOWN: Attributes = { mode: 0o444, uid: 0, gid: 0 };
const SET: Attributes = { mode: 0o644, uid: 0, gid: 0 };

/** Adds `mpam` to the directory of the device. @param partids How many the cpus can send. */
export function addDevice(tree: Tree, device: Directory, msc: Msc, partids: number, odd: Oddities): void {
  const { cpbmNbits, cmaxNbits, partids: ofMsc } = msc.facts;
  const mpam = tree.addDirectory(device, "mpam", DIRECTORY);
  if (cpbmNbits !== undefined) tree.addFile(mpam, "cpbm_nbits", SHOWN, shown(cpbmNbits));
  if (cmaxNbits !== undefined) tree.addFile(mpam, "cmax_nbits", SHOWN, shown(cmaxNbits));
  const partitions = tree.addDirectory(mpam, "partitions", DIRECTORY);
  for (let partid = 0; partid < Math.min(partids, ofMsc); partid++) {
    const one = tree.addDirectory(partitions, `${partid}`, DIRECTORY);
    if (cpbmNbits !== undefined) tree.addFile(one, "cpbm", SET, cpbm(msc, partid, cpbmNbits, odd));
    if (cmaxNbits !== undefined) tree.addFile(one, "cmax", SET, cmax(msc, partid));
  }
}

function shown(value: number): FileContent {
  return { size: PAGE, read: () => `${value}\n` };
}

function cpbm(msc: Msc, partid: number, bits: number, { newlineAfterPattern }: Oddities): FileContent {
  return settable(
    () => formatBitmapList(msc.portions(partid)),
    (text) => msc.setPortions(partid, parseBitmapList(text, { bits, newlineAfterPattern })),
  );
}

function cmax(msc: Msc, partid: number): FileContent {
  return settable(
    () => `0x${msc.cmax(partid).toString(16).padStart(4, "0")}\n`,
    (text) => msc.setCmax(partid, fractionIn(text)),
  );
}

/** A write is one command of a page at most; one of no byte is nobody's. */
function settable(read: () => string, command: (text: string) => void): FileContent {
  return {
    size: PAGE,
    read,
    write(bytes) {
      if (bytes.length === 0) return 0;
      const taken = bytes.slice(0, PAGE);
      command(untilNul(taken));
      return taken.length;
    },
  };
}

/** EINVAL for no number, ERANGE for more than 16 bits. */
function fractionIn(text: string): number {
  const value = parseUnsigned(text, 0, 32);
  if (value === "EINVAL") throw new ErrnoError("EINVAL", `cmax: "${text}" is no number`);
  if (value === "ERANGE" || value > 0xffffn)
    throw new ErrnoError("ERANGE", `cmax: ${text.trim()}; 0 to 0xffff is allowed`);
  return Number(value);
}
