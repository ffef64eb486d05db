// Commands of `monitor`. MSC 0 of one-socket is an L3 of version 1.1 at 0x1_4100_0000 with 16 PARTIDs, 4 PMGs and 16 portions; its
// MPAMCFG_CPBM is at 0x1000.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boardOf, GdbClient } from "./client.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gdb-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function started(...args: Parameters<typeof boardOf>) {
  const board = await boardOf(...args);
  const client = new GdbClient(board);
  return { board, client, monitor: (line: string) => client.monitor(line) };
}

const BOOTED = { boot: {} };

describe("help", () => {
  test("has a line for each command, and how each one looks", async () => {
    const { monitor } = await started();
    const all = await monitor("help");
    for (const name of "info read write decode space cpu label irq log clock replay fault do snapshot restore reset quit".split(
      " ",
    )) {
      expect(all).toMatch(new RegExp(`^ {2}${name} +\\S`, "m"));
      expect(await monitor(`help ${name}`)).toMatch(new RegExp(`^monitor ${name}\\b`));
    }
    expect(await monitor("")).toBe(all);
    expect(await monitor("help clokc")).toMatch(/^error: .*clock/);
  });

  test("names the command that was probably meant", async () => {
    const { monitor } = await started();
    expect(await monitor("snapshoot x")).toMatch(
      /^error: there is no monitor command 'snapshoot'; did you mean snapshot\?/,
    );
    expect(await monitor("\u0000\ud83d\ude00")).toMatch(/^error: there is no monitor command/);
  });
});

describe("info", () => {
  test("says where MSCs are, and which lines are theirs", async () => {
    const { monitor } = await started();
    const text = await monitor("info");
    expect(text).toMatch(/^one-socket: 8 cpus, 2 MSCs; bare/);
    expect(text).toMatch(/^L3:0 +0 +L3 0 +0x141000000 +ns +44 +45$/m);
    expect(text).toMatch(/^node0 +1 +node 0 +0x142000000 +ns +46 +47$/m);
  });

  test("says which mailbox an MSC without a page is behind, and that software was booted", async () => {
    const { monitor } = await started("firmware-backed", BOOTED);
    const text = await monitor("info");
    expect(text).toContain("our driver and resctrl run on it");
    expect(text).toMatch(/mailbox \d/);
  });
});

