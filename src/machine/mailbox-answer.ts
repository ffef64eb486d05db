// What firmware answers to a message of the MPAM-Fb protocol (docs/firmware.md, "Mailboxes").

import { fieldGet } from "../../assembly/regs/index.ts";
import { ErrnoError } from "../errno/index.ts";

// The command word has the layout of an SCMI header.
const MESSAGE_ID = 0x0000_00ff;
const MESSAGE_TYPE = 0x0000_0300;
const PROTOCOL_ID = 0x0003_fc00;

const PROTOCOL_MPAM = 0x1a;
const VERSION_1_0 = 0x0001_0000;

const SUCCESS = 0;
const NOT_SUPPORTED = -1;
const INVALID_PARAMETERS = -2;
const NOT_FOUND = -4;
const OUT_OF_RANGE = -5;
const HARDWARE_ERROR = -9;
const PROTOCOL_ERROR = -10;

const VERSION = 0x0;
const READ = 0x4;
const WRITE = 0x5;

/** Bytes of command word and payload by message. All fit the shared memory of a mailbox, which has 32 bytes at least. */
const LENGTHS: { readonly [id: number]: number } = { [VERSION]: 4, [READ]: 16, [WRITE]: 20 };

/** As the words lie in shared memory. */
export interface Message {
  readonly length: number;
  readonly command: number;
  /** Words from the payload on; those past the message are whatever lies there. */
  readonly payload: readonly [msc: number, flags: number, offset: number, value: number];
}

/** How firmware reaches MSCs. An access of one that does not answer throws EIO. */
export interface FirmwareAccess {
  reaches(msc: number): boolean;
  read32(msc: number, offset: number): number;
  write32(msc: number, offset: number, value: number): void;
}

/** Makes the access that the message asks for. Status first, then what else there is to say. */
export function answerTo({ length, command, payload }: Message, mscs: FirmwareAccess): readonly number[] {
  const id = fieldGet(MESSAGE_ID, command);
  const wanted = LENGTHS[id];
  if (fieldGet(PROTOCOL_ID, command) !== PROTOCOL_MPAM || wanted === undefined) return [NOT_SUPPORTED];
  if (fieldGet(MESSAGE_TYPE, command) !== 0 || length !== wanted) return [PROTOCOL_ERROR];
  if (id === VERSION) return [SUCCESS, VERSION_1_0];
  const [msc, flags, offset, value] = payload;
  if (!mscs.reaches(msc)) return [NOT_FOUND];
  if (flags !== 0) return [INVALID_PARAMETERS];
  if (offset % 4 !== 0 || offset >= 0x1_0000) return [OUT_OF_RANGE];
  try {
    if (id === READ) return [SUCCESS, mscs.read32(msc, offset)];
    mscs.write32(msc, offset, value);
    return [SUCCESS];
  } catch (error) {
    if (error instanceof ErrnoError && error.code === "EIO") return [HARDWARE_ERROR];
    throw error;
  }
}
