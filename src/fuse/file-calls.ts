// Requests that are about open files and directories.

import { type Directory, pathOf, type Tree, type TreeNode, toByteString } from "../tree/index.ts";
import type { Asking } from "./asking.ts";
import { Handles } from "./handles.ts";
import { O_ACCMODE, O_RDWR, O_WRONLY, OPCODES } from "./opcodes.ts";
import type { Body, Header } from "./protocol.ts";
import type { Recorder } from "./recorder.ts";
import type { DirectoryEntry } from "./replies.ts";
import * as replies from "./replies.ts";
import type { Call } from "./session.ts";
import type { TreeCalls } from "./tree-calls.ts";

/** SEEK_DATA and SEEK_HOLE; the kernel does the others itself. */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

export class FileCalls {
  readonly handles = new Handles();

  constructor(
    private readonly tree: Tree,
    private readonly nodes: TreeCalls,
    private readonly recorder: Recorder,
  ) {}

  calls(): [number, Call][] {
    return [
      [OPCODES.OPEN, (header, body, asking) => this.#open(header, body.u32(), asking)],
      [OPCODES.READ, (header, body, asking) => this.#read(header, body, asking)],
      [OPCODES.WRITE, (header, body, asking) => this.#write(header, body, asking)],
      [OPCODES.RELEASE, (header, body, asking) => this.#release(header, body.u64(), asking)],
      [OPCODES.LSEEK, (header, body) => this.#seek(header, body)],
      [OPCODES.OPENDIR, (header) => this.#openDirectory(header)],
      [OPCODES.READDIR, (header, body, asking) => this.#readDirectory(header, body, asking)],
      [OPCODES.RELEASEDIR, (header, body) => this.#releaseDirectory(header, body.u64())],
    ];
  }

  #open(header: Header, flags: number, asking: Asking): Uint8Array | Promise<Uint8Array> {
    const node = this.nodes.known.at(header.node);
    const mode = flags & O_ACCMODE;
    // Mode 3 is a file for ioctl alone: neither read nor written.
    const access = { read: mode === 0 || mode === O_RDWR, write: mode === O_WRONLY || mode === O_RDWR };
    const word = mode === O_RDWR ? "rw" : mode === O_WRONLY ? "w" : "r";
    const opened = this.recorder.run(
      asking,
      () => (node.removed || mode === O_ACCMODE ? undefined : { op: "open", path: pathOf(node), access: word }),
      () => this.handles.addFile(this.tree.nodes.open(node, access, asking)),
      (handle) => ({ handle }),
    );
    if (opened instanceof Promise) return opened.then((handle) => replies.openedFile(header, handle));
    return replies.openedFile(header, opened);
  }

  /** A read at offset 0 makes the text anew; others go on in it, and no journal is told. */
  async #read(header: Header, body: Body, asking: Asking): Promise<Uint8Array> {
    const handle = body.u64();
    const offset = body.u64();
    const length = body.u32();
    const file = this.handles.file(handle);
    if (file.continues(offset)) return replies.data(header, await file.read(offset, length, asking));
    const bytes = await this.recorder.run(
      asking,
      () => ({ op: "read", path: pathOf(file.file), handle }),
      () => file.read(offset, length, asking),
      () => ({ reply: file.snapshot ?? "" }),
    );
    return replies.data(header, bytes);
  }

  async #write(header: Header, body: Body, asking: Asking): Promise<Uint8Array> {
    const handle = body.u64();
    body.skip(8);
    const length = body.u32();
    body.skip(4 + 8 + 4 + 4);
    const bytes = body.data(length).slice();
    const file = this.handles.file(handle);
    const taken = await this.recorder.run(
      asking,
      () => ({ op: "write", path: pathOf(file.file), handle, data: toByteString(bytes) }),
      () => file.write(bytes, asking),
    );
    return replies.written(header, taken);
  }

  async #release(header: Header, handle: number, asking: Asking): Promise<Uint8Array> {
    const file = this.handles.file(handle);
    await this.recorder.run(
      asking,
      () => ({ op: "release", path: pathOf(file.file), handle }),
      () => this.handles.closeFile(handle),
    );
    return replies.done(header);
  }

  /** Its size is 0: there is neither data nor a hole at any place. */
  #seek(header: Header, body: Body): Uint8Array {
    this.handles.file(body.u64());
    body.skip(8);
    const whence = body.u32();
    return replies.refused(header, whence === SEEK_DATA || whence === SEEK_HOLE ? "ENXIO" : "EINVAL");
  }

  #openDirectory(header: Header): Uint8Array {
    return replies.openedDirectory(header, this.handles.addDirectory(this.nodes.directoryAt(header.node)));
  }

  async #readDirectory(header: Header, body: Body, asking: Asking): Promise<Uint8Array> {
    const open = this.handles.directory(body.u64());
    const offset = body.u64();
    const room = body.u32();
    if (offset === 0 || open.entries === undefined) {
      const { directory } = open;
      open.entries = await this.recorder.run(
        asking,
        () => (directory.removed ? undefined : { op: "readdir", path: pathOf(directory) }),
        () => this.#entries(directory, asking),
        (entries) => ({
          reply: entries
            .slice(2)
            .map(({ name }) => `${name}\n`)
            .join(""),
        }),
      );
    }
    return replies.directory(header, open.entries, offset, room) ?? replies.refused(header, "EINVAL");
  }

  #releaseDirectory(header: Header, handle: number): Uint8Array {
    this.handles.closeDirectory(handle);
    return replies.done(header);
  }

  #entries(directory: Directory, asking: Asking): DirectoryEntry[] {
    const children = this.tree.nodes.readdir(directory, asking);
    const entry = ({ ino, kind, name }: TreeNode): DirectoryEntry => ({ ino, kind, name });
    return [
      { ...entry(directory), name: "." },
      { ...entry(directory.parent ?? directory), name: ".." },
      ...children.map(entry),
    ];
  }
}
