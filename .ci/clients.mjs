// Programs that work with resctrl, as they are packaged, on the emulated machine; what they did is read from its registers.
// node .ci/clients.mjs [COMMAND], after a build; COMMAND is mpam as somebody has installed it. One line for each program that was tried,
// and one that says what is missing where a program cannot be.

import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, isHere } from "./apt.mjs";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const COMMAND = process.argv[2] ?? join(HERE, "dist/esm/cli.js");
/** containerd is large: it is tried where it is. */
const PACKAGES = ["intel-cmt-cat", "runc", "busybox-static"];
/** Events that no machine without a cpu's own counters has. */
const WITHOUT_PERF = ["--disable-mon-ipc", "--disable-mon-llc_miss"];
const PATIENCE_MS = 120_000;

/** What one-socket has, without the bandwidth: on a cpu of AMD pqos resets that to a number which is no percentage. */
const CACHE_ONLY = `
name: cache-only
cpus: 8
processor: { partidMax: 7, pmgMax: 3 }
caches:
  - level: 3
    bytes: 1 MiB
    ways: 16
    msc: { base: 0x1_4100_0000, cpor: { cpbmWd: 16 }, csu: { monitors: 16 }, mbwu: { monitors: 32, counter: 63 } }
memory: [{ bytes: 8 GiB, bytesPerSecond: 12.8 GB/s }]
`;

/** What runc is to set. */
const RDT = { closID: "web", l3CacheSchema: "L3:0=ff", memBwSchema: "MB:0=50" };

/** What containerd is to make. */
const CLASSES = `
partitions:
  default:
    l3Allocation: { all: 100% }
    mbAllocation: { all: [100%] }
    classes:
      web: { l3Allocation: { all: 50% }, mbAllocation: { all: [50%] } }
`;

const missing = whatIsMissing();
if (missing) {
  console.log(`clients: NOT RUN, none of pqos, rdtset and runc was tried: ${missing}`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "clients-"));
