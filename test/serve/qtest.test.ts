// The text protocol of qtest, line by line. Values of registers are those that platforms/one-socket.yaml asks for.

import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadPlatform, parsePlatform } from "../../src/platform/index.ts";
import { type Board, parseAddress } from "../../src/serve/index.ts";
import { boardOf, ERROR_LINE, hex, L3, MEMORY, ONE_SOCKET, speaker } from "./clients.ts";

// MPAMF_IDR, MPAMF_AIDR, MPAMF_CPOR_IDR, MPAMF_ECR, MPAMF_ESR, MPAMCFG_PART_SEL, MPAMCFG_CPBM.
const [IDR, AIDR, CPOR_IDR, ECR, ESR, PART_SEL, CPBM] = [0x0, 0x20, 0x30, 0xf0, 0xf8, 0x100, 0x1000];
const at = (offset: number) => hex(L3 + offset);

let board: Board;
let client: ReturnType<typeof speaker>;
beforeEach(async () => {
  board = await boardOf();
  client = speaker(board);
});
afterEach(() => board.close());

describe("registers", () => {
  test("are read by words and double words", async () => {
    // Version 1.1, and portions of 16 bits.
    expect(await client.says(`readl ${at(AIDR)}`, `readl ${at(CPOR_IDR)}`)).toEqual([
      "OK 0x0000000000000011",
      "OK 0x0000000000000010",
    ]);
    const [low, high, both] = await client.says(`readl ${at(IDR)}`, `readl ${at(IDR + 4)}`, `readq ${at(IDR)}`);
    const word = (reply: string | undefined) => BigInt((reply ?? "").replace("OK ", ""));
    expect(word(both)).toBe((word(high) << 32n) | word(low));
  });

  test("are written, for the PARTID that is selected", async () => {
    expect(
      await client.says(
        `writel ${at(PART_SEL)} 5`,
        `writel ${at(CPBM)} 0xff`,
        `writel ${at(PART_SEL)} 6`,
        `readl ${at(CPBM)}`,
        `writel ${at(PART_SEL)} 05`,
        `readl ${at(CPBM)}`,
      ),
    ).toEqual(["OK", "OK", "OK", "OK 0x000000000000ffff", "OK", "OK 0x00000000000000ff"]);
  });

  test("are not read by bytes, from an address between them, or where nothing is", async () => {
    const refused = await client.says(
      `readb ${at(0)}`,
      `readw ${at(0)}`,
      `readl ${at(2)}`,
      `readq ${at(4)}`,
      "readl 64",
    );
    expect(refused.map((line) => line.split(":")[0])).toEqual([
      "FAIL EINVAL",
      "FAIL EINVAL",
      "FAIL EINVAL",
      "FAIL EINVAL",
      "FAIL ENXIO",
    ]);
    expect(refused[4]).toContain("no RAM");
    expect(await client.says(`writel 0xffffffffffffffff 0`)).toEqual([expect.stringMatching(/^FAIL ENXIO: .*no RAM/)]);
  });

  test.each([
    ["0x10", 0x10],
    ["0X10", 0x10],
    ["010", 8],
    ["16", 16],
    ["-1", 0xffff],
    ["+7", 7],
    ["0", 0],
  ])("the value %s is %d", async (text, value) => {
    expect(await client.says(`writel ${at(CPBM)} ${text}`, `readl ${at(CPBM)}`)).toEqual([
      "OK",
      `OK 0x${value.toString(16).padStart(16, "0")}`,
    ]);
  });

  test.each(["", "x", "0x", "08", "1e3", "0b1", "1.5", "--1", "0x1g", "١"])("'%s' is no value", async (text) => {
    const [reply] = await client.says(`writel ${at(CPBM)} ${text}`);
    expect(reply).toMatch(/^FAIL (EINVAL: |usage: writel ADDR VALUE)/);
  });

  test.each(["0x100000000", "-0x80000001", "0x10000000000000000", "9".repeat(10_000)])(
    "%s is no word",
    async (text) => {
      expect(await client.says(`writel ${at(CPBM)} ${text}`)).toEqual([expect.stringMatching(/^FAIL ERANGE: /)]);
    },
  );

  test("are read and written as bytes in the order of memory", async () => {
    expect(await client.says(`write ${at(CPBM)} 4 0x34120000`, `readl ${at(CPBM)}`, `read ${at(CPBM)} 8`)).toEqual([
      "OK",
      "OK 0x0000000000001234",
      "OK 0x3412000000000000",
    ]);
    expect(await client.says(`b64read ${at(CPBM)} 4`, `b64write ${at(CPBM)} 4 VlUAAA==`, `readl ${at(CPBM)}`)).toEqual([
      // 34 12 00 00
      "OK NBIAAA==",
      "OK",
      "OK 0x0000000000005556",
    ]);
    // 16 portions: two bytes of the word are there.
    expect(await client.says(`memset ${at(CPBM)} 4 0x81`, `readl ${at(CPBM)}`)).toEqual([
      "OK",
      "OK 0x0000000000008181",
    ]);
    // Data that is too short is filled with zeros, and what is too long is cut.
    expect(await client.says(`write ${at(CPBM)} 4 0x7f`, `readl ${at(CPBM)}`)).toEqual(["OK", "OK 0x000000000000007f"]);
    expect(await client.says(`write ${at(CPBM)} 4 0x010200000304`, `readl ${at(CPBM)}`)).toEqual([
      "OK",
      "OK 0x0000000000000201",
    ]);
    expect(await client.says(`read ${at(0)} 0`)).toEqual(["OK 0x"]);
    const refused = await client.says(
      `read ${at(0)} 65537`,
      `read ${at(0)} 3`,
      `write ${at(0)} 4 0x123`,
      `write ${at(0)} 4 abcd`,
      `b64write ${at(0)} 4 A`,
      `memset ${at(0)} 4 256`,
    );
    expect(refused.map((line) => line.split(":")[0])).toEqual([
      "FAIL E2BIG",
      "FAIL EINVAL",
      "FAIL EINVAL",
      "FAIL EINVAL",
      "FAIL EINVAL",
      "FAIL ERANGE",
    ]);
  });

  test("memory of a mailbox is read and written from any address, by accesses that are aligned", async () => {
    const mailed = await boardOf({
      platform: await loadPlatform(new URL("../../platforms/firmware-backed.yaml", import.meta.url)),
    });
    const one = speaker(mailed);
    // Its payload begins at 16.
    const odd = (mailed.machine.platform.mailboxes[0]?.base as number) + 17;
    expect(await one.says(`write ${hex(odd)} 10 0x0102030405060708090a`, `read ${hex(odd + 1)} 7`)).toEqual([
      "OK",
      "OK 0x02030405060708",
    ]);
    expect(await one.says(`readb ${hex(odd)}`, `readw ${hex(odd + 1)}`, `readl ${hex(odd + 3)}`)).toEqual([
      "OK 0x0000000000000001",
      "OK 0x0000000000000302",
      "OK 0x0000000007060504",
    ]);
    await mailed.close();
  });

  test("the machine is little endian", async () => {
    expect(await client.says("endianness")).toEqual(["OK little"]);
  });

  test("accesses are those of a cpu in a space, which a connection chooses for itself", async () => {
    const spaces = await boardOfFourSpaces();
    const [one, other] = [speaker(spaces), speaker(spaces)];
    const seen: string[] = [];
    spaces.log("*", ({ cpu, space, by }) => seen.push(`${by} ${cpu} ${space}`));
    const page = hex(spaces.machine.mscs[0]?.address as number);
    await one.says("mpam_as 1 s", `readl ${page}`);
    await other.says(`readl ${page}`);
    expect(seen).toEqual(["qtest 1 s", "qtest 0 ns"]);
    expect(await one.says("mpam_as 99", "mpam_as 0 xx")).toEqual([
      expect.stringMatching(/^FAIL EINVAL: there is no cpu 99/),
      expect.stringMatching(/^FAIL EINVAL: SPACE 'xx': ns, s, rt, rl/),
    ]);
    await spaces.close();
  });
});

