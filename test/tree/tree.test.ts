import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { fromByteString, ROOT, Tree, type TreeOptions, toByteString } from "../../src/tree/index.ts";

const USER = { uid: 1000, gid: 100 };

function tree(options: Partial<TreeOptions> = {}) {
  const written: string[] = [];
  const t = new Tree({ mode: 0o755, uid: 0, gid: 0, ...options });
  const dir = t.addDirectory(t.root, "dir", { mode: 0o755, uid: 0, gid: 0 });
  const both = { read: () => "text\n", write: (bytes: string) => void written.push(bytes) };
  t.addFile(dir, "file", { mode: 0o644, uid: 0, gid: 0 }, both);
  t.addFile(dir, "fixed", { mode: 0o444, uid: 0, gid: 0 }, { read: () => "fixed\n" });
  return { t, dir, written };
}

function codeOf(body: () => unknown): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    return error instanceof ErrnoError ? error.code : "not an ErrnoError";
  }
}

async function codeOfAsync(body: Promise<unknown>): Promise<string | undefined> {
  return body.then(
    () => undefined,
    (error) => (error instanceof ErrnoError ? error.code : "not an ErrnoError"),
  );
}

describe("paths", () => {
  test("are found with and without leading slash, through . and ..", async () => {
    const { t } = tree();
    for (const path of ["dir/file", "/dir/file", "//dir//./file", "dir/../dir/file"]) {
      expect(await t.readFile(path)).toBe("text\n");
    }
    expect(t.readdir("")).toEqual(["dir"]);
    expect(t.readdir("/dir")).toEqual(["file", "fixed"]);
  });

  test("that lead nowhere are ENOENT, through a file ENOTDIR", () => {
    const { t } = tree();
    expect(codeOf(() => t.lookup("dir/none"))).toBe("ENOENT");
    expect(codeOf(() => t.lookup("dir/file/x"))).toBe("ENOTDIR");
    expect(codeOf(() => t.lookup("dir/file/"))).toBe("ENOTDIR");
    expect(codeOf(() => t.readdir("dir/file"))).toBe("ENOTDIR");
    expect(codeOf(() => t.open("dir", { read: true, write: false }))).toBe("EISDIR");
  });

  test("stat tells kind, permissions and links, and no size", () => {
    const { t } = tree();
    expect(t.stat("/")).toMatchObject({ ino: 1, kind: "directory", mode: 0o755, links: 3, size: 0 });
    expect(t.stat("dir/fixed")).toMatchObject({ kind: "file", mode: 0o444, links: 1, uid: 0, size: 0 });
  });
});

describe("permissions", () => {
  test("root too is refused where no bit grants the direction, and chmod lifts it", async () => {
    const { t, written } = tree();
    t.chmod("dir/file", 0o444);
    expect(await codeOfAsync(t.writeFile("dir/file", "x"))).toBe("EACCES");
    t.chmod("dir/file", 0o200);
    await t.writeFile("dir/file", "x");
    expect(await codeOfAsync(t.readFile("dir/file"))).toBe("EACCES");
    expect(written).toEqual(["x"]);
  });

  test("a file without a writer is never opened for writing", async () => {
    const { t } = tree();
    t.chmod("dir/fixed", 0o666);
    expect(await codeOfAsync(t.writeFile("dir/fixed", "x"))).toBe("EACCES");
  });

  test("others go by the bits of owner, group and rest, on files and on the directories before them", async () => {
    const { t } = tree();
    expect(await t.readFile("dir/file", USER)).toBe("text\n");
    expect(await codeOfAsync(t.writeFile("dir/file", "x", USER))).toBe("EACCES");
    t.chown("dir/file", 1000, 100);
    await t.writeFile("dir/file", "x", USER);
    t.chmod("dir", 0o700);
    expect(await codeOfAsync(t.readFile("dir/file", USER))).toBe("EACCES");
    expect(codeOf(() => t.chmod("dir", 0o777, USER))).toBe("EPERM");
    expect(codeOf(() => t.chown("dir", 1000, 100, USER))).toBe("EPERM");
  });
});

describe("reading and writing", () => {
  test("more than a page in one write is E2BIG, a page is not", async () => {
    const { t, written } = tree();
    await t.writeFile("dir/file", "x".repeat(4096));
    expect(written).toHaveLength(1);
    expect(await codeOfAsync(t.writeFile("dir/file", "x".repeat(4097)))).toBe("E2BIG");
    expect(await codeOfAsync(t.writeFile("dir/file", "é".repeat(2049)))).toBe("E2BIG");
  });

  test("the writer sees the bytes of the write, and all of them are taken", async () => {
    const { t, written } = tree();
    const file = t.open("dir/file", { read: false, write: true }, ROOT);
    expect(await file.write("é\n")).toBe(3);
    expect(await file.write(Uint8Array.of(0xa0, 0x0a))).toBe(2);
    expect(written).toEqual(["\xc3\xa9\n", "\xa0\n"]);
    expect(fromByteString(toByteString("é€"))).toBe("é€");
  });

  test("pieces come from one snapshot, and offset 0 takes a new one", async () => {
    const { t, dir } = tree();
    let count = 0;
    t.addFile(dir, "counter", { mode: 0o444, uid: 0, gid: 0 }, { read: () => `${++count}234567` });
    const file = t.open("dir/counter", { read: true, write: false });
    const text = async (offset: number, length: number) => String.fromCharCode(...(await file.read(offset, length)));
    expect([await text(0, 3), await text(3, 100), await text(7, 9), await text(0, 2)]).toEqual([
      "123",
      "4567",
      "",
      "22",
    ]);
    expect(await codeOfAsync(file.write("x"))).toBe("EBADF");
  });

  test("a file whose directory is removed while open is ENODEV", async () => {
    const { t, dir } = tree();
    const file = t.open("dir/file", { read: true, write: true });
    t.remove(dir);
    expect(await codeOfAsync(file.text())).toBe("ENODEV");
    expect(await codeOfAsync(file.write("x"))).toBe("ENODEV");
    expect(codeOf(() => t.lookup("dir"))).toBe("ENOENT");
  });
});

