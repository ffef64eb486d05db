import { describe, expect, test } from "vitest";
import { type JournalEntry, Session, type SessionOptions } from "../../src/fuse/index.ts";
import { Kernel, name, OP, request, u32, u64 } from "../helpers/fuse/kernel.ts";
import { exampleTree } from "../helpers/fuse/tree.ts";

const RDONLY = 0;
const WRONLY = 1;
const RDWR = 2;
const APPEND = 0o2000;
const TRUNC = 0o1000;

async function mounted(options: SessionOptions = {}) {
  const example = exampleTree();
  const session = new Session(example.tree, options);
  const kernel = new Kernel(session);
  await kernel.init();
  return { ...example, session, kernel };
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: Error) => error.message,
  );

describe("INIT", () => {
  test.each([23, 26, 31, 34, 38, 41, 45])("with minor %i speaks that of both, 31 at most", async (minor) => {
    const kernel = new Kernel(new Session(exampleTree().tree));
    const a = await kernel.init(minor);
    expect(a.body.length).toBe(64);
    expect([a.u32(0), a.u32(4)]).toEqual([7, Math.min(31, minor)]);
    expect(await codeOf(kernel.walk("echo"))).toBe("ok");
  });

  test("takes of the features offered atomic O_TRUNC, large writes and parallel directories, no locks and no readdirplus", async () => {
    const kernel = new Kernel(new Session(exampleTree().tree));
    expect((await kernel.init(31, 0xffffffff)).u32(12)).toBe((1 << 3) | (1 << 5) | (1 << 18));
    expect((await kernel.init(31, 1 << 3)).u32(12)).toBe(1 << 3);
  });

  test("lets a write of more than a page through whole", async () => {
    const a = await new Kernel(new Session(exampleTree().tree)).init();
    expect(a.u32(20)).toBeGreaterThan(8192);
  });

  test("answers a later major version with its own, and refuses earlier ones", async () => {
    const kernel = new Kernel(new Session(exampleTree().tree));
    const a = await kernel.raw(OP.init, 0, u32(8), u32(0), u32(0), u32(0));
    expect([a.code, a.u32(0)]).toEqual(["ok", 7]);
    expect((await kernel.raw(OP.init, 0, u32(6), u32(9), u32(0), u32(0))).code).toBe("EPROTO");
    expect((await kernel.raw(OP.init, 0, u32(7), u32(22), u32(0), u32(0))).code).toBe("EPROTO");
  });

  test("comes first", async () => {
    expect(await codeOf(new Kernel(new Session(exampleTree().tree)).getattr(1))).toBe("EIO");
  });
});

