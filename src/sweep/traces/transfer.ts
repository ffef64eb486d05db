// One file by HTTP into a file here: in blocks, on from where it was left, again after failures, and never more bytes than are due.

import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../errno/index.ts";
import { type Answer, type Asking, ask, sizeOf, Unreachable, versionOf } from "./http-ask.ts";
import { hasOtherSize, noRoom, TraceOutOfReach } from "./out-of-reach.ts";

/** How patient a transfer is. */
export interface Patience {
  /** Asked for at once. */
  readonly blockBytes: number;
  /** In a row, without bytes worth it in between. */
  readonly tries: number;
  /** Before the second try; twice as long before each further one, ms. */
  readonly pauseMs: number;
  /** Without a byte, ms. */
  readonly stallMs: number;
}

export const PATIENCE: Patience = { blockBytes: 8 * 2 ** 20, tries: 6, pauseMs: 500, stallMs: 30_000 };
const LONGEST_PAUSE_MS = 30_000;
/** A try that brings so many bytes was worth it. */
const WORTH_BYTES = 64 * 1024;
/** How often it may begin again because the file changed meanwhile. */
const MOST_STARTS = 4;

/** What is there already, and what it is a piece of. */
export interface Begun {
  have: number;
  /** The server's word for this version of the file, as If-Range takes it. */
  version?: string;
}

export interface Transfer extends Asking {
  readonly file: FileHandle;
  readonly begun: Begun;
  /** Bytes of the file, where they are known. */
  readonly bytes?: number;
  /** The content is checked afterwards, so pieces may be joined that no version holds together. */
  readonly checked: boolean;
  /** Bytes at most, of a file whose size is not known. */
  readonly most: number;
  readonly patience: Patience;
  /** Told before the first byte of another version is written. */
  onVersion(version: string | undefined): Promise<void>;
  /** Told before each question to the server. */
  onTry(): Promise<void>;
}

/** Resolves with the bytes of the file. Throws a TraceOutOfReach. */
export async function transfer(way: Transfer): Promise<number> {
  return new Transferring(way).all();
}

class Transferring {
  readonly #way: Transfer;
  readonly #begun: Begun;
  #total: number | undefined;
  #starts = 0;
  /** Without ranges. */
  #whole = false;
  #done = false;

  constructor(way: Transfer) {
    this.#way = way;
    this.#begun = way.begun;
    this.#total = way.bytes;
  }

