// What mpam mount and mpam run need of a host.

import { type Check, missing, ok, partly } from "./check.ts";
import type { Host } from "./host.ts";

const CONTAINER = "in a container: docs/clients.md";

export const fuse: Check = {
  name: "/dev/fuse",
  for: "mpam mount, mpam run",
  look(host) {
    if (host.platform !== "linux")
      return missing(`this is ${host.platform}`, "mounting needs Linux, also in a virtual machine");
    const code = host.openFails("/dev/fuse");
    if (code === undefined) return ok("can be opened");
    const remedies: { readonly [code in string]?: string } = {
      ENOENT: `modprobe fuse; ${CONTAINER}`,
      EACCES: "as root, or chmod 666 /dev/fuse",
      EPERM: CONTAINER,
    };
    return missing(`cannot be opened (${code})`, remedies[code] ?? CONTAINER);
  },
};

/** Really made, and left again at once. */
export const namespaces: Check = {
  name: "namespaces",
  for: "mpam run; of users too: mpam mount and mpam run without root",
  look(host) {
    if (host.which("unshare") === undefined) return missing("there is no unshare", "apt install util-linux");
    const own = attempt(host, "--mount");
    const user = attempt(host, "--user", "--map-root-user", "--mount");
    if (own === undefined && user === undefined) return ok("of mounts, and of users");
    if (own === undefined) return partly(`of mounts; not of users (${user})`, "enough as root");
    if (user === undefined) return ok("of users, and of mounts within");
    return missing(user, `as root, or sysctl kernel.unprivileged_userns_clone=1; ${CONTAINER}`);
  },
};

export const root: Check = {
  name: "root",
  for: "mpam mount; mpam run does without where users may have namespaces",
  look: (host) => (host.root ? ok("yes") : partly("no", "sudo mpam mount ..., or a root shell")),
};

export const programs: Check = {
  name: "util-linux",
  for: "mpam mount, mpam run",
  look(host) {
    const absent = ["mount", "umount", "unshare"].filter((program) => host.which(program) === undefined);
    return absent.length === 0
      ? ok("mount, umount, unshare")
      : missing(`no ${absent.join(", ")}`, "apt install util-linux mount");
  },
};

/** What stood in the way. */
function attempt(host: Host, ...flags: string[]): string | undefined {
  const { status, err } = host.run("unshare", ...flags, "true");
  return status === 0 ? undefined : err.trim().split("\n")[0] || "it fails";
}
