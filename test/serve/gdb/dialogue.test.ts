// Conversations with the stub, as the documentation of the protocol has them ("Packets", "General Query Packets"). Numbers are
// those of the architecture and of platforms/one-socket.yaml: MSC 0, an L3 of version 1.1, is at 0x1_4100_0000.

import { describe, expect, test } from "vitest";
import { boardOf, boardWith, document, fromHex, GdbClient, packet } from "./client.ts";

const connected = async (...args: Parameters<typeof boardOf>) => new GdbClient(await boardOf(...args));

describe("the line", () => {
  test("acknowledges packets, and asks again for one whose sum is wrong", async () => {
    const client = await connected();
    await client.send("+$qAttached#8f");
    expect(client.sent).toBe("+$1#31");
    await client.send("$qAttached#00");
    expect(client.sent).toBe("+$1#31-");
  });

  test("sends the last packet again when it is asked to, and not for ever", async () => {
    const client = await connected();
    await client.send("$qAttached#8f");
    await client.send("-");
    expect(client.sent).toBe("+$1#31$1#31");
    await client.send("-".repeat(100));
    expect(client.sent.split("$").length).toBe(1 + 1 + 8);
    await client.send("$qAttached#8f");
    await client.send("+-");
    expect(client.sent.endsWith("+$1#31")).toBe(true);
  });

  test("goes without acknowledgements from the packet after QStartNoAckMode on", async () => {
    const client = await connected();
    await client.send(packet("QStartNoAckMode"));
    expect(client.sent).toBe("+$OK#9a");
    await client.send("+$qAttached#8f");
    expect(client.sent).toBe("+$OK#9a$1#31");
    // Nobody asks again for a damaged one, so it is answered.
    await client.send("$qAttached#00");
    expect(client.sent).toBe("+$OK#9a$1#31$E16#ac");
  });

  test("goes on after a packet of more bytes than it said it takes", async () => {
    const client = await connected();
    const size = Number.parseInt(/PacketSize=([0-9a-f]+)/.exec(await client.ask("qSupported:swbreak+"))?.[1] ?? "", 16);
    expect(await client.ask(`m${"0".repeat(size)},4`)).toBe("E16");
    expect(await client.ask("qAttached")).toBe("1");
  });
});

describe("queries", () => {
  test("are answered, and what is unknown is answered by nothing", async () => {
    const client = await connected();
    const supported = (await client.ask("qSupported:multiprocess+;xmlRegisters=i386")).split(";");
    for (const one of [
      "QStartNoAckMode+",
      "qXfer:features:read+",
      "vContSupported+",
      "swbreak-",
      "hwbreak-",
      "multiprocess-",
    ])
      expect(supported).toContain(one);
    expect(await client.ask("vMustReplyEmpty")).toBe("");
    expect(await client.ask("vCont?")).toBe("vCont;c;C;s;S");
    expect(await client.ask("?")).toBe("T05thread:1;");
    expect(await client.ask("qSymbol::")).toBe("OK");
    for (const unknown of [
      "qTStatus",
      "qOffsets",
      "!",
      "Z0,0,4",
      "Z1,0,4",
      "vFile:open:00,0,0",
      "",
      "qQ",
      "QNonStop:1",
    ])
      expect(await client.ask(unknown)).toBe("");
  });

  test("of threads name every cpu, from 1 on", async () => {
    const client = await connected();
    expect(await client.ask("qfThreadInfo")).toBe("m1,2,3,4,5,6,7,8");
    expect(await client.ask("qsThreadInfo")).toBe("l");
    expect(await client.ask("qC")).toBe("QC1");
    expect(await client.ask("Hg3")).toBe("OK");
    expect(await client.ask("qC")).toBe("QC3");
    expect(await client.ask("Hg0")).toBe("OK");
    expect(await client.ask("Hc-1")).toBe("OK");
    expect(await client.ask("qC")).toBe("QC3");
    expect(await client.ask("T8")).toBe("OK");
    // ESRCH is 3.
    expect(await client.ask("T9")).toBe("E03");
    expect(await client.ask("Hg9")).toBe("E03");
    expect(await client.ask("Hgp1.1")).toBe("E03");
    expect(fromHex(await client.ask("qThreadExtraInfo,2"))).toBe("cpu 1: no thread");
  });

  test("of threads say what runs there, and who is offline", async () => {
    const board = await boardOf();
    const client = new GdbClient(board);
    board.machine.processor.kernel.addTask({ tid: 7, pid: 7, comm: "a<b\x1b[2J", cpu: 2 });
    board.machine.processor.kernel.switchTo(2, 7);
    await board.machine.cpu(4).offline();
    const list = await document(client, "threads", "");
    expect(list).toContain('<thread id="3" core="2" name="cpu 2">thread 7 of a&lt;b?[2J</thread>');
    expect(list).toContain('<thread id="5" core="4" name="cpu 4">offline</thread>');
  });

  test("of documents come in pieces, the last of which says so", async () => {
    const client = await connected();
    const text = await document(client, "features", "target.xml");
    expect(text.startsWith("<?xml")).toBe(true);
    expect(text.endsWith("</target>\n")).toBe(true);
    expect(await client.ask("qXfer:features:read:target.xml:a,5")).toBe(`m${text.slice(10, 15)}`);
    expect(await client.ask(`qXfer:features:read:target.xml:${text.length.toString(16)},10`)).toBe("l");
    // ENOENT is 2.
    expect(await client.ask("qXfer:features:read:other.xml:0,10")).toBe("E02");
  });

  test("ends with D, and k: the machine stays", async () => {
    const board = await boardOf();
    const one = new GdbClient(board);
    expect(await one.ask("D")).toBe("OK");
    expect(one.ended).toBe(true);
    const other = new GdbClient(board);
    await other.send(packet("k"));
    expect(other.ended).toBe(true);
    expect(await new GdbClient(board).ask("m141000020,4")).toBe("11000000");
  });
});

