// A folder of static files over HTTP, with what a page of workers and shared memory needs.

import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { ErrnoError, messageOf } from "../errno/index.ts";
import type { Address } from "./address.ts";
import { type Listener, listener } from "./listener.ts";

const TYPES: { readonly [ending: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/** With these a page has shared memory, and the machine threads (docs/page.md). */
export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The page loads nothing from elsewhere, and may not. */
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:";

/** Of one request. */
const HEADER_BYTES = 8192;
const REQUEST_MS = 10_000;

/** What a folder has, by the path in an address; `/` is its index.html. Nothing else is ever read. */
export class PageFiles {
  private constructor(private readonly files: ReadonlyMap<string, string>) {}

  /** Throws ENOENT where there is no page. */
  static async of(folder: string): Promise<PageFiles> {
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = new Map<string, string>();
    for (const entry of found) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) files.set(file.slice(join(folder, sep).length - 1).replaceAll(sep, "/"), file);
    }
    const index = files.get("/index.html");
    if (index === undefined) throw new ErrnoError("ENOENT", `${folder}: there is no page (no index.html)`);
    return new PageFiles(files.set("/", index));
  }

  get paths(): readonly string[] {
    return [...this.files.keys()].filter((path) => path !== "/").sort();
  }

  /** Undefined where there is no such file. */
  async read(path: string): Promise<{ readonly type: string; readonly bytes: Buffer } | undefined> {
    const file = this.files.get(path);
    if (file === undefined) return undefined;
    return { type: TYPES[extname(file)] ?? "application/octet-stream", bytes: await readFile(file) };
  }
}

export interface PageOptions {
  /** Whether the page has shared memory; default true. */
  readonly isolated?: boolean;
  /** Told what goes wrong where nobody waits for it. */
  readonly say?: (line: string) => void;
}

/** Throws what `bind` throws. */
export async function servePage(
  address: Exclude<Address, { readonly kind: "stdio" }>,
  files: PageFiles,
  { isolated = true, say = () => {} }: PageOptions = {},
): Promise<Listener> {
  const limits = { maxHeaderSize: HEADER_BYTES, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
  const server = createServer(limits, async (request, response) => {
    const refuse = (status: number, text: string, headers: Record<string, string> = {}) => {
      // What comes with a request is not read.
      response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close", ...headers });
      response.end(`${text}\n`);
    };
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuse(405, "GET and HEAD are answered", { Allow: "GET, HEAD" });
    }
    const [path = ""] = (request.url ?? "").split("?");
    const file = await files.read(path).catch((error: unknown) => new Error(messageOf(error)));
    if (file === undefined) return refuse(404, "there is no such file");
    if (file instanceof Error) return refuse(500, file.message);
    response.writeHead(200, {
      "Content-Type": file.type,
      "Content-Length": file.bytes.length,
      "Content-Security-Policy": POLICY,
      "X-Content-Type-Options": "nosniff",
      // Another version of the package may be at the same port tomorrow.
      "Cache-Control": "no-cache",
      ...(isolated ? ISOLATED : {}),
    });
    response.end(request.method === "HEAD" ? undefined : file.bytes);
  });
  return listener(server, address, say, () => server.closeAllConnections());
}
