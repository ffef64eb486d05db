// One question to a server of traces: redirects are followed, silence ends, and what the body brings comes as it was stored.

import { messageOf } from "../../errno/index.ts";
import { TraceOutOfReach } from "./out-of-reach.ts";
import type { TraceUrl } from "./trace-url.ts";

export interface Asking extends TraceUrl {
  readonly signal: AbortSignal;
  readonly patience: { readonly stallMs: number };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Throws Unreachable where the connection breaks or stalls. */
  body(): AsyncIterable<Uint8Array>;
  /** Leaves what has not been read. */
  close(): Promise<void>;
}

/** A failure that may be gone the next time. */
export class Unreachable extends Error {
  constructor(
    message: string,
    /** How long the server wants to be left alone. */
    readonly afterMs?: number,
  ) {
    super(message);
  }
}

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Answers after which it is worth asking again. */
const PASSING = new Set([408, 425, 429]);

/** Any answer but redirects and failures. Throws Unreachable, or a TraceOutOfReach. */
export async function ask(to: Asking, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const refuse = (what: string) => new TraceOutOfReach("EIO", `${to.shown}: ${what}`);
  let { url } = to;
  for (let turns = 0; ; turns++) {
    const answer = await get(url, headers, to);
    const { status } = answer;
    if (REDIRECTS.has(status)) {
      await answer.close();
      if (turns === MOST_REDIRECTS) throw refuse(`is redirected more than ${MOST_REDIRECTS} times`);
      const next = target(answer.headers.get("location"), url);
      if (!next) throw refuse("is redirected to what is not http or https");
      if (url.protocol === "https:" && next.protocol === "http:") throw refuse("is redirected from https to http");
      url = next;
      continue;
    }
    if (status < 400 || status === 416) {
      const packed = answer.headers.get("content-encoding");
      if (packed === null || /^identity$/i.test(packed)) return answer;
      await answer.close();
      throw refuse(`the server packs it on the way (${packed.slice(0, 40)}), although it was asked not to`);
    }
    await answer.close();
    const told = `the server answers ${status}`;
    if (status >= 500 || PASSING.has(status)) throw new Unreachable(told, afterMs(answer.headers));
    const login = status === 401 || status === 403 ? "; user and password may stand in the URL" : "";
    throw refuse(`${told}${login}`);
  }
}

/** The server's name of a version, as If-Range takes it: an ETag that is not weak, or when it was changed last. */
export function versionOf(headers: Headers): string | undefined {
  const tag = headers.get("etag");
  if (tag !== null && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag)) return tag;
  return headers.get("last-modified") ?? undefined;
}

/** Bytes, as a header tells them; undefined where it does not. */
export function sizeOf(text: string | null | undefined): number | undefined {
  const size = /^\d+$/.test(text ?? "") ? Number(text) : Number.NaN;
  return Number.isNaN(size) ? undefined : size;
}

function target(location: string | null, from: URL): URL | undefined {
  if (location === null || !URL.canParse(location, from)) return undefined;
  const url = new URL(location, from);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  // Of credentials only those that the user gave are used.
  url.username = "";
  url.password = "";
  return url;
}

async function get(url: URL, headers: Readonly<Record<string, string>>, to: Asking): Promise<Answer> {
  const silence = new Silence(to.patience.stallMs, to.signal);
  const ownServer = url.origin === to.url.origin;
  let response: Response;
  try {
    response = await fetch(url, {
      redirect: "manual",
      signal: silence.signal,
      headers: {
        ...headers,
        // Bytes as they are stored, or else sizes are of something else. With a range fetch says so itself.
        ...(headers.range === undefined ? { "accept-encoding": "identity" } : {}),
        ...(to.authorization !== undefined && ownServer ? { authorization: to.authorization } : {}),
      },
    });
  } catch (error) {
    silence.end();
    throw silence.failure(error);
  }
  silence.heard();
  return {
    status: response.status,
    headers: response.headers,
    async *body() {
      try {
        for await (const chunk of response.body ?? []) {
          // While the chunk is written nobody waits for the server.
          silence.end();
          yield chunk;
          silence.heard();
        }
      } catch (error) {
        throw silence.failure(error);
      } finally {
        silence.end();
      }
    },
    async close() {
      silence.end();
      // A body that was read to its end, or broke, has nothing to cancel.
      if (response.body && !response.body.locked) await response.body.cancel().catch(() => undefined);
    },
  };
}

/** Ends a request that says nothing for too long, or that nobody wants any more. */
class Silence {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stallMs: number,
    private readonly unwanted: AbortSignal,
  ) {
    this.signal = AbortSignal.any([unwanted, this.#controller.signal]);
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), this.stallMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** What a failure of the request comes to. What the caller of `body` throws passes through it too. */
  failure(error: unknown): unknown {
    if (this.unwanted.aborted) return this.unwanted.reason;
    if (error instanceof TraceOutOfReach || error instanceof Unreachable) return error;
    if (this.#controller.signal.aborted) return new Unreachable(`nothing came for ${this.stallMs} ms`);
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    return new Unreachable(cause?.code ?? messageOf(cause ?? error));
  }
}

function afterMs(headers: Headers): number | undefined {
  const seconds = sizeOf(headers.get("retry-after"));
  return seconds === undefined ? undefined : seconds * 1000;
}
