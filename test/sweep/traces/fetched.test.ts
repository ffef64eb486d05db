// Traces behind URLs: from a server on this host, whatever it does.
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FetchOptions, fetchNamed, fetchNow } from "../../../src/sweep/traces/fetched.ts";
import { Part } from "../../../src/sweep/traces/part.ts";
import { parseTraceUrl } from "../../../src/sweep/traces/trace-url.ts";
import { FileServer, noise, sha256 } from "./server.ts";

const BLOCK = 100_000;
const CONTENT = noise(450_000);
const HASH = sha256(CONTENT);
const KNOWN = { sha256: HASH, bytes: CONTENT.length };

let folder = "";
let server: FileServer;
let options: FetchOptions;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mpam-"));
  server = await FileServer.of(CONTENT);
  const patience = { blockBytes: BLOCK, tries: 4, pauseMs: 1, stallMs: 5000 };
  options = { cacheFolder: join(folder, "cache"), signal: new AbortController().signal, patience };
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const named = (path?: string) => fetchNamed(parseTraceUrl(server.url(path)), KNOWN, options);
const now = (path?: string) => fetchNow(parseTraceUrl(server.url(path)), options);
const kept = async () => (await readdir(options.cacheFolder)).sort();
const ranges = () => server.asked.map(({ range }) => range);
const messageOf = (fetching: Promise<unknown>) =>
  fetching.then(
    () => "fetched",
    (error: unknown) => String(error),
  );
