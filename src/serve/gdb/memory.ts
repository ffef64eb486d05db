// Memory as gdb asks for it: accesses of the physical bus, each of just the width that was asked for.

import { ErrnoError } from "../../errno/index.ts";
import type { AccessBytes, PhysicalBus } from "../../machine/index.ts";
import type { Accessor } from "../accessor.ts";
import { fromLittleEndian, littleEndian } from "./bytes.ts";

/** Who makes the accesses, as the access log has it. */
export const BY = "gdb";

interface Piece {
  readonly address: number;
  readonly bytes: AccessBytes;
}

/**
 * 1, 2, 4 and 8 aligned bytes are one access. Others are words, with what is left at both ends by 2 and 1. Of several that are not
 * all answered those before the first refusal; throws what the first one was refused with.
 */
export function readMemory(bus: PhysicalBus, via: Accessor, address: number, length: number): Uint8Array {
  const read: number[] = [];
  for (const piece of piecesOf(address, length)) {
    try {
      read.push(...littleEndian(bus.read({ ...via, ...piece, by: BY }), piece.bytes));
    } catch (error) {
      if (read.length === 0) throw error;
      break;
    }
  }
  return Uint8Array.from(read);
}

/** As `readMemory`; throws what the first refused access was refused with, and those before it are made. */
export function writeMemory(bus: PhysicalBus, via: Accessor, address: number, data: Uint8Array): void {
  for (const piece of piecesOf(address, data.length)) {
    const from = piece.address - address;
    const value = fromLittleEndian(data.subarray(from, from + piece.bytes));
    bus.write({ ...via, ...piece, value, by: BY });
  }
}

function* piecesOf(address: number, length: number): Generator<Piece> {
  // 2^53: there is nothing that high.
  if (!Number.isSafeInteger(address + length)) throw new ErrnoError("ENXIO", "nothing answers above 2^53");
  if (isOne(length) && address % length === 0) {
    yield { address, bytes: length };
    return;
  }
  const end = address + length;
  for (let at = address; at < end; ) {
    const bytes = at % 4 === 0 && end - at >= 4 ? 4 : at % 2 === 0 && end - at >= 2 ? 2 : 1;
    yield { address: at, bytes };
    at += bytes;
  }
}

function isOne(length: number): length is AccessBytes {
  return length === 1 || length === 2 || length === 4 || length === 8;
}
