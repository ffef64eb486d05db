// Watchpoints on registers: who else reads or writes there while this client's own accesses count for nothing.

import { ErrnoError } from "../../errno/index.ts";
import type { RegisterAccess } from "../../machine/index.ts";
import { MSC_WINDOW_BYTES, type Space } from "../../platform/index.ts";
import type { Board } from "../board.ts";

/** As the stop reply names them: writes, reads, both. */
export type WatchKind = "watch" | "rwatch" | "awatch";

export interface WatchHit {
  readonly kind: WatchKind;
  /** The first byte of the access that is watched. */
  readonly address: number;
  readonly access: RegisterAccess;
}

/** Of one client at most. */
const MOST_WATCHPOINTS = 64;

export class Watchpoints {
  /** What ends each, by what it is. */
  readonly #ends = new Map<string, () => void>();

  constructor(
    private readonly board: Board,
    private readonly hit: (hit: WatchHit) => void,
  ) {}

  /**
   * The same again changes nothing. ENXIO where no register of an MSC lies: accesses of mailboxes and other windows are not
   * logged. ENOSPC for too many.
   */
  add(kind: WatchKind, address: number, length: number, space: Space): void {
    const key = keyOf(kind, address, length);
    if (this.#ends.has(key)) return;
    if (this.#ends.size >= MOST_WATCHPOINTS) {
      throw new ErrnoError("ENOSPC", `there are ${MOST_WATCHPOINTS} watchpoints, and no room for another one`);
    }
    if (length < 1 || !this.#isPage(address, address + length)) {
      throw new ErrnoError("ENXIO", `0x${address.toString(16)}: only the registers of an MSC are watched`);
    }
    const only = kind === "watch" ? "write" : kind === "rwatch" ? "read" : undefined;
    const end = this.board.log(only ? { access: only } : {}, (access) => {
      const start = this.board.machine.mscs[access.msc]?.address;
      if (start === undefined || access.space !== space) return;
      const at = start + access.offset;
      if (at < address + length && address < at + 4) this.hit({ kind, address: Math.max(at, address), access });
    });
    this.#ends.set(key, end);
  }

  /** One that is not there changes nothing. */
  remove(kind: WatchKind, address: number, length: number): void {
    const key = keyOf(kind, address, length);
    this.#ends.get(key)?.();
    this.#ends.delete(key);
  }

  clear(): void {
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }

  #isPage(from: number, to: number): boolean {
    return this.board.machine.mscs.some(
      ({ address }) => address !== undefined && from >= address && to <= address + MSC_WINDOW_BYTES,
    );
  }
}

function keyOf(kind: WatchKind, address: number, length: number): string {
  return `${kind} ${address} ${length}`;
}
