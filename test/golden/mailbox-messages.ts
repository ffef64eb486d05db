// Messages to firmware-backed MSCs, byte by byte, from linux-driver.md 12.1 and 12.2 and docs/firmware.md ("Mailboxes"): the first 32 bytes of the
// shared memory as software leaves them when it rings, and as firmware leaves them when it has answered. Words: signature, flags, length, command,
// and four of payload. The mailbox is subspace 3 and the MSC is 7 unless a case says otherwise; there are MSCs 0 to 7.

export interface MailboxMessage {
  readonly what: string;
  readonly request: string;
  readonly answer: string;
}

/** Bytes in hex, for reading. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
}

export const MAILBOX_MESSAGES: readonly MailboxMessage[] = [
  {
    what: "version",
    request: "03 43 43 50  01 00 00 00  04 00 00 00  00 68 00 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  0c 00 00 00  00 68 00 00  00 00 00 00  00 00 01 00  00 00 00 00  00 00 00 00",
  },
  {
    what: "read: MSC 7, MPAMF_AIDR, which is 0x11; token 0x155",
    request: "03 43 43 50  01 00 00 00  10 00 00 00  04 68 54 05  07 00 00 00  00 00 00 00  20 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  0c 00 00 00  04 68 54 05  00 00 00 00  11 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    what: "write: MSC 7, MPAMCFG_PART_SEL := 0x0100_0005; the largest token",
    request: "03 43 43 50  01 00 00 00  14 00 00 00  05 68 fc 0f  07 00 00 00  00 00 00 00  00 01 00 00  05 00 00 01",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  05 68 fc 0f  00 00 00 00  00 00 00 00  00 01 00 00  05 00 00 01",
  },
];

/** Of other mailboxes and MSCs, and of registers that only some part has. */
export const MAILBOX_OTHER_MESSAGES: readonly MailboxMessage[] = [
  {
    what: "read: MSC 0, the last word there is, which is 0xdead_beef; polled",
    request: "00 43 43 50  00 00 00 00  10 00 00 00  04 68 04 00  00 00 00 00  00 00 00 00  fc ff 00 00  00 00 00 00",
    answer: "00 43 43 50  00 00 00 00  0c 00 00 00  04 68 04 00  00 00 00 00  ef be ad de  fc ff 00 00  00 00 00 00",
  },
  {
    what: "write: MSC 0x1_0002, MSMON_CSU := 0; subspace 255",
    request: "ff 43 43 50  01 00 00 00  14 00 00 00  05 68 08 00  02 00 01 00  00 00 00 00  40 08 00 00  00 00 00 00",
    answer: "ff 43 43 50  01 00 00 00  08 00 00 00  05 68 08 00  00 00 00 00  00 00 00 00  40 08 00 00  00 00 00 00",
  },
];