async function boardOfFourSpaces(): Promise<Board> {
  return boardOf({ platform: await loadPlatform(new URL("../../platforms/four-spaces.yaml", import.meta.url)) });
}

describe("the clock", () => {
  test("moves by steps, to a time, and to the next timer", async () => {
    expect(await client.says("clock_step 250", "clock_step 0", "clock_set 1000", "clock_set 10")).toEqual([
      "OK 250",
      "OK 250",
      "OK 1000",
      "OK 1000",
    ]);
    board.machine.clock.at(7777, "test", () => {});
    expect(await client.says("clock_step", "clock_step")).toEqual(["OK 7777", "OK 7777"]);
    expect(await client.says("clock_step -1", "clock_step x")).toEqual([
      expect.stringMatching(/^FAIL ERANGE/),
      expect.stringMatching(/^FAIL EINVAL/),
    ]);
  });

  test("takes traces along that wait for it", async () => {
    expect(await client.says("mpam_step_replay synth:stream,ws=1G,n=100,gap=100000", "clock_step 350000")).toEqual([
      "OK",
      "OK 350000",
    ]);
    expect(Number(board.machine.inside.hardware.records())).toBe(4);
    expect(await client.says("mpam_stop", "mpam_replay no-such.arrow")).toEqual([
      "OK",
      expect.stringMatching(/^FAIL .*no-such\.arrow/),
    ]);
  });
});