try {
  const tries = [
    ["pqos", [shows, allocates, monitors, resets]],
    ["rdtset", [startsWithAllocation]],
    ["runc", [runsContainer, runsContainerFromScript]],
    ["containerd", [makesClasses]],
  ];
  for (const [program, steps] of tries) {
    if (!isHere(program)) {
      console.log(`clients: NOT RUN: ${program} is not here`);
      continue;
    }
    for (const step of steps) console.log(`${program}: ${step()}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function whatIsMissing() {
  try {
    closeSync(openSync("/dev/fuse", "r+"));
  } catch (error) {
    return `/dev/fuse cannot be opened here (${error.code})`;
  }
  const ways = [["--mount"], ["--user", "--map-root-user", "--mount"]];
  const tried = ways.map((way) => spawnSync("unshare", [...way, "true"], { encoding: "utf8" }));
  if (tried.every(({ status }) => status !== 0)) return `no mount namespace can be made (${tried[0].stderr?.trim()})`;
  install(PACKAGES);
  return undefined;
}

/** Runs a command on the machine; answers what it printed and what the registers held at the end. */
function run(options, command, expected = 0) {
  const dump = join(folder, "registers.json");
  const args = ["run", "--dump-registers", dump, ...options, "--", ...command];
  const { status, stdout, stderr, error } = spawnSync(COMMAND, args, { encoding: "utf8", timeout: PATIENCE_MS });
  const said = `${stdout}${stderr}`;
  if (status !== expected) throw new Error(`mpam ${args.join(" ")}: ended with ${error ?? status}\n${said}`);
  return { said, registers: JSON.parse(readFileSync(dump, "utf8")) };
}

/** What a register of a PARTID holds, in the first MSC that has it. */
function held({ settings }, register, partid) {
  const one = settings.find(({ partids, registers }) => partids.includes(partid) && register in registers);
  return one?.registers[register];
}

function check(what, found, expected) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${b} expected, and ${a} found`);
}

function has(said, pattern) {
  if (!pattern.test(said)) throw new Error(`${pattern} is not in what was said:\n${said}`);
}

function shows() {
  const { said, registers } = run([], ["pqos", "-I", "-s"]);
  has(said, /L3CA COS15 => MASK 0xffff/);
  has(said, /Core 7, L2ID 7, L3ID 0 => COS0/);
  check("CPBM", held(registers, "CPBM", 0), "0xffff");
  return "-s shows 16 classes and 8 cores";
}

function allocates() {
  const { said, registers } = run([], ["pqos", "-I", "-e", "llc:1=0x000f;mba:2=50", "-a", "llc:1=2,3"]);
  has(said, /Allocation configuration altered/);
  check("CPBM of PARTID 1", held(registers, "CPBM", 1), "0xf");
  check("CPBM of PARTID 2", held(registers, "CPBM", 2), "0xffff");
  // 50 % of 128 steps: 64, less the one that a value of 0 stands for.
  check("MBW_MAX of PARTID 2", held(registers, "MBW_MAX", 2), "0x7e00");
  const labels = registers.cpus.map(({ partidD }) => partidD);
  check("PARTIDs of the cpus", labels, [0, 0, 1, 1, 0, 0, 0, 0]);
  return "-e and -a set CPBM, MBW_MAX and the PARTIDs of cpus";
}

function monitors() {
  const traces = ["polite", "greedy"].map((name) => join(HERE, `examples/traces/${name}.arrow.br`));
  const machine = ["-p", join(HERE, "platforms/private-l2.yaml"), "--profile", "x86", "--tasks", "host"];
  const options = [...machine, "--replay", ...traces, "--loop"];
  const { said } = run(options, ["pqos", "-I", "-m", "all:[0-7]", "-t", "2", ...WITHOUT_PERF]);
  const rows = [...said.matchAll(/^ +0-7 +([0-9.]+) +([0-9.]+) +[0-9.]+$/gm)].map((row) => row.slice(1).map(Number));
  const [kib = 0, local = 0] = rows.at(-1) ?? [];
  if (kib === 0 || kib > 1024 || local === 0) {
    throw new Error(`the traces hold up to 1024 KiB and read memory, and pqos saw otherwise:\n${said}`);
  }
  return `-m sees ${kib} KiB held and ${local} MB/s moved by traces that run meanwhile`;
}

function resets() {
  const platform = join(folder, "cache-only.yaml");
  writeFileSync(platform, CACHE_ONLY);
  const script = "pqos -I -e 'llc:1=0x000f' -a 'llc:1=3' && grep -q =f$ /sys/fs/resctrl/COS1/schemata && pqos -I -R";
  const { said, registers } = run(["-p", platform], ["sh", "-c", script]);
  has(said, /Allocation reset successful/);
  check("CPBM of PARTID 1", held(registers, "CPBM", 1), "0xffff");
  check("PARTIDs of the cpus", [...new Set(registers.cpus.map(({ partidD }) => partidD))], [0]);
  return "-R gives back what -e and -a had set";
}

function startsWithAllocation() {
  const look = "cd /sys/fs/resctrl; grep -lx $$ */tasks; grep -Hx 0 */cpus_list; true";
  const started = (allocation) => run([], ["rdtset", "-I", "-t", allocation, "-c", "0", "sh", "-c", look]);
  const byTask = started("l3=0xf");
  const partid = Number(byTask.said.match(/^COS([0-9]+)\/tasks$/m)?.[1]);
  check(`CPBM of PARTID ${partid}`, held(byTask.registers, "CPBM", partid), "0xf");
  const byCpu = started("l3=0x3;cpu=0");
  const ofCpu = Number(byCpu.said.match(/^COS([0-9]+)\/cpus_list:0$/m)?.[1]);
  check(`CPBM of PARTID ${ofCpu}`, held(byCpu.registers, "CPBM", ofCpu), "0x3");
  return `starts a command in COS${partid} with CPBM 0xf, and on a cpu in COS${ofCpu} with CPBM 0x3`;
}

/** A bundle of a static shell that sleeps. */
function bundle(intelRdt) {
  const place = mkdtempSync(join(folder, "bundle-"));
  for (const name of ["bin", "proc", "sys", "dev"]) mkdirSync(join(place, "rootfs", name), { recursive: true });
  const busybox = spawnSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).stdout.trim();
  copyFileSync(busybox, join(place, "rootfs/bin/busybox"));
  spawnSync("runc", ["spec"], { cwd: place });
  const config = JSON.parse(readFileSync(join(place, "config.json"), "utf8"));
  config.process.args = ["/bin/busybox", "sleep", "60"];
  config.process.terminal = false;
  config.linux.intelRdt = intelRdt;
  writeFileSync(join(place, "config.json"), JSON.stringify(config));
  return place;
}