describe("memory", () => {
  test("is the physical bus: MPAMF_AIDR says version 1.1, low byte first", async () => {
    expect(await (await connected()).ask("m141000020,4")).toBe("11000000");
  });

  test("each read and write of 4 or 8 bytes is one access of that width, by the selected cpu", async () => {
    const board = await boardOf();
    const client = new GdbClient(board);
    const seen: string[] = [];
    const made = (access: string, { cpu, address, bytes }: { cpu: number; address: number; bytes: number }) =>
      seen.push(`${access} cpu ${cpu} 0x${address.toString(16)} ${bytes}`);
    const { bus } = board.machine;
    const [read, write] = [bus.read.bind(bus), bus.write.bind(bus)];
    bus.read = (access) => {
      made("read", access);
      return read(access);
    };
    bus.write = (access) => {
      made("write", access);
      write(access);
    };
    await client.ask("Hg4");
    await client.ask("m141000020,4");
    await client.ask("m141000000,8");
    await client.ask("M141000100,4:03000000");
    await client.ask("X141001000,4:\xf0\x00\x00\x00");
    expect(seen).toEqual([
      "read cpu 3 0x141000020 4",
      "read cpu 3 0x141000000 8",
      "write cpu 3 0x141000100 4",
      "write cpu 3 0x141001000 4",
    ]);
    seen.length = 0;
    await client.ask("m14100001e,a");
    expect(seen).toEqual(["read cpu 3 0x14100001e 2"]);
    seen.length = 0;
    await client.ask("m141000020,c");
    expect(seen.map((one) => one.slice(11))).toEqual(["0x141000020 4", "0x141000024 4", "0x141000028 4"]);
  });

  test("holds what was written there", async () => {
    const client = await connected();
    expect(await client.ask("M141000100,4:03000000")).toBe("OK");
    expect(await client.ask("X141001000,0:")).toBe("OK");
    expect(await client.ask("X141001000,4:}\x03\x0f\x00\x00")).toBe("OK");
    // 0x23, which is #, came behind a mark.
    expect(await client.ask("m141001000,4")).toBe("230f0000");
    await client.ask("M141000100,4:04000000");
    expect(await client.ask("m141001000,4")).not.toBe("230f0000");
  });

  test("refuses with the errno of the bus: EINVAL is 0x16, ENXIO 6", async () => {
    const client = await connected();
    expect(await client.ask("m141000020,1")).toBe("E16");
    expect(await client.ask("m141000020,2")).toBe("E16");
    expect(await client.ask("m0,4")).toBe("E06");
    expect(await client.ask("mffffffffffffffff,4")).toBe("E06");
    expect(await client.ask("m141000020,ffffffffffffffff")).toBe("E06");
    expect(await client.ask("M0,4:00000000")).toBe("E06");
    expect(await client.ask("M141000100,4:0000")).toBe("E16");
    expect(await client.ask("X141000100,4:\x01")).toBe("E16");
  });

  test("of which only the beginning answers gives that", async () => {
    // A page is 64 KiB, and nothing lies behind it.
    const answer = await (await connected()).ask("m14100fffc,10");
    expect(answer).toMatch(/^[0-9a-f]{8}$/);
  });

  test("tells why, to those who say that they understand it", async () => {
    const client = await connected();
    await client.ask("qSupported:error-message+");
    expect(await client.ask("m0,4")).toBe("E.ENXIO: nothing answers at 0x0 in space ns");
  });

  test("is that of the space and the cpu that the server was started with, until others are chosen", async () => {
    const board = await boardOf("four-spaces");
    const [msc] = board.machine.mscs.filter(({ description }) => description.spaces.s && description.spaces.ns);
    const address = (msc?.address as number) + 0x100;
    const word = (value: string) => `M${address.toString(16)},4:${value}`;
    const secure = new GdbClient(board, { cpu: 1, space: "s" });
    await secure.ask(word("01000000"));
    const client = new GdbClient(board);
    await client.ask(word("02000000"));
    expect(await secure.ask(`m${address.toString(16)},4`)).toBe("01000000");
    expect(await secure.ask("qC")).toBe("QC2");
  });
});

