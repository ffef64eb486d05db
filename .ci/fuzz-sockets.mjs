// Nonsense and half-sense at the sockets of a served machine, of all protocols at once. node .ci/fuzz-sockets.mjs [SECONDS [SEED]], after a
// build. Ends with 1 where the server ends, leaves a fresh client without the right answer, or grows without end.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [seconds = 10, seed = Date.now() % 1e6] = process.argv.slice(2).map(Number);
const COMMAND = fileURLToPath(new URL("../dist/esm/cli.js", import.meta.url));
/** Half of the connections that an address takes: there is room for the fresh client. */
const CLIENTS = 4;
const PATIENCE_MS = 10_000;
/** More than the machine, eight snapshots, and what eight clients may leave unread. */
const MOST_MIB = 1024;

let state = seed;
/** 0 up to below n (mulberry32). */
function below(n) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
const one = (list) => list[below(list.length)];
const times = (most, make) => Array.from({ length: below(most) }, make);

const NUMBERS =
  "0 1 -1 4 8 037 0x10 99 65536 65537 1000000 0x141000000 0x141000100 0x141001000 0x142000000 0xffffffffffffffff 1e9 nan".split(
    " ",
  );
const WORDS = [
  ...NUMBERS,
  "ns",
  "rl",
  "x",
  "el1",
  "MPAM1_EL1",
  "L3:0.MPAMCFG_PART_SEL",
  "L3:0.MPAMF_ESR",
  "a",
  "@1us",
  "add",
  "on",
  "off",
  "run",
  "stop",
  "next",
  "advance",
  "last",
  "list",
  "remove",
  "*,write",
  "mkdir",
  "rmdir",
  "write",
  "read",
  "web",
  "schemata",
  "web/schemata",
  "L3:0=f",
  "msc-gone",
  "msc=0",
  "synth:stream,ws=1M,n=1000",
  "synth:zipf,ws=4M,n=100k",
  "/dev/zero",
  "/proc/self/mem",
  ".",
];
const QTEST =
  "readb readw readl readq writeb writew writel writeq read write b64read b64write memset clock_step clock_set irq_intercept_in msi_intercept endianness mpam_as mpam_mscs mpam_sysreg mpam_lines mpam_capture mpam_snapshot mpam_restore mpam_reset mpam_replay mpam_step_replay mpam_stop mpam_do".split(
    " ",
  );
const MONITOR = "help info read write decode space cpu label irq log clock replay fault do reset restore".split(" ");
const PACKETS = [
  "?",
  "g",
  "p22",
  "P22=0000000000000000",
  "G00",
  "m141000000,4",
  "m141000000,1000",
  "mffffffffffffffff,4",
  "M141000100,4:03000000",
  "X141000100,4:}}}}",
  "Hg2",
  "Hc-1",
  "T99",
  "qC",
  "qfThreadInfo",
  "qsThreadInfo",
  "qSupported:error-message+",
  "qXfer:features:read:target.xml:0,fff",
  "qXfer:threads:read::0,fff",
  "vCont;c",
  "vCont;s:1",
  "c",
  "s",
  "Z2,141000100,4",
  "Z4,141001000,4",
  "z2,141000100,4",
  "QStartNoAckMode",
  "D",
  "k",
];

