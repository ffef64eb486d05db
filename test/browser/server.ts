// The page and the hardware on a local server, with headers as a visit wants them; and what the page sends home.

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const FILES: { readonly [path: string]: string } = {
  "/dist/browser/page.js": "text/javascript",
  "/build/mpam.wasm": "application/wasm",
  "/build/mpam.shared.wasm": "application/wasm",
};

const PAGE = `<!doctype html><meta charset="utf-8"><title>mpam</title><script type="module" src="/dist/browser/page.js"></script>`;

export interface Headers {
  /** Whether pages have shared memory. */
  readonly isolated: boolean;
  /** Content-Security-Policy. */
  readonly policy?: string;
}

/** Serves one page at any other path, under 127.0.0.1. */
export class PageServer {
  #told: (answer: string) => void = () => {};
  /** What the page sends home first. */
  readonly answer = new Promise<unknown>((resolve) => {
    this.#told = (answer) => resolve(JSON.parse(answer));
  });

  private constructor(private readonly server: Server) {}

  static async start({ isolated, policy }: Headers): Promise<PageServer> {
    const server = createServer();
    const served = new PageServer(server);
    server.on("request", async (request, response) => {
      const { type, body } = await served.#serve(request);
      response.writeHead(200, {
        "Content-Type": type,
        ...(isolated ? ISOLATED : {}),
        ...(policy === undefined ? {} : { "Content-Security-Policy": policy }),
      });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return served;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async #serve(request: IncomingMessage): Promise<{ type: string; body: string | Uint8Array }> {
    const { pathname } = new URL(request.url ?? "/", this.url);
    const type = FILES[pathname];
    if (type !== undefined) return { type, body: await readFile(new URL(`../..${pathname}`, import.meta.url)) };
    if (request.method !== "POST") return { type: "text/html", body: PAGE };
    this.#told(await text(request));
    return { type: "text/plain", body: "" };
  }

  end(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
