// How a command on a file or a group is run: alone, on what still exists, and with last_cmd_status emptied before it
// (resctrl-fs.md sections 2 and 3).

import { ErrnoError } from "../errno/index.ts";
import { type Caller, type FileContent, toByteString } from "../tree/index.ts";
import type { Group, Mount } from "./group.ts";

/** Runs a command on a group. Reads empty last_cmd_status as well; a group that was removed while the command waited is refused. */
export function withGroup<T>(mount: Mount, group: Group, body: () => T | Promise<T>): Promise<T> {
  const { mutex, status } = mount.core;
  return mutex.run(() => {
    status.clear();
    if (group.deleted) throw deletedError(mount, group, "ENOENT");
    return body();
  });
}

export function deletedError(mount: Mount, group: Group, code: "ENOENT" | "ENODEV"): ErrnoError {
  const name = toByteString(group.directory.name);
  const text = `Resource group ${name} deleted. No commands possible.\n`;
  return mount.core.status.refuseFormatted(code, text, `${name}: the group has been removed`);
}

export interface GroupHandlers {
  read(group: Group, caller: Caller): string | Promise<string>;
  write?(group: Group, bytes: string, caller: Caller): void | Promise<void>;
}

export function groupFile(mount: Mount, group: Group, { read, write }: GroupHandlers): FileContent {
  return {
    read: (caller) => withGroup(mount, group, () => read(group, caller)),
    write: (bytes, caller) =>
      write === undefined ? neverWritten() : withGroup(mount, group, () => write(group, bytes, caller)),
  };
}

export interface InfoHandlers {
  read(): string;
  /** True for the few info files whose reading empties last_cmd_status. */
  readonly readingClears?: boolean;
  /** Refuses a command before last_cmd_status is emptied. */
  check?(bytes: string): void;
  write?(bytes: string): void;
  /** Extended attributes of the file. */
  readonly extended?: FileContent["extended"];
}

export function infoFile(
  mount: Mount,
  { read, check, write, readingClears = false, extended }: InfoHandlers,
): FileContent {
  const { mutex, status } = mount.core;
  const alone = <T>(clears: boolean, body: () => T, before?: () => void): Promise<T> =>
    mutex.run(() => {
      if (!mount.alive) throw new ErrnoError("ENOENT", "the mount this file belonged to is gone");
      before?.();
      if (clears) status.clear();
      return body();
    });
  const written = (bytes: string) =>
    write === undefined
      ? neverWritten()
      : alone(
          true,
          () => write(bytes),
          () => check?.(bytes),
        );
  return {
    read: () => alone(readingClears, read),
    write: written,
    ...(extended && { extended }),
  };
}

/** Such a file can be opened for writing once chmod allows it, and that is all; it looks at no group. */
function neverWritten(): never {
  throw new ErrnoError("EINVAL", "nothing can be written to this file");
}
