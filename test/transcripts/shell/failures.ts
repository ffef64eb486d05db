// What a C library says of an errno.

import { type ErrnoCode, ErrnoError } from "../../../src/errno/index.ts";

const WORDS: { readonly [code in ErrnoCode]?: string } = {
  EPERM: "Operation not permitted",
  ENOENT: "No such file or directory",
  ESRCH: "No such process",
  EINTR: "Interrupted system call",
  EIO: "Input/output error",
  E2BIG: "Argument list too long",
  EBADF: "Bad file descriptor",
  EACCES: "Permission denied",
  EBUSY: "Device or resource busy",
  EEXIST: "File exists",
  ENODEV: "No such device",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  EINVAL: "Invalid argument",
  ENOSPC: "No space left on device",
  ERANGE: "Numerical result out of range",
  ENAMETOOLONG: "File name too long",
  EOVERFLOW: "Value too large for defined data type",
  EOPNOTSUPP: "Operation not supported",
};

/** Throws what is no errno. */
export function wordsOf(error: unknown): string {
  const words = error instanceof ErrnoError ? WORDS[error.code] : undefined;
  if (words === undefined) throw error;
  return words;
}

export function isMissing(error: unknown): boolean {
  return error instanceof ErrnoError && error.code === "ENOENT";
}