describe("nodes", () => {
  test("the root has number 1, and names lead to nodes that are told again under the same number", async () => {
    const { kernel } = await mounted();
    expect(await kernel.getattr(1)).toMatchObject({ ino: 1, mode: 0o040555, links: 2 });
    const echo = await kernel.lookup(1, "echo");
    expect(await kernel.lookup(1, "echo")).toBe(echo);
    expect(await kernel.getattr(echo)).toMatchObject({ ino: echo, mode: 0o100644, links: 1, size: 0 });
  });

  test("a name that is not there is ENOENT, below a file ENOTDIR, and . and .. are directories", async () => {
    const { kernel } = await mounted();
    expect(await codeOf(kernel.lookup(1, "none"))).toBe("ENOENT");
    expect(await codeOf(kernel.lookup(await kernel.lookup(1, "echo"), "x"))).toBe("ENOTDIR");
    const group = await kernel.mkdir(1, "group");
    expect(await kernel.lookup(group, ".")).toBe(group);
    expect(await kernel.lookup(group, "..")).toBe(1);
    expect(await kernel.lookup(1, "..")).toBe(1);
  });

  test("a name may have 255 bytes", async () => {
    const { kernel } = await mounted();
    const longest = `${"ä".repeat(127)}x`;
    const made = await kernel.mkdir(1, longest);
    expect(await kernel.lookup(1, longest)).toBe(made);
    expect(await codeOf(kernel.mkdir(1, `${longest}y`))).toBe("ENAMETOOLONG");
    expect(await codeOf(kernel.lookup(1, `${longest}y`))).toBe("ENAMETOOLONG");
  });

  test("names of bytes that are no text keep them", async () => {
    const { kernel, tree } = await mounted();
    const strange = Uint8Array.from([0x61, 0xff, 0xc3, 0xa4, 0xc3, 0xed, 0xa0, 0x80, 0]);
    await kernel.call(OP.mkdir, 1, 128, u32(0o755), u32(0), strange);
    expect((await kernel.raw(OP.lookup, 1, strange)).code).toBe("ok");
    expect((await kernel.raw(OP.lookup, 1, Uint8Array.from([0x61, 0xfe, 0]))).code).toBe("ENOENT");
    expect([...tree.root.children.keys()]).toContain("a\udcffä\udcc3\udced\udca0\udc80");
    const handle = await kernel.opendir(1);
    const a = await kernel.raw(OP.readdir, 1, u64(handle), u64(0), u32(4096), u32(0), u64(0), u32(0), u32(0));
    expect(Buffer.from(a.body).includes(Buffer.from(strange.subarray(0, -1)))).toBe(true);
  });

  test("a number that nobody was told is ESTALE", async () => {
    const { kernel } = await mounted();
    expect(await codeOf(kernel.getattr(99))).toBe("ESTALE");
  });

  test("are forgotten when the kernel has forgotten them as often as it was told", async () => {
    const { kernel, session } = await mounted();
    const echo = await kernel.lookup(1, "echo");
    await kernel.lookup(1, "echo");
    await kernel.forget(echo, 1);
    expect(await codeOf(kernel.getattr(echo))).toBe("ok");
    await kernel.silent(OP.batchForget, 0, u32(2), u32(0), u64(echo), u64(1), u64(1), u64(5));
    expect(await codeOf(kernel.getattr(echo))).toBe("ESTALE");
    expect(await codeOf(kernel.getattr(1))).toBe("ok");
    expect(session.held.nodes).toBe(0);
  });

  test("a removed one answers for itself and never leads to a new one of its name", async () => {
    const { kernel } = await mounted();
    const first = await kernel.mkdir(1, "group");
    const id = await kernel.lookup(first, "id");
    const handle = await kernel.open(id, RDWR);
    await kernel.rmdir(1, "group");
    const second = await kernel.mkdir(1, "group");
    expect(second).not.toBe(first);
    expect(await kernel.getattr(first)).toMatchObject({ ino: first, links: 2 });
    expect(await codeOf(kernel.lookup(first, "id"))).toBe("ENOENT");
    expect(await codeOf(kernel.mkdir(first, "below"))).toBe("ENODEV");
    expect(await codeOf(kernel.open(id, RDONLY))).toBe("ENODEV");
    expect(await codeOf(kernel.read(handle))).toBe("ENODEV");
    expect(await codeOf(kernel.write(handle, "x"))).toBe("ENODEV");
    await kernel.release(handle);
  });
});

