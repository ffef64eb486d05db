// A server for tests: on a port of its own, ended by its process id. Where there is no redis-server, tests say so.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

export const NO_SERVER = spawnSync("redis-server", ["--version"]).error ? "there is no redis-server" : undefined;

export class TestServer {
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    readonly folder: string,
    readonly options: readonly string[],
  ) {}

  static async start(...options: readonly string[]): Promise<TestServer> {
    const server = new TestServer(await freePort(), await mkdtemp(join(tmpdir(), "mpam-redis-")), options);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** With what its folder holds. */
  async start(): Promise<void> {
    const args = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--dir", this.folder, "--save", "", ...this.options];
    this.#child = spawn("redis-server", args, { stdio: "ignore" });
    const redis = this.client();
    redis.on("error", () => {});
    await redis.ping().catch(() => {});
    redis.disconnect();
  }

  /** As a power cut does it: by its process id. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  async restart({ empty = false } = {}): Promise<void> {
    await this.kill();
    if (empty) for (const name of ["appendonlydir", "dump.rdb"]) await rm(join(this.folder, name), RECURSIVELY);
    await this.start();
  }

  client(): Redis {
    return new Redis(this.port, "127.0.0.1", { maxRetriesPerRequest: null });
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.folder, RECURSIVELY);
  }
}

const RECURSIVELY = { recursive: true, force: true, maxRetries: 3 } as const;

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Looks until it is so; the test's own time limit ends it. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(10);
}
