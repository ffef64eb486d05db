// Letting the machine go, and what stops it (Debugging with GDB, "Stop Reply Packets"). MSC 0 of one-socket is an L3 at
// 0x1_4100_0000, whose MPAMCFG_PART_SEL is at 0x100 and MPAMCFG_CPBM at 0x1000; its error interrupt is line 44.

import { describe, expect, test } from "vitest";
import { boardOf, GdbClient, packet } from "./client.ts";

const MS = 1e6;
const BOOTED = { boot: {} };
const CPBM = "141001000,4";
const CTRL_C = "\x03";

/** Ten lines a millisecond, from memory each. */
const STREAM = "synth:stream,ws=1G,n=40,gap=100000";

async function started(...args: Parameters<typeof boardOf>) {
  const board = await boardOf(...args);
  return { board, client: new GdbClient(board), now: () => board.machine.clock.now };
}

describe("continue", () => {
  test("goes on until Ctrl-C, which is SIGINT, with model time at the pace of the wall", async () => {
    const { client, now } = await started();
    const began = performance.now();
    await client.send(packet("vCont;c"));
    while (now() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await client.send(CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
    expect(now()).toBeLessThanOrEqual((performance.now() - began) * MS);
    const stopped = now();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(now()).toBe(stopped);
    expect(await client.ask("?")).toBe("T02thread:1;");
  });

  test("is stopped by a Ctrl-C that comes right behind it", async () => {
    const { client } = await started();
    await client.send(packet("c") + CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
  });

  test("refuses packets until it stops: EBUSY is 0x10", async () => {
    const { client } = await started();
    await client.send(packet("c"));
    expect(await client.ask("m141000020,4")).toBe("E10");
    await client.send(CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
    expect(await client.ask("m141000020,4")).toBe("11000000");
  });

  test("means nothing by Ctrl-C where nothing goes on", async () => {
    const { client } = await started();
    await client.send(CTRL_C);
    expect(await client.ask("qAttached")).toBe("1");
  });

  test("stops at an interrupt, which is SIGUSR1, at the very time of the timer that brought it", async () => {
    const { board, client, now } = await started();
    board.addFault({ kind: "error-interrupt", msc: 0, everyNs: 3 * MS, times: 2 });
    // The first one has come at once.
    expect(await client.ask("vCont;c")).toBe("T1ethread:1;");
    expect(now()).toBe(0);
    expect(await client.ask("vCont;C1e:1;c")).toBe("T1ethread:1;");
    expect(now()).toBe(3 * MS);
    expect(client.output).toContain("3.000 ms  error interrupt of L3 0 (msc 0, ns): line 44 raised");
  });

  test("does not stop where a line is released", async () => {
    const { board, client } = await started();
    const { machine } = board;
    // MPAMF_ECR.INTEN, a PARTID that is not there, an access under it; then 0 to MPAMF_ESR.
    machine.write32(0, 0x00f0, 1);
    machine.write32(0, 0x0100, 0xffff);
    machine.write32(0, 0x1000, 1);
    expect(await client.ask("c")).toBe("T1ethread:1;");
    machine.write32(0, 0x00f8, 0);
    await client.send(packet("c"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await client.send(CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
    expect(client.output).toContain("line 44 released");
  });

  test("shows an MSI with what it writes and where", async () => {
    const { board, client } = await started("everything");
    const msc = board.machine.mscs.findIndex(({ description }) => description.errMsi);
    expect(msc).toBeGreaterThanOrEqual(0);
    const { machine } = board;
    // MPAMF_ERR_MSI_ADDR_L, _ADDR_H, _DATA, _ATTR (MSIEN is bit 0), and MPAMF_ECR.INTEN.
    machine.write32(msc, 0x00e0, 0x8000_1000);
    machine.write32(msc, 0x00e4, 0);
    machine.write32(msc, 0x00e8, 0x2a);
    machine.write32(msc, 0x00ec, 1);
    machine.write32(msc, 0x00f0, 1);
    machine.write32(msc, 0x0100, 0xffff);
    machine.write32(msc, 0x1000, 1);
    expect(await client.ask("c")).toBe("T1ethread:1;");
    expect(client.output).toContain("MSI writes 0x2a to 0x80001000");
  });

  test("goes past interrupts that are to stop nothing", async () => {
    const { board, client, now } = await started();
    await client.monitor("irq off");
    board.addFault({ kind: "error-interrupt", msc: 0, everyNs: 2 * MS, times: 2 });
    await client.send(packet("c"));
    while (now() < 3 * MS) await new Promise((resolve) => setTimeout(resolve, 1));
    await client.send(CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
    expect(client.output).toContain("2.000 ms  error interrupt of L3 0 (msc 0, ns): line 44 raised");
  });

  test("runs traces to their end, and stops there", async () => {
    const { board, client } = await started();
    await client.monitor(`replay ${STREAM}`);
    const records = () => board.machine.export().records;
    expect(records()).toBe(0);
    expect(await client.ask("c")).toBe("T05thread:1;");
    expect(records()).toBe(40);
    expect(client.output).toContain("the traces have ended");
  });

  test("runs traces up to an overflow, and tells of the record that made it", async () => {
    const { board, client, now } = await started();
    const { machine } = board;
    // MSC 1 is a channel with counters of 44 bits, and its overflow interrupt is line 47. MSMON_CFG_MBWU_CTL: EN is bit 31,
    // OFLOW_INTR bit 25, TYPE 0x42; without MATCH_PARTID everything counts. MSMON_MBWU has VALUE in bits 30 to 0.
    machine.write32(1, 0x0828, 0x0000_0042);
    machine.write32(1, 0x0860, 0x7fff_ffff - 64 * 10);
    machine.write32(1, 0x0828, 0x8200_0042);
    await client.monitor("replay synth:stream,ws=1G,n=1000,gap=1000");
    expect(await client.ask("c")).toBe("T1ethread:1;");
    // Ten lines of 64 bytes fit, and the eleventh, record 10, does not.
    expect(client.output).toContain("overflow interrupt of node 0 (msc 1, ns): line 47 raised");
    expect(client.output).toContain("at record 10");
    expect(now()).toBeLessThanOrEqual(10_000 + 100_000);
    expect(machine.export().records).toBeLessThan(150);
    expect(await client.ask("c")).toBe("T05thread:1;");
    expect(machine.export().records).toBe(1000);
  });

  test("shows the interrupts of mailboxes, and goes on", async () => {
    const { client, now } = await started("firmware-backed", BOOTED);
    const before = now();
    await client.monitor("do @1ms write schemata L3:0=1");
    await client.send(packet("c"));
    while (now() < before + 20 * MS) await new Promise((resolve) => setTimeout(resolve, 1));
    await client.send(CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
    expect(client.output).toMatch(/completion interrupt of mailbox \d+: line \d+ raised/);
  });

  test("ends with a line that was refused, and says why", async () => {
    const { client, now } = await started("one-socket", BOOTED);
    await client.monitor("do @2ms write schemata L3:0=0");
    expect(await client.ask("c")).toBe("T05thread:1;");
    expect(client.output).toMatch(/^error: monitor:1:1: write schemata L3:0=0: EINVAL/m);
    expect(now()).toBe(2 * MS);
    await client.send(packet("c") + CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
  });

  test("of two clients goes on until both have stopped", async () => {
    const { board, client, now } = await started();
    const other = new GdbClient(board);
    await client.send(packet("c"));
    await other.send(packet("c"));
    await client.send(CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
    const then = now();
    while (now() === then) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await client.ask("m141000020,4")).toBe("11000000");
    await other.send(CTRL_C);
    expect(await other.reply()).toBe("T02thread:1;");
    const stopped = now();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(now()).toBe(stopped);
  });

  test("of one client lets others read and write meanwhile; what they do counts for its watchpoints", async () => {
    const { board, client } = await started();
    const other = new GdbClient(board);
    await client.ask(`Z2,${CPBM}`);
    await client.send(packet("c"));
    expect(await other.ask("m141000020,4")).toBe("11000000");
    await other.ask("Hg3");
    expect(await other.ask("M141001000,4:01000000")).toBe("OK");
    expect(await client.reply()).toBe("T05watch:141001000;thread:3;");
    expect(await other.ask("qC")).toBe("QC3");
  });

  test("of a client that is gone before it was begun never begins", async () => {
    const { client, now } = await started();
    const sending = client.send(packet("c"));
    client.close();
    await sending;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(now()).toBe(0);
  });

  test("of a client that goes ends with it", async () => {
    const { client, now } = await started();
    await client.send(packet("c"));
    client.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const then = now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(now()).toBe(then);
  });
});

describe("a watchpoint", () => {
  test("on a register stops where the driver writes it, at that time, and tells of the access", async () => {
    const { client, now } = await started("one-socket", BOOTED);
    expect(await client.ask(`Z2,${CPBM}`)).toBe("OK");
    await client.monitor("do @10us write schemata L3:0=f");
    expect(await client.ask("vCont;c")).toBe("T05watch:141001000;thread:1;");
    expect(now()).toBe(10_000);
    expect(client.output).toMatch(
      /watch: 10\.000 us {2}msc 0 ns {2}write MPAMCFG_CPBM0 {2}P 0xffff -> 0xf {2}\(driver\)/,
    );
  });

  test("that was hit while the client was stopped stops the next continue at once", async () => {
    const { client, now } = await started("one-socket", BOOTED);
    await client.ask(`Z2,${CPBM}`);
    await client.monitor("do write schemata L3:0=f");
    expect(await client.ask("c")).toBe("T05watch:141001000;thread:1;");
    expect(now()).toBe(0);
  });

  test("lets the step that gdb makes over the access pass at once, and the next one takes time", async () => {
    const { client, now } = await started("one-socket", BOOTED);
    await client.ask(`Z2,${CPBM}`);
    await client.monitor("do @10us write schemata L3:0=f");
    await client.ask("c");
    expect(await client.ask("vCont;s:1")).toBe("T05thread:1;");
    expect(now()).toBe(10_000);
    expect(await client.ask("vCont;s:1")).toBe("T05thread:1;");
    expect(now()).toBe(11_000);
  });

  test("of reads is not hit by writes, and the other way round", async () => {
    const { board, client } = await started();
    const other = new GdbClient(board);
    await client.ask("Z3,141000100,4");
    await other.ask("M141000100,4:01000000");
    await other.ask("m141000100,4");
    expect(await client.ask("c")).toBe("T05rwatch:141000100;thread:1;");
    await client.ask("z3,141000100,4");
    await client.ask("Z4,141000100,4");
    await other.ask("M141000100,4:01000000");
    expect(await client.ask("c")).toBe("T05awatch:141000100;thread:1;");
  });

  test("counts neither what the client itself does nor what lies beside it", async () => {
    const { board, client } = await started();
    const other = new GdbClient(board);
    await client.ask("Z4,141000100,4");
    await client.ask("m141000100,4");
    await client.ask("M141000100,4:01000000");
    await client.monitor("read L3:0.MPAMCFG_PART_SEL");
    await other.ask("m141000108,4");
    await other.ask("m142000100,4");
    await other.ask("m1410000f8,8");
    await client.send(packet("c"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await client.send(CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
  });

  test("is in the space that the client had chosen", async () => {
    const { board, client } = await started("four-spaces");
    const [msc] = board.machine.mscs.filter(({ description }) => description.spaces.s && description.spaces.ns);
    const place = `${((msc?.address as number) + 0x100).toString(16)},4`;
    const [secure, other] = [new GdbClient(board, { cpu: 0, space: "s" }), new GdbClient(board)];
    await client.ask(`Z2,${place}`);
    await secure.ask(`M${place}:01000000`);
    await client.send(packet("c"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await other.ask(`M${place}:01000000`);
    await client.reply();
    expect(client.output).toMatch(/^watch: .* ns {2}write MPAMCFG_PART_SEL/);
  });

  test("is gone when it is taken away, and with its client", async () => {
    const { board, client } = await started();
    const other = new GdbClient(board);
    await client.ask("Z2,141000100,4");
    expect(await client.ask("z2,141000100,4")).toBe("OK");
    expect(await client.ask("z2,141000100,4")).toBe("OK");
    await other.ask("M141000100,4:01000000");
    await client.send(packet("c") + CTRL_C);
    expect(await client.reply()).toBe("T02thread:1;");
  });

  test("outlives a restored machine", async () => {
    const { board, client } = await started();
    const other = new GdbClient(board);
    await client.ask("Z2,141000100,4");
    await board.reset();
    await other.ask("M141000100,4:01000000");
    expect(await client.ask("c")).toBe("T05watch:141000100;thread:1;");
  });

  test("lies on registers only: ENXIO is 6; and there are 64 at most: ENOSPC is 0x1c", async () => {
    const { client } = await started();
    expect(await client.ask("Z2,0,4")).toBe("E06");
    expect(await client.ask("Z2,141000100,0")).toBe("E06");
    expect(await client.ask("Z2,141000100,10000")).toBe("E06");
    for (let n = 0; n < 64; n++) expect(await client.ask(`Z2,${(0x1_4100_1000 + 4 * n).toString(16)},4`)).toBe("OK");
    expect(await client.ask(`Z2,${CPBM}`)).toBe("OK");
    expect(await client.ask("Z2,141000100,4")).toBe("E1c");
  });
});

describe("a step", () => {
  test("goes to the next border of a quantum, 1 us, and to a timer that comes before", async () => {
    const { board, client, now } = await started();
    expect(await client.ask("s")).toBe("T05thread:1;");
    expect(now()).toBe(1000);
    board.machine.clock.at(1300, "test", () => {});
    await client.ask("s");
    expect(now()).toBe(1300);
    await client.ask("vCont;s:1;c");
    expect(now()).toBe(2000);
  });

  test("tells of an interrupt that came with it", async () => {
    const { board, client } = await started();
    board.addFault({ kind: "error-interrupt", msc: 0, everyNs: 500, times: 2 });
    await client.monitor("irq");
    expect(await client.ask("s")).toBe("T1ethread:1;");
  });

  test("takes no time where time goes by itself, and says so", async () => {
    const { client } = await started("one-socket", { speed: 0.001 });
    expect(await client.ask("s")).toBe("T05thread:1;");
    expect(client.output).toContain("model time goes by itself");
  });
});
