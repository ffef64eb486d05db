// The tree, for a shell: calls with their errno and what last_cmd_status says.

import { ErrnoError } from "../../errno/index.ts";
import type { Resctrl } from "../../fs/index.ts";
import type { FileView, Reply } from "./protocol.ts";
import { replyOf } from "./reply.ts";

export class FileCalls {
  /**
   * @param changed Called after each call that may have changed something.
   * @param begun Called when one has begun, and may wait for model time.
   */
  constructor(
    private readonly tree: Resctrl | undefined,
    private readonly begun: () => void,
    private readonly changed: () => Promise<void>,
  ) {}

  readFile(path: string): Promise<Reply<string>> {
    return this.#call((tree) => tree.readFile(path));
  }

  writeFile(path: string, text: string): Promise<Reply> {
    return this.#change((tree) => tree.writeFile(path, text));
  }

  readdir(path: string): Promise<Reply<readonly FileView[]>> {
    return this.#call(async (tree) => {
      const names = await tree.readdir(path);
      return Promise.all(names.map((name) => viewOf(tree, `${path}/${name}`, name)));
    });
  }

  stat(path: string): Promise<Reply<FileView>> {
    return this.#call((tree) => viewOf(tree, path, path.replace(/\/+$/, "").replace(/^.*\//, "")));
  }

  mkdir(path: string): Promise<Reply> {
    return this.#change((tree) => tree.mkdir(path));
  }

  rmdir(path: string): Promise<Reply> {
    return this.#change((tree) => tree.rmdir(path));
  }

  rename(from: string, to: string): Promise<Reply> {
    return this.#change((tree) => tree.rename(from, to));
  }

  #call<T>(work: (tree: Resctrl) => Promise<T>, status?: () => Promise<string>): Promise<Reply<T>> {
    return replyOf(() => {
      if (!this.tree) throw new ErrnoError("ENODEV", "this platform has nothing that resctrl can use");
      const working = work(this.tree);
      this.begun();
      return working;
    }, status);
  }

  async #change(work: (tree: Resctrl) => Promise<void>): Promise<Reply> {
    const status = async () => {
      const text = await this.tree?.readFile("info/last_cmd_status").catch(() => "");
      return (text ?? "").trimEnd().replace(/^ok$/, "");
    };
    const reply = await this.#call(async (tree) => {
      await work(tree);
      return undefined;
    }, status);
    await this.changed();
    return reply;
  }
}

async function viewOf(tree: Resctrl, path: string, name: string): Promise<FileView> {
  const { kind, mode, uid, gid } = await tree.stat(path);
  return { name, kind: kind === "directory" ? "directory" : "file", mode: mode & 0o777, uid, gid };
}
