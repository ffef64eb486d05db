// A small plan while everything is killed at random: workers, the sweep and the server, which comes back with what it has written
// down, or with nothing. The seed is printed; MPAM_SEED draws the same again, as far as the host's own timing lets it.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMAND } from "../../helpers/command-line.ts";
import { sayNotRun } from "../../helpers/not-run.ts";
import { NO_SERVER, TestServer, until } from "./server.ts";

const PLAN = `sweep: chaos
traces:
  - name: made
    files: ["synth:zipf,ws=700k,n=120k", "synth:stream,ws=16M,n=120k"]
    groups: [a=trace:1, b=trace:2]
platforms: [one-socket]
configurations:
  - name: cut
    vary:
      - { split: L3, between: [a, b] }
      - { value: MB, of: b, values: [10, 40, 70, 100] }
goals: [{ highest: hit rate, of: a }]
`;
/** Things are killed for so long, ms; then what runs may end. */
const CHAOS_MS = 12_000;
/** What takes longer to end then does not end, ms. */
const PATIENCE_MS = 60_000;
const seed = Number(process.env.MPAM_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers below `below`, the same for the same seed (mulberry32). */
function drawing(from: number): (below: number) => number {
  let state = from;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below;
  };
}

sayNotRun("a sweep whose processes are killed at random", NO_SERVER);
describe.skipIf(NO_SERVER !== undefined)("a sweep whose processes are killed at random", () => {
  let server: TestServer;
  let folder = "";
  const running = new Set<Started>();
  beforeAll(async () => {
    server = await TestServer.start("--appendonly", "yes", "--appendfsync", "everysec");
    folder = await mkdtemp(join(tmpdir(), "mpam-chaos-"));
    await writeFile(join(folder, "plan.yaml"), PLAN);
  });
  afterAll(async () => {
    for (const { child } of running) child.kill("SIGKILL");
    await server?.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  interface Started {
    readonly child: ChildProcess;
    readonly ended: Promise<number | null>;
    said: string;
  }
  const start = (...args: string[]): Started => {
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const started: Started = { child, ended, said: "" };
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (started.said += data));
    running.add(started);
    void ended.then(() => running.delete(started));
    return started;
  };
  /** A process that does not find the server when it begins ends, as it should: so the next thing happens when it has. */
  const there = async (one: Started, what: RegExp): Promise<Started> => {
    await until(() => what.test(one.said) || one.child.exitCode !== null);
    return one;
  };
  const worker = () => there(start("worker", "--queue", server.url, "--jobs", "1", "--lock", "1", "-v"), / at once\n/);
  const sweep = () => there(start("sweep", "plan.yaml", "--queue", server.url, "--store", "queue", "-q"), /connected/);
  const outcome = ({ ended }: Started) =>
    Promise.race([ended, sleep(PATIENCE_MS, "does not end" as const, { ref: false })]);
  const killed = async ({ child, ended }: Started) => {
    child.kill("SIGKILL");
    await ended;
  };

  test(`comes to the same bytes in the end (seed ${seed})`, { timeout: 240_000 }, async () => {
    expect(await start("sweep", "plan.yaml", "--store", "threads", "-q").ended).toBe(0);
    const draw = drawing(seed);
    let [first, second] = [await worker(), await worker()];
    let sweeping = await sweep();
    const did: string[] = [];
    const actions: Record<string, () => Promise<void>> = {
      "a worker is killed": async () => {
        await killed(first);
        [first, second] = [second, await worker()];
      },
      "a worker is ended": async () => {
        first.child.kill("SIGTERM");
        [first, second] = [second, await worker()];
      },
      // Longer than its lock: it brings what others have brought by then.
      "a worker is stopped for a while": async () => {
        const { child } = first;
        child.kill("SIGSTOP");
        await sleep(2500);
        child.kill("SIGCONT");
      },
      "the sweep is killed": async () => {
        if (sweeping.child.exitCode !== null) return;
        await killed(sweeping);
        sweeping = await sweep();
      },
      "the server is killed": () => server.restart(),
      "the server is killed and comes back empty": () => server.restart({ empty: true }),
      "the server forgets": async () => {
        const redis = server.client();
        await redis.flushall();
        redis.disconnect();
      },
    };
    const names = Object.keys(actions);
    for (const end = performance.now() + CHAOS_MS; performance.now() < end; ) {
      await sleep(200 + draw(600));
      const name = names[Math.floor(draw(names.length))] ?? "";
      did.push(name);
      await actions[name]?.();
    }
    const code = await outcome(sweeping);
    expect({ code, said: code === 0 ? "" : sweeping.said, did: code === 0 ? [] : did }).toEqual({
      code: 0,
      said: "",
      did: [],
    });
    const read = (store: string) => readFile(join(folder, store, "sweep.json"), "utf8");
    expect((await read("queue")) === (await read("threads"))).toBe(true);
    const ends = [first, second].map(async (one) => {
      one.child.kill("SIGTERM");
      return { code: await outcome(one), said: one.said };
    });
    for (const { code, said } of await Promise.all(ends))
      expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
    expect([first, second].map(({ said }) => /differing|which is a bug/.test(said))).toEqual([false, false]);
  });
});
