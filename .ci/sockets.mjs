// Programs of others at the sockets of a served machine. node .ci/sockets.mjs [COMMAND], after a build; COMMAND is mpam as somebody has
// installed it. One line for each that was tried, and one that says what is missing where one cannot be.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, isHere } from "./apt.mjs";
import { GDB_TRIES } from "./gdb.mjs";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const COMMAND = process.argv[2] ?? join(HERE, "dist/esm/cli.js");
/** By the program that has to be there: the package of Debian that has it. */
const PACKAGES = { gcc: "gcc libc6-dev", "gdb-multiarch": "gdb-multiarch", curl: "curl" };
const PATIENCE_MS = 120_000;

/** A line of 64 bytes every microsecond, each for the first time; it runs as the clock is moved. */
const TRAFFIC = ["--replay", "synth:stream,ws=1G,n=1000,gap=1000", "--speed", "0"];

const TRIES = [["gcc", "a client in C", qtestFromC], ["curl", "curl", metricsByCurl], ...GDB_TRIES];

const folder = mkdtempSync(join(tmpdir(), "sockets-"));
try {
  for (const [program, name, attempt] of TRIES) {
    const missing = get(program);
    if (missing) console.log(`sockets: NOT RUN: ${name}: ${missing}`);
    else console.log(`${name}: ${await attempt({ served, folder })}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Installs a program where that is allowed; what is missing, if it is not there then. */
function get(program) {
  if (isHere(program)) return undefined;
  install(PACKAGES[program].split(" "));
  return isHere(program) ? undefined : `${program} is not here (apt-get install ${PACKAGES[program]})`;
}

/** Serves a machine while `body` runs, which gets where each protocol is spoken. */
async function served(protocols, options, body) {
  const sockets = Object.fromEntries(protocols.map((name) => [name, join(folder, name)]));
  const addresses = Object.entries(sockets).flatMap(([name, path]) => [`--${name}`, path]);
  const child = spawn(COMMAND, ["serve", "--json", ...addresses, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const ended = new Promise((resolve) => child.once("close", (code) => resolve(code)));
  const ready = new Promise((resolve) => child.stdout.once("data", () => resolve("ready")));
  const first = await Promise.race([ready, ended]);
  if (first !== "ready") throw new Error(`mpam serve ended with ${first}\n${said}`);
  const result = await body(sockets).finally(() => child.kill("SIGTERM"));
  const code = await ended;
  if (code !== 0) throw new Error(`mpam serve ended with ${code}\n${said}`);
  const left = Object.values(sockets).filter((path) => existsSync(path));
  if (left.length > 0) throw new Error(`mpam serve left ${left.join(", ")} behind`);
  return result;
}

/** Runs a program to its end, while the server is free to answer it; what it said. */
function run(program, args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: PATIENCE_MS });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(said);
      else reject(new Error(`${program} ${args.join(" ")}: ended with ${code}\n${said}`));
    });
  });
}

/** The client checks what it finds by itself. */
async function qtestFromC() {
  const program = join(folder, "qtest-client");
  const source = join(HERE, "examples/qtest-client.c");
  await run("gcc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source]);
  const said = await served(["qtest"], TRAFFIC, ({ qtest }) => run(program, [qtest]));
  const [, rate] = /^(\d+) reads a second$/m.exec(said) ?? [];
  if (!rate) throw new Error(`it did not come to its end:\n${said}`);
  return `sets portions, reads a monitor, moves the clock and hears an interrupt; ${rate} reads a second`;
}

async function metricsByCurl() {
  const options = ["--boot", "--replay", join(HERE, "examples/traces/polite.arrow.br"), "--speed", "max"];
  const scrape = async ({ metrics }) => {
    const url = ["--silent", "--show-error", "--fail", "--unix-socket", metrics, "http://localhost/metrics"];
    for (let tries = 0; ; tries++) {
      const page = await run("curl", url);
      const [, bytes] = /^mpam_mbm_bytes_total\{group="\/",node="0",direction="read"\} (\d+)$/m.exec(page) ?? [];
      if (Number(bytes) > 0) return bytes;
      if (tries > 100) throw new Error(`no bytes were read by traces that run:\n${page}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  return `reads ${await served(["metrics"], options, scrape)} bytes of traffic from the page for Prometheus`;
}
