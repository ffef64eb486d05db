// mpam page as a person runs it, and its server as an attacker sees it.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listener, PageFiles, servePage } from "../../src/serve/index.ts";
import { mpam, start } from "../helpers/command-line.ts";
import { privateFolder } from "../serve/clients.ts";

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

function ask(port: number, path: string, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

const portOf = ({ address }: Listener) => Number(/:(\d+)$/.exec(address)?.[1]);

describe("the server of a page", () => {
  const folder = privateFolder();
  let listener: Listener;
  beforeAll(async () => {
    mkdirSync(folder.at("page/assets"), { recursive: true });
    writeFileSync(folder.at("secret"), "nobody's business");
    writeFileSync(folder.at("page/index.html"), "<p>here</p>");
    writeFileSync(folder.at("page/assets/m.wasm"), "wasm");
    symlinkSync(folder.at("secret"), folder.at("page/link"));
    listener = await servePage({ kind: "tcp", host: "127.0.0.1", port: 0 }, await PageFiles.of(folder.at("page")));
  });
  afterAll(async () => {
    await listener.close();
    folder.clean();
  });

  test("has types, shared memory, and nothing of others", async () => {
    const { status, headers, body } = await ask(portOf(listener), "/?from=here");
    expect([status, body]).toEqual([200, "<p>here</p>"]);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-length": "11",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "x-content-type-options": "nosniff",
    });
    expect((await ask(portOf(listener), "/assets/m.wasm")).headers["content-type"]).toBe("application/wasm");
    const head = await ask(portOf(listener), "/assets/m.wasm", "HEAD");
    expect([head.status, head.headers["content-length"], head.body]).toEqual([200, "4", ""]);
  });

  test.each([
    "/../secret",
    "/assets/../../secret",
    "/%2e%2e/secret",
    "/..%2fsecret",
    "/assets/..\\..\\secret",
    "//secret",
    "/link",
    "/assets",
    "/%",
    "/\u0000",
    "/__proto__",
    "http://elsewhere/index.html",
  ])("has no %s", async (path) => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(portOf(listener), "127.0.0.1", () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
      );
      socket.once("data", (data) => {
        resolve(String(data));
        socket.destroy();
      });
    });
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
    expect(answer).not.toContain("nobody's business");
  });

  test("takes nothing", async () => {
    expect(await ask(portOf(listener), "/", "POST")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  });

  test("is refused without a page", async () => {
    await expect(PageFiles.of(folder.at("nowhere"))).rejects.toThrow("nowhere: there is no page (no index.html)");
  });
});

describe("mpam page", () => {
  test("serves the built page until SIGINT", async () => {
    const running = start("page", "--json");
    while (!running.said().endsWith("\n")) await new Promise((resolve) => setTimeout(resolve, 20));
    const { url, ...said } = JSON.parse(running.said());
    expect(said).toEqual({ ready: true, pid: running.child.pid });
    const index = await ask(Number(new URL(url).port), "/");
    expect(index.body).toContain('<div id="page"');
    const [, script = ""] = /src="\.(\/assets\/[^"]+\.js)"/.exec(index.body) ?? [];
    expect((await ask(Number(new URL(url).port), script)).headers["content-type"]).toMatch(/^text\/javascript/);
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 0, err: "" });
  });

  test("--check says what there is, and ends", async () => {
    const { code, out } = await mpam("page", "--check");
    expect(out).toMatch(/^\d+ files of .*dist.page would be served, for this computer alone\n$/);
    expect(code).toBe(0);
  });

  test.each(["x", "65536", "-1", ""])("refuses the port '%s' in one line", async (port) => {
    expect(await mpam("page", `--port=${port}`)).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^mpam: port '.*': a .*number .*is needed.*\n$/),
    });
  });
});
