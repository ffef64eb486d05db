// Accesses by messages: MSCs that have no page and are reached through firmware.

import { ErrnoError } from "../errno/index.ts";
import type { FirmwareDescription, FirmwareMsc } from "../firmware/index.ts";
import { type Access, type Bus, checkOffset } from "./bus.ts";
import type { MakeLock } from "./lock.ts";
import type { CpuChoice } from "./mmio.ts";
import { MpamFb, type SavedMpamFb, Tokens } from "./mpam-fb.ts";
import { type ChannelMachine, PccChannel } from "./pcc-channel.ts";

/** One MSC behind a channel. ENODEV: there is no such channel; EIO: the message failed, and `onFailure` has been told. */
export class MailboxBus implements Bus {
  readonly sleeps = true;

  constructor(
    private readonly protocol: MpamFb | undefined,
    readonly msc: number,
  ) {}

  async read32(offset: number, access?: Access): Promise<number> {
    checkOffset(offset);
    return this.#protocol().read32(this.msc, offset, access);
  }

  async write32(offset: number, value: number, access?: Access): Promise<void> {
    checkOffset(offset);
    return this.#protocol().write32(this.msc, offset, value, access);
  }

  #protocol(): MpamFb {
    if (this.protocol !== undefined) return this.protocol;
    throw new ErrnoError("ENODEV", `MSC ${this.msc}: firmware describes no channel for it`);
  }
}

/** What mailboxes need of a machine. */
export interface MailboxMachine extends ChannelMachine {
  onInterrupt(handler: (event: { readonly line: number; readonly level: number }) => void): () => void;
}

export interface MailboxOptions {
  /** Any cpu that is online: all of them reach mailboxes. */
  readonly cpu: CpuChoice;
  /** Told once a channel that a message has failed; the access throws the same. */
  readonly onFailure: (failure: ErrnoError) => void;
  readonly warn?: (text: string) => void;
  /** For tests that show what goes wrong without a lock. */
  readonly lock?: MakeLock | undefined;
}

/** JSON. */
export interface SavedMailboxes {
  readonly token: number;
  readonly channels: readonly (SavedMpamFb & { readonly subspace: number })[];
}

/** The channels of a machine, each made when the first MSC behind it asks for its bus. */
export class Mailboxes {
  readonly #protocols = new Map<number, MpamFb>();
  readonly #tokens = new Tokens();
  #stopListening: (() => void) | undefined;

  constructor(
    private readonly machine: MailboxMachine,
    private readonly firmware: Pick<FirmwareDescription, "channels">,
    private readonly options: MailboxOptions,
  ) {}

  /** How an MSC of interface "pcc" is reached. Nothing is sent before its first access. */
  bus(msc: Pick<FirmwareMsc, "id" | "subspace">): MailboxBus {
    const protocol = msc.subspace === undefined ? undefined : this.#protocol(msc.subspace);
    return new MailboxBus(protocol, msc.id);
  }

  /** Taken while no access is under way. */
  save(): SavedMailboxes {
    const channels = [...this.#protocols].map(([subspace, protocol]) => ({ subspace, ...protocol.save() }));
    return { token: this.#tokens.next, channels };
  }

  /** As they were when that was saved; nothing is sent. */
  restore(saved: SavedMailboxes): void {
    this.#tokens.next = saved.token;
    for (const channel of saved.channels) this.#protocol(channel.subspace)?.restore(channel);
  }

  /** Listens to no interrupt any more: messages that are sent from here on are not seen to be answered. */
  close(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #protocol(subspace: number): MpamFb | undefined {
    const known = this.#protocols.get(subspace);
    if (known !== undefined) return known;
    const firmware = this.firmware.channels.find((channel) => channel.subspace === subspace);
    if (firmware === undefined) return undefined;
    const { cpu, lock, onFailure, warn = () => {} } = this.options;
    const channel = new PccChannel(this.machine, firmware, cpu, lock);
    const protocol = new MpamFb(channel, { tokens: this.#tokens, onFailure, warn });
    this.#protocols.set(subspace, protocol);
    if (firmware.interrupt !== 0) this.#listen();
    return protocol;
  }

  #listen(): void {
    this.#stopListening ??= this.machine.onInterrupt(({ line, level }) => {
      if (level === 0) return;
      for (const protocol of this.#protocols.values()) {
        if (protocol.channel.firmware.interrupt === line) protocol.interrupted();
      }
    });
  }
}
