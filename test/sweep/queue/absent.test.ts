// What only sweeps on a queue need may be absent: a line says what to install. And the dashboard, where it is there.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveDashboard } from "../../../src/sweep/queue/dashboard.ts";
import { QueueEngine } from "../../../src/sweep/queue/engine.ts";
import { QueueNames } from "../../../src/sweep/queue/names.ts";
import { ROOT } from "../../helpers/fuse/mounts.ts";
import { sayNotRun } from "../../helpers/not-run.ts";
import { NO_SERVER, TestServer, until } from "./server.ts";
import { Kept, makeUnits, TOOL } from "./units.ts";

describe("beside an installed package without BullMQ", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mpam-absent-"));
    for (const name of ["dist/esm", "build/mpam.wasm", "package.json", "platforms"]) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
    mkdirSync(join(folder, "node_modules"));
    for (const name of ["commander", "fzstd", "valibot", "xz-decompress"]) {
      symlinkSync(realpathSync(join(ROOT, "node_modules", name)), join(folder, "node_modules", name));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const mpam = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [join(folder, "dist/esm/cli.js"), ...args], {
      encoding: "utf8",
    });
    return { status, stderr };
  };

  test("a worker says what to install", () => {
    expect(mpam("worker", "--queue", "redis://127.0.0.1:1")).toEqual({
      status: 1,
      stderr: "mpam: --queue needs bullmq and ioredis beside mpam-emulator: npm install bullmq ioredis\n",
    });
  });

  test("so does a sweep, when its plan has been read", () => {
    const plan = join(ROOT, "examples/sweeps/first.yaml");
    const store = join(folder, "store");
    expect(mpam("sweep", plan, "--store", store, "--queue", "redis://127.0.0.1:1")).toEqual({
      status: 1,
      stderr: "mpam: --queue needs bullmq and ioredis beside mpam-emulator: npm install bullmq ioredis\n",
    });
  });
});

sayNotRun("the dashboard", NO_SERVER);
describe.skipIf(NO_SERVER !== undefined)("the dashboard", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server?.end());

  const get = (url: string, host?: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      request(url, { headers: host === undefined ? {} : { host } }, (response) => {
        let body = "";
        response.on("data", (data) => (body += data));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      })
        .on("error", reject)
        .end();
    });

  test("shows units by where they stand and what they write, on this machine, under its own name", async () => {
    const stop = new AbortController();
    const kept = new Kept();
    const hooks = { ...kept.hooks, signal: stop.signal };
    const running = new QueueEngine({ url: server.url, tool: TOOL, dashboard: 0 }).run(makeUnits(2), hooks);
    await until(() => kept.notes.some((line) => /unit/.test(line)));
    const url = /^dashboard: (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(kept.notes[0] ?? "")?.[1] ?? "";
    expect((await get(url)).body).toContain("<title>mpam sweeps</title>");
    const { queue } = new QueueNames("mpam", "sweep", TOOL);
    const { queues } = JSON.parse((await get(`${url}api/queues?activeQueue=${queue}&status=waiting&page=1`)).body);
    const jobs = queues[0].jobs as { name: string; data: unknown }[];
    expect(jobs.map(({ name, data }) => ({ name, data })).sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "one / small / cut 0, portions 1", data: { schemata: { a: ["L3:0=1"] } } },
      { name: "one / small / cut 1, portions 2", data: { schemata: { a: ["L3:0=3"] } } },
    ]);
    expect(queues[0].readOnlyMode).toBe(true);
    expect((await get(url, "elsewhere.example")).status).toBe(403);
    stop.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await expect(get(url)).rejects.toThrow();
  });

  test("says that its port is taken", async () => {
    await expect(serveDashboard(server.url, TOOL, server.port)).rejects.toThrow(
      `dashboard: port ${server.port} is taken`,
    );
  });
});
