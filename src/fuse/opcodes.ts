// Numbers of the kernel's FUSE protocol, version 7.31 and what is asked of us from later ones (linux/fuse.h).

export const OPCODES = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  SETXATTR: 21,
  GETXATTR: 22,
  LISTXATTR: 23,
  REMOVEXATTR: 24,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  ACCESS: 34,
  CREATE: 35,
  INTERRUPT: 36,
  DESTROY: 38,
  BATCH_FORGET: 42,
  RENAME2: 45,
  LSEEK: 46,
  SYNCFS: 50,
  TMPFILE: 51,
  STATX: 52,
} as const;

export const MAJOR = 7;
/** Spoken where the kernel speaks it too. */
export const MINOR = 31;
/** Before it replies had other sizes. */
export const LEAST_MINOR = 23;

/** Most bytes of one WRITE. More than a page, so that the tree sees, and refuses, a write(2) that is too long. */
export const MAX_WRITE = 65_536;
/** Of a request: what reads /dev/fuse must have room for. */
export const MAX_REQUEST = MAX_WRITE + 4096;

// Of INIT. Without POSIX_LOCKS and FLOCK_LOCKS the kernel keeps locks by itself.
const ATOMIC_O_TRUNC = 1 << 3;
const BIG_WRITES = 1 << 5;
const PARALLEL_DIROPS = 1 << 18;
export const FEATURES = ATOMIC_O_TRUNC | BIG_WRITES | PARALLEL_DIROPS;

/** Of OPEN: no cache, so that a size of 0 means nothing and every read and write comes here. */
export const DIRECT_IO = 1;

// Which fields of SETATTR are meant.
export const SET_MODE = 1 << 0;
export const SET_UID = 1 << 1;
export const SET_GID = 1 << 2;
export const SET_ATIME = 1 << 4;
export const SET_MTIME = 1 << 5;
export const SET_ATIME_NOW = 1 << 7;
export const SET_MTIME_NOW = 1 << 8;
export const SET_CTIME = 1 << 10;

export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const DT_DIR = 4;
export const DT_REG = 8;

/** Access mode within the flags of open(2). */
export const O_ACCMODE = 3;
export const O_WRONLY = 1;
export const O_RDWR = 2;
