// Copies of /proc/PID/mounts and mountinfo in which the tree has the type resctrl: FUSE's own type says fuse.resctrl.

/**
 * Lines of the tree at `directory` as the kernel's own resctrl would have them; the others as they are.
 * @param options What follows `rw` for the file system itself: `resctrl.mountOptions`.
 */
export function mountsAsResctrl(table: string, directory: string, options: string): string {
  return eachLine(table, (line) => {
    const [, place, type, flags = ""] = line.split(" ");
    if (place !== escaped(directory) || type !== "fuse.resctrl") return line;
    return `resctrl ${place} resctrl ${own(flags)}${options} 0 0`;
  });
}

/** See mountsAsResctrl; mountinfo has the flags of the mount and those of the file system apart. */
export function mountinfoAsResctrl(table: string, directory: string, options: string): string {
  return eachLine(table, (line) => {
    const [before = "", after = ""] = line.split(" - ");
    if (before.split(" ")[4] !== escaped(directory) || !after.startsWith("fuse.resctrl ")) return line;
    return `${before} - resctrl resctrl rw${options}`;
  });
}

/** What FUSE alone says goes. */
function own(flags: string): string {
  const fuse = /^(user_id|group_id|max_read|blksize)=|^(default_permissions|allow_other)$/;
  return flags
    .split(",")
    .filter((flag) => !fuse.test(flag))
    .join(",");
}

function eachLine(table: string, change: (line: string) => string): string {
  return table
    .split("\n")
    .map((line) => (line === "" ? line : change(line)))
    .join("\n");
}

/** As the kernel writes paths in these tables. */
function escaped(path: string): string {
  return path.replace(/[ \t\n\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
