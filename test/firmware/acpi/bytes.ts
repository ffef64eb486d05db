/** Tables as bytes, made and changed without the code under test. */

export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(
    (hex.replace(/^[0-9a-f]{4} {2}/gm, "").match(/[0-9a-f]{2}/g) ?? []).map((byte) => Number.parseInt(byte, 16)),
  );
}

export const signatureOf = (table: Uint8Array) => String.fromCharCode(...table.subarray(0, 4));

/** The same table with a length that says what there is, and a checksum that is right. */
export function sealed(table: Uint8Array): Uint8Array {
  const copy = table.slice();
  new DataView(copy.buffer).setUint32(4, copy.length, true);
  copy[9] = 0;
  copy[9] = -copy.reduce((sum, byte) => sum + byte, 0);
  return copy;
}

/** The table with numbers of `size` bytes put at offsets. */
export function patched(
  table: Uint8Array,
  ...changes: readonly [at: number, size: number, value: number | bigint][]
): Uint8Array {
  const copy = table.slice();
  for (const [at, size, value] of changes) {
    let rest = BigInt(value);
    for (let index = 0; index < size; index++, rest >>= 8n) copy[at + index] = Number(rest & 0xffn);
  }
  return sealed(copy);
}

/** The table with bytes in place of those from `at` to `end`. */
export function spliced(table: Uint8Array, at: number, end: number, ...bytes: readonly number[]): Uint8Array {
  return sealed(new Uint8Array([...table.subarray(0, at), ...bytes, ...table.subarray(end)]));
}

/** Little endian numbers: [size, value] each. */
export function le(...fields: readonly [size: number, value: number | bigint][]): number[] {
  return fields.flatMap(([size, value]) =>
    Array.from({ length: size }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 0xffn)),
  );
}

/** A table of these bytes behind its header. */
export function tableOf(
  signature: string,
  revision: number,
  ...body: readonly (number | readonly number[])[]
): Uint8Array {
  const text = (characters: string, size: number) =>
    Array.from({ length: size }, (_, index) => characters.charCodeAt(index) || 0);
  return sealed(
    new Uint8Array([
      ...text(signature, 4),
      ...le([4, 0], [1, revision], [1, 0]),
      ...text("MPAMTS", 6),
      ...text("EXAMPLE1", 8),
      ...le([4, 1]),
      ...text("MPTS", 4),
      ...le([4, 1]),
      ...body.flat(),
    ]),
  );
}

/** A MADT of enabled GICCs with these UIDs. */
export function madtOf(...uids: readonly number[]): Uint8Array {
  const giccs = uids.flatMap((uid, index) => {
    const gicc = new Array(76).fill(0);
    gicc[0] = 11;
    gicc[1] = 76;
    gicc.splice(8, 4, ...le([4, uid]));
    gicc[12] = 1;
    gicc.splice(68, 8, ...le([8, index]));
    return gicc;
  });
  return tableOf("APIC", 5, le([4, 0], [4, 0]), giccs);
}
