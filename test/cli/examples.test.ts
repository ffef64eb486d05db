// Every command's help ends with an example, and it runs: in a folder with the files of the repository, by the built command.

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "../../src/cli/commands.ts";
import { shown } from "../../src/cli/completion/grammar.ts";
import { wayIn } from "../../src/cli/way-in.ts";
import { COMMAND } from "../helpers/command-line.ts";
import { ROOT } from "../helpers/fuse/mounts.ts";
import { sayNotRun } from "../helpers/not-run.ts";
import { NO_SERVER, TestServer } from "../sweep/queue/server.ts";

/** The lines under "Example:" or "Examples:", as they stand in the help. */
function exampleOf(command: Command): string[] {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const [, lines = ""] = /\nExamples?:\n([\s\S]*)$/.exec(help) ?? [];
  return lines.split("\n").filter((line) => line.trim() !== "");
}

function commandsOf(command: Command, path: string): { path: string; command: Command }[] {
  const own = shown(command).map((one) => ({ path: `${path} ${one.name()}`, command: one }));
  return own.flatMap((one) => [one, ...commandsOf(one.command, one.path)]);
}

const MPAM = program("0");
const ALL = [{ path: "mpam", command: MPAM }, ...commandsOf(MPAM, "mpam")];

/** They go on until somebody ends them; they say something when they are ready. */
const LIVE: readonly string[] = ["mpam mount"];

const absent = (name: string) => (spawnSync(name, ["--version"]).error ? `there is no ${name}` : undefined);

/** Why an example cannot run here. */
function hindrance(path: string): string | undefined {
  if (path === "mpam trace record") return absent("valgrind");
  if (path === "mpam worker") return NO_SERVER;
  if (path !== "mpam mount" && path !== "mpam run") return undefined;
  try {
    wayIn();
    return path === "mpam mount" && process.geteuid?.() !== 0 ? "mounting needs root" : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The repository's files without what examples write. */
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mpam-examples-"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/mpam"), `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
  chmodSync(join(folder, "bin/mpam"), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

let server: TestServer | undefined;
afterAll(() => server?.end());

/** A server of the test's own in place of the one that the example means. */
async function withServer(lines: readonly string[]): Promise<string[]> {
  server = await TestServer.start();
  return lines.map((line) => line.replace("127.0.0.1:6379", `127.0.0.1:${server?.port}`));
}

/** Links but for what examples go into. */
function scratch(path: string): string {
  const root = join(folder, path.replaceAll(" ", "-"));
  mkdirSync(root);
  for (const name of readdirSync(ROOT).filter((one) => !one.startsWith("."))) {
    if (name === "examples") cpSync(join(ROOT, name), join(root, name), { recursive: true });
    else symlinkSync(join(ROOT, name), join(root, name));
  }
  return root;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** As somebody types them; what goes on is ended when it has said something. */
function typed(lines: readonly string[], cwd: string, live: boolean): Promise<Ended> {
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` };
  const last = live ? [...lines.slice(0, -1), `exec ${lines.at(-1)?.trim()}`] : lines;
  const child = spawn("sh", ["-ec", last.join("\n")], { cwd, env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
    if (live) child.kill("SIGINT");
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
    if (live) child.kill("SIGINT");
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

describe.each(ALL)("$path", ({ path, command }) => {
  const lines = exampleOf(command);

  test("has an example, of its own words", () => {
    expect(lines.join("\n")).toContain(path);
  });

  const why = hindrance(path);
  sayNotRun(`the example of ${path}`, why);
  test.skipIf(why !== undefined)("has an example that runs", async () => {
    const { code, out, err } = await typed(
      path === "mpam worker" ? await withServer(lines) : lines,
      scratch(path),
      LIVE.some((one) => path.startsWith(one)),
    );
    expect({ code, said: code === 0 ? "" : `${out}${err}` }).toEqual({ code: 0, said: "" });
  });
});
