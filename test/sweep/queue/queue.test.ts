// Units on a queue, with workers of this process: what comes back, what is not run twice, who takes what.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QueueEngine } from "../../../src/sweep/queue/engine.ts";
import { QueueWorker, type QueueWorkerOptions, type WorkedOn } from "../../../src/sweep/queue/worker.ts";
import { sayNotRun } from "../../helpers/not-run.ts";
import { NO_SERVER, TestServer } from "./server.ts";
import { expected, Kept, makeUnits, TOOL } from "./units.ts";

sayNotRun("sweeps on a queue", NO_SERVER);

describe.skipIf(NO_SERVER !== undefined)("a sweep on a queue", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server?.end());

  const worker = (options: Partial<QueueWorkerOptions> = {}, done: WorkedOn[] = []) =>
    QueueWorker.start(
      { url: server.url, thread: { tool: TOOL, folders: [] }, jobs: 1, ...options },
      { ended: (one) => void done.push(one) },
    );

  test("comes to the bytes that its units come to here, whoever of two workers runs them", async () => {
    const units = makeUnits(12);
    const done: [WorkedOn[], WorkedOn[]] = [[], []];
    const workers = await Promise.all(done.map((own) => worker({}, own)));
    const kept = new Kept();
    await new QueueEngine({ url: server.url, tool: TOOL }).run(units, kept.hooks);
    await Promise.all(workers.map((one) => one.stop()));
    expect(kept.texts).toEqual(await expected(units));
    expect(
      done
        .flat()
        .map(({ unit }) => unit.name)
        .sort(),
    ).toEqual(units.map(({ name }) => name).sort());
    for (const own of done) expect(own.length).toBeGreaterThan(0);
  });
});
