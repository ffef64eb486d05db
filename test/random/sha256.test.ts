import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { plainSha256, sha256Hex } from "../../src/random/sha256.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

afterEach(() => vi.unstubAllGlobals());

test("the digests of FIPS 180-4's examples", () => {
  const of = (text: string) => hex(plainSha256(new TextEncoder().encode(text)));
  expect(of("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
});

test("bytes of any length, in any part of a buffer, have the digest that Node's has", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(5), (bytes, before) => {
      const part = new Uint8Array(before + bytes.length).subarray(before);
      part.set(bytes);
      expect(hex(plainSha256(part))).toBe(createHash("sha256").update(bytes).digest("hex"));
    }),
  );
});

test("a host without crypto.subtle has the same digest", async () => {
  const bytes = new TextEncoder().encode("a page that came by plain http");
  const digest = createHash("sha256").update(bytes).digest("hex");
  expect(await sha256Hex(bytes)).toBe(digest);
  vi.stubGlobal("crypto", {});
  expect(await sha256Hex(bytes)).toBe(digest);
});