/** A container is started, looked at and deleted; `before` is what stands in front of runc. */
function containerScript(place, before) {
  const runc = `${before} runc --root ${folder}/state`;
  return `set -e
    ${runc} run -b ${place} -d mpam-client </dev/null >${folder}/log 2>&1 || { cat ${folder}/log; exit 1; }
    trap '${runc} delete -f mpam-client' EXIT
    pid=$(${runc} state mpam-client | sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p')
    echo "tasks: $(grep -cx "$pid" /sys/fs/resctrl/web/tasks)"
    ${runc} events --stats mpam-client`;
}

function checkContainer({ said, registers }) {
  has(said, /^tasks: 1$/m);
  const { intel_rdt: rdt } = JSON.parse(said.match(/^\{"type":"stats".*$/m)[0]).data;
  check("L3 in events --stats", rdt.l3_cache_schema, "L3:0=ff");
  check("MB in events --stats", rdt.mem_bw_schema, "MB:0=50");
  check("counters in events --stats", [typeof rdt.cmt_stats[0].llc_occupancy, rdt.mbm_stats.length], ["number", 1]);
  check("CPBM of PARTID 1", held(registers, "CPBM", 1), "0xff");
  check("MBW_MAX of PARTID 1", held(registers, "MBW_MAX", 1), "0x7e00");
}

function runsContainer() {
  const script = containerScript(bundle(RDT), '"$MPAM_EXEC"');
  checkContainer(run([], ["sh", "-c", script]));
  return "a container with intelRdt has its group, and events --stats reads its counters";
}

function runsContainerFromScript() {
  checkContainer(run(["--wrap", "runc"], ["sh", "-c", containerScript(bundle(RDT), "")]));
  return "the same where it is started by another program (--wrap runc)";
}

/** Its configuration goes through goresctrl when it starts. */
function makesClasses() {
  const at = (name) => join(folder, name);
  const service = '[plugins."io.containerd.service.v1.tasks-service"]';
  writeFileSync(at("rdt.yaml"), CLASSES);
  writeFileSync(
    at("containerd.toml"),
    `version = 2
root = "${at("root")}"
state = "${at("run")}"
[grpc]
  address = "${at("containerd.sock")}"
${service}
  rdt_config_file = "${at("rdt.yaml")}"
`,
  );
  const script = `"$MPAM_EXEC" containerd -c ${at("containerd.toml")} >${at("containerd.log")} 2>&1 & server=$!
    for i in $(seq 300); do grep -q =ff$ /sys/fs/resctrl/web/schemata 2>/dev/null && break; sleep 0.1; done
    kill $server; wait $server; cat ${at("containerd.log")}`;
  const { registers } = run([], ["sh", "-c", script]);
  check("CPBM of PARTID 1", held(registers, "CPBM", 1), "0xff");
  check("MBW_MAX of PARTID 1", held(registers, "MBW_MAX", 1), "0x7e00");
  return "the classes of its configuration are groups";
}
