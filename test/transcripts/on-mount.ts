// The same shell sessions with bash on a real mount: node dist/transcripts/main.js [NAME...]. One line where nothing can be mounted.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { diff } from "../../src/script/diff.ts";
import { whyNoMount } from "../helpers/fuse/mountable.ts";
import { Bash } from "./bash.ts";
import { asPrinted, parseTranscript, type Step, type Transcript } from "./transcript.ts";

/** From dist/transcripts. */
const HOUSE = new URL("../../", import.meta.url);
const SESSIONS = new URL("test/transcripts/", HOUSE);
/** Model time against time of the wall: a busy host has the more time between two lines of a script. */
const SPEED = 0.5;

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const why = whyNoMount();
  if (why !== undefined) {
    process.stdout.write(`transcripts: NOT RUN on a real mount, because ${why}\n`);
    return 0;
  }
  const files = readdirSync(SESSIONS).filter((file) => file.endsWith(".txt"));
  const wanted = names.length === 0 ? files : files.filter((file) => names.includes(file.replace(/\.txt$/, "")));
  let failed = 0;
  for (const file of wanted) {
    const wrong = await check(file).catch((error: unknown) => `${file}: ${error}`);
    if (wrong === undefined) continue;
    failed++;
    process.stdout.write(`${wrong}\n`);
  }
  process.stdout.write(`transcripts: ${wanted.length} on a real mount, ${failed} otherwise than written\n`);
  return failed === 0 && wanted.length > 0 ? 0 : 1;
}

/** What is otherwise; undefined where nothing is. */
async function check(file: string): Promise<string | undefined> {
  const transcript = parseTranscript(readFileSync(new URL(file, SESSIONS), "utf8"), file);
  const folder = mkdtempSync(join(tmpdir(), "mpam-transcript-"));
  const directory = mkdtempSync(join(tmpdir(), "mpam-mounted-"));
  try {
    const wrong = await onMount(transcript, folder, directory);
    return wrong.length === 0 ? undefined : `${file}:\n${wrong.join("\n")}`;
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(directory, { recursive: true });
  }
}

async function onMount(transcript: Transcript, folder: string, directory: string): Promise<string[]> {
  const server = serve(transcript, folder, directory);
  const said = await server.mounted;
  if (transcript.refused !== undefined) {
    return said.includes(transcript.refused) ? [] : [`mount: ${transcript.refused} was expected; it said ${said}`];
  }
  if (server.process.exitCode !== null) return [`mount: ${said}`];
  const bash = new Bash(directory);
  try {
    return await session(transcript.steps, bash);
  } finally {
    await bash.end();
    server.process.kill("SIGTERM");
    await server.ended;
  }
}

async function session(steps: readonly Step[], bash: Bash): Promise<string[]> {
  const wrong: string[] = [];
  for (const step of steps) {
    if ("advanceNs" in step) {
      await pause(step.advanceNs / 1e6 / SPEED);
      continue;
    }
    const printed = asPrinted(await bash.run(step.command));
    if (printed !== step.expected) wrong.push(`${step.line}: ${step.command}\n${diff(step.expected, printed)}`);
  }
  return wrong;
}

interface Server {
  readonly process: ChildProcess;
  /** What it has said when it is mounted, or has ended. */
  readonly mounted: Promise<string>;
  readonly ended: Promise<void>;
}

function serve(transcript: Transcript, folder: string, directory: string): Server {
  const { platform, options, expert, profile, proposed, compat, replay, script } = transcript;
  const args = ["mount", directory, "-p", new URL(`platforms/${platform}.yaml`, HOUSE).pathname, "--speed", `${SPEED}`];
  if (transcript.interface === "android") args.push("--interface", "android");
  if (options !== "") args.push("--options", options);
  if (expert) args.push("--expert");
  if (profile !== undefined) args.push("--profile", profile);
  if (proposed !== undefined) args.push("--proposed", proposed);
  if (compat !== undefined) args.push("--compat", compat);
  if (script !== "") {
    writeFileSync(join(folder, "script"), `${script}\n`);
    args.push("--script", join(folder, "script"));
  }
  if (replay.length > 0) args.push("--replay", ...replay);
  const command = new URL("dist/esm/cli.js", HOUSE).pathname;
  const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const mounted = new Promise<string>((resolve) => {
    let said = "";
    const hear = (text: Buffer) => {
      said += text;
      if (said.includes("mounted ")) resolve(said);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("close", () => resolve(said));
  });
  return { process: child, mounted, ended };
}
