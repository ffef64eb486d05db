// A small HTTP server that hands out one page.

import { createServer } from "node:http";
import type { Socket } from "node:net";
import { messageOf } from "../errno/index.ts";
import { CONTENT_TYPE } from "../report/index.ts";
import type { Address } from "./address.ts";
import type { Board } from "./board.ts";
import { LIMITS } from "./limits.ts";
import { type Listener, listener } from "./listener.ts";
import { Metrics } from "./metrics.ts";

/** Of one request. */
const HEADER_BYTES = 8192;

export interface MetricsOptions {
  /** Connections at once. */
  readonly connections?: number;
  /** How long a request may take to come, ms. */
  readonly requestMs?: number;
  /** Told what goes wrong where nobody waits for it. */
  readonly say?: (line: string) => void;
}

/** GET /metrics over HTTP. Throws what `bind` throws. */
export async function serveMetrics(
  address: Exclude<Address, { readonly kind: "stdio" }>,
  board: Board,
  { connections = LIMITS.connections, requestMs = 10_000, say = () => {} }: MetricsOptions = {},
): Promise<Listener> {
  const metrics = new Metrics(board);
  const open = new Set<Socket>();
  const limits = {
    maxHeaderSize: HEADER_BYTES,
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    // Half a minute, if not told otherwise.
    connectionsCheckingInterval: requestMs / 10,
  };
  const server = createServer(limits, (request, response) => {
    const refuse = (status: number, text: string, headers: Record<string, string> = {}) => {
      // What comes with a request is not read.
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close", ...headers });
      response.end(`${text}\n`);
    };
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuse(405, "GET and HEAD are answered", { allow: "GET, HEAD" });
    }
    if (request.url?.split("?")[0] !== "/metrics") return refuse(404, "GET /metrics is what there is");
    metrics.page().then(
      (page) => {
        const length = Buffer.byteLength(page);
        response.writeHead(200, {
          "content-type": CONTENT_TYPE,
          "content-length": length,
          "cache-control": "no-store",
        });
        response.end(request.method === "HEAD" ? undefined : page);
      },
      (error: unknown) => refuse(500, messageOf(error)),
    );
  });
  server.on("connection", (socket) => {
    if (open.size >= connections) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return listener(server, address, say, () => {
    metrics.close();
    for (const socket of open) socket.destroy();
  });
}