describe("registers", () => {
  /** x0 to x30, sp and pc are 8 bytes, cpsr 4: what comes then is ours. */
  const CORE = 2 * (33 * 8 + 4);

  const named = async (client: GdbClient, name: string) => {
    const xml = await document(client, "features", "target.xml");
    const names = [...xml.matchAll(/<reg name="(\w+)"/g)].map(([, one]) => one as string);
    expect(names).toContain(name);
    return names.indexOf(name);
  };

  test("of the core are there and 0, as nothing executes", async () => {
    const client = await connected();
    expect(await named(client, "pc")).toBe(32);
    expect((await client.ask("g")).slice(0, CORE)).toBe("0".repeat(CORE));
    expect(await client.ask("p20")).toBe("0".repeat(16));
    expect(await client.ask("p21")).toBe("0".repeat(8));
    // EPERM is 1.
    expect(await client.ask("P20=0400000000000000")).toBe("E01");
    expect(await client.ask("pfff")).toBe("E16");
  });

  test("of MPAM are read and written past traps, by name, with their fields", async () => {
    const board = await boardOf();
    const client = new GdbClient(board);
    const number = (await named(client, "MPAM0_EL1")).toString(16);
    await client.ask("Hg2");
    // PARTID_I [15:0], PARTID_D [31:16], PMG_I [39:32], PMG_D [47:40].
    expect(await client.ask(`P${number}=0400050001020000`)).toBe("OK");
    expect(await client.ask(`p${number}`)).toBe("0400050001020000");
    expect(board.machine.cpu(1).registers.peek("MPAM0_EL1")).toBe(0x0201_0005_0004n);
    expect(board.machine.cpu(0).registers.peek("MPAM0_EL1")).toBe(0n);
    const xml = await document(client, "features", "target.xml");
    expect(xml).toContain(
      '<struct id="MPAM0_EL1_fields" size="8">\n      <field name="PARTID_I" start="0" end="15" type="uint64"/>',
    );
    expect(xml).toContain('<field name="MPAMEN" start="63" end="63" type="uint64"/>');
    expect(xml).toContain('<reg name="MPAM0_EL1" bitsize="64" type="MPAM0_EL1_fields" group="system"/>');
  });

  test("that only read say so: EPERM is 1", async () => {
    const client = await connected();
    const number = (await named(client, "MPAMIDR_EL1")).toString(16);
    // PARTID_MAX is 15, PMG_MAX (bits 39 to 32) 3.
    expect(await client.ask(`p${number}`)).toMatch(/^0f00....03/);
    expect(await client.ask(`P${number}=0000000000000000`)).toBe("E01");
    expect(await client.ask(`P${number}=00`)).toBe("E16");
  });

  test("come all at once, and go back all at once", async () => {
    const board = await boardOf();
    const client = new GdbClient(board);
    const all = await client.ask("g");
    expect(await client.ask(`G${all}`)).toBe("OK");
    const number = await named(client, "MPAM0_EL1");
    const at = CORE + 16 * (number - 34);
    expect(all.slice(at, at + 16)).toBe(await client.ask(`p${number.toString(16)}`));
    expect(await client.ask(`G${all.slice(0, at)}0100000000000000${all.slice(at + 16)}`)).toBe("OK");
    expect(board.machine.cpu(0).registers.peek("MPAM0_EL1")).toBe(1n);
    expect(await client.ask(`G01${all.slice(2)}`)).toBe("E01");
  });

  test("that this cpu lacks and another has are not available, and cannot be written: EINVAL is 0x16", async () => {
    const board = await boardWith(`
name: unlike
cpus: 2
processor: { partidMax: 3, pmgMax: 1, unlike: [{ cpus: 1, version: none }] }
memory: [{ bytes: 1 MiB, bytesPerSecond: 1 GB/s, msc: { base: 0x1_4000_0000, mbwu: { monitors: 1, counter: 31 } } }]
`);
    const client = new GdbClient(board);
    const number = (await named(client, "MPAM0_EL1")).toString(16);
    expect(await client.ask(`p${number}`)).toMatch(/^[0-9a-f]{16}$/);
    await client.ask("Hg2");
    expect(await client.ask(`p${number}`)).toBe("x".repeat(16));
    expect(await client.ask(`P${number}=0100000000000000`)).toBe("E16");
    const all = await client.ask("g");
    expect(all).toMatch(/^0{536}[0-9a-f]*x{16}/);
    expect(await client.ask(`G${all}`)).toBe("OK");
  });
});
