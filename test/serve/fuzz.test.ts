// Whatever is sent to a server: one reply for each line, nothing ends it, and the machine can be used afterwards.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Board, type Listener, listen, parseAddress, qtest } from "../../src/serve/index.ts";
import { boardOf, Client, CPU0, hex, L3, MEMORY, privateFolder, speaker } from "./clients.ts";

const NAMES = [
  ..."bwlq".split("").flatMap((letter) => [`read${letter}`, `write${letter}`]),
  ..."read write b64read b64write memset clock_step clock_set irq_intercept_in irq_intercept_out msi_intercept".split(
    " ",
  ),
  ..."endianness mpam_as mpam_sysreg mpam_mscs mpam_lines mpam_capture mpam_snapshot mpam_restore mpam_reset".split(
    " ",
  ),
  ..."mpam_stop mpam_do mpam_step_replay READL quit".split(" "),
];

const number = fc.oneof(
  fc.integer({ min: 0, max: 70_000 }).map(String),
  fc.bigInt({ min: 0n, max: 2n ** 70n }).map((value) => `0x${value.toString(16)}`),
  fc.constantFrom("-1", "0", "00", "0x", "1e9", "NaN", "Infinity", "0xffffffffffffffff", "__proto__", "constructor"),
);
const address = fc
  .tuple(fc.constantFrom(L3, MEMORY, 0), fc.integer({ min: 0, max: 0x1_0010 }))
  .map(([page, offset]) => hex(page + offset));
const word = fc.oneof(
  { weight: 4, arbitrary: address },
  { weight: 4, arbitrary: number },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "ns",
      "rl",
      "el3",
      "MPAM1_EL1",
      "MPAMIDR_EL1",
      "0x00ff",
      "AAAA",
      "synth:stream,ws=1M,n=50",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("fault", "msc-gone", "msc=0", "cpu", "offline", "capture", "local", "expect"),
  },
);
const command = fc
  .tuple(fc.constantFrom(...NAMES), fc.array(word, { maxLength: 5 }))
  .map(([name, words]) => [name, ...words].join(" ").replaceAll("\n", " "));
/** Steps that take long are left to other tests. */
const isQuick = (line: string) => !/^ *clock_s/.test(line) || !/\d{7}|0x\w{6}/i.test(line);

const bytes = fc.uint8Array({ maxLength: 300 });

function count(data: Uint8Array): number {
  return data.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
}

const isReply = (line: string) => /^(OK|FAIL )/.test(line);

async function isUsable(board: Board): Promise<void> {
  const client = speaker(board);
  const cpbm = hex(L3 + 0x1000);
  const replies = await client.says(
    "mpam_reset",
    `writel ${hex(L3 + 0x100)} 3`,
    `writel ${cpbm} 0x5a`,
    `readl ${cpbm}`,
  );
  expect(replies).toEqual(["OK", "OK", "OK", "OK 0x000000000000005a"]);
}

test("random bytes: as many replies as lines, and no more than one line each", async () => {
  const board = await boardOf();
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 6 }), async (pieces) => {
      const client = speaker(board);
      const said: string[] = [];
      for (const piece of pieces) said.push(...(await client.sends(piece)));
      expect(said).toHaveLength(pieces.reduce((sum, piece) => sum + count(piece), 0));
      expect(said.every(isReply)).toBe(true);
    }),
    { numRuns: 200 },
  );
  await isUsable(board);
  await board.close();
});

test("random commands: each is answered, in the order of the lines, however they are cut", async () => {
  const board = await boardOf();
  await fc.assert(
    fc.asyncProperty(
      fc.array(command.filter(isQuick), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      async (lines, cuts) => {
        const client = speaker(board);
        const data = Buffer.from([...lines, "endianness"].map((line) => `${line}\n`).join(""), "utf8");
        const said: string[] = [];
        for (let from = 0, i = 0; from < data.length; i++) {
          const to = from + (cuts[i % cuts.length] as number);
          said.push(...(await client.sends(data.subarray(from, to))));
          from = to;
        }
        const replies = said.filter((line) => !/^(IRQ|MSI) /.test(line));
        expect(replies).toHaveLength(lines.length + 1);
        expect(replies.every(isReply)).toBe(true);
        expect(replies.at(-1)).toBe("OK little");
        client.handler.closed?.();
      },
    ),
    { numRuns: 300 },
  );
  await isUsable(board);
  await board.close();
});

describe("over a socket", () => {
  let board: Board;
  let listener: Listener;
  const folder = privateFolder();
  const path = folder.at("socket");
  beforeAll(async () => {
    board = await boardOf();
    listener = await listen(parseAddress(path), qtest(board, CPU0));
  });
  afterAll(async () => {
    await listener.close();
    await board.close();
    folder.clean();
  });

  /** What one bad client does. */
  type Way = "close" | "half" | "deaf" | "ask";
  const way = fc.constantFrom<Way[]>("close", "half", "deaf", "ask");

  async function misbehave(data: Uint8Array, how: Way): Promise<void> {
    const client = await Client.to(path);
    client.send(data);
    if (how === "half") client.socket.end();
    else if (how === "deaf") {
      client.socket.pause();
      await new Promise((resolve) => setTimeout(resolve, 3));
      client.close();
    } else if (how === "close") client.close();
    else {
      client.send("\nendianness\n");
      for (let line = await client.line(); line !== undefined && line !== "OK little"; ) line = await client.line();
      client.close();
    }
  }

  test("bad clients, several at once, leave a good one alone", async () => {
    const good = await Client.to(path);
    const data = fc.oneof(
      bytes,
      fc.array(command.filter(isQuick), { maxLength: 5 }).map((lines) => Buffer.from(lines.join("\n"))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(data, way), { minLength: 1, maxLength: 4 }), async (clients) => {
        await Promise.all(clients.map(([sent, how]) => misbehave(sent, how)));
        expect(await good.ask("endianness")).toBe("OK little");
      }),
      { numRuns: 60 },
    );
    await isUsable(board);
    good.close();
  });

  test("a line without an end is refused when it ends, and the next is answered", async () => {
    const client = await Client.to(path);
    const piece = Buffer.alloc(1 << 20, "a");
    for (let i = 0; i < 16; i++) await new Promise<void>((resolve) => client.socket.write(piece, () => resolve()));
    client.send("\nendianness\n");
    expect(await client.line()).toBe("FAIL a line had more than 65536 bytes (the limit line)");
    expect(await client.line()).toBe("OK little");
    client.close();
  });
});