describe("attributes", () => {
  test("chmod and chown change mode and owner, and a size changes nothing", async () => {
    const { kernel } = await mounted();
    const echo = await kernel.lookup(1, "echo");
    expect(await kernel.setattr(echo, 1, { mode: 0o100600 })).toMatchObject({ mode: 0o100600 });
    expect(await kernel.setattr(echo, 2, { uid: 5 })).toMatchObject({ uid: 5, gid: 0 });
    expect(await kernel.setattr(echo, 4, { gid: 6 })).toMatchObject({ uid: 5, gid: 6 });
    expect(await kernel.setattr(echo, 8, { size: 77 })).toMatchObject({ size: 0, uid: 5, mode: 0o100600 });
  });

  test("times are those of the first look until somebody sets them", async () => {
    let now = 1_000_500;
    const { kernel } = await mounted({ now: () => now });
    const echo = await kernel.lookup(1, "echo");
    now += 5000;
    expect((await kernel.getattr(echo)).mtime).toBeCloseTo(1000.5, 6);
    expect((await kernel.setattr(echo, 1 << 5, { mtime: 77 })).mtime).toBe(77);
    expect((await kernel.setattr(echo, (1 << 5) | (1 << 8))).mtime).toBeCloseTo(1005.5, 6);
  });

  test("a time before 1970 is kept", async () => {
    const { kernel } = await mounted();
    const echo = await kernel.lookup(1, "echo");
    expect((await kernel.setattr(echo, 1 << 5, { mtime: -5 })).mtime).toBe(-5);
    expect((await kernel.getattr(echo)).mtime).toBe(-5);
  });

  test("STATX tells the same", async () => {
    const { kernel } = await mounted();
    const echo = await kernel.lookup(1, "echo");
    const a = await kernel.call(OP.statx, echo, 288, u32(0), u32(0), u64(0), u32(0), u32(0x7ff));
    expect([a.u32(32) & 0x7ff, a.u64(32 + 32), a.u32(32 + 28) & 0xffff]).toEqual([0x7ff, echo, 0o100644]);
  });

  test("extended ones: that of the profile is there, others are ENODATA", async () => {
    const { kernel } = await mounted();
    const fixed = await kernel.lookup(1, "fixed");
    const echo = await kernel.lookup(1, "echo");
    const get = (node: number, size: number, text: string) =>
      kernel.raw(OP.getxattr, node, u32(size), u32(0), name(text));
    expect((await get(fixed, 0, "user.mpam.profile")).u32(0)).toBe(3);
    expect(Buffer.from((await get(fixed, 100, "user.mpam.profile")).body).toString()).toBe("x86");
    expect((await get(fixed, 2, "user.mpam.profile")).code).toBe("ERANGE");
    expect((await get(fixed, 100, "user.other")).code).toBe("ENODATA");
    expect((await get(echo, 100, "security.capability")).code).toBe("ENODATA");
    expect((await get(echo, 100, "trusted.constructor")).code).toBe("ENODATA");
    for (const other of ["constructor", "system.posix_acl_access", "users.x"]) {
      expect((await get(echo, 100, other)).code).toBe("EOPNOTSUPP");
    }
    const list = (node: number, size: number) => kernel.raw(OP.listxattr, node, u32(size), u32(0));
    expect((await list(fixed, 0)).u32(0)).toBe(18);
    expect(Buffer.from((await list(fixed, 18)).body).toString()).toBe("user.mpam.profile\0");
    expect((await list(fixed, 17)).code).toBe("ERANGE");
    expect((await list(echo, 100)).body.length).toBe(0);
  });
});