describe("read, write and decode", () => {
  test.each(["L3:0.MPAMF_IDR", "cache0 MPAMF_IDR", "msc0.mpamf_idr", "0 MPAMF_IDR@ns", "0x1_4100_0000", "0x141000000"])(
    "read %s shows the fields of the register",
    async (name) => {
      const { monitor } = await started();
      const text = await monitor(`read ${name}`);
      expect(text).toMatch(/^L3 0 \(msc 0, ns\) {2}MPAMF_IDR {2}at 0x141000000 {2}0x/);
      expect(text).toMatch(/^ {2}PARTID_MAX +0xf \(15\)$/m);
      expect(text).toMatch(/^ {2}PMG_MAX +3$/m);
      // In the upper word.
      expect(text).toMatch(/^ {2}RIS_MAX +0$/m);
    },
  );

  test("write changes a register, or one field of it, and shows what it reads then", async () => {
    const { board, monitor } = await started();
    expect(await monitor("write L3:0.MPAMCFG_PART_SEL 5")).toMatch(/PARTID_SEL +5$/m);
    expect(board.machine.read32(0, 0x100)).toBe(5);
    expect(await monitor("write L3:0 MPAMCFG_CPBM 0x00f0")).toMatch(/MPAMCFG_CPBM0 {2}at 0x141001000 {2}0x0000_00f0/);
    expect(board.machine.read32(0, 0x1000)).toBe(0xf0);
    await monitor("write L3:0.MPAMCFG_PART_SEL 0");
    await monitor("write L3:0.MPAMCFG_PART_SEL.PARTID_SEL 7");
    expect(board.machine.read32(0, 0x100)).toBe(7);
    // MSMON_CFG_MON_SEL: MON_SEL [15:0], RIS [27:24].
    await monitor("write L3:0.MSMON_CFG_MON_SEL 3");
    // MSMON_CFG_MBWU_FLT: PARTID [15:0], PMG [23:16].
    await monitor("write L3:0.MSMON_CFG_MBWU_FLT 0x10002");
    await monitor("write L3:0.MSMON_CFG_MBWU_FLT.PMG 2");
    expect(board.machine.read32(0, 0x820)).toBe(0x2_0002);
  });

  test("decode shows a value that is in no register", async () => {
    const { monitor } = await started();
    // MPAMF_ESR: PARTID_MON [15:0], PMG [23:16], ERRCODE [27:24], OVRWR [31].
    const text = await monitor("decode MPAMF_ESR 0x81020003");
    expect(text).toMatch(/^ {2}PARTID_MON +3$/m);
    expect(text).toMatch(/^ {2}PMG +2$/m);
    // The name of code 1 in the architecture (IHI 0099, MPAMF_ESR), and values that have no name.
    expect(text).toMatch(/^ {2}ERRCODE +1 {2}PARTID_SEL_RANGE: \S/m);
    expect(text).toMatch(/^ {2}OVRWR +1 {2}\S/m);
    expect(await monitor("decode MPAMF_ESR 0x0c000000")).toMatch(/^ {2}ERRCODE +0xc \(12\)$/m);
    expect(await monitor("decode MSMON_CFG_CSU_CTL 0x80010000")).toMatch(/^ {2}MATCH_PARTID +1 {2}one PARTID$/m);
    // Of what there is or is not, the name of the field says it.
    expect(await monitor("decode MPAMF_CSUMON_IDR 0x80000000")).toMatch(/^ {2}HAS_CAPTURE +1$/m);
    expect(await monitor("decode MPAMF_CSUMON_IDR 0")).toMatch(/^ {2}NO_MATCH_PMG +0$/m);
    expect(await monitor("decode mpamf_aidr 0x11")).toMatch(
      /^MPAMF_AIDR {2}0x0000_0011\n {2}ArchMinorRev +1\n {2}ArchMajorRev +1\n$/,
    );
  });

  test("name slices, channels and elements of arrays", async () => {
    const { board, monitor } = await started("many-slices");
    const { mscs } = board.machine;
    for (const { msc, resource } of mscs) {
      const name =
        resource.kind === "cache"
          ? `L${resource.cache.level}:${resource.cache.id}.${resource.slice}`
          : `node${resource.memory.node}.${resource.channel}`;
      const isOne = resource.kind === "cache" ? resource.cache.slices === 1 : resource.memory.channels === 1;
      const word = isOne ? name.replace(/\.\d+$/, "") : name;
      expect(await monitor(`read ${word}.MPAMF_IDR`)).toContain(`(msc ${msc}, ns)`);
    }
    // MPAMCFG_CPBM<n> is at 0x1000 + 4n, MPAMF_IDR[63:32] at 4.
    const start = mscs[0]?.address as number;
    expect(await monitor("read 0.MPAMCFG_CPBM3")).toContain(`MPAMCFG_CPBM3  at 0x${(start + 0x100c).toString(16)}`);
    expect(await monitor("read 0.MPAMF_IDR_HI")).toContain(`MPAMF_IDR_HI  at 0x${(start + 4).toString(16)}`);
    expect(await monitor("read 0.MPAMCFG_CPBM1024")).toMatch(/^error: there is no register MPAMCFG_CPBM1024/);
  });

  test("reach an MSC behind a mailbox too", async () => {
    const { board, monitor } = await started("firmware-backed");
    const msc = board.machine.mscs.findIndex(({ address }) => address === undefined);
    expect(msc).toBeGreaterThanOrEqual(0);
    await monitor(`write ${msc}.MPAMCFG_PART_SEL 1`);
    expect(board.machine.read32(msc, 0x100)).toBe(1);
    expect(await monitor(`read ${msc}.MPAMCFG_PART_SEL`)).toContain("behind a mailbox");
  });

  test.each([
    ["read", /^error: a register is needed/],
    ["read L3:0", /^error: 'L3:0' names no register/],
    ["read L4:0.MPAMF_IDR", /^error: there is no MSC 'L4:0'; did you mean L3:0\?/],
    ["read L3:0.MPAMF_IDX", /^error: there is no register MPAMF_IDX; did you mean MPAMF_IDR\?/],
    ["read L3:0.MPAMF_IDR.NO", /^error: MPAMF_IDR has no field NO; PARTID_MAX, /],
    ["read L3:0.MPAMF_IDR@x", /^error: there is no space 'x'/],
    ["read L3:0.MPAMF_IDR@s", /^error: ENXIO: nothing answers at 0x141000000 in space s/],
    ["read 0x1234", /^error: 0x1234: no MSC lies there/],
    ["read 0x141000001", /^error: 0x141000001: registers lie at multiples of 4/],
    ["decode MPAMF_AIDR", /^error: the name of a register and a number are needed; monitor decode REGISTER VALUE/],
    ["decode MPAMF_AIDX 1", /^error: there is no register MPAMF_AIDX; did you mean MPAMF_AIDR\?/],
    ["decode MPAMF_AIDR 0x100000000", /^error: MPAMF_AIDR has 32 bits/],
    ["write L3:0.MPAMCFG_PART_SEL", /^error: a register and a number are needed/],
    ["write L3:0.MPAMCFG_PART_SEL x", /^error: a register and a number are needed/],
    [
      "write L3:0.MPAMCFG_PART_SEL 0x100000000",
      /^error: 0x100000000 does not fit in MPAMCFG_PART_SEL: 0 to 0xffffffff/,
    ],
    ["write L3:0.MPAMCFG_PART_SEL.RIS 16", /^error: 0x10 does not fit in MPAMCFG_PART_SEL.RIS: 0 to 0xf/],
  ])("%s is refused in one line", async (line, says) => {
    const { monitor } = await started();
    const text = await monitor(line);
    expect(text).toMatch(says);
    expect(text.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("space and cpu", () => {
  test("say who makes accesses, and in which space", async () => {
    const { board, client, monitor } = await started("four-spaces");
    const [msc] = board.machine.mscs.filter(({ description }) => description.spaces.s && description.spaces.ns);
    const address = `${((msc?.address as number) + 0x100).toString(16)},4`;
    expect(await monitor("space")).toBe("accesses are made in space ns\n");
    await client.ask(`M${address}:01000000`);
    expect(await monitor("space s")).toBe("accesses are made in space s\n");
    await client.ask(`M${address}:02000000`);
    expect(await client.ask(`m${address}`)).toBe("02000000");
    await monitor("space ns");
    expect(await client.ask(`m${address}`)).toBe("01000000");
    expect(await monitor("space realm")).toMatch(/^error: there is no space 'realm'; ns, s, rt, rl are there/);
  });

  test("cpu N makes accesses whatever thread is selected, until `cpu thread`", async () => {
    const { client, monitor } = await started();
    await client.ask("Hg3");
    expect(await monitor("cpu")).toMatch(/^accesses are made by cpu 2 \(the selected thread\)/);
    expect(await monitor("cpu 5")).toMatch(/^accesses are made by cpu 5 \(chosen by hand\)/);
    await monitor("log on read");
    expect(await monitor("read L3:0.MPAMF_AIDR")).toContain("(gdb)");
    expect(await monitor("cpu thread")).toMatch(/^accesses are made by cpu 2/);
    expect(await monitor("cpu 99")).toMatch(/^error: EINVAL: there is no cpu 99/);
    expect(await monitor("cpu x")).toMatch(/^error: 'x' is no number of a cpu/);
  });

  test("an access of a cpu that is offline is refused: ENXIO is 6", async () => {
    const { board, client, monitor } = await started();
    await board.machine.cpu(5).offline();
    await monitor("cpu 5");
    expect(await client.ask("m141000020,4")).toBe("E06");
    expect(await monitor("read L3:0.MPAMF_AIDR")).toBe("error: ENXIO: cpu 5 is offline\n");
  });
});

describe("label", () => {
  test("tells how the label of a cpu's requests comes about", async () => {
    const { board, monitor } = await started();
    board.machine.cpu(3).registers.poke("MPAM0_EL1", 0x0201_0005_0004n);
    expect(await monitor("label 3 0")).toMatch(/^cpu 3, EL0, data: PARTID 5, PMG 2, Non-secure space\n {2}state /);
    expect(await monitor("label 3 EL0 fetch")).toMatch(/^cpu 3, EL0, fetch: PARTID 4, PMG 1/);
    expect(await monitor("label")).toMatch(/^cpu 0, EL0, data: PARTID 0/);
    expect(await monitor("label 3 4")).toMatch(/^error: there is no exception level '4'/);
    expect(await monitor("label 3 0 x")).toMatch(/^error: there are no requests of kind 'x'/);
    expect(await monitor("label 99")).toMatch(/^error: EINVAL: there is no cpu 99/);
  });
});

describe("irq", () => {
  test("shows what has come, and takes it away from the next continue", async () => {
    const { board, monitor } = await started();
    board.addFault({ kind: "error-interrupt", msc: 0 });
    expect(await monitor("irq")).toBe(
      "0 ns  error interrupt of L3 0 (msc 0, ns): line 44 raised\n" +
        "0 ns  error interrupt of L3 0 (msc 0, ns): line 44 released\n" +
        "interrupts stop the machine\n",
    );
    expect(await monitor("irq")).toBe("interrupts stop the machine\n");
    expect(await monitor("fault add error-interrupt msc=1")).toContain("line 46 raised");
    expect(await monitor("irq")).toContain("line 46 raised");
    expect(await monitor("irq off")).toBe("interrupts are shown, and stop nothing\n");
    expect(await monitor("irq maybe")).toMatch(/^error: 'maybe' is neither on nor off/);
  });
});

describe("log", () => {
  test("shows accesses of everybody, decoded, when they are made by a command and when the next one comes", async () => {
    const { board, monitor } = await started("one-socket", BOOTED);
    expect(await monitor("log on MPAMCFG_CPBM,write,by:driver")).toBe("logged: MPAMCFG_CPBM,write,by:driver\n");
    expect(await monitor("do write schemata L3:0=f")).toBe(
      "0.000 us  msc 0 ns  write MPAMCFG_CPBM0  P 0xffff -> 0xf  (driver)\n",
    );
    board.machine.write32(0, 0x1000, 1, "ns", "driver");
    expect(await monitor("log")).toBe(
      "0.000 us  msc 0 ns  write MPAMCFG_CPBM0  P 0xf -> 1  (driver)\nlogged: MPAMCFG_CPBM,write,by:driver\n",
    );
    expect((await monitor("log last 1")).trim().split("\n")).toHaveLength(1);
    expect(await monitor("log off")).toBe("nothing is logged\n");
    board.machine.write32(0, 0x1000, 2, "ns", "driver");
    expect(await monitor("log last")).not.toContain("-> 2");
  });

  test("keeps so many lines and no more, and says how many are lost", async () => {
    const { board, monitor } = await started();
    await monitor("log on read");
    for (let n = 0; n < 1005; n++) board.machine.read32(0, 0x20);
    const text = await monitor("log");
    expect(text.split("\n")[0]).toBe("(5 lines before these are lost)");
    expect(text.split("\n").filter((line) => line.includes("MPAMF_AIDR"))).toHaveLength(1000);
    expect((await monitor("log last 9999")).trim().split("\n")).toHaveLength(1000);
    expect(await monitor("log last 0")).toBe("no access has been logged\n");
  });

  test("refuses what is no filter, and goes on with the one it had", async () => {
    const { monitor } = await started();
    await monitor("log on write");
    expect(await monitor("log on MPAMCFG_CPBX")).toMatch(/^error: register filter 'MPAMCFG_CPBX'/);
    expect(await monitor("log on msc:9")).toMatch(/^error: register filter 'msc:9'/);
    expect(await monitor("log")).toBe("logged: write\n");
    expect(await monitor("log of")).toMatch(/^error: 'of' is none of on, off and last/);
    expect(await monitor("log last x")).toMatch(/^error: 'x' is no number of lines/);
  });
});

describe("clock", () => {
  test("says the time, and moves it", async () => {
    const { board, monitor } = await started();
    expect(await monitor("clock")).toBe("model time 0 ns (0 ns); no timer waits; it stands still\n");
    expect(await monitor("clock advance 10us")).toMatch(/^model time 10000 ns \(10\.000 us\)/);
    board.machine.clock.at(25_000, "test", () => {});
    expect(await monitor("clock now")).toContain("the next timer is due in 15.000 us");
    expect(await monitor("clock next")).toMatch(/^model time 25000 ns/);
    expect(await monitor("clock next")).toBe("error: no timer waits\n");
    for (const wrong of [
      "clock advance",
      "clock advance x",
      "clock advance -1",
      "clock now 5",
      "clock advance 1us 2",
      "clock back",
    ])
      expect(await monitor(wrong)).toMatch(/^error: .*monitor clock \[now/);
  });

  test("run lets time go while the client is stopped, until stop", async () => {
    const { board, monitor } = await started();
    const pause = () => new Promise((resolve) => setTimeout(resolve, 15));
    expect(await monitor("clock run")).toContain("it goes on until monitor clock stop");
    while (board.machine.clock.now === 0) await pause();
    expect(await monitor("clock stop")).toContain("it stands still");
    const stopped = board.machine.clock.now;
    await pause();
    expect(board.machine.clock.now).toBe(stopped);
  });
});

describe("replay", () => {
  test("starts traces, says where they are, and stops them", async () => {
    const { board, monitor } = await started();
    const records = () => board.machine.export().records;
    const trace = "synth:stream,ws=1G,n=1000,gap=1000";
    expect(await monitor("replay status")).toBe("no traces run\n");
    expect(await monitor(`replay ${trace}`)).toBe(`${trace}: continue lets it run\n`);
    await monitor("clock advance 100us");
    expect(records()).toBeGreaterThan(50);
    expect(records()).toBeLessThan(150);
    expect(await monitor("replay status")).toBe(`${trace}: run as the machine goes on\n`);
    expect(await monitor("replay stop")).toBe("the traces are stopped\n");
    expect(await monitor("replay stop")).toBe("no traces run\n");
    expect(await monitor("replay")).toMatch(/^error: a trace is needed/);
    expect(await monitor(`replay ${folder}/none.arrow`)).toMatch(/^error: ENOENT: /);
  });
});

describe("fault", () => {
  test("adds, lists and removes", async () => {
    const { client, monitor } = await started();
    expect(await monitor("fault")).toBe("no fault is in force\n");
    expect(await monitor("fault add msc-gone msc=0")).toBe("0  msc-gone msc=0  (acted 0 times)\n");
    expect(await client.ask("m141000020,4")).toBe("ffffffff");
    expect(await monitor("fault list")).toBe("0  msc-gone msc=0  (acted 1 time)\n");
    expect(await monitor("fault remove 1")).toMatch(/^error: there is no fault 1; 1 fault is in force/);
    expect(await monitor("fault remove 0")).toBe("no fault is in force\n");
    expect(await client.ask("m141000020,4")).toBe("11000000");
  });

  test.each([["fault add msc-gone msc=7"], ["fault add msc-lost msc=0"], ["fault add"], ["fault remove"], ["fault x"]])(
    "%s is refused",
    async (line) => {
      const { board, monitor } = await started();
      expect(await monitor(line)).toMatch(/^error: /);
      expect(board.machine.faults.list).toEqual([]);
    },
  );
});

describe("do", () => {
  test("does what a line of a script says, at once or later", async () => {
    const { board, monitor } = await started("one-socket", BOOTED);
    expect(await monitor("do mkdir web")).toBe("");
    await monitor("do write web/schemata L3:0=f");
    expect(await monitor("do read web/schemata")).toMatch(/^ *L3:0=f$/m);
    expect(await monitor("do expect web/mode shareable")).toBe("");
    expect(await monitor("do expect web/mode exclusive")).toMatch(/^not as expected\n-exclusive\n\+shareable/);
    await monitor("do @10us mkdir db");
    expect(await board.software?.tree.readdir("/")).not.toContain("db");
    await monitor("clock advance 10us");
    expect(await board.software?.tree.readdir("/")).toContain("db");
    await monitor("do @20us read web/mode");
    expect(await monitor("clock advance 1ms")).toMatch(/web\/mode\nshareable$/m);
  });

  test("refuses with the errno and the kernel's words, and what needs a tree where there is none", async () => {
    const { monitor } = await started("one-socket", BOOTED);
    expect(await monitor("do write schemata L3:0=0")).toMatch(/^error: EINVAL/);
    expect(await monitor("do rite schemata L3:0=f")).toMatch(/^error: .*did you mean write\?/s);
    expect(await monitor("do")).toMatch(/^error: a line is needed/);
    const bare = await started();
    expect(await bare.monitor("do mkdir web")).toMatch(/^error: ENODEV: .*--boot/);
    expect(await bare.monitor("do cpu 3 offline")).toBe("");
    expect(bare.board.machine.cpu(3).isOnline).toBe(false);
  });
});

describe("snapshot, restore and reset", () => {
  test("bring the machine back to where it was, with its software", async () => {
    const { board, client, monitor } = await started("one-socket", BOOTED);
    const file = join(folder, "a machine.snapshot");
    await monitor("do mkdir web");
    await monitor("clock advance 5us");
    expect(await monitor(`snapshot ${file}`)).toMatch(/a machine\.snapshot: [\d.]+ MiB\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await monitor("do rmdir web");
    await client.ask("M141000100,4:03000000");
    expect(await monitor(`restore ${file}`)).toBe("one-socket at model time 5.000 us\n");
    expect(board.machine.clock.now).toBe(5000);
    expect(await board.software?.tree.readdir("/")).toContain("web");
    expect(await client.ask("m141000100,4")).not.toBe("03000000");
    expect(await monitor("reset")).toBe("one-socket at power-on\n");
    expect(board.machine.clock.now).toBe(0);
    expect(await board.software?.tree.readdir("/")).not.toContain("web");
  });

  test("are refused in one line where they cannot be, and change nothing", async () => {
    const { client, monitor } = await started();
    await client.ask("M141000100,4:03000000");
    const file = join(folder, "none");
    writeFileSync(file, "no snapshot");
    for (const line of [
      "snapshot",
      "restore",
      `restore ${folder}/nothing`,
      `restore ${file}`,
      `snapshot ${folder}`,
      "reset now",
    ])
      expect(await monitor(line)).toMatch(/^error: [^\n]+\n$/);
    expect(await client.ask("m141000100,4")).toBe("03000000");
  });

  test("take no pipes and devices for files: one waits, the other has no end", async () => {
    const { monitor } = await started();
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    for (const line of [`snapshot ${pipe}`, `restore ${pipe}`, "restore /dev/zero", "snapshot /dev/null"])
      expect(await monitor(line)).toMatch(/^error: EINVAL: \/\S+: is no file\n$/);
  });

  test("name no files where clients may not", async () => {
    const { monitor } = await started("one-socket", { files: false });
    for (const line of [`snapshot ${folder}/x`, `restore ${folder}/x`, "replay x.arrow"])
      expect(await monitor(line)).toMatch(/^error: EPERM: /);
  });
});
