// mpam serve as a person runs it: what it says, where it listens, how it ends.

import { spawn } from "node:child_process";
import { existsSync, lstatSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { COMMAND, mpam, type Started, start } from "../helpers/command-line.ts";
import { Client, privateFolder } from "../serve/clients.ts";

const folder = privateFolder();
afterAll(() => folder.clean());

const AIDR = "readl 0x141000020";
const OK = "OK 0x0000000000000011";

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** When it has said so much. */
async function ready({ said, ended }: Started): Promise<string> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!said().endsWith("\n") && !isOver) await new Promise((resolve) => setTimeout(resolve, 20));
  return said();
}

describe("mpam serve", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "without an address makes a private folder, says how one comes in, and leaves nothing behind at %s",
    async (signal) => {
      const running = start("serve");
      const text = await ready(running);
      const [, path = ""] = /^ {2}qtest {4}nc -U (.*)$/m.exec(text) ?? [];
      expect(text).toBe(
        [
          "one-socket: 8 cpus, 2 MSCs, as firmware leaves it; model time stands still",
          `  qtest    nc -U ${path}`,
          `  gdb      gdb-multiarch -ex 'target remote ${path.replace(/qtest$/, "gdb")}'`,
          "  msc 0    0x141000000",
          "",
        ].join("\n"),
      );
      expect(lstatSync(dirname(path)).mode & 0o777).toBe(0o700);
      expect(lstatSync(path).mode & 0o777).toBe(0o600);
      expect(await (await Client.to(path)).ask(AIDR)).toBe(OK);
      running.child.kill(signal);
      expect(await running.ended).toEqual({ code: 0, out: text, err: "" });
      expect(existsSync(dirname(path))).toBe(false);
    },
  );

  test("--json is one line; a long step does not keep it from ending", async () => {
    const path = folder.at("json");
    const running = start("serve", "--json", "--boot", "--qtest", path, "--metrics", "tcp:0");
    const said = JSON.parse(await ready(running));
    expect(said).toEqual({
      ready: true,
      platform: "one-socket",
      pid: running.child.pid,
      qtest: path,
      metrics: expect.stringMatching(/^tcp:127\.0\.0\.1:\d+$/),
    });
    const page = await fetch(`http://${said.metrics.slice(4)}/metrics`);
    expect(await page.text()).toContain('mpam_info{platform="one-socket"} 1\n');
    const client = await Client.to(path);
    // resctrl looks at its counters once a second: there is always something to come.
    client.send("clock_step 9000000000000000\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(existsSync(path)).toBe(false);
  });

  test("on standard input and output speaks the protocol, and ends with its input", async () => {
    const child = spawn(process.execPath, [COMMAND, "serve", "--qtest", "stdio", "-q"]);
    let [out, err] = ["", ""];
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (err += data));
    child.stdin.end(`${AIDR}\nclock_step 7\nnonsense\n`);
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, out, err }).toEqual({ code: 0, out: `${OK}\nOK 7\nFAIL Unknown command 'nonsense'\n`, err: "" });
  });

  test("on standard input answers all that came before its end, however long that takes", async () => {
    const child = spawn(process.execPath, [COMMAND, "serve", "--qtest", "stdio", "-q"]);
    let out = "";
    child.stdout.on("data", (data) => (out += data));
    child.stdin.end(`${"memset 0x141000000 4096 0\n".repeat(3000)}endianness\n`);
    await new Promise((resolve) => child.once("close", resolve));
    expect(out).toBe(`${"OK\n".repeat(3000)}OK little\n`);
  });

  test.each([
    ["qtest", "mpam_quit\n", "OK\n"],
    // gdb's own packet for it: qRcmd with the command in hexadecimal; the reply is text, and OK.
    ["gdb", "$qRcmd,71756974#d1", "$OK#9a"],
  ])("a client of %s can end it, and has its answer before", async (protocol, sent, answer) => {
    const path = folder.at(protocol);
    const running = start("serve", `--${protocol}`, path, "-q");
    await until(() => existsSync(path));
    const client = await Client.to(path);
    let heard = "";
    client.socket.on("data", (data) => (heard += data));
    client.send(sent);
    expect(await running.ended).toEqual({ code: 0, out: "", err: "" });
    expect(heard).toContain(answer);
    expect(existsSync(path)).toBe(false);
  });

  test("where other computers come in, no client can end it, nor name files of this one", async () => {
    const running = start("serve", "--qtest", "tcp:0", "--allow-remote", "--json");
    const [, host, port] = JSON.parse(await ready(running)).qtest.split(":");
    const client = await Client.to({ host, port: Number(port) });
    expect(await client.ask("mpam_quit")).toMatch(/^FAIL EPERM: clients may not end this server/);
    expect(await client.ask("mpam_replay /etc/passwd")).toMatch(/^FAIL EPERM: files/);
    expect(await client.ask(AIDR)).toBe(OK);
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
  });

  test("started by npx, whose shell hands no signals on, it ends with that shell", async () => {
    const path = folder.at("npx");
    const shell = spawn("sh", ["-c", `"${process.execPath}" "${COMMAND}" serve -q --qtest "${path}"; :`], {
      env: { ...process.env, npm_command: "exec" },
      stdio: "ignore",
    });
    await until(() => existsSync(path));
    shell.kill("SIGTERM");
    await until(() => !existsSync(path));
  });

  test("accesses are printed where that is asked for", async () => {
    const path = folder.at("logged");
    const running = start("serve", "--qtest", path, "--log-registers", "MPAMF_AIDR");
    await ready(running);
    expect(await (await Client.to(path)).ask(AIDR)).toBe(OK);
    running.child.kill("SIGTERM");
    const { err } = await running.ended;
    expect(err).toMatch(/^0\.000 us {2}msc 0 ns {2}read {2}MPAMF_AIDR .*\(qtest\)$/m);
  });

  test.each([
    [["--qtest", "tcp:0.0.0.0:1"], 2, /^mpam: EINVAL: 'tcp:0\.0\.0\.0:1': .*--allow-remote/],
    [["--qtest", "stdio", "--gdb", "stdio"], 2, /^mpam: stdio: one protocol/],
    [["--metrics", "stdio"], 2, /^mpam: metrics stdio: HTTP/],
    [["--cpu", "8"], 2, /^mpam: cpu 8: one-socket has cpus 0-7/],
    [["--space", "x"], 2, /^mpam: space 'x': ns, s, rt or rl is allowed/],
    [["--speed", "-1"], 2, /^mpam: speed '-1'/],
    [["--compat", "linux-7.3"], 2, /^mpam: compat.*--boot/],
    [["--loop"], 2, /^mpam: loop: /],
    [["a.yaml", "-p", "b.yaml"], 2, /^mpam: platform is given twice: as 'a\.yaml'/],
    [["no-such.yaml"], 2, /^mpam: .*no-such\.yaml/],
    [["--qtest", "/no/such/folder/socket"], 2, /^mpam: ENOENT: \/no\/such\/folder\/socket: there is no such folder/],
    [["--replay", "no-such.arrow"], 2, /^mpam: .*no-such\.arrow/],
    [["--qtest", "/dev/null"], 2, /^mpam: EEXIST: \/dev\/null: is there and is no socket/],
  ])("%j is refused in one line", async (words, code, message) => {
    const ended = await mpam("serve", ...words);
    expect(ended).toMatchObject({ code, out: "" });
    expect(ended.err).toMatch(message);
    expect(ended.err.trimEnd()).not.toContain("\n");
  });

  test("traces and script lines run at the speed that is asked for", async () => {
    const trace = "synth:stream,ws=1G,n=1000,gap=1000";
    const running = start("serve", "--boot", "--qtest", "tcp:0", "--replay", trace, "--speed", "0", "--json");
    const { qtest } = JSON.parse(await ready(running));
    const [, host, port] = qtest.split(":");
    const client = await Client.to({ host, port: Number(port) });
    expect(await client.ask("clock_step 100")).toMatch(/^OK \d+$/);
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0, err: "" });
  });
});