describe("files", () => {
  test("a read at 0 makes the text anew, others go on in it", async () => {
    const { kernel } = await mounted();
    const handle = await kernel.open(await kernel.walk("count"), RDONLY);
    expect(await kernel.read(handle, 0, 1)).toBe("1");
    expect(await kernel.read(handle, 1)).toBe("\n");
    expect(await kernel.read(handle, 2)).toBe("");
    expect(await kernel.read(handle, 0)).toBe("2\n");
    expect(await kernel.text("count")).toBe("3\n");
  });

  test("a read anywhere but where the last one ended makes the text anew", async () => {
    const { kernel } = await mounted();
    const handle = await kernel.open(await kernel.walk("count"), RDONLY);
    expect(await kernel.read(handle)).toBe("1\n");
    expect(await kernel.read(handle, 1)).toBe("\n");
    expect(await kernel.read(handle, 2)).toBe("");
    expect(await kernel.read(handle, 9)).toBe("");
    expect(await kernel.read(handle, 0, 1)).toBe("4");
  });

  test("what has been made of a text can be read to its end when the file is gone, and no more", async () => {
    const { kernel } = await mounted();
    const group = await kernel.mkdir(1, "group");
    const handle = await kernel.open(await kernel.lookup(group, "id"), RDWR);
    expect(await kernel.read(handle, 0, 2)).toBe("gr");
    await kernel.rmdir(1, "group");
    expect(await kernel.read(handle, 2, 2)).toBe("ou");
    expect(await kernel.read(handle, 4)).toBe("p\n");
    expect(await codeOf(kernel.read(handle, 6))).toBe("ENODEV");
    expect(await codeOf(kernel.read(handle, 1))).toBe("ENODEV");
  });

  test("each open file has a text of its own, and a first read in the middle makes one", async () => {
    const { kernel } = await mounted();
    const count = await kernel.walk("count");
    const [a, b] = [await kernel.open(count, RDONLY), await kernel.open(count, RDONLY)];
    expect(await kernel.read(a, 1)).toBe("\n");
    expect(await kernel.read(b)).toBe("2\n");
    expect(await kernel.read(a, 0, 1)).toBe("3");
  });

  test("a long text comes in pieces, and reads past its end are empty", async () => {
    const { kernel } = await mounted();
    const handle = await kernel.open(await kernel.walk("long"), RDONLY);
    let text = "";
    for (let piece = "?"; piece !== ""; text += piece) piece = await kernel.read(handle, text.length, 131_072);
    expect(text).toBe("0123456789".repeat(30_000));
    expect(await kernel.read(handle, 2 ** 52)).toBe("");
  });

  test("a write is one command wherever it lands, whole or not at all", async () => {
    const { kernel, written } = await mounted();
    const handle = await kernel.open(await kernel.walk("echo"), WRONLY | APPEND | TRUNC);
    expect(await kernel.write(handle, "a\xff\0b\n", 4711)).toBe(5);
    expect(await kernel.write(handle, "x".repeat(4096))).toBe(4096);
    expect(await codeOf(kernel.write(handle, "x".repeat(4097)))).toBe("E2BIG");
    expect(await kernel.write(handle, "")).toBe(0);
    expect(written.map(({ bytes }) => bytes)).toEqual(["a\xff\0b\n", "x".repeat(4096), ""]);
  });

  test("who writes is who asks, not who opened", async () => {
    const { kernel, session, written } = await mounted();
    const handle = await kernel.open(await kernel.walk("echo"), WRONLY);
    await new Kernel(session, { uid: 7, gid: 8, pid: 9 }).write(handle, "x");
    expect(written[0]?.caller).toMatchObject({ uid: 7, gid: 8, pid: 9 });
  });

  test("a direction that no bit grants is EACCES, one that was not opened EBADF", async () => {
    const { kernel } = await mounted();
    const fixed = await kernel.walk("fixed");
    expect(await codeOf(kernel.open(fixed, WRONLY))).toBe("EACCES");
    expect(await codeOf(kernel.open(fixed, RDWR))).toBe("EACCES");
    const handle = await kernel.open(fixed, RDONLY);
    expect(await codeOf(kernel.write(handle, "x"))).toBe("EBADF");
    expect(await codeOf(kernel.read(await kernel.open(await kernel.walk("echo"), WRONLY)))).toBe("EBADF");
  });

  test("permission bits are checked by the kernel, which knows more groups", async () => {
    const { kernel, session } = await mounted();
    const echo = await kernel.walk("echo");
    await kernel.setattr(echo, 1, { mode: 0o660 });
    expect(await codeOf(new Kernel(session, { uid: 1000, gid: 1000 }).open(echo, RDWR))).toBe("ok");
  });

  test("a directory is not opened as a file, nor a file as a directory", async () => {
    const { kernel } = await mounted();
    expect(await codeOf(kernel.open(1, RDONLY))).toBe("EISDIR");
    expect(await codeOf(kernel.opendir(await kernel.walk("echo")))).toBe("ENOTDIR");
  });

  test("a closed number is EBADF", async () => {
    const { kernel, session } = await mounted();
    const handle = await kernel.open(await kernel.walk("echo"), RDWR);
    await kernel.release(handle);
    expect(await codeOf(kernel.read(handle))).toBe("EBADF");
    expect(await codeOf(kernel.release(handle))).toBe("EBADF");
    expect(session.held.handles).toBe(0);
  });

  test("SEEK_DATA and SEEK_HOLE find nothing in a size of 0", async () => {
    const { kernel } = await mounted();
    const handle = await kernel.open(await kernel.walk("echo"), RDONLY);
    const seek = async (whence: number) =>
      (await kernel.raw(OP.lseek, 1, u64(handle), u64(0), u32(whence), u32(0))).code;
    expect([await seek(3), await seek(4), await seek(2)]).toEqual(["ENXIO", "ENXIO", "EINVAL"]);
  });

  test("what is no refusal but a fault is EIO, and told", async () => {
    const faults: unknown[] = [];
    const { kernel } = await mounted({ onFault: (error) => faults.push(error) });
    expect(await codeOf(kernel.text("broken"))).toBe("EIO");
    expect(faults).toEqual([expect.any(TypeError)]);
  });
});

