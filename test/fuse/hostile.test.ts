import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Session } from "../../src/fuse/index.ts";
import { answer, Kernel, OP, request, u32, u64 } from "../helpers/fuse/kernel.ts";
import { exampleTree } from "../helpers/fuse/tree.ts";

/** Bodies of replies that succeed, where they have one length (linux/fuse.h). */
const LENGTHS: Readonly<Record<number, number>> = {
  [OP.lookup]: 128,
  [OP.getattr]: 104,
  [OP.setattr]: 104,
  [OP.mkdir]: 128,
  [OP.rmdir]: 0,
  [OP.rename]: 0,
  [OP.rename2]: 0,
  [OP.open]: 16,
  [OP.opendir]: 16,
  [OP.write]: 8,
  [OP.statfs]: 80,
  [OP.release]: 0,
  [OP.releasedir]: 0,
  [OP.fsync]: 0,
  [OP.fsyncdir]: 0,
  [OP.syncfs]: 0,
  [OP.access]: 0,
  [OP.destroy]: 0,
  [OP.statx]: 288,
};
const SILENT: ReadonlySet<number> = new Set([OP.forget, OP.batchForget, OP.interrupt]);

/** Handles a request; whatever it is, the reply has a form that a kernel takes. */
async function tried(session: Session, bytes: Uint8Array): Promise<void> {
  const kept = bytes.slice();
  const handled = session.handle(bytes);
  // A buffer is used again as soon as the call has returned.
  bytes.fill(0xee);
  session.interruptAll();
  const reply = await handled;
  if (kept.length < 40) return expect(reply).toBeUndefined();
  const view = new DataView(kept.buffer);
  const opcode = view.getUint32(4, true);
  if (SILENT.has(opcode)) return expect(reply).toBeUndefined();
  if (reply === undefined) throw new Error(`no reply to opcode ${opcode}`);
  const unique = view.getBigUint64(8, true);
  expect(new DataView(reply.buffer, reply.byteOffset).getBigUint64(8, true)).toBe(unique);
  new DataView(reply.buffer, reply.byteOffset).setBigUint64(8, 0n, true);
  const { code, body } = answer(reply, 0);
  if (code !== "ok") return;
  const length = LENGTHS[opcode];
  if (length !== undefined) expect(body.length).toBe(length);
  const asked = kept.length >= 60 ? view.getUint32(56, true) : 0;
  if (opcode === OP.read || opcode === OP.readdir) expect(body.length).toBeLessThanOrEqual(asked);
}

async function begun() {
  const { tree } = exampleTree();
  const session = new Session(tree);
  await new Kernel(session).init();
  return session;
}

/** Everything a busy kernel says, as it was said. */
async function recorded(): Promise<Uint8Array[]> {
  const session = new Session(exampleTree().tree);
  const said: Uint8Array[] = [];
  const kernel = new Kernel({
    handle: (bytes) => {
      said.push(bytes.slice());
      return session.handle(bytes);
    },
  });
  await kernel.init();
  const group = await kernel.mkdir(1, "group");
  const id = await kernel.lookup(group, "id");
  const handle = await kernel.open(id, 2);
  await kernel.write(handle, "some words\n");
  await kernel.read(handle);
  await kernel.setattr(id, 0x3ff, { mode: 0o600, size: 0 });
  await kernel.getattr(id);
  await kernel.rename(1, "group", 1, "other");
  await kernel.raw(OP.rename2, 1, u64(1), u32(0), u32(0), "other\0", "group\0");
  const directory = await kernel.opendir(1);
  await kernel.readdir(directory);
  await kernel.raw(OP.getxattr, id, u32(64), u32(0), "user.mpam.profile\0");
  await kernel.raw(OP.listxattr, id, u32(64), u32(0));
  await kernel.raw(OP.statfs, 1);
  await kernel.raw(OP.statx, id, u32(0), u32(0), u64(0), u32(0), u32(0x7ff));
  await kernel.raw(OP.lseek, 1, u64(handle), u64(0), u32(3), u32(0));
  await kernel.raw(OP.create, 1, u32(0o101), u32(0o644), u32(0), u32(0), "new\0");
  await kernel.release(handle);
  await kernel.releasedir(directory);
  await kernel.rmdir(1, "group");
  await kernel.silent(OP.batchForget, 0, u32(2), u32(0), u64(id), u64(1), u64(group), u64(1));
  await kernel.forget(group, 3);
  await kernel.silent(OP.interrupt, 0, u64(2));
  return said;
}

const OPCODES = Object.values(OP);

describe("whatever the bytes of a request are, there is a reply of the right form", () => {
  test("any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), async (all) => {
        const session = await begun();
        for (const bytes of all) await tried(session, bytes);
      }),
    );
  });

  test("any body under a good header, also many times on one session", async () => {
    const session = await begun();
    const word = fc.oneof(fc.nat(12), fc.constantFrom(0xffff_ffff, 2 ** 31, 4096));
    const words = fc.array(word, { maxLength: 30 }).map((all) => new Uint8Array(Uint32Array.from(all).buffer));
    const text = fc.constantFrom("echo\0", "group\0", "..\0", "\0", "x", `${"n".repeat(300)}\0`, "a/b\0", "slow\0");
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...OPCODES),
        fc.nat(12),
        words,
        fc.array(text, { maxLength: 3 }),
        async (opcode, node, body, names) => {
          await tried(session, request(opcode, 7, node, [body, ...names]));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("what a kernel has said, with bytes changed, cut off, put together and in another order", async () => {
    const said = await recorded();
    const change = fc.record({
      at: fc.nat(5000),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0x80)),
    });
    const mutation = fc.record({
      from: fc.nat(said.length - 1),
      changes: fc.array(change, { maxLength: 4 }),
      keep: fc.option(fc.nat(200), { freq: 3 }),
      honest: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { maxLength: 40 }), async (all) => {
        const session = await begun();
        for (const { from, changes, keep, honest } of all) {
          const original = said[from] as Uint8Array;
          const bytes = original.slice(0, keep ?? original.length);
          for (const { at, byte } of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          if (honest && bytes.length >= 4) new DataView(bytes.buffer).setUint32(0, bytes.length, true);
          await tried(session, bytes);
        }
        // And it still works.
        const fixed = new Kernel(session);
        expect((await fixed.raw(OP.lookup, 1, "fixed\0")).code).toBe("ok");
      }),
      { numRuns: 300 },
    );
  });

  test("every cut of every request", async () => {
    const session = await begun();
    for (const whole of await recorded()) {
      for (let length = 0; length < whole.length; length++) {
        const bytes = whole.slice(0, length);
        if (length >= 4) new DataView(bytes.buffer).setUint32(0, length, true);
        await tried(session, bytes);
      }
    }
  });
});
