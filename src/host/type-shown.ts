// The type of the mounted tree. The kernel says fuse.resctrl in the tables of mounts, and no mount can say otherwise; but the tables of one
// process can be covered by edited copies. A small script does that to itself and becomes the program.

/** What makes the lines of the tree what they are for the kernel's own resctrl, in the language of sed. */
export interface TypeEdits {
  /** Of /proc/PID/mounts. */
  readonly mounts: string;
  /** Of /proc/PID/mountinfo. */
  readonly mountinfo: string;
}

/**
 * @param flags What the file system has after `rw`: `resctrl.mountOptions`.
 * @param type Of the kernel's own.
 * @param hidden Other places of the tree, of which nothing is said.
 */
export function typeEdits(
  directory: string,
  flags: string,
  type = "resctrl",
  hidden: readonly string[] = [],
): TypeEdits {
  const place = escapedForSed(inTables(directory));
  const others = hidden.map((path) => escapedForSed(inTables(path)));
  const without = (fields: string) => others.map((other) => `\\|^${fields}${other} .*fuse\\.${type} |d\n`).join("");
  return {
    mounts: `s|^[^ ]* \\(${place}\\) fuse\\.${type} \\([^ ]*\\),user_id=[^ ]* |${type} \\1 ${type} \\2${flags} |\n${without("[^ ]* ")}`,
    // A part of the tree is the whole of a file system for who looks.
    mountinfo: `s|^\\([^ ]* [^ ]* [^ ]*\\) [^ ]* \\(${place} .*\\) - fuse\\.${type} [^ ]* .*$|\\1 / \\2 - ${type} ${type} rw${flags}|\n${without("[^ ]* [^ ]* [^ ]* [^ ]* ")}`,
  };
}

/** Beside the edits, `mounts.sed` and `mountinfo.sed`: `exec PROGRAM [ARGUMENT...]`. Whoever may not mount goes without. */
export const EXEC_SCRIPT = `#!/bin/sh
# Starts a program for which the emulated tree has the type resctrl: $0 PROGRAM [ARGUMENT...]
stage=\${0%/*}
mask=$(umask)
umask 022
{
  for process in /proc/$$ /proc/$$/task/$$; do
    for table in mounts mountinfo; do
      sed -f "$stage/$table.sed" "$process/$table" >"$stage/$$.$table" &&
        mount --bind "$stage/$$.$table" "$process/$table"
      rm -f "$stage/$$.$table"
    done
  done
} 2>/dev/null
umask "$mask"
exec "$@"
`;

/** What stands in the place of a program, so that it is started like this by whoever starts it. */
export function wrapper(stage: string, program: string): string {
  return `#!/bin/sh\nexec ${quoted(`${stage}/exec`)} ${quoted(program)} "$@"\n`;
}

/** One word for a shell. */
export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** As the kernel writes paths in these tables. */
function inTables(path: string): string {
  return path.replace(/[ \t\n\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

function escapedForSed(text: string): string {
  return text.replace(/[\\.*^$[\]|]/g, (one) => `\\${one}`);
}
