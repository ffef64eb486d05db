// What Debian's gdb-multiarch does with the stub of mpam serve; .ci/sockets.mjs runs it. What is expected is from the architecture
// and from platforms/one-socket.yaml: MSC 0 is an L3 of version 1.1 at 0x141000000 with 16 PARTIDs, 4 PMGs and 16 portions.

import { spawn } from "node:child_process";

const PATIENCE_MS = 120_000;

const AIDR = "0x141000020";
const PART_SEL = "0x141000100";
const CPBM = "0x141001000";
const word = (address) => `{unsigned int}${address}`;

/** A command of gdb, and what it has to show. */
const REGISTERS = [
  [`x/wx ${AIDR}`, /0x141000020:\s+0x00000011/],
  [`set ${word(PART_SEL)} = 3`],
  [`set ${word(CPBM)} = 0x00f0`],
  [`x/wx ${CPBM}`, /0x141001000:\s+0x000000f0/],
  [`set ${word(PART_SEL)} = 4`],
  [`x/wx ${CPBM}`, /0x141001000:\s+(?!0x000000f0)0x/],
  ["x/gx 0x141000000", /0x141000000:\s+0x[0-9a-f]{12}000f/],
  ["x/hx 0x141000020", /Cannot access memory at address 0x141000020/],
  ["x/wx 0x0", /Cannot access memory at address 0x0/],
  ["monitor read L3:0.MPAMF_IDR", /PARTID_MAX +0xf \(15\)[\s\S]*PMG_MAX +3/],
  // PARTID_I 4, PARTID_D 5, PMG_I 1, PMG_D 2.
  ["set $MPAM0_EL1 = 0x0000020100050004ul", /^$/],
  ["print $MPAM0_EL1", /\{PARTID_I = 4, PARTID_D = 5, PMG_I = 1, PMG_D = 2\}/],
  ["set $MPAM0_EL1.PARTID_D = 6", /^$/],
  ["print/x (long)$MPAM0_EL1", /= 0x20100060004$/],
  ["monitor label 0 0", /PARTID 6, PMG 2, Non-secure space/],
  ["set $MPAMIDR_EL1.PARTID_MAX = 1", /Could not write register "MPAMIDR_EL1"/],
  ["thread 3", /Switching to thread 3/],
  ["print $MPAM0_EL1.PARTID_D", /= 0$/],
  ["info threads", /8 +Thread 8 "cpu 7"/],
  ["monitor snapshoot", /did you mean snapshot\?/],
];

const STOPS = (snapshot) => [
  [`watch *(unsigned int*)${CPBM}`, /Hardware watchpoint 1/],
  ["monitor do @10us write schemata L3:0=f"],
  ["continue", /hit Hardware watchpoint 1[\s\S]*Old value = 65535\s+New value = 15/],
  ["monitor clock", /^model time 10000 ns/],
  ["delete"],
  ["monitor fault add error-interrupt msc=0 times=2 everyNs=1000000"],
  ["monitor irq", /line 44 raised/],
  ["continue", /error interrupt of L3 0 \(msc 0, ns\): line 44 raised[\s\S]*SIGUSR1/],
  ["monitor clock", /^model time 1010000 ns/],
  ["stepi"],
  ["monitor clock", /^model time 1011000 ns/],
  [`monitor snapshot ${snapshot}`, /MiB/],
  ["monitor do mkdir web"],
  [`set ${word(PART_SEL)} = 9`],
  [`monitor restore ${snapshot}`, /one-socket at model time 1\.011 ms/],
  [`x/wx ${PART_SEL}`, /0x141000100:\s+(?!0x00000009)0x/],
  ["monitor do rmdir web", /error: ENOENT/],
  ["monitor log on MPAMCFG_CPBM,write,by:driver"],
  ["monitor do write schemata L3:0=ff", /write MPAMCFG_CPBM0 {2}P 0xf -> 0xff {2}\(driver\)/],
  ["monitor replay synth:stream,ws=1G,n=1000,gap=1000"],
  ["continue", /the traces have ended[\s\S]*SIGTRAP/],
];