describe("directories", () => {
  const operations = {
    mkdir: async (): Promise<void> => undefined,
    rmdir: async (): Promise<void> => undefined,
    rename: async (): Promise<void> => undefined,
  };

  test("mkdir: EEXIST, ENOENT, ENAMETOOLONG and EACCES come before the owner is asked", async () => {
    const { t } = tree({ operations });
    expect(await codeOfAsync(t.mkdir("new", 0o755))).toBeUndefined();
    expect(await codeOfAsync(t.mkdir("dir", 0o755))).toBe("EEXIST");
    expect(await codeOfAsync(t.mkdir("/", 0o755))).toBe("EEXIST");
    expect(await codeOfAsync(t.mkdir("none/new", 0o755))).toBe("ENOENT");
    expect(await codeOfAsync(t.mkdir("dir/file/new", 0o755))).toBe("ENOTDIR");
    expect(await codeOfAsync(t.mkdir("n".repeat(256), 0o755))).toBe("ENAMETOOLONG");
    expect(await codeOfAsync(t.mkdir("new", 0o755, USER))).toBe("EACCES");
    expect(await codeOfAsync(tree().t.mkdir("new", 0o755))).toBe("EPERM");
  });

  test("rmdir: the root is busy, a file no directory", async () => {
    const { t } = tree({ operations });
    expect(await codeOfAsync(t.rmdir("/"))).toBe("EBUSY");
    expect(await codeOfAsync(t.rmdir("dir/file"))).toBe("ENOTDIR");
    expect(await codeOfAsync(t.rmdir("dir", USER))).toBe("EACCES");
    expect(await codeOfAsync(t.rmdir("dir"))).toBeUndefined();
  });

  test("rename: both directories are searched before the name is looked up, and one that gets another parent must be writable", async () => {
    const { t, dir } = tree({ operations });
    const closed = t.addDirectory(t.root, "closed", { mode: 0, uid: 0, gid: 0 });
    t.addDirectory(dir, "own", { mode: 0o755, uid: 1000, gid: 100 });
    t.addDirectory(dir, "others", { mode: 0o755, uid: 0, gid: 0 });
    t.chmod("dir", 0o777);
    t.chmod("/", 0o777);
    expect(await codeOfAsync(t.rename("dir/none", "closed/x", USER))).toBe("EACCES");
    expect(await codeOfAsync(t.rename("dir/none", "x", USER))).toBe("ENOENT");
    expect(await codeOfAsync(t.rename("closed/x", "none/x", USER))).toBe("EACCES");
    expect(await codeOfAsync(t.rename("dir/others", "moved", USER))).toBe("EACCES");
    expect(await codeOfAsync(t.rename("dir/others", "dir/renamed", USER))).toBeUndefined();
    expect(await codeOfAsync(t.rename("dir/own", "moved", USER))).toBeUndefined();
    expect(await codeOfAsync(t.rename("closed", "closed", USER))).toBeUndefined();
    expect(closed.removed).toBe(false);
  });

  test("rename: into itself EINVAL, over what holds it ENOTEMPTY, onto another kind ENOTDIR or EISDIR", async () => {
    const { t, dir } = tree({ operations });
    t.addDirectory(dir, "inner", { mode: 0o755, uid: 0, gid: 0 });
    expect(await codeOfAsync(t.rename("dir", "dir/inner/x"))).toBe("EINVAL");
    expect(await codeOfAsync(t.rename("dir/inner", "dir"))).toBe("ENOTEMPTY");
    expect(await codeOfAsync(t.rename("dir/inner", "dir/file"))).toBe("ENOTDIR");
    expect(await codeOfAsync(t.rename("dir/file", "dir/inner"))).toBe("EISDIR");
    expect(await codeOfAsync(t.rename("dir", "/"))).toBe("EBUSY");
    expect(await codeOfAsync(t.rename("dir", "dir"))).toBeUndefined();
    t.move(t.lookup("dir/inner"), t.root, "moved");
    expect(t.readdir("/")).toEqual(["dir", "moved"]);
    expect(codeOf(() => t.move(t.lookup("moved"), t.root, "dir"))).toBe("EEXIST");
  });
});
