// One plan run in several ways, with processes killed in the middle of it: the same bytes each time, nothing lost and nothing twice.
// node .ci/sweep.mjs [COMMAND], after a build; COMMAND is mpam as somebody has installed it. What cannot be run here is said.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { install, isHere } from "./apt.mjs";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const BUILT = join(HERE, "dist/esm/cli.js");
const PLAN = join(HERE, ".ci/sweep.yaml");
const SHARES = 8;
const PATIENCE_MS = 180_000;

const folder = mkdtempSync(join(tmpdir(), "sweep-"));
/** Whatever happens, nothing that was started here goes on. */
const children = new Set();
const began = performance.now();

try {
  const given = process.argv[2] ?? BUILT;
  const threads = await timed(() => run(given, ["sweep", PLAN, "--store", join(folder, "threads"), "-q"]));
  const wanted = readFileSync(join(folder, "threads/sweep.json"));
  const total = unitsIn("threads");
  console.log(`sweep: ${total} units in threads in ${threads.seconds} s, ${wanted.length} bytes`);

  const queued = withQueue(given);
  if (queued === undefined)
    console.log("sweep: NOT RUN on a queue: there is no redis-server (apt-get install redis-server)");
  else {
    await onQueue(queued, "restarted", wanted, total, { empty: false });
    await onQueue(queued, "emptied", wanted, total, { empty: true });
  }

  if (!get("parallel")) console.log("sweep: NOT RUN by GNU parallel: it is not here (apt-get install parallel)");
  else await byParallel(given, wanted, total);
  console.log(`sweep: all in ${seconds(began)} s`);
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function get(program, name = program) {
  if (!isHere(program)) install([name]);
  return isHere(program);
}

/** Beside an installed package BullMQ may be absent, which has to be said in one line; then what was built here is tried. */
function withQueue(given) {
  if (!get("redis-server")) return undefined;
  const { stderr } = spawnSync(given, ["worker", "--queue", "redis://127.0.0.1:1"], { encoding: "utf8" });
  if (/nothing listens there/.test(stderr)) return given;
  if (!/^mpam: --queue needs bullmq and ioredis beside mpam-emulator: npm install bullmq ioredis\n$/.test(stderr)) {
    throw new Error(`mpam worker without a server says: ${stderr}`);
  }
  console.log(`sweep: without BullMQ it says so: ${stderr.trim()}`);
  return BUILT;
}

/**
 * A worker is killed when a third has ended, and the server when two thirds have. It comes back with its file, or with nothing; with
 * nothing the sweep itself is killed too, at half, and started again.
 */
async function onQueue(mpam, name, wanted, total, { empty }) {
  const store = join(folder, name);
  const data = join(folder, `${name}-redis`);
  mkdirSync(data);
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server = await serve(port, data);
  const work = () => start(mpam, ["worker", "--queue", url, "--jobs", "1", "--lock", "4", "-q"]);
  const sweep = () => start(mpam, ["sweep", PLAN, "--store", store, "--queue", url, "-q"]);
  const workers = [work(), work()];
  const from = performance.now();
  let sweeping = sweep();
  const ended = () => unitsIn(name);

  await until(() => ended() >= total / 3, sweeping);
  const atWorker = ended();
  await kill(workers.shift());
  workers.push(work());
  if (empty) {
    await until(() => ended() >= total / 2, sweeping);
    await kill(sweeping);
    sweeping = sweep();
  }
  await until(() => ended() >= (2 * total) / 3, sweeping);
  const atServer = ended();
  await kill(server);
  if (empty) {
    rmSync(data, { recursive: true });
    mkdirSync(data);
  }
  server = await serve(port, data);

  const { code, said } = await sweeping.ended;
  if (code !== 0) throw new Error(`mpam sweep ended with ${code}\n${said}`);
  const took = seconds(from);
  same(store, wanted);
  if (ended() !== total) throw new Error(`${ended()} results of ${total} units`);
  const counts = await countsAt(port);
  if (counts.differing > 0) throw new Error(`${counts.differing} results came again with other bytes`);
  for (const worker of workers) {
    worker.kill("SIGTERM");
    const { code, said } = await worker.ended;
    if (code !== 0) throw new Error(`mpam worker ended with ${code}\n${said}`);
  }
  await kill(server);
  console.log(
    `sweep: ${total} units on a queue in ${took} s, the same bytes: a worker was killed at ${atWorker}, ` +
      `${empty ? "the sweep at half, " : ""}the server at ${atServer} and came back ${empty ? "empty" : "with its file"}; ` +
      `it counts ${counts.ended} results since, ${counts.again} of them came once more`,
  );
}

async function serve(port, data) {
  const child = start("redis-server", [
    "--port",
    port,
    "--bind",
    "127.0.0.1",
    "--dir",
    data,
    "--save",
    "",
    "--appendonly",
    "yes",
  ]);
  while ((await ask(port, "PING").catch(() => "")) !== "+PONG") {
    if (child.exitCode !== null)
      throw new Error(`redis-server ended with ${child.exitCode}\n${(await child.ended).said}`);
    await sleep(20);
  }
  return child;
}

/** What the script that brings results has counted. */
async function countsAt(port) {
  const [key] = (await ask(port, "KEYS mpam:*:counts")).split("\r\n").filter((line) => line.startsWith("mpam:"));
  const counted = { ended: 0, again: 0, differing: 0 };
  for (const name of Object.keys(counted)) {
    const [, value = "0"] = (await ask(port, `HGET ${key} ${name}`)).split("\r\n");
    counted[name] = Number(value);
  }
  return counted;
}

/** One inline command; short answers come in one piece. */
async function ask(port, command) {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.write(`${command}\r\n`);
    const [data] = await once(socket, "data");
    return String(data).trimEnd();
  } finally {
    socket.destroy();
  }
}