  async all(): Promise<number> {
    const { tries, pauseMs } = this.#way.patience;
    if (this.#begun.have > 0 && this.#begun.version === undefined && !this.#way.checked) await this.#afresh();
    if (this.#total !== undefined && this.#begun.have > this.#total) await this.#afresh();
    for (let failed = 0; !this.#ended(); ) {
      const before = this.#begun.have;
      try {
        await this.#block();
        failed = 0;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        const worth = !this.#whole && this.#begun.have - before >= WORTH_BYTES;
        failed = worth ? 1 : failed + 1;
        if (failed >= tries) throw this.#refusal("EIO", `cannot be fetched: ${error.message}`);
        const pause = Math.max(pauseMs * 2 ** (failed - 1), error.afterMs ?? 0);
        const { signal } = this.#way;
        await sleep(Math.min(pause, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
    return this.#begun.have;
  }

  #ended(): boolean {
    return this.#done || (this.#total !== undefined && this.#begun.have >= this.#total && this.#total > 0);
  }

  /** Asks for the next block, or for what there is. */
  async #block(): Promise<void> {
    await this.#way.onTry();
    const { have, version } = this.#begun;
    const end = Math.min(have + this.#way.patience.blockBytes, this.#total ?? Number.POSITIVE_INFINITY);
    const answer = await ask(this.#way, {
      ...(this.#whole ? {} : { range: `bytes=${have}-${end - 1}` }),
      ...(!this.#whole && have > 0 && version !== undefined ? { "if-range": version } : {}),
    });
    try {
      if (answer.status === 206 && !this.#whole) await this.#piece(answer, have, end);
      else if (answer.status === 200) await this.#everything(answer);
      else if (answer.status === 416 && !this.#whole) await this.#beyond(answer);
      else throw this.#refusal("EPROTO", `the server answers ${answer.status}, and 200 or 206 is needed`);
    } finally {
      await answer.close();
    }
  }

  async #piece(answer: Answer, have: number, end: number): Promise<void> {
    const text = answer.headers.get("content-range") ?? "";
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(text.trim());
    const [first, last, size] = [Number(range?.[1]), Number(range?.[2]), sizeOf(range?.[3])];
    const right = first === have && last >= first && last < end && last < (size ?? Number.POSITIVE_INFINITY);
    if (!right) {
      const said = JSON.stringify(text.slice(0, 80));
      throw this.#refusal("EPROTO", `asked for bytes ${have} to ${end - 1}, the server answers with range ${said}`);
    }
    const version = versionOf(answer.headers);
    const before = this.#total;
    this.#fits(size);
    if (have > 0 && !this.#goesOn(version, size, before)) return this.#afresh();
    if (this.#total === undefined || (version === undefined && !this.#way.checked)) {
      // No size, or nothing by which to tell that the next block is of the same file: all at once, then.
      this.#whole = true;
      return;
    }
    await this.#named(version);
    await this.#take(answer, last + 1);
    if (this.#begun.have <= last) throw new Unreachable(`the connection ended at byte ${this.#begun.have}`);
  }

  /** Whether a piece is of the same file as what is there. With a checksum to come, a server that names no versions is believed. */
  #goesOn(version: string | undefined, size: number | undefined, before: number | undefined): boolean {
    if (size !== undefined && before !== undefined && size !== before) return false;
    if (version === undefined || this.#begun.version === undefined) return this.#way.checked;
    return version === this.#begun.version;
  }

  /** A server without ranges, or another version of the file. */
  async #everything(answer: Answer): Promise<void> {
    const version = versionOf(answer.headers);
    const asked = this.#begun;
    if (asked.have === 0 || (version !== undefined && version === asked.version)) this.#whole = true;
    if (asked.have > 0) await (this.#whole ? this.#empty() : this.#afresh());
    this.#total = this.#way.bytes;
    this.#fits(sizeOf(answer.headers.get("content-length")));
    const total = this.#total;
    await this.#named(version);
    await this.#take(answer, total ?? this.#way.most);
    if (total !== undefined && this.#begun.have < total) {
      throw new Unreachable(`the connection ended at byte ${this.#begun.have} of ${total}`);
    }
    this.#done = true;
  }

  /** Nothing there: the file is empty, or shorter than what we have of it. */
  async #beyond(answer: Answer): Promise<void> {
    const size = sizeOf(/^bytes \*\/(\d+)$/i.exec(answer.headers.get("content-range")?.trim() ?? "")?.[1]);
    this.#fits(size);
    if (this.#begun.have > 0) return this.#afresh();
    throw this.#refusal("ENODATA", size === 0 ? "the file is empty" : "the server has no byte of it");
  }

  /** A size that the server tells. */
  #fits(size: number | undefined): void {
    if (size === undefined) return;
    const { bytes, most, shown } = this.#way;
    if (bytes !== undefined && size !== bytes) throw hasOtherSize(shown, size, bytes);
    if (size > most) throw noRoom(shown, most, size);
    this.#total = size;
  }

  async #named(version: string | undefined): Promise<void> {
    if (version === this.#begun.version) return;
    if (version === undefined) delete this.#begun.version;
    else this.#begun.version = version;
    await this.#way.onVersion(version);
  }

  /** Nothing that is there is of use. */
  async #afresh(): Promise<void> {
    if (++this.#starts > MOST_STARTS) throw this.#refusal("ESTALE", "changes while it is fetched");
    await this.#empty();
  }

  async #empty(): Promise<void> {
    await this.#way.file.truncate(0);
    this.#begun.have = 0;
    this.#total = this.#way.bytes;
  }

  /** Writes what comes, up to byte `end` of the file; more than that is none of the file. */
  async #take(answer: Answer, end: number): Promise<void> {
    for await (const chunk of answer.body()) {
      if (this.#begun.have + chunk.length > end) {
        const due = this.#total ?? this.#way.bytes;
        throw due === undefined
          ? noRoom(this.#way.shown, end)
          : this.#refusal("EPROTO", `the server sends more than the ${end} bytes that are due`);
      }
      let at = 0;
      while (at < chunk.length) {
        const { bytesWritten } = await this.#way.file
          .write(chunk, at, chunk.length - at, this.#begun.have)
          .catch((error: unknown) => {
            const full = (error as NodeJS.ErrnoException).code === "ENOSPC";
            throw this.#refusal(full ? "ENOSPC" : "EIO", `cannot be kept: ${messageOf(error)}`);
          });
        at += bytesWritten;
        this.#begun.have += bytesWritten;
      }
    }
  }

  #refusal(code: "EIO" | "EPROTO" | "ENODATA" | "ENOSPC" | "ESTALE", what: string): TraceOutOfReach {
    return new TraceOutOfReach(code, `${this.#way.shown}: ${what}`);
  }
}
