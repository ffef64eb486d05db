// mpam serve: a machine for programs of others, at sockets, until somebody ends it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatAccess } from "../machine/index.ts";
import { loadPlatform, type Platform, SPACES } from "../platform/index.ts";
import {
  type Accessor,
  type Address,
  Board,
  gdb,
  gdbRefusal,
  type Listener,
  listen,
  parseAddress,
  qtest,
  serveMetrics,
} from "../serve/index.ts";
import { type BootFlags, bootFrom, TIMINGS } from "../session/index.ts";
import { choice, given, number, plural, seedFrom, showCpus, UsageError, whole } from "../written/index.ts";
import { endAsked } from "./ending.ts";
import { parseLogRegisters } from "./log-registers.ts";
import { platformOf } from "./named-platform.ts";
import { scriptOf } from "./script.ts";

interface ServeFlags extends BootFlags {
  platform?: string;
  qtest?: string;
  gdb?: string;
  metrics?: string;
  boot?: boolean;
  cpu?: string;
  space?: string;
  replay?: string[];
  loop?: boolean;
  timing?: string;
  speed?: string;
  script?: string;
  seed?: string;
  logRegisters?: string;
  allowRemote?: boolean;
  json?: boolean;
  quiet?: boolean;
}

const NAMES = ["qtest", "gdb", "metrics"] as const;
/** Those of them that are served where no address is given. */
const USUAL = ["qtest", "gdb"] as const;

/** On standard error, where no protocol is spoken. */
const say = (line: string) => void process.stderr.write(`${line}\n`);

export async function serve(path: string | undefined, flags: ServeFlags): Promise<void> {
  const asked = endAsked();
  let quit = () => {};
  const byClient = new Promise<void>((resolve) => {
    quit = resolve;
  });
  const plan = await planOf(path, flags);
  const board = await Board.create({ ...plan.board, ...(flags.allowRemote ? {} : { end: quit }) });
  const listeners: [string, Listener][] = [];
  const folder = plan.addresses.length === 0 ? mkdtempSync(join(tmpdir(), "mpam-")) : undefined;
  const addresses = folder === undefined ? plan.addresses : USUAL.map((name) => [name, join(folder, name)] as const);
  try {
    if (plan.log) board.log(plan.log, (access) => say(formatAccess(access)));
    if (plan.traces.length > 0 || plan.replay.script) await board.startReplay(plan.traces, plan.replay);
    for (const [name, address] of addresses) {
      const where = parseAddress(address, { allowRemote: flags.allowRemote ?? false });
      listeners.push([name, await open(name, where, board, plan.as)]);
    }
    if (!flags.quiet) tell(board, listeners, flags);
    const onStdio = listeners.filter(([, { address }]) => address === "stdio").map(([, { ended }]) => ended);
    await Promise.race([asked, byClient, ...onStdio]);
  } finally {
    await Promise.all(listeners.map(([, listener]) => listener.close()));
    await board.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function open(name: (typeof NAMES)[number], where: Address, board: Board, as: Accessor): Promise<Listener> {
  if (name === "qtest") return listen(where, qtest(board, as), { say });
  if (name === "gdb") return listen(where, gdb(board, as), { say, refusal: gdbRefusal });
  if (where.kind === "stdio") throw new UsageError("metrics stdio: HTTP is spoken at a path or at tcp:PORT");
  return serveMetrics(where, board, { say });
}

async function planOf(path: string | undefined, flags: ServeFlags) {
  const file = platformOf(path, flags.platform);
  if (flags.loop && !flags.replay) throw new UsageError("loop: there is nothing to loop; --replay names traces");
  const booting = bootFrom(flags);
  if (!flags.boot && Object.keys(booting).length > 0) {
    throw new UsageError("compat, command-line and smmus are the driver's, and none is booted; --boot boots it");
  }
  const addresses = NAMES.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]] as const]));
  for (const [, address] of addresses) parseAddress(address, { allowRemote: flags.allowRemote ?? false });
  if (addresses.filter(([, address]) => address === "stdio").length > 1) {
    throw new UsageError("stdio: one protocol can be spoken there");
  }
  const speed = speedFrom(flags.speed);
  const script = flags.script === undefined ? undefined : await scriptOf([], flags.script);
  const platform = await loadPlatform(file);
  return {
    addresses,
    as: accessorOf(flags, platform),
    log: parseLogRegisters(flags.logRegisters),
    traces: flags.replay ?? [],
    replay: given<NonNullable<Parameters<Board["startReplay"]>[1]>>({
      loop: flags.loop,
      timing: choice("timing", flags.timing, TIMINGS),
      speed,
      script,
    }),
    board: {
      platform,
      say,
      files: !flags.allowRemote,
      ...given<Partial<Parameters<typeof Board.create>[0]>>({
        seed: flags.seed === undefined ? undefined : seedFrom(flags.seed),
        boot: flags.boot ? { driver: booting } : undefined,
        speed: speed === 0 ? undefined : speed,
      }),
    },
  };
}