const MARK = "@@ ";

export const GDB_TRIES = [
  ["gdb-multiarch", "gdb, registers", ({ served }) => served(["gdb"], [], ({ gdb }) => says(gdb, REGISTERS))],
  [
    "gdb-multiarch",
    "gdb, what stops the machine",
    ({ served, folder }) => served(["gdb"], ["--boot"], ({ gdb }) => says(gdb, STOPS(`${folder}/snapshot`))),
  ],
  ["gdb-multiarch", "gdb, Ctrl-C", ({ served }) => served(["gdb"], [], ({ gdb }) => stopsByHand(gdb))],
  ["gdb-multiarch", "two of gdb", ({ served }) => served(["gdb"], [], ({ gdb }) => seesTheOther(gdb))],
];

/** Starts gdb at a socket; what it has said so far, and when it has ended. */
function start(socket, commands) {
  const all = ["set confirm off", "set width 0", `target remote ${socket}`, ...commands];
  const args = ["-nx", "-batch", ...all.flatMap((command) => ["-ex", command])];
  // Errors in their place among the rest.
  const child = spawn("sh", ["-c", 'exec gdb-multiarch "$@" 2>&1', "gdb", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: PATIENCE_MS,
  });
  let said = "";
  const looking = new Set();
  child.stdout.on("data", (data) => {
    said += data;
    for (const look of looking) look();
  });
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (_code, signal) => (signal ? reject(new Error(`gdb: ${signal}\n${said}`)) : resolve(said)));
  });
  const until = (pattern) =>
    Promise.race([
      new Promise((resolve) => {
        const look = () => pattern.test(said) && resolve();
        looking.add(look);
        look();
      }),
      ended.then((text) => {
        if (!pattern.test(text)) throw new Error(`gdb ended without ${pattern}:\n${text}`);
      }),
    ]);
  return { child, ended, until };
}

/** Each command shows what it should. */
async function says(socket, steps) {
  const { ended } = start(
    socket,
    steps.flatMap(([command]) => [`echo \\n${MARK}\\n`, command]),
  );
  const said = await ended;
  const parts = said.split(`\n${MARK}\n`).slice(1);
  for (const [n, [command, pattern = /(?:)/]] of steps.entries()) {
    const part = (parts[n] ?? "").trim();
    if (!pattern.test(part))
      throw new Error(`(gdb) ${command}\n${part}\n\nshould show ${pattern}; all there was:\n${said}`);
  }
  return `${steps.length} commands did what they should`;
}

async function stopsByHand(socket) {
  const { child, ended, until } = start(socket, ["monitor clock", "echo going\\n", "continue", "monitor clock"]);
  await until(/^going$/m);
  // Before gdb waits for the machine, the signal would end it.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.kill("SIGINT");
  const said = await ended;
  const [before, after] = [...said.matchAll(/^model time (\d+) ns/gm)].map(([, ns]) => Number(ns));
  if (!/received signal SIGINT/.test(said) || before !== 0 || !(after > 1e8)) throw new Error(`Ctrl-C:\n${said}`);
  return "stops, and time had gone on until then";
}

async function seesTheOther(socket) {
  const one = start(socket, [`watch *(unsigned int*)${PART_SEL}`, "echo going\\n", "continue", `x/wx ${PART_SEL}`]);
  await one.until(/^going$/m);
  // A write before the watchpoint is there is not seen, and one that changes nothing neither: each is another.
  const other = start(
    socket,
    Array.from({ length: 20 }, (_, n) => [`set ${word(PART_SEL)} = ${(n % 15) + 1}`, "shell sleep 0.2"]).flat(),
  );
  const said = await one.ended;
  other.child.kill("SIGTERM");
  await other.ended.catch(() => undefined);
  if (!/hit Hardware watchpoint 1[\s\S]*New value = \d+/.test(said)) throw new Error(`two of gdb:\n${said}`);
  return "one stops where the other writes";
}