/** Refused: each with the status. Of two mistakes the first in the order of docs/firmware.md is told. */
export const MAILBOX_ERRORS: readonly (MailboxMessage & { readonly status: number })[] = [
  {
    what: "another protocol",
    status: -1,
    request: "03 43 43 50  01 00 00 00  10 00 00 00  04 40 14 00  07 00 00 00  00 00 00 00  20 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 40 14 00  ff ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    what: "message 1, protocol attributes",
    status: -1,
    request: "03 43 43 50  01 00 00 00  04 00 00 00  01 68 14 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  01 68 14 00  ff ff ff ff  00 00 00 00  00 00 00 00  00 00 00 00",
  },
  {
    what: "message 3, MSC attributes",
    status: -1,
    request: "03 43 43 50  01 00 00 00  0c 00 00 00  03 68 14 00  07 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  03 68 14 00  ff ff ff ff  00 00 00 00  00 00 00 00  00 00 00 00",
  },
  {
    what: "message 6, with a length that no message has",
    status: -1,
    request: "03 43 43 50  01 00 00 00  63 00 00 00  06 68 14 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  06 68 14 00  ff ff ff ff  00 00 00 00  00 00 00 00  00 00 00 00",
  },
  {
    what: "another protocol, type 1",
    status: -1,
    request: "03 43 43 50  01 00 00 00  10 00 00 00  04 6d 14 00  07 00 00 00  00 00 00 00  20 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 6d 14 00  ff ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    what: "message type 1",
    status: -10,
    request: "03 43 43 50  01 00 00 00  10 00 00 00  04 69 14 00  07 00 00 00  00 00 00 00  20 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 69 14 00  f6 ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    what: "message type 3",
    status: -10,
    request: "03 43 43 50  01 00 00 00  04 00 00 00  00 6b 14 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  00 6b 14 00  f6 ff ff ff  00 00 00 00  00 00 00 00  00 00 00 00",
  },
  {
    what: "a version of 8 bytes",
    status: -10,
    request: "03 43 43 50  01 00 00 00  08 00 00 00  00 68 14 00  00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  00 68 14 00  f6 ff ff ff  00 00 00 00  00 00 00 00  00 00 00 00",
  },
  {
    what: "a read of 12 bytes: the length without the command word",
    status: -10,
    request: "03 43 43 50  01 00 00 00  0c 00 00 00  04 68 14 00  07 00 00 00  00 00 00 00  20 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 14 00  f6 ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    what: "a read of 20 bytes",
    status: -10,
    request: "03 43 43 50  01 00 00 00  14 00 00 00  04 68 14 00  07 00 00 00  00 00 00 00  20 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 14 00  f6 ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    what: "a write of 16 bytes, of an MSC that is not there",
    status: -10,
    request: "03 43 43 50  01 00 00 00  10 00 00 00  05 68 14 00  63 00 00 00  00 00 00 00  00 01 00 00  05 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  05 68 14 00  f6 ff ff ff  00 00 00 00  00 01 00 00  05 00 00 00",
  },
  {
    what: "length 0",
    status: -10,
    request: "03 43 43 50  01 00 00 00  00 00 00 00  05 68 14 00  07 00 00 00  00 00 00 00  00 01 00 00  05 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  05 68 14 00  f6 ff ff ff  00 00 00 00  00 01 00 00  05 00 00 00",
  },
  {
    what: "a read of MSC 99, which is not there",
    status: -4,
    request: "03 43 43 50  01 00 00 00  10 00 00 00  04 68 14 00  63 00 00 00  00 00 00 00  20 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 14 00  fc ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    what: "a write of MSC 99, which is not there, with flags 1",
    status: -4,
    request: "03 43 43 50  01 00 00 00  14 00 00 00  05 68 14 00  63 00 00 00  01 00 00 00  00 01 00 00  05 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  05 68 14 00  fc ff ff ff  01 00 00 00  00 01 00 00  05 00 00 00",
  },
  {
    what: "a read with flags 1",
    status: -2,
    request: "03 43 43 50  01 00 00 00  10 00 00 00  04 68 14 00  07 00 00 00  01 00 00 00  20 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 14 00  fe ff ff ff  01 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    what: "a write with flags 2^31, at an odd offset",
    status: -2,
    request: "03 43 43 50  01 00 00 00  14 00 00 00  05 68 14 00  07 00 00 00  00 00 00 80  01 01 00 00  05 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  05 68 14 00  fe ff ff ff  00 00 00 80  01 01 00 00  05 00 00 00",
  },
  {
    what: "a read of offset 0x22",
    status: -5,
    request: "03 43 43 50  01 00 00 00  10 00 00 00  04 68 14 00  07 00 00 00  00 00 00 00  22 00 00 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 14 00  fb ff ff ff  00 00 00 00  22 00 00 00  00 00 00 00",
  },
  {
    what: "a read of offset 0x1_0000",
    status: -5,
    request: "03 43 43 50  01 00 00 00  10 00 00 00  04 68 14 00  07 00 00 00  00 00 00 00  00 00 01 00  00 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 14 00  fb ff ff ff  00 00 00 00  00 00 01 00  00 00 00 00",
  },
  {
    what: "a write of offset 0xffff_fffc",
    status: -5,
    request: "03 43 43 50  01 00 00 00  14 00 00 00  05 68 14 00  07 00 00 00  00 00 00 00  fc ff ff ff  05 00 00 00",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  05 68 14 00  fb ff ff ff  00 00 00 00  fc ff ff ff  05 00 00 00",
  },
];

/** 12.1: what firmware can say, its errno, and the answer to a read of MSC 7, MPAMF_AIDR, token 6, that says so. */
export const MAILBOX_STATUSES: readonly {
  readonly status: number;
  readonly meaning: string;
  /** Absent: none. */
  readonly errno?: string;
  readonly answer: string;
}[] = [
  {
    status: 0,
    meaning: "success",
    answer: "03 43 43 50  01 00 00 00  0c 00 00 00  04 68 18 00  00 00 00 00  11 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -1,
    meaning: "not supported",
    errno: "EOPNOTSUPP",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  ff ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -2,
    meaning: "invalid parameters",
    errno: "EINVAL",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  fe ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -3,
    meaning: "denied",
    errno: "EINVAL",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  fd ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -4,
    meaning: "not found",
    errno: "ENOENT",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  fc ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -5,
    meaning: "out of range",
    errno: "ERANGE",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  fb ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -6,
    meaning: "busy",
    errno: "EBUSY",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  fa ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -7,
    meaning: "comms error",
    errno: "EINVAL",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  f9 ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -8,
    meaning: "generic error",
    errno: "EINVAL",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  f8 ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -9,
    meaning: "hardware error",
    errno: "EINVAL",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  f7 ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -10,
    meaning: "protocol error",
    errno: "EINVAL",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  f6 ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
  {
    status: -11,
    meaning: "in use",
    errno: "EINVAL",
    answer: "03 43 43 50  01 00 00 00  08 00 00 00  04 68 18 00  f5 ff ff ff  00 00 00 00  20 00 00 00  00 00 00 00",
  },
];

/** 12.3: the answer to token 6 that has another token: ETIMEDOUT. */
export const MAILBOX_WRONG_TOKEN =
  "03 43 43 50  01 00 00 00  0c 00 00 00  04 68 1c 00  00 00 00 00  11 00 00 00  20 00 00 00  00 00 00 00";

/** 12.3: a positive status. Linux looks for negative ones alone and takes the value; for Arm's test suite, and here, it is a failure. */
export const MAILBOX_POSITIVE_STATUS =
  "03 43 43 50  01 00 00 00  0c 00 00 00  04 68 18 00  01 00 00 00  11 00 00 00  20 00 00 00  00 00 00 00";

/** 12.3: the version of firmware of another major number: EINVAL. */
export const MAILBOX_VERSION_2 =
  "03 43 43 50  01 00 00 00  0c 00 00 00  00 68 18 00  00 00 00 00  00 00 02 00  00 00 00 00  00 00 00 00";
