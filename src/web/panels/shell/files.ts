// The files that the shell sees: the tree at /sys/fs/resctrl, the directories on the way there, and /dev/null.

import type { Engine, FileView, Reply } from "../../engine/protocol.ts";

/** What the shell asks of the machine. */
export type ShellTree = Pick<Engine, "readFile" | "writeFile" | "readdir" | "stat" | "mkdir" | "rmdir" | "rename">;

export const MOUNT = "/sys/fs/resctrl";
const NULL = "/dev/null";
/** Above the tree: directories and what is in them. */
const ABOVE: Readonly<Record<string, readonly string[]>> = {
  "/": ["dev", "sys"],
  "/dev": ["null"],
  "/sys": ["fs"],
  "/sys/fs": ["resctrl"],
};

/** A call that was refused: with an errno, and perhaps the kernel's words for it. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly status = "",
  ) {
    super(code);
  }
}

export class Files {
  #status = "";

  constructor(private readonly tree: ShellTree) {}

  /** The kernel's words for what it has refused since somebody asked; "" for none. */
  takeStatus(): string {
    const said = this.#status;
    this.#status = "";
    return said;
  }

  /** Paths are absolute and may have dots. */
  read(path: string): Promise<string> {
    return this.#on(
      path,
      (at) => this.tree.readFile(at),
      (at) => {
        if (at === NULL) return "";
        throw new Refused("EISDIR");
      },
    );
  }

  /** One write(2). */
  write(path: string, text: string): Promise<void> {
    return this.#on(
      path,
      (at) => this.tree.writeFile(at, text),
      (at) => {
        if (at !== NULL) throw new Refused("EISDIR");
      },
    );
  }

  /** Sorted by their bytes. */
  async list(path: string): Promise<readonly FileView[]> {
    const entries = await this.#on(
      path,
      (at) => this.tree.readdir(at),
      (at) => {
        const names = ABOVE[at];
        if (!names) throw new Refused("ENOTDIR");
        return names.map((name): FileView => ({ ...above(name === "null"), name }));
      },
    );
    return [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  stat(path: string): Promise<FileView> {
    return this.#on(
      path,
      (at) => this.tree.stat(at),
      (at) => above(at === NULL),
    );
  }

  mkdir(path: string): Promise<void> {
    return this.#change(path, (at) => this.tree.mkdir(at));
  }

  rmdir(path: string): Promise<void> {
    return this.#change(path, (at) => this.tree.rmdir(at));
  }

  async rename(from: string, to: string): Promise<void> {
    const target = inTree(normal(to));
    if (target === undefined) throw new Refused("EXDEV");
    await this.#change(from, (at) => this.tree.rename(at, target));
  }

  /** What opening a file to write to it would be refused with. */
  async openForWriting(path: string): Promise<void> {
    const name = normal(path);
    if (name === NULL) return;
    const found = await this.stat(path).catch(async (error: unknown) => {
      if (!(error instanceof Refused) || error.code !== "ENOENT") throw error;
      await this.list(parentOf(name));
      // Nobody makes files in this tree but the machine.
      throw new Refused("EACCES");
    });
    if (found.kind === "directory") throw new Refused("EISDIR");
    if ((found.mode & 0o222) === 0) throw new Refused("EACCES");
  }

  async #on<T>(path: string, below: (path: string) => Promise<Reply<T>>, above: (path: string) => T): Promise<T> {
    const at = normal(path);
    const inside = inTree(at);
    if (inside !== undefined) {
      const value = this.#valueOf(await below(inside));
      if (path.endsWith("/") && inside !== "/") await this.#mustBeDirectory(inside);
      return value;
    }
    if (at === NULL || Object.hasOwn(ABOVE, at)) return above(at);
    throw new Refused(at.startsWith(`${NULL}/`) ? "ENOTDIR" : "ENOENT");
  }

  #valueOf<T>(reply: Reply<T>): T {
    if (reply.ok) return reply.value;
    this.#status = reply.status;
    throw new Refused(reply.code, reply.status);
  }

  async #mustBeDirectory(path: string): Promise<void> {
    if (this.#valueOf(await this.tree.stat(path)).kind === "file") throw new Refused("ENOTDIR");
  }

  async #change(path: string, change: (path: string) => Promise<Reply>): Promise<void> {
    const at = inTree(normal(path));
    if (at !== undefined && at !== "/") {
      this.#valueOf(await change(at));
      return;
    }
    const found = await this.stat(path).catch(() => undefined);
    throw new Refused(found ? "EBUSY" : "EPERM");
  }
}

function above(isNull: boolean): FileView {
  const owner = { uid: 0, gid: 0 };
  return isNull
    ? { name: "null", kind: "file", mode: 0o666, ...owner }
    : { name: "", kind: "directory", mode: 0o555, ...owner };
}

/** Without dots and doubled slashes. */
export function normal(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

/** The path from the root of the tree; undefined outside of it. */
function inTree(path: string): string | undefined {
  if (path === MOUNT) return "/";
  return path.startsWith(`${MOUNT}/`) ? path.slice(MOUNT.length) : undefined;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