const noise = () => Buffer.from(times(one([5, 50, 5000, 70_000]), () => below(256)));
const packet = (body, wrong = 0) => {
  let sum = wrong;
  for (const byte of Buffer.from(body, "latin1")) sum += byte;
  return `$${body}#${(sum % 256).toString(16).padStart(2, "0")}`;
};
const line = (names) => [one(names), ...times(5, () => one(WORDS))].join(" ");
const SAYS = {
  qtest: () => (below(20) === 0 ? noise() : `${line(QTEST)}\n`.repeat(below(30) === 0 ? 1000 : 1)),
  gdb: () =>
    one([
      noise,
      () => "\x03",
      () => "+",
      () => "-",
      ...Array(8).fill(() => packet(one(PACKETS), below(20) === 0 ? 1 : 0)),
      ...Array(8).fill(() => packet(`qRcmd,${Buffer.from(line(MONITOR)).toString("hex")}`)),
    ])(),
  metrics: () =>
    one([
      noise,
      () => "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
      () => "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
    ])(),
};
/** What a fresh client asks, and what has to be in the answer. */
const FRESH = {
  qtest: ["endianness\n", /^OK little$/m],
  gdb: [packet("qAttached"), /\$1#31/],
  metrics: ["GET /metrics HTTP/1.0\r\n\r\n", /^mpam_info\{platform="one-socket"\} 1$/m],
};

const folder = mkdtempSync(join(tmpdir(), "fuzz-sockets-"));
const sockets = Object.fromEntries(Object.keys(SAYS).map((name) => [name, join(folder, name)]));
const addresses = Object.entries(sockets).flatMap(([name, path]) => [`--${name}`, path]);
const server = spawn(process.execPath, [COMMAND, "serve", "-q", "--boot", ...addresses], {
  cwd: folder,
  stdio: ["ignore", "ignore", "pipe"],
});
let complaints = "";
server.stderr.on("data", (data) => (complaints = (complaints + data).slice(-5000)));
const gone = new Promise((resolve) => server.once("close", (code, signal) => resolve(code ?? signal)));
let isGone = false;
void gone.then(() => (isGone = true));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const until = Date.now() + 1000 * seconds;
const counts = { connections: 0, sent: 0, checks: 0, slowest: 0, mib: 0 };

/** One connection after the other, each with things to say; some leave without a word, some never read. */
async function client(name) {
  while (Date.now() < until && !isGone) {
    const socket = connect(sockets[name]);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    if (below(10) > 0) socket.resume();
    counts.connections++;
    for (let n = below(200); n > 0 && !socket.destroyed && Date.now() < until; n--) {
      counts.sent++;
      socket.write(SAYS[name]());
      if (below(4) === 0) await pause(below(5));
    }
    if (below(2) === 0) socket.end();
    else await pause(below(100));
    socket.destroy();
    await closed;
  }
}

async function check(name) {
  const [asked, expected] = FRESH[name];
  const began = Date.now();
  for (;;) {
    const answer = await new Promise((resolve) => {
      const socket = connect(sockets[name]);
      let text = "";
      const done = () => {
        socket.destroy();
        resolve(text);
      };
      const timer = setTimeout(done, PATIENCE_MS);
      socket.on("error", done);
      socket.on("data", (data) => {
        text += data;
        if (expected.test(text)) done();
      });
      socket.on("close", () => {
        clearTimeout(timer);
        done();
      });
      socket.write(asked, "latin1");
    });
    if (expected.test(answer)) break;
    if (isGone || Date.now() - began > PATIENCE_MS)
      throw new Error(`${name}: a fresh client has no answer within ${PATIENCE_MS} ms: ${answer.slice(0, 300)}`);
    // Connections that have gone may still be told of.
    await pause(20);
  }
  counts.checks++;
  counts.slowest = Math.max(counts.slowest, Date.now() - began);
}

function memory() {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

try {
  while (!isGone && !Object.values(sockets).every(existsSync)) await pause(20);
  const clients = Object.keys(SAYS).flatMap((name) => Array.from({ length: CLIENTS }, () => client(name)));
  while (Date.now() < until) {
    for (const name of Object.keys(SAYS)) await check(name);
    counts.mib = Math.max(counts.mib, Math.round(memory()));
    if (counts.mib > MOST_MIB) throw new Error(`the server takes ${counts.mib} MiB`);
    if (isGone) throw new Error(`the server has ended with ${await gone}`);
    if (process.env.FUZZ_WATCH) console.log(Math.round(memory()), "MiB", JSON.stringify(counts));
    await pause(500);
  }
  await Promise.all(clients);
  for (const name of Object.keys(SAYS)) await check(name);
  server.kill("SIGTERM");
  const code = await Promise.race([gone, pause(PATIENCE_MS).then(() => "no end")]);
  if (code !== 0) throw new Error(`SIGTERM: ${code}`);
  console.log(
    `fuzz-sockets: ${seconds} s: ${counts.connections} connections said ${counts.sent} things; ${counts.checks} fresh clients were answered, the slowest in ${counts.slowest} ms; at most ${counts.mib} MiB (seed ${seed})`,
  );
} catch (error) {
  console.error(`fuzz-sockets: seed ${seed}: ${error.message}\n${complaints}`);
  process.exitCode = 1;
} finally {
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
