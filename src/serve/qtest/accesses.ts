// Commands that read and write what lies at physical addresses.

import { ErrnoError } from "../../errno/index.ts";
import type { AccessBytes } from "../../machine/index.ts";
import { cNumber, shown, smallNumber, writtenValue } from "./c-number.ts";
import { type Client, type Command, type Commands, hex16, WIDTHS } from "./command.ts";

/** What log entries call whoever makes these accesses. */
const BY = "qtest";

/** Of one command. */
const MOST_BYTES = 65_536;

function addressOf(text: string): number {
  const address = cNumber("ADDR", text);
  if (address <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(address);
  throw nowhere(`nothing answers at ${hex16(address)}`);
}

/** RAM is what clients of qtest often look for. */
function nowhere(what: string): ErrnoError {
  return new ErrnoError("ENXIO", `${what}; pages of MSCs, mailboxes and SMMUs answer, and there is no RAM`);
}

function read({ board, cpu, space }: Client, address: number, bytes: AccessBytes): bigint {
  return told(() => board.machine.bus.read({ cpu, space, address, bytes, by: BY }));
}

function write({ board, cpu, space }: Client, address: number, bytes: AccessBytes, value: bigint): void {
  told(() => board.machine.bus.write({ cpu, space, address, bytes, value, by: BY }));
}

function told<T>(access: () => T): T {
  try {
    return access();
  } catch (error) {
    const found = error instanceof ErrnoError ? /^ENXIO: (nothing answers at .*)$/.exec(error.message) : undefined;
    if (found?.[1] === undefined) throw error;
    throw nowhere(found[1]);
  }
}

/** The widest aligned accesses of up to 4 bytes that make up a stretch: registers are words. */
function* stretch(address: number, size: number): Generator<{ readonly at: number; readonly bytes: 1 | 2 | 4 }> {
  for (let at = address; at < address + size; ) {
    const left = address + size - at;
    const bytes = at % 4 === 0 && left >= 4 ? 4 : at % 2 === 0 && left >= 2 ? 2 : 1;
    yield { at, bytes };
    at += bytes;
  }
}

function sizeOf(text: string): number {
  const size = smallNumber("SIZE", text);
  if (size > MOST_BYTES)
    throw new ErrnoError("E2BIG", `SIZE ${shown(text)}: ${MOST_BYTES} bytes at most in one command`);
  return size;
}

function load(client: Client, address: number, size: number): Uint8Array {
  const data = new Uint8Array(size);
  const view = new DataView(data.buffer);
  for (const { at, bytes } of stretch(address, size)) {
    const value = Number(read(client, at, bytes));
    if (bytes === 4) view.setUint32(at - address, value, true);
    else if (bytes === 2) view.setUint16(at - address, value, true);
    else view.setUint8(at - address, value);
  }
  return data;
}

function store(client: Client, address: number, data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  for (const { at, bytes } of stretch(address, data.length)) {
    const offset = at - address;
    const value =
      bytes === 4 ? view.getUint32(offset, true) : bytes === 2 ? view.getUint16(offset, true) : view.getUint8(offset);
    write(client, at, bytes, BigInt(value));
  }
}

/** As QEMU does: what is too short is filled with zeros, what is too long is cut. */
function sized(data: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(size);
  whole.set(data.subarray(0, size));
  return whole;
}

function hexData(text: string): Uint8Array {
  if (!/^0x([0-9a-f]{2})*$/i.test(text)) {
    throw new ErrnoError("EINVAL", `DATA '${shown(text)}': 0x and two digits for each byte are needed`);
  }
  return Buffer.from(text.slice(2), "hex");
}

function base64Data(text: string): Uint8Array {
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new ErrnoError("EINVAL", `DATA '${shown(text)}': base64 is needed, with its = at the end`);
  }
  return Buffer.from(text, "base64");
}

const reader = (bytes: AccessBytes): Command => ({
  usage: "ADDR",
  run: ([address = ""], client) => hex16(read(client, addressOf(address), bytes)),
});

const writer = (bytes: AccessBytes): Command => ({
  usage: "ADDR VALUE",
  run([address = "", value = ""], client) {
    write(client, addressOf(address), bytes, writtenValue(value, bytes));
    return undefined;
  },
});

const blockReader = (shown: (data: Uint8Array) => string): Command => ({
  usage: "ADDR SIZE",
  run: ([address = "", size = ""], client) => shown(load(client, addressOf(address), sizeOf(size))),
});

const blockWriter = (read: (text: string) => Uint8Array): Command => ({
  usage: "ADDR SIZE DATA",
  run([address = "", size = "", data = ""], client) {
    store(client, addressOf(address), sized(read(data), sizeOf(size)));
    return undefined;
  },
});

export const ACCESSES: Commands = {
  ...Object.fromEntries(Object.entries(WIDTHS).map(([letter, bytes]) => [`read${letter}`, reader(bytes)])),
  ...Object.fromEntries(Object.entries(WIDTHS).map(([letter, bytes]) => [`write${letter}`, writer(bytes)])),
  read: blockReader((data) => `0x${Buffer.from(data).toString("hex")}`),
  write: blockWriter(hexData),
  b64read: blockReader((data) => Buffer.from(data).toString("base64")),
  b64write: blockWriter(base64Data),
  memset: {
    usage: "ADDR SIZE VALUE",
    run([address = "", size = "", value = ""], client) {
      const byte = smallNumber("VALUE", value, 255);
      store(client, addressOf(address), new Uint8Array(sizeOf(size)).fill(byte));
      return undefined;
    },
  },
  endianness: { usage: "", run: () => "little" },
};