describe("directories", () => {
  test("are read with their types, . and .. first, in pieces of any size", async () => {
    const { kernel } = await mounted();
    await kernel.mkdir(1, "group");
    const handle = await kernel.opendir(1);
    const all = await kernel.readdir(handle);
    const names = ["broken", "count", "echo", "fixed", "group", "long", "slow"];
    expect(all.map((entry) => entry.name)).toEqual([".", "..", ...names]);
    expect(all.filter(({ type }) => type === 4).map((entry) => entry.name)).toEqual([".", "..", "group"]);
    expect(all.filter(({ type }) => type === 8).length).toBe(names.length - 1);
    const pieces: string[] = [];
    for (let at = 0; ; ) {
      const some = await kernel.readdir(handle, at, 64);
      const last = some.at(-1);
      if (last === undefined) break;
      pieces.push(...some.map((entry) => entry.name));
      at = last.next;
    }
    expect(pieces).toEqual([".", "..", ...names]);
    expect(await codeOf(kernel.readdir(handle, 0, 16))).toBe("EINVAL");
    await kernel.releasedir(handle);
    expect(await codeOf(kernel.readdir(handle))).toBe("EBADF");
  });

  test("offsets stay right while entries come and go; beginning again shows what is there now", async () => {
    const { kernel } = await mounted();
    for (const one of ["a", "b", "c"]) await kernel.mkdir(1, one);
    const handle = await kernel.opendir(1);
    const [, , a] = await kernel.readdir(handle, 0);
    expect(a?.name).toBe("a");
    await kernel.rmdir(1, "a");
    await kernel.mkdir(1, "aa");
    const rest = (await kernel.readdir(handle, a?.next)).map((entry) => entry.name);
    expect(rest.filter((one) => one.length === 1)).toEqual(["b", "c"]);
    expect((await kernel.readdir(handle, 0)).map((entry) => entry.name)).toContain("aa");
  });

  test("mkdir answers the new node, rmdir and rename change what names lead to", async () => {
    const { kernel } = await mounted();
    const group = await kernel.mkdir(1, "group", 0o40750);
    expect(await kernel.getattr(group)).toMatchObject({ mode: 0o040750, links: 2 });
    expect((await kernel.getattr(1)).links).toBe(3);
    expect(await codeOf(kernel.mkdir(1, "group"))).toBe("EEXIST");
    expect(await codeOf(kernel.mkdir(1, "refused"))).toBe("ENOSPC");
    await kernel.rename(1, "group", 1, "renamed");
    expect(await codeOf(kernel.lookup(1, "group"))).toBe("ENOENT");
    expect(await kernel.lookup(1, "renamed")).toBe(group);
    expect(await codeOf(kernel.rmdir(1, "echo"))).toBe("ENOTDIR");
    await kernel.rmdir(1, "renamed");
    expect(await codeOf(kernel.rmdir(1, "renamed"))).toBe("ENOENT");
    expect((await kernel.getattr(1)).links).toBe(2);
  });

  test("RENAME2 with a flag is EINVAL, without one a rename", async () => {
    const { kernel } = await mounted();
    const group = await kernel.mkdir(1, "group");
    const rename2 = async (flags: number) =>
      (await kernel.raw(OP.rename2, 1, u64(1), u32(flags), u32(0), name("group"), name("to"))).code;
    expect(await rename2(1)).toBe("EINVAL");
    expect(await rename2(0)).toBe("ok");
    expect(await kernel.lookup(1, "to")).toBe(group);
  });

  test("what remains of a removed one lists nothing", async () => {
    const { kernel } = await mounted();
    const group = await kernel.mkdir(1, "group");
    const handle = await kernel.opendir(group);
    await kernel.rmdir(1, "group");
    expect((await kernel.readdir(handle)).map((entry) => entry.name)).toEqual([".", ".."]);
  });
});

