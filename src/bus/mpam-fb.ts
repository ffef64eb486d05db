// MPAM-Fb: the messages by which firmware is asked to access the registers of an MSC (linux-driver.md 12.1).

import { type ErrnoCode, ErrnoError, messageOf } from "../errno/index.ts";
import type { Access } from "./bus.ts";
import type { PccChannel, SavedChannel, Transfer } from "./pcc-channel.ts";

const PROTOCOL = 0x1a;
const PROTOCOL_MAJOR = 1;
/** Command words: message id 7:0, message type 9:8 (0, a command), protocol id 17:10, token 27:18. */
const PROTOCOL_SHIFT = 10;
const TOKEN_SHIFT = 18;
const TOKENS = 1024;

const VERSION = 0x0;
const READ = 0x4;
const WRITE = 0x5;

/** A header, a command word and the longest message. */
const LEAST_BYTES = 32;

const STATUSES: { readonly [status: number]: readonly [ErrnoCode, string] } = {
  [-1]: ["EOPNOTSUPP", "not supported"],
  [-2]: ["EINVAL", "invalid parameters"],
  [-3]: ["EINVAL", "denied"],
  [-4]: ["ENOENT", "not found"],
  [-5]: ["ERANGE", "out of range"],
  [-6]: ["EBUSY", "busy"],
  [-7]: ["EINVAL", "communication error"],
  [-8]: ["EINVAL", "generic error"],
  [-9]: ["EINVAL", "hardware error"],
  [-10]: ["EINVAL", "protocol error"],
  [-11]: ["EINVAL", "in use"],
};

/** Numbers the messages of all channels of a driver, so that an answer is known to be that of the last one. */
export class Tokens {
  constructor(public next = 0) {}

  take(): number {
    const token = this.next;
    this.next = (token + 1) % TOKENS;
    return token;
  }
}

export interface SavedMpamFb extends SavedChannel {
  readonly connected: boolean;
  readonly failed: boolean;
}

export interface MpamFbHost {
  readonly tokens: Tokens;
  /** Told of the first failure of a message: MPAM cannot go on. */
  onFailure(failure: ErrnoError): void;
  /** Told of what looks odd. */
  warn(text: string): void;
}

/** The protocol over one channel, for all MSCs behind it. */
export class MpamFb {
  #connected = false;
  #failed = false;
  #deaf = false;

  constructor(
    readonly channel: PccChannel,
    private readonly host: MpamFbHost,
  ) {}

  /** EIO: no answer, or one that is wrong; see `cause`. ENOMEM, EINVAL: the channel cannot be used for this protocol. */
  async read32(msc: number, offset: number, access?: Access): Promise<number> {
    const [, value] = await this.#ask(READ, [msc, 0, offset], 2, () => `reading ${place(msc, offset)}`, access);
    return value as number;
  }

  async write32(msc: number, offset: number, value: number, access?: Access): Promise<void> {
    await this.#ask(WRITE, [msc, 0, offset, value >>> 0], 1, () => `writing ${place(msc, offset)}`, access);
  }

  /** Somebody raised the channel's line. It is no fault of theirs when nobody waits and it cannot be acknowledged. */
  interrupted(): void {
    try {
      this.channel.interrupted();
    } catch (error) {
      if (!this.#deaf) this.host.warn(`${this.channel}: interrupt cannot be acknowledged: ${messageOf(error)}`);
      this.#deaf = true;
    }
  }

  save(): SavedMpamFb {
    return { ...this.channel.save(), connected: this.#connected, failed: this.#failed };
  }

  restore(saved: SavedMpamFb): void {
    this.channel.restore(saved);
    this.#connected = saved.connected;
    this.#failed = saved.failed;
  }

  #ask(
    message: number,
    payload: readonly number[],
    words: number,
    what: () => string,
    access: Access | undefined,
  ): Promise<readonly number[]> {
    return this.channel.use(access, async (transfer) => {
      if (!this.#connected) await this.#connect(transfer);
      return this.#exchange(transfer, message, payload, words, what);
    });
  }

  async #connect(transfer: Transfer): Promise<void> {
    const { bytes, subspace } = this.channel.firmware;
    if (bytes < LEAST_BYTES) {
      throw new ErrnoError("ENOMEM", `${this.channel}: shared memory of ${bytes} bytes; ${LEAST_BYTES} are needed`);
    }
    const signature = this.channel.open();
    if (signature !== undefined) {
      this.host.warn(`${this.channel}: signature 0x${signature.toString(16)} is not that of subspace ${subspace}`);
    }
    const [, version] = await this.#exchange(transfer, VERSION, [], 2, () => "asking for the protocol version");
    const [major, minor] = [(version as number) >>> 16, (version as number) & 0xffff];
    if (major !== PROTOCOL_MAJOR) {
      throw new ErrnoError("EINVAL", `${this.channel}: protocol version ${major}.${minor}; 1.x is known`);
    }
    this.#connected = true;
  }

  /** Whatever goes wrong from here on is the end of MPAM: nobody can say what firmware has done and what not. */
  async #exchange(
    transfer: Transfer,
    message: number,
    payload: readonly number[],
    words: number,
    what: () => string,
  ): Promise<readonly number[]> {
    try {
      const token = this.host.tokens.take();
      const command = (message | (PROTOCOL << PROTOCOL_SHIFT) | (token << TOKEN_SHIFT)) >>> 0;
      const answer = await transfer(command, payload, words);
      const answered = (answer.command >>> TOKEN_SHIFT) % TOKENS;
      if (answered !== token) throw new ErrnoError("ETIMEDOUT", `the answer has token ${answered}, not ${token}`);
      checkStatus((answer.payload[0] as number) | 0);
      return answer.payload;
    } catch (cause) {
      const failure = new ErrnoError("EIO", `${this.channel}: ${what()} failed: ${messageOf(cause)}`, { cause });
      if (!this.#failed) {
        this.#failed = true;
        this.host.onFailure(failure);
      }
      throw failure;
    }
  }
}

/** Linux takes what is above 0 for success; nothing says that it is, and the compliance suite does not. */
function checkStatus(status: number): void {
  if (status === 0) return;
  const [code, text] = STATUSES[status] ?? (["EINVAL", "unknown"] as const);
  throw new ErrnoError(code, `firmware answers ${status} (${text})`);
}

function place(msc: number, offset: number): string {
  return `0x${offset.toString(16)} of MSC ${msc}`;
}