describe("interrupts", () => {
  // PARTID 16 is one too many.
  const BAD = `writel ${at(PART_SEL)} 16`;

  test("are told to those who asked, before the reply to what raised them", async () => {
    const deaf = speaker(board);
    expect(await client.says("irq_intercept_in /machine/gic", `writel ${at(ECR)} 1`)).toEqual(["OK", "OK"]);
    // The selection is where it is found out.
    expect(await client.says(BAD)).toEqual([`IRQ raise ${ERROR_LINE}`, "OK"]);
    // PARTID 16, ERRCODE 1: PARTID_SEL_Range.
    expect(await client.says(`readl ${at(ESR)}`, "mpam_lines")).toEqual(["OK 0x0000000001000010", `OK ${ERROR_LINE}`]);
    expect(await client.says(`writel ${at(ESR)} 0`)).toEqual([`IRQ lower ${ERROR_LINE}`, "OK"]);
    expect(deaf.take()).toEqual([]);
    expect(await client.says("mpam_lines")).toEqual(["OK"]);
  });

  test("that another connection sets off are told as well", async () => {
    const other = speaker(board);
    await other.says("irq_intercept_out /machine/msc");
    await client.says(`writel ${at(ECR)} 1`, BAD);
    expect(other.take()).toEqual([`IRQ raise ${ERROR_LINE}`]);
    other.handler.closed?.();
    await client.says(`writel ${at(ESR)} 0`);
    expect(other.take()).toEqual([]);
  });

  test("that come as messages are told to those who asked for messages", async () => {
    const text = await readFile(ONE_SOCKET, "utf8");
    const edge = text.replace("errorInterrupt: 44", "errorInterrupt: 44\n      errorStyle: edge\n      errMsi: true");
    const msis = await boardOf({ platform: parsePlatform(edge) });
    const one = speaker(msis);
    // To 0x8080040, data 0x1234: MPAMF_ERR_MSI_ADDR_L, _DATA, and MSIEN in _ATTR.
    const setup = [
      [0xe0, 0x808_0040],
      [0xe8, 0x1234],
      [0xec, 1],
      [ECR, 1],
    ];
    await one.says(...setup.map(([offset = 0, value = 0]) => `writel ${at(offset)} ${hex(value)}`));
    expect(await one.says("irq_intercept_in x", "msi_intercept", BAD)).toEqual([
      "OK",
      "OK",
      "MSI 0x0000000008080040 0x00001234 1",
      "OK",
    ]);
    // Without messages the same is a pulse.
    await one.says(`writel ${at(ESR)} 0`, `writel ${at(0xec)} 0`);
    expect(await one.says(BAD)).toEqual([`IRQ raise ${ERROR_LINE}`, `IRQ lower ${ERROR_LINE}`, "OK"]);
    await msis.close();
  });
});

describe("what qtest does not have", () => {
  test("system registers, past traps and as software at an exception level", async () => {
    expect(await client.says("mpam_sysreg 3 MPAM1_EL1 0x30002", "mpam_sysreg 3 MPAM1_EL1")).toEqual([
      "OK",
      expect.stringMatching(/^OK 0x[0-9a-f]{8}00030002$/),
    ]);
    expect(await client.says("mpam_sysreg 3 MPAM1_EL1 el0")).toEqual(["FAIL EPERM: MPAM1_EL1 is UNDEFINED at EL0"]);
    expect(await client.says("mpam_sysreg 3 MPAM9_EL1", "mpam_sysreg 99 MPAM1_EL1", "mpam_sysreg 3")).toEqual([
      expect.stringMatching(/^FAIL EINVAL: MPAM9_EL1 is no system register known here; did you mean MPAM\d_EL\d\?$/),
      expect.stringMatching(/^FAIL EINVAL: there is no cpu 99/),
      "FAIL usage: mpam_sysreg CPU NAME [VALUE] [EL]",
    ]);
  });

  test("snapshots under names, and machines that come back", async () => {
    await client.says(`writel ${at(CPBM)} 0xf`);
    expect(await client.says("mpam_snapshot before")).toEqual([expect.stringMatching(/^OK \d+$/)]);
    expect(
      await client.says(`writel ${at(CPBM)} 0xff`, "clock_step 5", "mpam_restore before", `readl ${at(CPBM)}`),
    ).toEqual(["OK", "OK 5", "OK", "OK 0x000000000000000f"]);
    expect(await client.says("clock_step 0", "mpam_reset", `readl ${at(CPBM)}`, "mpam_restore nothing")).toEqual([
      "OK 0",
      "OK",
      "OK 0x000000000000ffff",
      "FAIL ENOENT: no snapshot has the name 'nothing'",
    ]);
    const many = await client.says(...Array.from({ length: 8 }, (_, i) => `mpam_snapshot ${i}`));
    expect(many.at(-1)).toMatch(/^FAIL ENOSPC: 8 snapshots/);
  });

  test("lines of a script", async () => {
    expect(await client.says("mpam_do fault msc-gone msc=1", `readl ${hex(MEMORY)}`)).toEqual([
      "OK",
      "OK 0x00000000ffffffff",
    ]);
    expect(await client.says("mpam_do mkdir web", "mpam_do explode")).toEqual([
      expect.stringMatching(/^FAIL ENODEV: no resctrl/),
      expect.stringMatching(/^FAIL line:1:1: there is no 'explode'/),
    ]);
    expect(await client.says("mpam_capture 0 1", "mpam_capture 0 9", "mpam_capture 7 1")).toEqual([
      "OK",
      expect.stringMatching(/^FAIL capture event 9/),
      expect.stringMatching(/^FAIL EINVAL/),
    ]);
  });

  test("with resctrl, its files", async () => {
    const booted = await boardOf({ boot: {} });
    const one = speaker(booted);
    expect(
      await one.says("mpam_do mkdir web", "mpam_do write web/schemata L3:0=f", "mpam_do read web/schemata"),
    ).toEqual(["OK", "OK", 'OK "    MB:0=100\\n    L3:0=f\\n"']);
    await booted.close();
  });

  test("files of the host are closed where others may come in", async () => {
    const open = await boardOf({ files: false });
    expect(await speaker(open).says("mpam_replay /etc/passwd")).toEqual([expect.stringMatching(/^FAIL EPERM/)]);
    await open.close();
  });
});

