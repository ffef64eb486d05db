// Packets of the GDB protocol; what is expected is from its documentation ("Overview").

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { framed, PACKET_BYTES, PacketReader } from "../../../src/serve/gdb/packets.ts";
import { expanded, packet } from "./client.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const body = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
/** Long runs, and what has a meaning of its own. */
const runs = fc
  .array(fc.tuple(fc.constantFrom("0", "#", "$", "}", "*", "\x03", "a"), fc.integer({ min: 1, max: 300 })))
  .map((pieces) => pieces.map(([one, count]) => one.repeat(count)).join(""));

/** As gdb marks what it sends: not *. */
const marked = (text: string) => text.replace(/[#$}]/g, (one) => `}${String.fromCharCode(one.charCodeAt(0) ^ 0x20)}`);

describe("a packet that is sent", () => {
  test("is $, its body, # and the sum of the body modulo 256 in two digits", () => {
    expect(framed("OK")).toBe("$OK#9a");
    expect(framed("")).toBe("$#00");
    expect(framed("E06")).toBe("$E06#ab");
  });

  test("has #, $, } and * behind a mark, with bit 5 changed", () => {
    expect(framed("a#b$c}d*e")).toBe(packet("a}\x03b}\x04c}]d}\ne"));
  });

  test("tells a run of four as the character, * and a blank, which is 3 and 29", () => {
    expect(framed("0000")).toBe(packet("0* "));
    expect(framed("000")).toBe(packet("000"));
  });

  test("never has # or $ as the count of a run: seven and eight alike are told in two pieces", () => {
    expect(framed("0000000")).toBe(packet('0*"0'));
    expect(framed("00000000")).toBe(packet('0*"00'));
  });

  test.each([body, runs])("says what it was made of to whoever reads it as gdb does (%#)", (bodies) => {
    fc.assert(
      fc.property(bodies, (text) => {
        const [, sent = "", sum] = /^\$([^#$]*)#([0-9a-f]{2})$/.exec(framed(text)) ?? [];
        expect(packet(sent).slice(-2)).toBe(sum);
        expect(expanded(sent)).toBe(text);
      }),
    );
  });
});

describe("what arrives", () => {
  test("is found in pieces of any size, with what stands between packets", () => {
    const arriving = fc.array(
      fc.oneof(
        body.map((text) => ({ sent: packet(marked(text)), is: { kind: "packet", body: text } })),
        fc.constantFrom(
          { sent: "+", is: { kind: "ack" } },
          { sent: "-", is: { kind: "nak" } },
          { sent: "\x03", is: { kind: "interrupt" } },
          { sent: "$OK#00", is: { kind: "damaged" } },
          { sent: "$OK#zz", is: { kind: "damaged" } },
        ),
      ),
    );
    fc.assert(
      fc.property(arriving, fc.array(fc.nat(40)), (all, cuts) => {
        const reader = new PacketReader();
        const found: unknown[] = [];
        let left = all.map(({ sent }) => sent).join("");
        for (const cut of cuts) {
          found.push(...reader.read(bytes(left.slice(0, cut))));
          left = left.slice(cut);
        }
        found.push(...reader.read(bytes(left)));
        expect(found).toEqual(all.map(({ is }) => is));
      }),
    );
  });

  test("and is nothing of the protocol is passed over", () => {
    expect(new PacketReader().read(bytes("hello\r\n$OK#9a"))).toEqual([{ kind: "packet", body: "OK" }]);
  });

  test("begins anew at $, where the end of the one before was lost", () => {
    expect(new PacketReader().read(bytes("$m0,$OK#9a"))).toEqual([{ kind: "packet", body: "OK" }]);
  });

  test("may have as many bytes as are told of, and one more is too long; the next one is read", () => {
    const reader = new PacketReader();
    const longest = "a".repeat(PACKET_BYTES);
    expect(reader.read(bytes(packet(longest)))).toEqual([{ kind: "packet", body: longest }]);
    expect(reader.read(bytes(`${packet("a".repeat(PACKET_BYTES + 1))}$OK#9a`))).toEqual([
      { kind: "long" },
      { kind: "packet", body: "OK" },
    ]);
  });
});
