// The built page on a local server: with headers for shared memory, or without.

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const TYPES: { readonly [ending: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** What docs/page.md says that a page needs. */
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:";

export class FolderServer {
  private constructor(private readonly server: Server) {}

  /** @param isolated Whether the page has shared memory. */
  static async start(folder: URL, isolated: boolean): Promise<FolderServer> {
    const server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
      const path = pathname === "/" ? "/index.html" : pathname;
      try {
        const body = await readFile(new URL(`.${path}`, folder));
        response.writeHead(200, {
          "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
          "Content-Security-Policy": POLICY,
          ...(isolated ? ISOLATED : {}),
        });
        response.end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FolderServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  end(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
