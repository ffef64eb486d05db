// A server of files on this host that counts what it is asked and what it sends, and misbehaves where a test wants it to.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Question {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
  readonly encoding: string | undefined;
}

export type Answering = (request: IncomingMessage, response: ServerResponse, nth: number) => void | Promise<void>;

export const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

/** Bytes that look like nothing, always the same for a seed. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

export class FileServer {
  readonly asked: Question[] = [];
  /** Bytes of bodies. */
  sent = 0;
  etag: string | undefined = '"one"';
  modified: string | undefined;
  ranges = true;
  /** In place of an answer as it should be. */
  answering: Answering | undefined;
  #server: Server;

  private constructor(public content: Buffer) {
    this.#server = createServer((request, response) => {
      const { headers, url = "/" } = request;
      this.asked.push({
        path: url,
        range: headers.range,
        ifRange: headers["if-range"] as string | undefined,
        authorization: headers.authorization,
        encoding: headers["accept-encoding"] as string | undefined,
      });
      // A client that went away is what some tests are about.
      response.on("error", () => undefined);
      void (this.answering ?? this.proper)(request, response, this.asked.length);
    });
  }

  static async of(content: Buffer): Promise<FileServer> {
    const server = new FileServer(content);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = "/trace.arrow", credentials = ""): string {
    return `http://${credentials}127.0.0.1:${this.port}${path}`;
  }

  /** As a server of files answers (RFC 9110), ranges, If-Range and all. */
  proper: Answering = (request, response) => {
    const { range, "if-range": ifRange } = request.headers;
    const { content } = this;
    const version = this.versionHeaders();
    const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
    const current = ifRange === undefined || ifRange === this.etag || ifRange === this.modified;
    if (!this.ranges || !asked || !current) {
      response.writeHead(200, { ...version, "content-length": content.length });
      return this.send(response, content);
    }
    const first = Number(asked[1]);
    const last = Math.min(asked[2] === "" ? Number.POSITIVE_INFINITY : Number(asked[2]), content.length - 1);
    if (first >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` });
      response.end();
      return;
    }
    response.writeHead(206, {
      ...version,
      "content-length": last - first + 1,
      "content-range": `bytes ${first}-${last}/${content.length}`,
    });
    this.send(response, content.subarray(first, last + 1));
  };

  versionHeaders(): Record<string, string> {
    return {
      ...(this.etag === undefined ? {} : { etag: this.etag }),
      ...(this.modified === undefined ? {} : { "last-modified": this.modified }),
    };
  }

  send(response: ServerResponse, bytes: Uint8Array): void {
    this.sent += bytes.length;
    response.end(bytes);
  }

  /** Sends a proper answer's head and so many bytes of its body; then the line is cut, once `arrived` says that they are there. */
  async cut(request: IncomingMessage, response: ServerResponse, bytes: number, arrived: () => Promise<void>) {
    const { end } = response;
    response.end = ((body?: Uint8Array) => {
      const part = body?.subarray(0, bytes) ?? new Uint8Array(0);
      this.sent += part.length - (body?.length ?? 0);
      response.write(part);
      return response;
    }) as typeof end;
    await this.proper(request, response, this.asked.length);
    await arrived();
    response.destroy();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
