// The line to one client: packets are acknowledged and sent again until both sides agree to do without.

import { bytesOf } from "./bytes.ts";
import { framed, PACKET_BYTES, PacketReader } from "./packets.ts";

export interface LinkEnd {
  /** Sends bytes to the client. */
  send(bytes: Uint8Array): void;
  packet(body: string): void;
  /** A packet came and is lost: it had more than PACKET_BYTES, or, where nobody asks for it again, a wrong sum. */
  lost(why: string): void;
  /** Ctrl-C. */
  interrupt(): void;
}

/** How often a packet is sent again. */
const MOST_RESENDS = 8;

export class Link {
  readonly #reader = new PacketReader();
  #acks = true;
  /** The last packet sent, until it is acknowledged, and how often it has been sent again. */
  #last: { readonly bytes: Uint8Array; resends: number } | undefined;

  constructor(private readonly end: LinkEnd) {}

  receive(bytes: Uint8Array): void {
    for (const arrival of this.#reader.read(bytes)) {
      if (arrival.kind === "ack") this.#last = undefined;
      else if (arrival.kind === "nak") this.#again();
      else if (arrival.kind === "interrupt") this.end.interrupt();
      else if (arrival.kind === "damaged") this.#damaged();
      else {
        this.#answer("+");
        if (arrival.kind === "long") this.end.lost(`the packet has more than ${PACKET_BYTES} bytes`);
        else this.end.packet(arrival.body);
      }
    }
  }

  send(body: string): void {
    const bytes = bytesOf(framed(body));
    this.#last = this.#acks ? { bytes, resends: 0 } : undefined;
    this.end.send(bytes);
  }

  /** From the next packet on. */
  withoutAcks(): void {
    this.#acks = false;
    this.#last = undefined;
  }

  #damaged(): void {
    if (this.#acks) this.#answer("-");
    else this.end.lost("the sum of the packet is wrong");
  }

  #answer(sign: "+" | "-"): void {
    if (this.#acks) this.end.send(bytesOf(sign));
  }

  #again(): void {
    if (!this.#last || this.#last.resends++ >= MOST_RESENDS) return;
    this.end.send(this.#last.bytes);
  }
}