describe("the rest", () => {
  test.each([
    ["CREATE", OP.create, [u32(0o101), u32(0o644), u32(0), u32(0), name("new")], "EACCES"],
    ["SYMLINK", OP.symlink, [name("new"), name("target")], "EPERM"],
    ["MKNOD", OP.mknod, [u32(0o100644), u32(0), u32(0), u32(0), name("new")], "EACCES"],
    ["MKNOD of a pipe", OP.mknod, [u32(0o010644), u32(0), u32(0), u32(0), name("new")], "EPERM"],
    ["LINK", OP.link, [u64(1), name("new")], "EPERM"],
    ["UNLINK", OP.unlink, [name("echo")], "EPERM"],
    ["READLINK", OP.readlink, [], "EINVAL"],
    ["SETXATTR", OP.setxattr, [u32(1), u32(0), name("user.x"), "1"], "EOPNOTSUPP"],
    ["REMOVEXATTR", OP.removexattr, [name("user.x")], "EOPNOTSUPP"],
    ["TMPFILE", OP.tmpfile, [u32(2), u32(0o600), u32(0), u32(0)], "EOPNOTSUPP"],
    ["GETLK", OP.getlk, [], "ENOSYS"],
    ["SETLK", OP.setlk, [], "ENOSYS"],
    ["SETLKW", OP.setlkw, [], "ENOSYS"],
    ["FLUSH", OP.flush, [u64(1), u32(0), u32(0), u64(0)], "ENOSYS"],
    ["BMAP", OP.bmap, [u64(0), u32(512), u32(0)], "ENOSYS"],
    ["IOCTL", OP.ioctl, [u64(1), u32(0), u32(0x5401), u64(0), u32(0), u32(60)], "ENOSYS"],
    ["POLL", OP.poll, [u64(1), u64(1), u32(0), u32(0)], "ENOSYS"],
    ["NOTIFY_REPLY", OP.notifyReply, [], "ENOSYS"],
    ["FALLOCATE", OP.fallocate, [], "ENOSYS"],
    ["READDIRPLUS", OP.readdirplus, [], "ENOSYS"],
    ["COPY_FILE_RANGE", OP.copyFileRange, [], "ENOSYS"],
    ["SETUPMAPPING", OP.setupMapping, [], "ENOSYS"],
    ["REMOVEMAPPING", OP.removeMapping, [], "ENOSYS"],
    ["an opcode that nobody knows", 4711, [], "ENOSYS"],
    ["ACCESS", OP.access, [u32(2), u32(0)], "ok"],
    ["FSYNC", OP.fsync, [u64(1), u32(0), u32(0)], "ok"],
    ["FSYNCDIR", OP.fsyncdir, [u64(1), u32(0), u32(0)], "EINVAL"],
    ["SYNCFS", OP.syncfs, [u64(0)], "ok"],
    ["DESTROY", OP.destroy, [], "ok"],
  ] as const)("%s", async (_, opcode, fields, code) => {
    const { kernel } = await mounted();
    expect((await kernel.raw(opcode, 1, ...fields)).code).toBe(code);
  });

  test("STATFS tells how long names may be", async () => {
    const { kernel } = await mounted();
    const a = await kernel.call(OP.statfs, 1, 80);
    expect([a.u32(40), a.u32(44), a.u64(0)]).toEqual([4096, 255, 0]);
  });
});

describe("what waits", () => {
  test("stops nobody, and replies go out in the order in which operations end", async () => {
    const { kernel, slow } = await mounted();
    const handle = await kernel.open(await kernel.walk("slow"), RDONLY);
    const ended: string[] = [];
    const one = kernel.read(handle).then((text) => ended.push(text));
    ended.push(await kernel.text("fixed"));
    slow[0]?.();
    await one;
    expect(ended).toEqual(["fixed\n", "at last\n"]);
  });

  test("ends with EINTR when the kernel says that it is not waited for, and only that", async () => {
    const { kernel, slow } = await mounted();
    const node = await kernel.walk("slow");
    const handles = [await kernel.open(node, RDONLY), await kernel.open(node, RDONLY)] as const;
    const first = kernel.next;
    const reads = handles.map((handle) => codeOf(kernel.read(handle)));
    await kernel.silent(OP.interrupt, 0, u64(first));
    expect(await reads[0]).toBe("EINTR");
    slow[1]?.();
    expect(await reads[1]).toBe("ok");
    await kernel.silent(OP.interrupt, 0, u64(first));
  });

  test("all of it ends when serving ends", async () => {
    const { kernel, session } = await mounted();
    const read = codeOf(kernel.read(await kernel.open(await kernel.walk("slow"), RDONLY)));
    session.interruptAll();
    expect(await read).toBe("EINTR");
  });
});