/** An array of jobs, interrupted and gone on with. */
async function byParallel(mpam, wanted, total) {
  const store = join(folder, "parallel");
  const log = join(folder, "joblog");
  const line = `${quoted(mpam)} sweep unit --plan ${quoted(PLAN)} --store ${quoted(store)} --index {}/${SHARES}`;
  const jobs = Array.from({ length: SHARES }, (_, i) => `${i}`);
  const args = ["--will-cite", "--jobs", "2", "--joblog", log, "--resume", line, ":::", ...jobs];
  const from = performance.now();
  const first = start("parallel", args);
  const done = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").length - 1 : 0);
  await until(() => done() >= SHARES / 4, first);
  first.kill("SIGTERM");
  await first.ended;
  const before = done();
  if (before >= SHARES) throw new Error("parallel was not interrupted");
  const second = await start("parallel", args).ended;
  if (second.code !== 0) throw new Error(`parallel ended with ${second.code}\n${second.said}`);
  const took = seconds(from);
  await run(mpam, ["sweep", "merge", "--plan", PLAN, "--store", store]);
  same(store, wanted);
  if (unitsIn("parallel") !== total) throw new Error(`${unitsIn("parallel")} results of ${total} units`);
  console.log(
    `sweep: ${SHARES} jobs of GNU parallel in ${took} s, the same bytes: ended at ${before}, then gone on with`,
  );
}

function same(store, wanted) {
  const found = readFileSync(join(store, "sweep.json"));
  if (!found.equals(wanted)) throw new Error(`${store}/sweep.json is not that of the threads`);
}

/** Results that are on disk. */
function unitsIn(name) {
  const units = join(folder, name, "units");
  if (!existsSync(units)) return 0;
  return readdirSync(units, { recursive: true }).filter((file) => /[0-9a-f]{64}\.json$/.test(file)).length;
}

function start(command, args) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  child.ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      children.delete(child);
      resolve({ code, said });
    });
  });
  child.ended.catch(() => {});
  return child;
}

async function run(command, args) {
  const { code, said } = await start(command, args).ended;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ended with ${code}\n${said}`);
}

/** As a power cut does it, by process id. */
async function kill(child) {
  child.kill("SIGKILL");
  await child.ended;
}

/** Looks until it is so, while `child` runs. */
async function until(what, child) {
  const from = performance.now();
  while (!what()) {
    if (child.exitCode !== null)
      throw new Error(`it ended too soon, with ${child.exitCode}\n${(await child.ended).said}`);
    if (performance.now() - from > PATIENCE_MS) throw new Error("nothing goes on");
    await sleep(20);
  }
}

async function timed(work) {
  const from = performance.now();
  await work();
  return { seconds: seconds(from) };
}

function seconds(from) {
  return ((performance.now() - from) / 1000).toFixed(1);
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
