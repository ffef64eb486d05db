// One mount as the kernel speaks of it: node numbers, open files, and which operation of the tree is meant. It knows neither
// device nor directory: request bytes in, reply bytes out.

import { type ErrnoCode, ErrnoError } from "../errno/index.ts";
import type { Tree } from "../tree/index.ts";
import { Asking } from "./asking.ts";
import { FileCalls } from "./file-calls.ts";
import type { JournalEntry } from "./journal.ts";
import { MAJOR, OPCODES, S_IFMT, S_IFREG } from "./opcodes.ts";
import { Body, type Header, headerOf, isWhole, numberOf, wantsReply } from "./protocol.ts";
import { Recorder } from "./recorder.ts";
import * as replies from "./replies.ts";
import { TreeCalls } from "./tree-calls.ts";

/** Who is told what of a session. */
export interface SessionOptions {
  /** Called once for each operation of docs/mounting.md, when it has taken effect, in that order. */
  readonly journal?: (entry: JournalEntry) => void;
  /** Model time for the journal, ns. */
  readonly modelTime?: () => number;
  /** Time of the wall, ms: what stat shows of a node that nobody has given another. */
  readonly now?: () => number;
  /** Told of what is no refusal but a fault of ours; the caller gets EIO. */
  readonly onFault?: (error: unknown) => void;
}

/** An operation: the reply, at once or later. */
export type Call = (header: Header, body: Body, asking: Asking) => Uint8Array | Promise<Uint8Array>;

/** Refused always; the kernel hears why. Those of a tree whose files nobody makes by hand (resctrl-fs.md section 2). */
const REFUSED: readonly (readonly [number, ErrnoCode])[] = [
  [OPCODES.CREATE, "EACCES"],
  [OPCODES.SYMLINK, "EPERM"],
  [OPCODES.LINK, "EPERM"],
  [OPCODES.UNLINK, "EPERM"],
  [OPCODES.FSYNCDIR, "EINVAL"],
  [OPCODES.READLINK, "EINVAL"],
  [OPCODES.TMPFILE, "EOPNOTSUPP"],
  [OPCODES.SETXATTR, "EOPNOTSUPP"],
  [OPCODES.REMOVEXATTR, "EOPNOTSUPP"],
];

/** Always granted, and nothing to do. */
const GRANTED = [OPCODES.ACCESS, OPCODES.FSYNC, OPCODES.SYNCFS, OPCODES.DESTROY];

/** A conversation with the kernel: requests of /dev/fuse in, replies out, over any tree. Knows no device. */
export class Session {
  readonly #calls = new Map<number, Call>();
  readonly #waiting = new Map<number, Asking>();
  readonly #tree: TreeCalls;
  readonly #files: FileCalls;
  readonly #onFault: (error: unknown) => void;
  #begun = false;

  constructor(tree: Tree, options: SessionOptions = {}) {
    const { journal, modelTime = () => 0, now = Date.now } = options;
    const recorder = new Recorder(journal && { journal, modelTime });
    this.#onFault = options.onFault ?? (() => undefined);
    this.#tree = new TreeCalls(tree, recorder, now);
    this.#files = new FileCalls(tree, this.#tree, recorder);
    for (const [opcode, code] of REFUSED) this.#calls.set(opcode, (header) => replies.refused(header, code));
    this.#calls.set(OPCODES.MKNOD, (header, body) =>
      replies.refused(header, isRegular(body.u32()) ? "EACCES" : "EPERM"),
    );
    for (const opcode of GRANTED) this.#calls.set(opcode, (header) => replies.done(header));
    for (const [opcode, call] of [...this.#tree.calls(), ...this.#files.calls()]) this.#calls.set(opcode, call);
  }

  /** Nodes that the kernel has not forgotten, but for the root, and what it holds open. */
  get held(): { readonly nodes: number; readonly handles: number } {
    return { nodes: this.#tree.known.size, handles: this.#files.handles.size };
  }

  /** Ends whatever waits, with EINTR. */
  interruptAll(): void {
    for (const asking of this.#waiting.values()) asking.interrupt();
  }

  /** The reply to a request, undefined where there is none. Never rejects. */
  async handle(request: Uint8Array): Promise<Uint8Array | undefined> {
    return this.respond(request);
  }

  /**
   * The same, at once where nothing has to be waited for. The bytes of the request are not looked at again when this has
   * returned.
   */
  respond(request: Uint8Array): Uint8Array | undefined | Promise<Uint8Array> {
    const header = headerOf(request);
    if (header === undefined) return undefined;
    if (!wantsReply(header.opcode)) {
      this.#silent(header, request);
      return undefined;
    }
    const asking = new Asking(header);
    try {
      const reply = this.#answer(header, request, asking);
      return reply instanceof Promise ? this.#later(header, asking, reply) : reply;
    } catch (error) {
      return replies.refused(header, this.#codeOf(error));
    }
  }

  async #later(header: Header, asking: Asking, reply: Promise<Uint8Array>): Promise<Uint8Array> {
    const number = numberOf(header);
    this.#waiting.set(number, asking);
    try {
      return await reply;
    } catch (error) {
      return replies.refused(header, this.#codeOf(error));
    } finally {
      if (this.#waiting.get(number) === asking) this.#waiting.delete(number);
    }
  }

  #answer(header: Header, request: Uint8Array, asking: Asking): Uint8Array | Promise<Uint8Array> {
    if (!isWhole(request)) throw new ErrnoError("EINVAL", "the length of a request is not that of its header");
    const body = new Body(request);
    if (header.opcode === OPCODES.INIT) return this.#init(header, body);
    if (!this.#begun) throw new ErrnoError("EIO", "a request before INIT");
    const call = this.#calls.get(header.opcode);
    return call === undefined ? replies.refused(header, "ENOSYS") : call(header, body, asking);
  }

  #init(header: Header, body: Body): Uint8Array {
    const major = body.u32();
    const minor = body.u32();
    if (major > MAJOR) return replies.otherMajor(header);
    const reply = major === MAJOR ? replies.init(header, minor, body.u32(), body.u32()) : undefined;
    if (reply === undefined) throw new ErrnoError("EPROTO", `a kernel of FUSE ${major}.${minor} is too old`);
    this.#begun = true;
    return reply;
  }

  /** What gets no reply; when it cannot be read, nothing is done. */
  #silent(header: Header, request: Uint8Array): void {
    if (!isWhole(request)) return;
    const body = new Body(request);
    try {
      if (header.opcode === OPCODES.INTERRUPT) this.#waiting.get(body.u64())?.interrupt();
      else if (header.opcode === OPCODES.FORGET) this.#tree.known.forget(header.node, body.u64());
      else this.#forgetMany(body);
    } catch (error) {
      this.#codeOf(error);
    }
  }

  #forgetMany(body: Body): void {
    const count = body.u32();
    body.skip(4);
    for (let i = 0; i < count; i++) this.#tree.known.forget(body.u64(), body.u64());
  }

  #codeOf(error: unknown): ErrnoCode {
    if (error instanceof ErrnoError) return error.code;
    this.#onFault(error);
    return "EIO";
  }
}

/** Of a file that mknod(2) is to make: one without a type is regular as well. */
function isRegular(mode: number): boolean {
  const type = mode & S_IFMT;
  return type === S_IFREG || type === 0;
}