/** Waits until the part that somebody is at has so many bytes. */
const arrived = (bytes: number) => async () => {
  for (;;) {
    for (const name of await kept().catch(() => [])) {
      const seen = await stat(join(options.cacheFolder, name, "bytes")).catch(() => undefined);
      if (seen && seen.size >= bytes) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

test("a file comes in blocks, is kept under its hash for its owner alone, and is not asked for again", async () => {
  expect(await named()).toEqual({ path: join(options.cacheFolder, HASH), sha256: HASH, bytes: 450_000 });
  expect(ranges()).toEqual(
    ["0-99999", "100000-199999", "200000-299999", "300000-399999", "400000-449999"].map((one) => `bytes=${one}`),
  );
  expect(server.asked.map(({ ifRange }) => ifRange)).toEqual([undefined, '"one"', '"one"', '"one"', '"one"']);
  expect(server.asked.every(({ encoding }) => encoding === "identity")).toBe(true);
  expect(server.sent).toBe(450_000);
  expect((await readFile(join(options.cacheFolder, HASH))).equals(CONTENT)).toBe(true);
  expect(await kept()).toEqual([HASH]);
  expect((await stat(options.cacheFolder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(options.cacheFolder, HASH))).mode & 0o077).toBe(0);
  await named();
  expect(server.asked).toHaveLength(5);
});

test("a file that was damaged in the cache is fetched again", async () => {
  await named();
  await writeFile(join(options.cacheFolder, HASH), noise(450_000, 2));
  await named();
  expect((await readFile(join(options.cacheFolder, HASH))).equals(CONTENT)).toBe(true);
  expect(server.sent).toBe(900_000);
});

test("connections that break are made again, and no byte that came comes twice", async () => {
  server.answering = async (request, response, nth) => {
    if (nth === 2) return void response.socket?.destroy();
    if (nth === 4) return server.cut(request, response, 70_000, arrived(270_000));
    if (nth === 5) return void response.writeHead(503).end();
    return server.proper(request, response, nth);
  };
  await named();
  expect(server.sent).toBe(450_000);
  expect(ranges().slice(3)).toEqual(
    ["200000-299999", "270000-369999", "270000-369999", "370000-449999"].map((one) => `bytes=${one}`),
  );
});

test("what came before an abort is gone on from", async () => {
  const stop = new AbortController();
  server.answering = (request, response, nth) => {
    if (nth === 3) stop.abort(new Error("enough"));
    return server.proper(request, response, nth);
  };
  const stopped = fetchNamed(parseTraceUrl(server.url()), KNOWN, { ...options, signal: stop.signal });
  await expect(stopped).rejects.toThrow("enough");
  expect(await kept()).toEqual([`${HASH}.part`]);
  const before = (await stat(join(options.cacheFolder, `${HASH}.part`, "bytes"))).size;
  expect(before).toBeGreaterThanOrEqual(2 * BLOCK);
  server.sent = 0;
  server.answering = undefined;
  await named();
  expect(server.sent).toBe(450_000 - before);
  expect(await kept()).toEqual([HASH]);
});

/** A part as a process leaves it that is killed, and the number of one that is gone. */
async function leftBehind(key: string, bytes: Uint8Array, version = '"one"') {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const part = join(options.cacheFolder, `${key}.part.00000000000000000.${hostname()}.${pid}.0.0`);
  await mkdir(part, { recursive: true });
  await writeFile(join(part, "bytes"), bytes);
  await writeFile(join(part, "version"), version);
}

test("what a process that was killed had got is gone on from", async () => {
  await leftBehind(HASH, CONTENT.subarray(0, 333_333));
  await named();
  expect(server.sent).toBe(450_000 - 333_333);
  expect(ranges()[0]).toBe("bytes=333333-433332");
  expect(server.asked[0]?.ifRange).toBe('"one"');
  expect(await kept()).toEqual([HASH]);
});

test("all of it there already: the server is not asked", async () => {
  await leftBehind(HASH, CONTENT);
  await named();
  expect(server.asked).toHaveLength(0);
});

test("a file that changed in between starts afresh", async () => {
  await leftBehind(HASH, noise(333_333, 2), '"nought"');
  await named();
  // With another version the server sends all of it, as If-Range asks it to.
  expect(server.sent).toBe(450_000);
  expect((await readFile(join(options.cacheFolder, HASH))).equals(CONTENT)).toBe(true);
});

test("a server that does not look at If-Range is caught by its ETag, and one that has none by the checksum", async () => {
  server.answering = (request, response, nth) => {
    delete request.headers["if-range"];
    return server.proper(request, response, nth);
  };
  await leftBehind(HASH, noise(150_000, 2), '"nought"');
  await named();
  expect((await readFile(join(options.cacheFolder, HASH))).equals(CONTENT)).toBe(true);
  await rm(options.cacheFolder, { recursive: true });
  server.etag = undefined;
  await leftBehind(HASH, noise(150_000, 2), "");
  await named();
  expect((await readFile(join(options.cacheFolder, HASH))).equals(CONTENT)).toBe(true);
  expect(await kept()).toEqual([HASH]);
});

test("with Last-Modified in place of an ETag, or a weak one, it goes on too", async () => {
  server.etag = 'W/"one"';
  server.modified = "Sun, 01 Nov 2026 10:00:00 GMT";
  server.answering = (request, response, nth) =>
    nth === 2 ? void response.socket?.destroy() : server.proper(request, response, nth);
  await now();
  expect(server.sent).toBe(450_000);
  expect(server.asked.at(-1)?.ifRange).toBe(server.modified);
});

test("a file that changes while its hash is found out is never mixed of two", async () => {
  const other = noise(450_000, 7);
  server.answering = (request, response, nth) => {
    if (nth === 3) {
      server.content = other;
      server.etag = '"two"';
    }
    return server.proper(request, response, nth);
  };
  expect(await now()).toMatchObject({ sha256: sha256(other), bytes: 450_000 });
});

test("nor where the server stops to name versions when it changes", async () => {
  const other = noise(450_000, 7);
  server.answering = (request, response, nth) => {
    if (nth === 3) {
      server.content = other;
      server.etag = undefined;
    }
    delete request.headers["if-range"];
    return server.proper(request, response, nth);
  };
  expect(await now()).toMatchObject({ sha256: sha256(other), bytes: 450_000 });
});

test("one that changes again and again is given up", async () => {
  server.answering = (request, response, nth) => {
    server.etag = `"${nth}"`;
    delete request.headers["if-range"];
    return server.proper(request, response, nth);
  };
  expect(await messageOf(now())).toMatch(/ESTALE: http:\S+trace\.arrow: changes while it is fetched$/);
  expect(server.asked.length).toBeLessThan(20);
});

test("a server without names of versions: a hash that is to be found out is of one answer", async () => {
  server.etag = undefined;
  expect(await now()).toMatchObject({ sha256: HASH, bytes: 450_000 });
  expect(ranges()).toEqual(["bytes=0-99999", undefined]);
});

test("a server without ranges is read in one go, and from the beginning after a break", async () => {
  server.ranges = false;
  await named();
  expect(server.asked).toHaveLength(1);
  await rm(options.cacheFolder, { recursive: true });
  server.sent = 0;
  server.answering = (request, response, nth) =>
    nth === 2 ? server.cut(request, response, 300_000, arrived(300_000)) : server.proper(request, response, nth);
  await named();
  expect(server.sent).toBe(750_000);
  expect((await readFile(join(options.cacheFolder, HASH))).equals(CONTENT)).toBe(true);
});

test("a server without ranges that always breaks is given up", async () => {
  server.ranges = false;
  server.answering = (request, response) => server.cut(request, response, 300_000, arrived(300_000));
  expect(await messageOf(named())).toMatch(/EIO: \S+: cannot be fetched: /);
  expect(server.asked).toHaveLength(4);
});

test("a body of no length, in pieces, is read to its end", async () => {
  server.answering = (_, response) => {
    response.writeHead(200);
    for (let at = 0; at < CONTENT.length; at += 30_000) response.write(CONTENT.subarray(at, at + 30_000));
    response.end();
  };
  expect(await now()).toMatchObject({ sha256: HASH });
});

test("a wrong checksum: what came is thrown away, and both hashes are said", async () => {
  server.content = noise(450_000, 3);
  const message = await messageOf(named());
  expect(message).toBe(
    `ErrnoError: ESTALE: ${server.url()}: the file has changed since the plan was made: its SHA-256 is ${sha256(server.content)}, and the plan has ${HASH}`,
  );
  expect(await kept()).toEqual([]);
});

test("another size ends at the first answer, and nothing of it is written", async () => {
  server.content = noise(460_000);
  expect(await messageOf(named())).toMatch(/it has 460000 bytes, and the plan has 450000$/);
  server.ranges = false;
  expect(await messageOf(named())).toMatch(/it has 460000 bytes, and the plan has 450000$/);
  expect(server.asked).toHaveLength(2);
  expect(await kept()).toEqual([]);
});

test("a file that became shorter than what there is of it is found out", async () => {
  server.content = CONTENT.subarray(0, 100_000);
  await leftBehind(HASH, CONTENT.subarray(0, 200_000));
  expect(await messageOf(named())).toMatch(/it has 100000 bytes, and the plan has 450000$/);
});

test("redirects are followed, five and no more, and other servers get no credentials", async () => {
  const other = await FileServer.of(CONTENT);
  try {
    server.answering = (request, response) => {
      const turn = Number(request.url?.slice(1));
      const location = turn > 1 ? `/${turn - 1}` : other.url();
      response.writeHead(302, { location }).end();
    };
    const url = parseTraceUrl(server.url("/5", "user:secret@"));
    await fetchNamed(url, KNOWN, options);
    expect(server.asked[0]?.authorization).toBe(`Basic ${Buffer.from("user:secret").toString("base64")}`);
    expect(server.asked.at(-1)?.authorization).toBeDefined();
    expect(other.asked.map(({ authorization }) => authorization)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    await rm(options.cacheFolder, { recursive: true });
    expect(await messageOf(named("/6"))).toMatch(/EIO: \S+\/6: is redirected more than 5 times$/);
  } finally {
    await other.close();
  }
});

test.each(["/trace.arrow", "ftp://127.0.0.1/x", "file:///etc/passwd", "//[", ""])(
  "a redirect to %j is not followed for ever, nor out of http",
  async (location) => {
    server.answering = (_, response) => void response.writeHead(307, { location }).end();
    expect(await messageOf(named())).toMatch(/EIO: \S+trace\.arrow: is redirected /);
  },
);

test.each([
  [404, /the server answers 404$/, 1],
  [401, /the server answers 401; user and password may stand in the URL$/, 1],
  [410, /the server answers 410$/, 1],
  [204, /the server answers 204, and 200 or 206 is needed$/, 1],
  [416, /the server has no byte of it$/, 1],
  [500, /cannot be fetched: the server answers 500$/, 4],
  [429, /cannot be fetched: the server answers 429$/, 4],
])("an answer of %d", async (status, says, times) => {
  server.answering = (_, response) => void response.writeHead(status).end();
  expect(await messageOf(named())).toMatch(says);
  expect(server.asked).toHaveLength(times);
  expect(await kept()).toEqual([]);
});

test("credentials and queries are in no message, no name and no file", async () => {
  const shown: string[] = [];
  const url = server.url("/trace.arrow?token=hidden", "someone:s%40cret@");
  server.answering = (request, response, nth) => {
    if (nth === 1) response.writeHead(403).end();
    else if (nth < 6) response.writeHead(500).end();
    else return server.proper(request, response, nth);
  };
  shown.push(await messageOf(fetchNow(parseTraceUrl(url), options)));
  shown.push(await messageOf(fetchNow(parseTraceUrl(url), options)));
  await fetchNow(parseTraceUrl(url), options);
  expect(server.asked[0]).toMatchObject({
    authorization: `Basic ${Buffer.from("someone:s@cret").toString("base64")}`,
    path: "/trace.arrow?token=hidden",
  });
  for (const name of await kept()) shown.push(name, await readFile(join(options.cacheFolder, name), "latin1"));
  expect(shown.filter((text) => /hidden|s@cret|s%40cret|someone/.test(text))).toEqual([]);
});

test.each(["bytes 0-99999", "bytes 5-99/450000", "bytes 0-9/5", "bytes 0-199999/450000", "0-1/2", "", "bytes x"])(
  "a range of %j is refused",
  async (range) => {
    server.answering = (_, response) => void response.writeHead(206, { "content-range": range }).end(Buffer.alloc(9));
    expect(await messageOf(named())).toMatch(/EPROTO: \S+: asked for bytes 0 to 99999, the server answers with range/);
  },
);

test("a server that sends more than is due is refused, and what is too much is not written", async () => {
  const most = async () => {
    const sizes = await Promise.all(
      (await kept()).map((name) => stat(join(options.cacheFolder, name, "bytes")).then(({ size }) => size)),
    );
    return Math.max(0, ...sizes);
  };
  // No length, no end.
  const endless = (status: number, range?: string) => {
    server.answering = (_, response) => {
      response.writeHead(status, range === undefined ? {} : { "content-range": range });
      const more = () => {
        while (!response.destroyed && response.write(noise(16_384)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    };
  };
  endless(200);
  expect(await messageOf(named())).toMatch(/the server sends more than the 450000 bytes that are due$/);
  expect(await most()).toBeLessThanOrEqual(450_000);
  endless(206, "bytes 0-99999/450000");
  await rm(options.cacheFolder, { recursive: true });
  expect(await messageOf(named())).toMatch(/the server sends more than the 100000 bytes that are due$/);
  expect(await most()).toBeLessThanOrEqual(100_000);
});

test("a body without end, of which nobody knows the size, ends where there is no more room, and goes", async () => {
  options = { ...options, mostBytes: 100_000 };
  server.ranges = false;
  server.answering = (_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(noise(16_384)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  };
  expect(await messageOf(now())).toMatch(/ENOSPC: \S+: has more than 100000 bytes, and there is room for 100000$/);
  expect(await kept()).toEqual([]);
});

test("a size that no disk has is refused at once", async () => {
  server.answering = (_, response) => {
    response.writeHead(206, { etag: '"one"', "content-range": `bytes 0-99999/${10 ** 17}` });
    response.end(Buffer.alloc(100_000));
  };
  expect(await messageOf(now())).toMatch(/ENOSPC: \S+: has 100000000000000000 bytes, and there is room for \d+$/);
  expect(server.asked).toHaveLength(1);
});

test("a server that says nothing any more is left, and asked again", async () => {
  options = { ...options, patience: { ...options.patience, stallMs: 400 } };
  const silent = new Set(["bytes=0-99999", "bytes=100000-199999"]);
  server.answering = (request, response, nth) => {
    const { range = "" } = request.headers;
    if (!silent.delete(range)) return server.proper(request, response, nth);
    if (range === "bytes=0-99999") return;
    const told = { etag: '"one"', "content-range": "bytes 100000-199999/450000", "content-length": 100_000 };
    response.writeHead(206, told).write(CONTENT.subarray(100_000, 150_000));
  };
  await named();
  expect(ranges()).toContain("bytes=150000-249999");
  server.answering = () => undefined;
  await rm(options.cacheFolder, { recursive: true });
  expect(await messageOf(named())).toMatch(/cannot be fetched: nothing came for 400 ms$/);
});

test("what is packed on the way is not what is stored", async () => {
  server.answering = (_, response) =>
    void response.writeHead(200, { "content-encoding": "gzip" }).end(Buffer.alloc(10));
  expect(await messageOf(named())).toMatch(/packs it on the way \(gzip\)/);
});

test("nobody there", async () => {
  const url = server.url();
  await server.close();
  expect(await messageOf(fetchNamed(parseTraceUrl(url), KNOWN, options))).toMatch(/cannot be fetched: ECONNREFUSED$/);
  server = await FileServer.of(CONTENT);
});

test("of several at once one fetches, and all have it", async () => {
  const all = await Promise.all([named(), named(), now("/elsewhere.arrow"), named()]);
  expect(all.map(({ sha256: hash }) => hash)).toEqual([HASH, HASH, HASH, HASH]);
  // One for those who know what it is, one to find out.
  expect(server.sent).toBe(900_000);
  expect(await kept()).toEqual([HASH, `url-${sha256(server.url("/elsewhere.arrow"))}`]);
});

test("who comes while another one fetches waits for it, and takes nothing from it", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.answering = async (request, response, nth) => {
    if (nth === 3) await held;
    return server.proper(request, response, nth);
  };
  const first = named();
  await arrived(200_000)();
  const second = named();
  await new Promise((resolve) => setTimeout(resolve, 300));
  release();
  expect(await Promise.all([first, second])).toMatchObject([{ sha256: HASH }, { sha256: HASH }]);
  expect(server.sent).toBe(450_000);
});

test("a part that another one has taken is not finished by who had it before", async () => {
  await mkdir(options.cacheFolder);
  const part = await Part.claim(options.cacheFolder, HASH);
  await rename(part?.path ?? "", join(folder, "taken"));
  expect(await part?.finish(join(options.cacheFolder, HASH))).toBe(false);
  expect(await kept()).toEqual([]);
});

test("an owner that was given up too early does no harm when it goes on", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.answering = async (request, response, nth) => {
    if (nth === 3) await held;
    return server.proper(request, response, nth);
  };
  const slow = named();
  await arrived(200_000)();
  // Its part looks as if nobody had been there for an hour.
  const [part = ""] = await kept();
  const then = new Date(Date.now() - 3_600_000);
  await utimes(join(options.cacheFolder, part, "bytes"), then, then);
  await named();
  release();
  expect(await slow).toMatchObject({ sha256: HASH });
  expect((await readFile(join(options.cacheFolder, HASH))).equals(CONTENT)).toBe(true);
  expect(await kept()).toEqual([HASH]);
});

test("a hash that is known for a URL holds while the server names the same version", async () => {
  await now();
  expect(await now()).toMatchObject({ sha256: HASH });
  expect(server.sent).toBe(450_001);
  server.content = noise(450_000, 4);
  server.etag = '"two"';
  expect(await now()).toMatchObject({ sha256: sha256(server.content) });
});

test("an empty file is no trace", async () => {
  server.content = Buffer.alloc(0);
  expect(await messageOf(now())).toMatch(/the file is empty$/);
  server.ranges = false;
  expect(await messageOf(now())).toMatch(/the file is empty$/);
});

test("whatever breaks wherever, the file is right in the end or the fetch is refused", async () => {
  const small = noise(3000, 9);
  const known = { sha256: sha256(small), bytes: small.length };
  const act = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: "proper" as const }) },
    fc.record({ kind: fc.constant("cut" as const), bytes: fc.integer({ min: 0, max: 1200 }) }),
    fc.record({ kind: fc.constant("status" as const), status: fc.constantFrom(500, 503, 429) }),
    fc.record({ kind: fc.constant("change" as const) }),
    fc.record({ kind: fc.constant("whole" as const) }),
    fc.record({ kind: fc.constant("ignore" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), fc.boolean(), async (acts, isKnown) => {
      const cacheFolder = await mkdtemp(join(folder, "each-"));
      const own = await FileServer.of(small);
      own.answering = (request, response, nth) => {
        const one = acts[nth - 1] ?? { kind: "proper" };
        if (one.kind === "cut") return own.cut(request, response, one.bytes, async () => undefined);
        if (one.kind === "status") return void response.writeHead(one.status).end();
        if (one.kind === "change") own.etag = `"${nth}"`;
        if (one.kind === "whole") delete request.headers.range;
        if (one.kind === "ignore") delete request.headers["if-range"];
        return own.proper(request, response, nth);
      };
      try {
        const url = parseTraceUrl(own.url());
        const each = { ...options, cacheFolder, patience: { ...options.patience, blockBytes: 1000, pauseMs: 0 } };
        const fetched = await (isKnown ? fetchNamed(url, known, each) : fetchNow(url, each)).catch((error: unknown) =>
          String(error),
        );
        if (typeof fetched === "string") {
          expect(fetched).toMatch(/cannot be fetched|changes while it is fetched/);
          expect(acts.filter(({ kind }) => kind !== "proper").length).toBeGreaterThan(3);
        } else expect((await readFile(fetched.path)).equals(small)).toBe(true);
      } finally {
        await own.close();
      }
    }),
    { numRuns: 60 },
  );
});
