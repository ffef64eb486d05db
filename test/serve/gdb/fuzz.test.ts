// Whatever comes, the stub goes on: it answers the next packet, and the machine can be used.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Board } from "../../../src/serve/index.ts";
import { boardOf, GdbClient, hex, packet } from "./client.ts";

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const noise = fc.string({ unit: byte, maxLength: 200 });
const digits = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF,;:=#-"), maxLength: 40 });

/** Beginnings of packets that are known, and what could follow them. */
const beginning = fc.constantFrom(
  ..."qSupported: QStartNoAckMode ? g G p P m M X Hg Hc T qC qfThreadInfo qsThreadInfo qThreadExtraInfo, qAttached qSymbol: vCont vCont; vCont? C S s Z2, z3, Z4, Z0, qXfer:features:read: qXfer:threads:read:: qRcmd, vFile: ! R".split(
    " ",
  ),
);
/** Commands that name no file: those would be written. */
const command = fc
  .tuple(
    fc.constantFrom(..."help info read write decode space cpu label irq log clock fault do reset".split(" ")),
    fc.oneof(
      noise,
      fc.constantFrom("advance 1us", "add msc-gone msc=0", "on *", "L3:0.MPAMF_IDR", "3", "0 1", "last -1", "now"),
    ),
  )
  // Time may go far.
  .filter(([name, rest]) => !(name === "clock" && /^\s*(run|advance\s+\d{7})/.test(rest)))
  .map(([name, rest]) => `qRcmd,${hex(`${name} ${rest}`)}`);
const body = fc.oneof(
  noise,
  fc.tuple(beginning, fc.oneof(noise, digits)).map((parts) => parts.join("")),
  command,
);
const piece = fc.oneof(
  noise,
  body.map(packet),
  // Cut short, or with a wrong sum.
  fc.tuple(body, fc.nat(50)).map(([text, length]) => packet(text).slice(0, length)),
  body.map((text) => `$${text}#00`),
  fc.nat(40_000).map((length) => packet("m".repeat(length))),
  fc.constantFrom("+", "-", "\x03", "$", "#", "$#00", "}"),
);

/** What a client does who has lost its way: it stops what goes on, ends a packet that has no end, and asks. */
async function answers(client: GdbClient): Promise<void> {
  await client.send("#00\x03");
  for (let tries = 0; tries < 50; tries++) {
    client.sent = "";
    await client.send(packet("qAttached"));
    await new Promise((resolve) => setTimeout(resolve, tries === 0 ? 0 : 2));
    if (client.sent.includes("$1#31")) return;
    await client.send("\x03");
  }
  throw new Error(`no answer, but ${JSON.stringify(client.sent)}`);
}

const usable = (board: Board) => board.exclusive(() => board.machine.read32(1, 0x20));

test("random bytes, and packets with anything in them, are answered or passed over", async () => {
  const board = await boardOf();
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const client = new GdbClient(board);
      for (const one of pieces) await client.send(one);
      await answers(client);
      client.close();
      expect(await usable(board)).toBe(0x11);
      for (const one of board.machine.faults.list) one.remove();
    }),
    { numRuns: 300, timeout: 30_000 },
  );
});