describe("what is no command", () => {
  test("is refused in one line, and the next is answered", async () => {
    expect(
      await client.says("", "  ", "redl 0", "readl", "readl 1 2", "READL 0", "\u0001\u0002", "endianness"),
    ).toEqual([
      "FAIL an empty line: a command is needed",
      "FAIL an empty line: a command is needed",
      "FAIL Unknown command 'redl'; did you mean readl?",
      "FAIL usage: readl ADDR",
      "FAIL usage: readl ADDR",
      expect.stringMatching(/^FAIL Unknown command 'READL'/),
      "FAIL Unknown command '??'",
      "OK little",
    ]);
  });

  test("a line of 64 KiB is read, a longer one is refused by name and left out", async () => {
    const long = (bytes: number) => `endianness${" ".repeat(bytes - 10)}`;
    expect(await client.says(long(65_536), long(65_537), long(300_000), "endianness")).toEqual([
      "OK little",
      "FAIL a line had more than 65536 bytes (the limit line)",
      "FAIL a line had more than 65536 bytes (the limit line)",
      "OK little",
    ]);
  });

  test("lines may come in any pieces, and end as in DOS", async () => {
    const bytes = Buffer.from("endianness\r\nclock_step 5\nendian");
    const replies: string[] = [];
    for (const byte of bytes) replies.push(...(await client.sends(Uint8Array.of(byte))));
    expect(replies).toEqual(["OK little", "OK 5"]);
    expect(await client.says("ness")).toEqual(["OK little"]);
  });
});

describe("addresses", () => {
  test.each([
    ["/run/a b", { kind: "unix", path: "/run/a b" }],
    ["tcp:80", { kind: "tcp", host: "127.0.0.1", port: 80 }],
    ["tcp:127.0.0.2:0", { kind: "tcp", host: "127.0.0.2", port: 0 }],
    ["tcp:localhost:1", { kind: "tcp", host: "localhost", port: 1 }],
    ["tcp:[::1]:65535", { kind: "tcp", host: "::1", port: 65535 }],
    ["stdio", { kind: "stdio" }],
  ])("%s", (text, address) => expect(parseAddress(text)).toEqual(address));

  test.each(["", "tcp:", "tcp:x", "tcp:65536", "tcp:1:2:3", "tcp:localhost", "tcp:-1"])("'%s' is none", (text) => {
    expect(() => parseAddress(text)).toThrow(/EINVAL/);
  });

  test("other computers are let in only where that is asked for", () => {
    for (const text of [
      "tcp:0.0.0.0:1",
      "tcp:192.0.2.1:1",
      "tcp:[::]:1",
      "tcp::1",
      "tcp:example.org:1",
      "tcp:127.0.0.1.example.org:1",
    ]) {
      expect(() => parseAddress(text)).toThrow("--allow-remote");
      expect(parseAddress(text, { allowRemote: true })).toMatchObject({ kind: "tcp", port: 1 });
    }
  });

  test("a path that no socket can have is refused before anything is made", () => {
    expect(parseAddress(`/${"a".repeat(106)}`)).toMatchObject({ kind: "unix" });
    expect(() => parseAddress(`/${"a".repeat(107)}`)).toThrow("ENAMETOOLONG");
    expect(() => parseAddress(`/${"é".repeat(60)}`)).toThrow("ENAMETOOLONG");
  });
});
