// A GDB remote stub (Debugging with GDB, "Remote Protocol"): from packets to replies. Threads are cpus, memory is the physical
// bus, and going on is model time that passes.

import { ErrnoError, messageOf } from "../../errno/index.ts";
import type { Machine } from "../../machine/index.ts";
import type { Accessor } from "../accessor.ts";
import type { Board } from "../board.ts";
import { bytesOf, fromHex, hexNumber, hexOfText, toHex } from "./bytes.ts";
import type { Going } from "./going.ts";
import { readMemory, writeMemory } from "./memory.ts";
import { runCommand } from "./monitor/run.ts";
import { PACKET_BYTES } from "./packets.ts";
import { Run, SIGTRAP, stopReply, takeStop } from "./run.ts";
import { Session } from "./session.ts";
import { Target } from "./target.ts";
import { cpuOfThread, threadList, threadOf, whatRuns } from "./threads.ts";
import type { WatchKind } from "./watchpoints.ts";

export interface StubEnd {
  send(body: string): void;
  /** From the next packet on nothing is acknowledged. */
  withoutAcks(): void;
  /** The client wants to go. */
  leave(): void;
}

/** What is sent; undefined: nothing, or later. */
type Reply = string | undefined;
type Answer = (stub: Stub, parts: readonly string[]) => Reply | Promise<Reply>;

const OK = "OK";
const NOT_SUPPORTED = "";
/** Bytes of one read: each is two digits. */
const MOST_READ = PACKET_BYTES / 2;

const SUPPORTED = [
  `PacketSize=${PACKET_BYTES.toString(16)}`,
  "QStartNoAckMode+",
  "qXfer:features:read+",
  "qXfer:threads:read+",
  "vContSupported+",
  "swbreak-",
  "hwbreak-",
  "multiprocess-",
].join(";");

const WATCHES: { readonly [digit in string]?: WatchKind } = { "2": "watch", "3": "rwatch", "4": "awatch" };

/** Packets by what they begin with; groups of the pattern are what follows. The first that fits answers. */
const PACKETS: readonly (readonly [RegExp, Answer])[] = [
  [/^qSupported(?::([\s\S]*))?$/, (stub, [features = ""]) => stub.supported(features)],
  [/^QStartNoAckMode$/, (stub) => stub.startNoAckMode()],
  [/^\?$/, (stub) => stub.lastStop()],
  [/^g$/, (stub) => stub.onTarget((target, cpu) => target.readAll(cpu))],
  [/^p([\da-f]+)$/i, (stub, [number]) => stub.onTarget((target, cpu) => target.read(cpu, numberIn(number)))],
  [
    /^P([\da-f]+)=([\da-f]*)$/i,
    (stub, [number, value = ""]) =>
      stub.onTarget((target, cpu) => {
        target.write(cpu, numberIn(number), value);
        return OK;
      }),
  ],
  [
    /^G([\da-fx]*)$/i,
    (stub, [values = ""]) =>
      stub.onTarget((target, cpu) => {
        target.writeAll(cpu, values);
        return OK;
      }),
  ],
  [/^m([\da-f]+),([\da-f]+)$/i, (stub, [address, length]) => stub.read(numberIn(address), numberIn(length))],
  [
    /^M([\da-f]+),([\da-f]+):([\da-f]*)$/i,
    (stub, [address, length, data = ""]) => stub.write(numberIn(address), numberIn(length), fromHex(data)),
  ],
  [
    /^X([\da-f]+),([\da-f]+):([\s\S]*)$/i,
    (stub, [address, length, data = ""]) => stub.write(numberIn(address), numberIn(length), bytesOf(data)),
  ],
  [/^H([cg])(.*)$/, (stub, [, thread = ""]) => stub.select(thread)],
  [/^T(.+)$/, (stub, [thread = ""]) => stub.isAlive(thread)],
  [/^qC$/, (stub) => `QC${stub.thread}`],
  [/^qfThreadInfo$/, (stub) => stub.threads(true)],
  [/^qsThreadInfo$/, (stub) => stub.threads(false)],
  [/^qThreadExtraInfo,(.*)$/, (stub, [thread = ""]) => stub.threadInfo(thread)],
  [/^qAttached(?::.*)?$/, () => "1"],
  [/^qSymbol:/, () => OK],
  [/^vCont\?$/, () => "vCont;c;C;s;S"],
  [/^vCont((?:;[^;]*)+)$/, (stub, [actions = ""]) => stub.resume(/;[sS]/.test(actions))],
  [/^[cC]([\da-f]*)$/i, (stub) => stub.resume(false)],
  [/^[sS]([\da-f]*)$/i, (stub) => stub.resume(true)],
  [/^([Zz])([234]),([\da-f]+),([\da-f]+)/i, (stub, parts) => stub.watch(parts)],
  [
    /^qXfer:(features|threads):read:([^:]*):([\da-f]+),([\da-f]+)$/,
    (stub, [object, annex, offset, length]) => stub.transfer(object, annex, numberIn(offset), numberIn(length)),
  ],
  [/^qRcmd,([\da-f]*)$/i, (stub, [command = ""]) => stub.monitor(command)],
  [/^D(?:;.*)?$/, (stub) => stub.detach()],
  [/^k$/, (stub) => stub.kill()],
];