function accessorOf(flags: ServeFlags, platform: Platform): Accessor {
  const cpu = flags.cpu === undefined ? 0 : whole("cpu", flags.cpu);
  if (cpu >= platform.cpus) throw new UsageError(`cpu ${cpu}: ${platform.name} has cpus ${showCpus(cpusOf(platform))}`);
  return { cpu, space: choice("space", flags.space, SPACES) ?? "ns" };
}

const cpusOf = ({ cpus }: Platform) => Array.from({ length: cpus }, (_, cpu) => cpu);

function speedFrom(text: string | undefined): number | "max" | undefined {
  if (text === undefined || text === "max") return text;
  const speed = number("speed", text) ?? 0;
  if (speed < 0) throw new UsageError(`speed '${text}': 0, a number above it, or max is needed`);
  return speed;
}

/** How a person comes in. */
const WAYS: Readonly<Record<string, (address: string) => string | undefined>> = {
  qtest: (address) => {
    const [, host, port] = /^tcp:(.*):(\d+)$/.exec(address) ?? [];
    return port === undefined ? `nc -U ${address}` : `nc ${host} ${port}`;
  },
  metrics: (address) =>
    address.startsWith("tcp:")
      ? `curl http://${address.slice(4)}/metrics`
      : `curl --unix-socket ${address} http://localhost/metrics`,
  gdb: (address) => `gdb-multiarch -ex 'target remote ${address.replace(/^tcp:/, "")}'`,
};

function tell(board: Board, listeners: readonly (readonly [string, Listener])[], flags: ServeFlags): void {
  const where = Object.fromEntries(listeners.map(([name, { address }]) => [name, address]));
  const { platform, mscs } = board.machine;
  // Standard output is where the protocol is spoken.
  const out = listeners.some(([, { address }]) => address === "stdio") ? process.stderr : process.stdout;
  if (flags.json) {
    out.write(`${JSON.stringify({ ready: true, platform: platform.name, pid: process.pid, ...where })}\n`);
    return;
  }
  const software = board.software ? "our driver and resctrl run on it" : "as firmware leaves it";
  const time = board.live ? "model time goes by itself" : "model time stands still";
  const lines = listeners.map(([name, { address }]) => {
    const way = address === "stdio" ? undefined : WAYS[name]?.(address);
    return `  ${name.padEnd(7)}  ${way ?? address}`;
  });
  const [first] = mscs;
  const page = first?.address === undefined ? [] : [`  msc 0    0x${first.address.toString(16)}`];
  out.write(
    [
      `${platform.name}: ${plural(platform.cpus, "cpu")}, ${plural(mscs.length, "MSC")}, ${software}; ${time}`,
      ...lines,
      ...page,
      "",
    ].join("\n"),
  );
}
