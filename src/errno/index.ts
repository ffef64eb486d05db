// Errors that carry an errno, because the far end of most calls here is a system call.

/** Linux numbers (asm-generic) of the codes this project uses. */
export const NUMBERS = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ENODATA: 61,
  EPROTO: 71,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  ESTALE: 116,
} as const;

/** The codes that errors here carry, as errno(3) has them. */
export type ErrnoCode = keyof typeof NUMBERS;

/** What an ErrnoError may carry besides code and message. */
export interface ErrnoOptions extends ErrorOptions {
  /** The kernel's own text for the failure, byte for byte: what last_cmd_status shows. */
  status?: string;
}

/** A refusal. `message` says what was refused and what would have been accepted; look at `code`, never parse it. */
export class ErrnoError extends Error {
  /** "ErrnoError". */
  override readonly name = "ErrnoError";
  /** Negative, as a kernel function returns it. */
  readonly errno: number;
  /** What last_cmd_status shows, byte for byte; undefined where a kernel has no text for it. */
  readonly status: string | undefined;

  constructor(
    /** As errno(3) names it. */
    readonly code: ErrnoCode,
    message: string,
    options: ErrnoOptions = {},
  ) {
    super(`${code}: ${message}`, options);
    this.errno = -NUMBERS[code];
    this.status = options.status;
  }
}

/** What a caught value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