export class Stub {
  readonly #session: Session;
  #target: { readonly machine: Machine; readonly target: Target } | undefined;
  #run: Run | undefined;
  #last: Reply;
  #speaksText = false;
  /** The next step is over an access that has been made already: no time passes. */
  #atAccess = false;
  #threadsTold = 0;

  constructor(
    private readonly board: Board,
    private readonly going: Going,
    private readonly end: StubEnd,
    as: Accessor,
  ) {
    this.#session = new Session(board, going, as, () => this.#run?.happened());
  }

  /** Ends when the packet is answered, or, of one that lets the machine go, when it has gone. Never rejects. */
  async packet(body: string): Promise<void> {
    const reply = await this.#answer(body).catch((error: unknown) => this.#refusal(error));
    if (reply !== undefined) this.end.send(reply);
  }

  /** A packet that could not be read. */
  lost(why: string): void {
    this.end.send(this.#refusal(new ErrnoError("EINVAL", why)));
  }

  /** Ctrl-C; where nothing goes on it means nothing. */
  interrupt(): void {
    this.#run?.interrupted();
  }

  close(): void {
    this.#run?.abandon();
    this.#session.close();
  }

  async #answer(body: string): Promise<Reply> {
    if (this.#run) throw new ErrnoError("EBUSY", "the machine goes on: Ctrl-C stops it");
    for (const [pattern, answer] of PACKETS) {
      const parts = pattern.exec(body);
      if (parts) return answer(this, parts.slice(1));
    }
    return NOT_SUPPORTED;
  }

  /** E and an errno, or, for those who understand it, the whole line. */
  #refusal(error: unknown): string {
    if (this.#speaksText) return `E.${messageOf(error).replace(/[^\x20-\x7e]/g, " ")}`;
    const errno = error instanceof ErrnoError ? -error.errno : -new ErrnoError("EINVAL", "").errno;
    return `E${errno.toString(16).padStart(2, "0")}`;
  }

  // Greetings.

  supported(features: string): Reply {
    this.#speaksText = features.split(";").includes("error-message+");
    return SUPPORTED;
  }

  startNoAckMode(): Reply {
    // The reply is still acknowledged.
    this.end.send(OK);
    this.end.withoutAcks();
    return undefined;
  }

  lastStop(): Reply {
    return this.#last ?? stopReply(SIGTRAP, this.#session.cpu);
  }

  detach(): Reply {
    this.end.send(OK);
    this.end.leave();
    return undefined;
  }

  /** Only the client goes: the machine is everybody's. */
  kill(): Reply {
    this.end.leave();
    return undefined;
  }

  // Registers and memory.

  onTarget(work: (target: Target, cpu: number) => string): Promise<Reply> {
    return this.board.exclusive(() => work(this.#targetNow, this.#session.cpu));
  }

  get #targetNow(): Target {
    const { machine } = this.board;
    if (this.#target?.machine !== machine) this.#target = { machine, target: new Target(machine) };
    return this.#target.target;
  }

  read(address: number, length: number): Promise<Reply> {
    const most = Math.min(length, MOST_READ);
    return this.#access(() => toHex(readMemory(this.board.machine.bus, this.#session.via, address, most)));
  }

  /** Also of no bytes: gdb asks so whether this packet is known. */
  async write(address: number, length: number, data: Uint8Array | undefined): Promise<Reply> {
    if (data?.length !== length) throw new ErrnoError("EINVAL", `${length} bytes are told of, and others came`);
    return this.#access(() => {
      writeMemory(this.board.machine.bus, this.#session.via, address, data);
      return OK;
    });
  }

  #access(work: () => string): Promise<string> {
    return this.board.exclusive(() => this.#session.own(work));
  }

  // Threads.

  get thread(): string {
    return threadOf(this.#session.cpu).toString(16);
  }

  select(thread: string): Reply {
    const cpu = this.#cpuOf(thread);
    if (cpu !== "any") this.#session.cpu = cpu;
    return OK;
  }

  isAlive(thread: string): Reply {
    this.#cpuOf(thread);
    return OK;
  }

  #cpuOf(thread: string): number | "any" {
    const cpu = cpuOfThread(thread, this.board.machine);
    if (cpu !== undefined) return cpu;
    const { cpus } = this.board.machine.platform;
    throw new ErrnoError("ESRCH", `there is no thread ${thread}: cpus are threads 1 to ${cpus.toString(16)}`);
  }

  threads(fromStart: boolean): Reply {
    const { cpus } = this.board.machine.platform;
    if (fromStart) this.#threadsTold = 0;
    const first = this.#threadsTold;
    if (first >= cpus) return "l";
    // A number of 16 bits and its comma are 6 characters at most.
    this.#threadsTold = Math.min(cpus, first + Math.floor(PACKET_BYTES / 6));
    const ids = Array.from({ length: this.#threadsTold - first }, (_, n) => threadOf(first + n).toString(16));
    return `m${ids.join(",")}`;
  }

  threadInfo(thread: string): Reply {
    const cpu = this.#cpuOf(thread);
    const number = cpu === "any" ? this.#session.cpu : cpu;
    return hexOfText(`cpu ${number}: ${whatRuns(this.board.machine, number)}`);
  }

  /** A piece of a document, marked as the last one or not. */
  transfer(object: string | undefined, annex: string | undefined, offset: number, length: number): Reply {
    const known = object === "features" ? annex === "target.xml" : annex === "";
    if (!known) throw new ErrnoError("ENOENT", `${object} has no ${annex}`);
    const text = object === "features" ? this.#targetNow.xml : threadList(this.board.machine);
    const end = offset + Math.min(length, MOST_READ);
    return `${end >= text.length ? "l" : "m"}${text.slice(offset, end)}`;
  }

  // Going on, and what stops it.

  watch([what, digit = "", address, length]: readonly string[]): Reply {
    const kind = WATCHES[digit] as WatchKind;
    const { watchpoints, space } = this.#session;
    if (what === "Z") watchpoints.add(kind, numberIn(address), numberIn(length), space);
    else watchpoints.remove(kind, numberIn(address), numberIn(length));
    return OK;
  }

  /** The reply comes when the machine stops; a step is short enough to wait for. */
  async resume(isStep: boolean): Promise<Reply> {
    if (isStep) return this.#step();
    this.#atAccess = false;
    const run = new Run(this.#session);
    this.#run = run;
    this.#session.console.open((text) => this.#show(text));
    run.begin();
    void run.stopped.then((stopped) => {
      this.#run = undefined;
      this.#session.console.close();
      if (!stopped) return;
      this.#atAccess = stopped.atAccess;
      this.#last = stopped.reply;
      this.end.send(stopped.reply);
    });
    return undefined;
  }

  async #step(): Promise<Reply> {
    const isOver = this.#atAccess;
    this.#atAccess = false;
    if (!isOver) await this.#passTime();
    const stopped = isOver ? undefined : takeStop(this.#session);
    this.#atAccess = stopped?.atAccess ?? false;
    this.#last = stopped?.reply ?? stopReply(SIGTRAP, this.#session.cpu);
    return this.#last;
  }

  async #passTime(): Promise<void> {
    const { console } = this.#session;
    console.open((text) => this.#show(text));
    try {
      await this.going.step();
    } catch (error) {
      console.say(`error: ${messageOf(error)}`);
    } finally {
      console.close();
    }
  }

  /** Text that gdb shows at once. */
  #show(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let from = 0; from < bytes.length; from += MOST_READ - 1) {
      this.end.send(`O${toHex(bytes.subarray(from, from + MOST_READ - 1))}`);
    }
  }

  // Commands of ours.

  async monitor(hex: string): Promise<Reply> {
    const bytes = fromHex(hex);
    if (!bytes) throw new ErrnoError("EINVAL", "a command is text in hexadecimal");
    const said = await runCommand(new TextDecoder().decode(bytes), this.#session);
    const text = this.#session.console.taken() + said;
    if (text !== "") this.#show(text.endsWith("\n") ? text : `${text}\n`);
    return OK;
  }
}

/** Throws ENXIO for what no address or length here can be. */
function numberIn(text: string | undefined): number {
  const number = hexNumber(text ?? "");
  if (number === undefined) throw new ErrnoError("ENXIO", `0x${text}: nothing answers there`);
  return number;
}
