// The process that mounts, and that unmounts whatever happens to the server: it waits for the end of its input, which comes
// also when the server is killed. So there is no moment at which a mount could be left behind.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { ErrnoError } from "../errno/index.ts";
import { mountOptions, type TreeType } from "./server.ts";

/** Where /dev/fuse is in the guard. */
const DESCRIPTOR = 3;

/**
 * $1 directory, $2 options, $3 the directory as mountinfo writes it, $4 the type. Descriptor 3 is closed when it is mounted: the mount would
 * outlive the server. Unmounted is what has the device number of what was mounted, wherever it is by then; but what somebody has
 * mounted over it since is not ours, and umount(8) would take that: then it stays below, and something is asked of it so that the
 * server ends. The table has the newest mounts at its end.
 */
const SCRIPT = `
trap "" INT TERM HUP QUIT PIPE
mount -i -t "fuse.$4" -o "$2" "$4" "$1" || exit 1
exec 3<&-
while read -r _ _ number _ point _; do
  if [ "$point" = "$3" ]; then mine=$number; fi
done < /proc/self/mountinfo
echo "$mine" 2> /dev/null
read -r _
tac /proc/self/mountinfo | while read -r _ _ number _ point rest; do
  case "$number $rest" in
  "$mine "*"- fuse.$4 "*)
    # Octal, as printf reads it in a format. A newline at the end of a name would be lost.
    place=$(printf "$(printf %s "$point" | sed s/%/%%/g)x")
    place=\${place%x}
    case "$covered" in
    *" $point "*) unshare -m --propagation private sh -c 'while umount -l "$0"; do ls "$0"; done' "$place" > /dev/null 2>&1;;
    *) umount -l "$place";;
    esac;;
  *) covered="$covered $point ";;
  esac
done
`;

/** $1 the kernel's number of a connection. Its files are hidden in many containers. */
const CUT_OFF = `mount -t fusectl fusectl /sys/fs/fuse/connections && echo 1 > "/sys/fs/fuse/connections/$1/abort"`;

export class Guard {
  /** The command that ends the connection, wherever it is mounted and whoever has files open there. */
  readonly cutOff: readonly [string, ...string[]];
  readonly #directory: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #unmounting: Promise<void> | undefined;

  private constructor(directory: string, number: string, child: ChildProcess, exited: Promise<void>) {
    this.cutOff = ["unshare", "-m", "sh", "-c", CUT_OFF, "cut-off", number];
    this.#directory = directory;
    this.#child = child;
    this.#exited = exited;
  }

  /** Mounts `descriptor` at a directory (its real path). Rejects in the words of mount(8). */
  static async mount(directory: string, descriptor: number, type: TreeType): Promise<Guard> {
    const words = [directory, mountOptions(DESCRIPTOR), inMountinfo(directory), type];
    const child = spawn("sh", ["-c", SCRIPT, "guard", ...words], {
      cwd: "/",
      // A session of its own: what a terminal sends to this process is not meant for it.
      detached: true,
      stdio: ["pipe", "pipe", "pipe", descriptor],
    });
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdin?.on("error", () => undefined);
    const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const device = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.stdout?.once("data", (said: Buffer) => resolve(said.toString().trim()));
      void exited.then(() => reject(new ErrnoError("EPERM", `${directory}: ${firstLine(said) || "mount failed"}`)));
    });
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as { unref?(): void } | null)?.unref?.();
    return new Guard(directory, device.replace(/.*:/, ""), child, exited);
  }

  /**
   * Unmounts, busy or not, what is still there of it. EBUSY, in the words of umount(8), where somebody has ended the guard and
   * unmounting is refused. Who asks again waits for the same end.
   */
  unmount(): Promise<void> {
    this.#unmounting ??= this.#unmountOnce();
    return this.#unmounting;
  }

  async #unmountOnce(): Promise<void> {
    this.#hold();
    this.#child.stdin?.end();
    await this.#exited;
    if (this.#child.exitCode !== 0 && isMounted(this.#directory)) await unmountWithout(this.#directory);
  }

  #hold(): void {
    this.#child.ref();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      (stream as { ref?(): void } | null)?.ref?.();
    }
  }
}

/** Whether the newest mount at a directory (its real path) is a tree. */
export function isMounted(directory: string): boolean {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const point = inMountinfo(directory);
  const newest = lines.filter((line) => line.split(" ")[4] === point).at(-1);
  return / - fuse\.(resctrl|mpam) /.test(newest ?? "");
}

async function unmountWithout(directory: string): Promise<void> {
  const child = spawn("umount", ["-l", directory], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // Somebody else may have been first.
  if (code !== 0 && isMounted(directory))
    throw new ErrnoError("EBUSY", `${directory}: ${firstLine(said) || "umount failed"}`);
}

/** mount(8) goes on with where more may be found. */
function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}

/** Blanks and backslashes as /proc/self/mountinfo shows them. */
function inMountinfo(path: string): string {
  return path.replace(/[ \t\n\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
