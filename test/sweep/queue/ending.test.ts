// A worker that is told to end while its server is away, or just back: its process ends, whatever the libraries wait for.

import { spawn } from "node:child_process";
import { describe, expect, onTestFinished, test } from "vitest";
import { COMMAND } from "../../helpers/command-line.ts";
import { sayNotRun } from "../../helpers/not-run.ts";
import { NO_SERVER, TestServer, until } from "./server.ts";

sayNotRun("workers that are told to end while their server is away", NO_SERVER);
describe.skipIf(NO_SERVER !== undefined)("a worker that is told to end", () => {
  const setup = async () => {
    const server = await TestServer.start();
    onTestFinished(() => server.end());
    const child = spawn(process.execPath, [COMMAND, "worker", "--queue", server.url, "--jobs", "1", "-v"]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const one = { said: "", code: undefined as number | null | undefined };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (one.said += data));
    child.once("close", (code) => {
      one.code = code;
    });
    const says = (what: RegExp) => until(() => what.test(one.said) || one.code !== undefined);
    await says(/ at once\n/);
    return { server, child, one, says };
  };

  test("while its server is away ends", async () => {
    const { server, child, one, says } = await setup();
    await server.kill();
    await says(/away: waiting/);
    child.kill("SIGTERM");
    await until(() => one.code !== undefined);
    expect(one).toMatchObject({ code: 0, said: expect.stringContaining("0 units in") });
  });

  test("when its server has just come back ends", async () => {
    const { server, child, one, says } = await setup();
    await server.kill();
    await says(/away: waiting/);
    await server.start();
    await says(/is back/);
    child.kill("SIGTERM");
    await until(() => one.code !== undefined);
    expect(one).toMatchObject({ code: 0, said: expect.stringContaining("0 units in") });
  });
});
