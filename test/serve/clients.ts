// Clients of served machines, for tests: of a handler alone, and of a socket.

import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPlatform } from "../../src/platform/index.ts";
import { type Accessor, Board, type BoardOptions, qtest } from "../../src/serve/index.ts";

export const ONE_SOCKET = new URL("../../platforms/one-socket.yaml", import.meta.url);

/** Of one-socket: the pages of L3 and memory, and the error line of L3. */
export const L3 = 0x1_4100_0000;
export const MEMORY = 0x1_4200_0000;
export const ERROR_LINE = 44;

export const CPU0: Accessor = { cpu: 0, space: "ns" };

export async function boardOf(options: Partial<BoardOptions> = {}): Promise<Board> {
  return Board.create({ platform: await loadPlatform(ONE_SOCKET), ...options });
}

export const hex = (value: number) => `0x${value.toString(16)}`;

/** A qtest connection without a socket: lines in, lines out. */
export function speaker(board: Board, as: Accessor = CPU0) {
  let said = "";
  const handler = qtest(
    board,
    as,
  )({
    write: (data) => {
      said += typeof data === "string" ? data : Buffer.from(data).toString("latin1");
    },
    end: () => {},
  });
  const take = () => {
    const all = said.split("\n").slice(0, -1);
    said = "";
    return all;
  };
  return {
    handler,
    /** All lines that came meanwhile. */
    async says(...lines: string[]): Promise<string[]> {
      await handler.received(Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1"));
      return take();
    },
    async sends(bytes: Uint8Array): Promise<string[]> {
      await handler.received(bytes);
      return take();
    },
    take,
  };
}

/** A private folder, taken away by `clean`. */
export function privateFolder() {
  const path = mkdtempSync(join(tmpdir(), "mpam-serve-"));
  return { path, at: (name: string) => join(path, name), clean: () => rmSync(path, { recursive: true, force: true }) };
}

/** The far end of a socket, by lines. */
export class Client {
  #text = "";
  #ended = false;
  readonly #waiting: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    socket.on("data", (data) => {
      this.#text += data.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  static to(where: string | { port: number; host: string }): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = typeof where === "string" ? connect(where) : connect(where);
      socket.once("connect", () => resolve(new Client(socket)));
      socket.once("error", reject);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** The next line; undefined when there is none any more. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  ask(line: string): Promise<string | undefined> {
    this.send(`${line}\n`);
    return this.line();
  }

  async lines(n: number): Promise<(string | undefined)[]> {
    const all: (string | undefined)[] = [];
    for (let i = 0; i < n; i++) all.push(await this.line());
    return all;
  }

  close(): void {
    this.socket.destroy();
  }
}
