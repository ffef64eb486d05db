// The other end of the GDB protocol, written from its documentation (Debugging with GDB, "Remote Protocol"): what gdb sends and
// how it reads what comes.

import { loadPlatform, parsePlatform, type Space } from "../../../src/platform/index.ts";
import type { Handler } from "../../../src/serve/index.ts";
import { Board, type BoardOptions, gdb } from "../../../src/serve/index.ts";

export async function boardOf(name = "one-socket", options: Partial<BoardOptions> = {}): Promise<Board> {
  const platform = await loadPlatform(new URL(`../../../platforms/${name}.yaml`, import.meta.url));
  return Board.create({ platform, ...options });
}

/** Of what a platform file would say. */
export function boardWith(text: string): Promise<Board> {
  return Board.create({ platform: parsePlatform(text) });
}

/** $BODY#SUM. */
export function packet(body: string): string {
  let sum = 0;
  for (const character of body) sum += character.charCodeAt(0);
  return `$${body}#${(sum % 256).toString(16).padStart(2, "0")}`;
}

/** What was sent, with runs told in full and marks taken away. */
export function expanded(sent: string): string {
  const runs = sent.replace(/([\s\S])\*([\s\S])/g, (_, one: string, count: string) =>
    one.repeat(1 + count.charCodeAt(0) - 29),
  );
  return runs.replace(/\}([\s\S])/g, (_, one: string) => String.fromCharCode(one.charCodeAt(0) ^ 0x20));
}

export const hex = (text: string) => Buffer.from(text, "utf8").toString("hex");
export const fromHex = (text: string) => Buffer.from(text, "hex").toString("utf8");

export interface Accessing {
  readonly cpu: number;
  readonly space: Space;
}

export class GdbClient {
  /** All that came, byte for byte. */
  sent = "";
  /** Text of O packets. */
  output = "";
  /** The stub has closed the connection. */
  ended = false;
  readonly #handler: Handler;
  readonly #replies: string[] = [];
  #waiting: ((reply: string) => void) | undefined;
  #unread = "";

  constructor(board: Board, as: Accessing = { cpu: 0, space: "ns" }, connect = gdb(board, as)) {
    this.#handler = connect({
      write: (data) => this.#take(typeof data === "string" ? data : Buffer.from(data).toString("latin1")),
      end: () => {
        this.ended = true;
      },
    });
  }

  async send(bytes: string): Promise<void> {
    await this.#handler.received(Buffer.from(bytes, "latin1"));
  }

  /** The next reply that is no output. */
  reply(): Promise<string> {
    const first = this.#replies.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async ask(body: string): Promise<string> {
    await this.send(packet(body));
    return this.reply();
  }

  /** Text that the command shows. */
  async monitor(line: string): Promise<string> {
    this.output = "";
    const reply = await this.ask(`qRcmd,${hex(line)}`);
    if (reply !== "OK") throw new Error(`monitor ${line}: ${reply}`);
    return this.output;
  }

  close(): void {
    this.#handler.closed?.();
  }

  #take(bytes: string): void {
    this.sent += bytes;
    this.#unread += bytes;
    for (;;) {
      const found = /^[^$]*\$([^#]*)#([0-9a-f]{2})/.exec(this.#unread);
      if (!found) return;
      const [all, body = "", sum] = found;
      this.#unread = this.#unread.slice(all.length);
      if (packet(body).slice(-2) !== sum) throw new Error(`the sum of ${body} is wrong`);
      this.#packet(expanded(body));
    }
  }

  #packet(body: string): void {
    if (/^O[0-9a-f]/.test(body)) {
      this.output += fromHex(body.slice(1));
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(body);
    else this.#replies.push(body);
  }
}

/** A whole document of qXfer. */
export async function document(client: GdbClient, object: string, annex: string): Promise<string> {
  let text = "";
  for (let piece = "m"; piece.startsWith("m"); ) {
    piece = await client.ask(`qXfer:${object}:read:${annex}:${text.length.toString(16)},fff`);
    if (!/^[ml]/.test(piece)) throw new Error(`${annex}: ${piece}`);
    text += piece.slice(1);
  }
  return text;
}
