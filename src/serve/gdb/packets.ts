// Packets of the GDB remote protocol (Debugging with GDB, "Remote Protocol: Overview"): $BODY#SUM, what is escaped in them, and
// runs of one character made short.

import { textOf } from "./bytes.ts";

/** Bytes of a packet's body at most, as it is sent: what qSupported says. */
export const PACKET_BYTES = 0x4000;

/** What arrives: a packet, an answer to one of ours, or somebody who wants the target to stop. */
export type Arrival =
  | { readonly kind: "packet"; readonly body: string }
  /** Its sum was wrong. */
  | { readonly kind: "damaged" }
  /** More than PACKET_BYTES; what it said is lost. */
  | { readonly kind: "long" }
  | { readonly kind: "ack" }
  | { readonly kind: "nak" }
  | { readonly kind: "interrupt" };

const CTRL_C = "\x03";
const ESCAPE = "}";
const ESCAPED = 0x20;

/** Finds what arrives in pieces of any size. Whatever is outside a packet and no answer is passed over. */
export class PacketReader {
  #state: "outside" | "body" | "sum" = "outside";
  #body: string[] = [];
  #length = 0;
  #sum = 0;
  #digits = "";

  read(bytes: Uint8Array): Arrival[] {
    const found: Arrival[] = [];
    for (const character of textOf(bytes)) {
      const arrival = this.#take(character);
      if (arrival) found.push(arrival);
    }
    return found;
  }

  #take(character: string): Arrival | undefined {
    if (this.#state === "outside") return this.#outside(character);
    if (this.#state === "sum") return this.#sumDigit(character);
    if (character === "#") {
      this.#state = "sum";
      this.#digits = "";
    } else if (character === "$") {
      // The end of the one before was lost.
      this.#begin();
    } else {
      this.#sum = (this.#sum + character.charCodeAt(0)) & 0xff;
      if (this.#length++ < PACKET_BYTES) this.#body.push(character);
    }
    return undefined;
  }

  #outside(character: string): Arrival | undefined {
    if (character === "$") this.#begin();
    else if (character === "+") return { kind: "ack" };
    else if (character === "-") return { kind: "nak" };
    else if (character === CTRL_C) return { kind: "interrupt" };
    return undefined;
  }

  #begin(): void {
    this.#state = "body";
    this.#body = [];
    this.#length = 0;
    this.#sum = 0;
  }

  #sumDigit(character: string): Arrival | undefined {
    this.#digits += character;
    if (this.#digits.length < 2) return undefined;
    this.#state = "outside";
    const body = this.#body.join("");
    this.#body = [];
    const isRight = /^[0-9a-f]{2}$/i.test(this.#digits) && Number.parseInt(this.#digits, 16) === this.#sum;
    if (!isRight) return { kind: "damaged" };
    return this.#length > PACKET_BYTES ? { kind: "long" } : { kind: "packet", body: unescaped(body) };
  }
}

/** A body as it is sent. Of one that is too long when it is escaped nothing is cut off: who makes it keeps it short. */
export function framed(body: string): string {
  const sent = shortened(escaped(body));
  let sum = 0;
  for (const character of sent) sum = (sum + character.charCodeAt(0)) & 0xff;
  return `$${sent}#${sum.toString(16).padStart(2, "0")}`;
}

/** Characters with a meaning of their own are sent behind a mark, changed: * too, as it makes runs. */
export function escaped(body: string): string {
  return body.replace(/[#$}*]/g, (one) => ESCAPE + String.fromCharCode(one.charCodeAt(0) ^ ESCAPED));
}

function unescaped(body: string): string {
  return body.replace(/\}([\s\S])/g, (_, one: string) => String.fromCharCode(one.charCodeAt(0) ^ ESCAPED));
}

/** Repetitions are told as * and a character, so many above this. */
const REPEATS_FROM = 29;
const MOST_REPEATS = 126 - REPEATS_FROM;
const LEAST_REPEATS = 3;

/** Runs of one character as the character, * and how often it is repeated. Two of these counts would be # and $. */
function shortened(text: string): string {
  return text.replace(/([\s\S])\1{3,}/g, (run: string, one: string) => {
    let sent = "";
    let left = run.length;
    while (left > LEAST_REPEATS) {
      const most = Math.min(left - 1, MOST_REPEATS);
      const repeats = most === 6 || most === 7 ? 5 : most;
      sent += `${one}*${String.fromCharCode(repeats + REPEATS_FROM)}`;
      left -= 1 + repeats;
    }
    return sent + one.repeat(left);
  });
}