describe("requests that are none", () => {
  test("too short for a header: no reply", async () => {
    const { session } = await mounted();
    expect(await session.handle(new Uint8Array(39))).toBeUndefined();
    expect(await session.handle(new Uint8Array(0))).toBeUndefined();
  });

  test("of another length than their header says, cut off, or with names that are none: EINVAL", async () => {
    const { kernel, session } = await mounted();
    const whole = request(OP.lookup, 8, 1, [name("echo")]);
    const longer = new Uint8Array(whole.length + 8);
    longer.set(whole);
    for (const bytes of [whole.subarray(0, -1), longer]) {
      const reply = await session.handle(bytes);
      expect(reply && new DataView(reply.buffer).getInt32(4, true)).toBe(-22);
    }
    for (const fields of [["echo"], [name("")], [name("a/b")], []]) {
      expect((await kernel.raw(OP.lookup, 1, ...fields)).code).toBe("EINVAL");
    }
    expect((await kernel.raw(OP.open, 1, new Uint8Array(3))).code).toBe("EINVAL");
    const handle = await kernel.open(await kernel.walk("echo"), WRONLY);
    const head = [u64(handle), u64(0), u32(100), u32(0), u64(0), u32(0), u32(0)];
    expect((await kernel.raw(OP.write, 1, ...head, "too few")).code).toBe("EINVAL");
  });

  test("of the silent kind do nothing", async () => {
    const { kernel } = await mounted();
    await kernel.silent(OP.batchForget, 0, u32(0xffffffff), u32(0), u64(1), u64(1));
    await kernel.silent(OP.forget, 1);
    await kernel.silent(OP.interrupt, 0);
    expect(await codeOf(kernel.getattr(1))).toBe("ok");
  });
});

describe("the journal", () => {
  async function told(body: (kernel: Kernel) => Promise<unknown>): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = [];
    let time = 0;
    const { kernel } = await mounted({ journal: (entry) => entries.push(entry), modelTime: () => ++time });
    await body(kernel);
    return entries;
  }
  const caller = { uid: 0, gid: 0, pid: 100 };

  test("tells what was asked, what was answered, by whom and when", async () => {
    const entries = await told(async (kernel) => {
      await kernel.mkdir(1, "group", 0o750);
      const node = await kernel.walk("group/id");
      const handle = await kernel.open(node, RDWR);
      await kernel.write(handle, "\xffx\n");
      await kernel.read(handle, 0, 2);
      await kernel.read(handle, 2, 2);
      await kernel.release(handle);
      await kernel.setattr(node, 7, { mode: 0o600, uid: 1, gid: 2 });
      await codeOf(kernel.mkdir(1, "group"));
      await kernel.rename(1, "group", 1, "other");
      await kernel.readdir(await kernel.opendir(1));
      await kernel.rmdir(1, "other");
    });
    const path = "/group/id";
    expect(entries).toEqual(
      [
        { op: "mkdir", path: "/group", mode: 0o750 },
        { op: "lookup", path: "/group" },
        { op: "lookup", path },
        { op: "open", path, access: "rw", handle: 1 },
        { op: "write", path, handle: 1, data: "\xffx\n" },
        { op: "read", path, handle: 1, reply: "group\n" },
        { op: "release", path, handle: 1 },
        { op: "chown", path, uid: 1, gid: 2 },
        { op: "chmod", path, mode: 0o600 },
        { op: "mkdir", path: "/group", mode: 0o755, errno: "EEXIST" },
        { op: "rename", path: "/group", to: "/other" },
        { op: "readdir", path: "/", reply: "broken\ncount\necho\nfixed\nlong\nother\nslow\n" },
        { op: "rmdir", path: "/other" },
      ].map((entry, index) => ({ ...entry, caller, at: index + 1 })),
    );
  });

  test("has operations in the order in which they took effect, whatever waits", async () => {
    const entries = await told(async (kernel) => {
      const made = [kernel.mkdir(1, "a"), kernel.mkdir(1, "b"), codeOf(kernel.lookup(1, "a")), kernel.rmdir(1, "a")];
      await Promise.all([...made, codeOf(kernel.lookup(1, "a"))]);
    });
    expect(entries.map(({ op, path, errno }) => `${op} ${path} ${errno ?? "ok"}`)).toEqual([
      "mkdir /a ok",
      "mkdir /b ok",
      "lookup /a ok",
      "rmdir /a ok",
      "lookup /a ENOENT",
    ]);
  });

  test("does not tell of what happens in directories that have left the tree, but of files that stay open", async () => {
    const entries = await told(async (kernel) => {
      const group = await kernel.mkdir(1, "group");
      const handle = await kernel.open(await kernel.lookup(group, "id"), RDONLY);
      await kernel.rmdir(1, "group");
      await codeOf(kernel.lookup(group, "id"));
      await codeOf(kernel.mkdir(group, "below"));
      await codeOf(kernel.read(handle));
    });
    expect(entries.slice(3).map(({ op, errno }) => [op, errno])).toEqual([
      ["rmdir", undefined],
      ["read", "ENODEV"],
    ]);
  });
});
