// As much of a WebAssembly binary as the tests ask about: which sections it has, and what its globals are.

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Section ids of the core specification, binary format, "Modules". */
export const SECTION = { global: 6, start: 8, data: 11, dataCount: 12 } as const;

export interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

/** An unsigned LEB128 number at `at`, and where it ends. */
function number(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let end = at, scale = 1; ; end++, scale *= 128) {
    const byte = bytes[end];
    if (byte === undefined) throw new Error(`a number runs past byte ${end}`);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: end + 1 };
  }
}

/** The sections of a module, in order; throws where the bytes are none. */
export function sections(bytes: Uint8Array): Section[] {
  if (HEADER.some((byte, at) => bytes[at] !== byte)) throw new Error("not a WebAssembly module of version 1");
  const found: Section[] = [];
  for (let at = HEADER.length; at < bytes.length; ) {
    const id = bytes[at] as number;
    const size = number(bytes, at + 1);
    const end = size.end + size.value;
    if (end > bytes.length) throw new Error(`section ${id} runs past the end`);
    found.push({ id, body: bytes.subarray(size.end, end) });
    at = end;
  }
  return found;
}

/** Whether each global of a global section may change. Reads globals that begin as a number, which is all a compiler makes of constants. */
export function mutability(body: Uint8Array): boolean[] {
  const count = number(body, 0);
  const found: boolean[] = [];
  let at = count.end;
  while (found.length < count.value) {
    found.push(body[at + 1] === 1);
    const opcode = body[at + 2];
    at += 3;
    if (opcode === 0x41 || opcode === 0x42) at = number(body, at).end;
    else if (opcode === 0x43) at += 4;
    else if (opcode === 0x44) at += 8;
    else throw new Error(`global ${found.length - 1} begins with opcode ${opcode}`);
    if (body[at++] !== 0x0b) throw new Error(`global ${found.length - 1} begins with more than a number`);
  }
  return found;
}
