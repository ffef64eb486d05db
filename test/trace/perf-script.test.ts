// Lines as `perf script -F comm,pid,tid,cpu,time,event,addr,phys_addr,data_src,weight` prints them.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Access, dense, importedRows, refusalOf, text, unsized } from "./recordings.ts";

const LOAD = "|OP LOAD|LVL L1 hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A";
const STORE = "|OP STORE|LVL L1 hit|SNP N/A|TLB N/A|LCK N/A|BLK  N/A";
const LINES = [
  "# cmdline : /usr/bin/perf mem record -a",
  `            sort  4711/4712  [002]  3678.072400: cpu/mem-loads,ldlat=30/P:     7ffdf1391b0c     10268100142 ${LOAD}     7      1f3391b0c`,
  `     Web Content   900/900   [000]  3678.072405:          1      cpu/mem-stores/P:     7ffdf1391b10     5080144 ${STORE}     0`,
  "            sort  4711/4712  [002]  3678.072407:  cpu/mem-loads,ldlat=30/P:                0     5080021 |OP N/A|LVL N/A     0",
  "            sort  4711/4712  [003]  3678.072409:  l1d-access:  ffff800010001040     88000182 |OP LOAD|LVL L1 miss",
  "            sort  4711/4712  [003]  3678.072409:  tlb-access:  ffff800010001040     88000182 |OP LOAD|LVL L1 miss",
  "            sort  4711/4712  [003]  3678.072500123:  branch-store:  ffff800010001048",
  "",
  "  this is a call chain 7ffdf1391b0c",
];

test("samples become accesses at their times; lines of other kinds, samples without an address and repeats are skipped", async () => {
  const { trace, rows } = await importedRows("mem.txt", text(LINES));
  expect(rows).toEqual([
    [0, 0xb0c, 8, 0, 0],
    [5000, 0xb10, 8, 1, 1],
    [9000, 0x1040, 8, 0, 0],
    [100123, 0x1048, 8, 1, 0],
  ]);
  expect(trace.requesters).toEqual([
    { asid: 4711, pid: 4711, tid: 4712, comm: "sort", source: "mem.txt" },
    { asid: 900, pid: 900, tid: 900, comm: "Web Content", source: "mem.txt" },
  ]);
  expect(trace.metadata).toMatchObject({ sampled: true, timeRule: { rule: "recorded" } });
  expect(trace.metadata?.sources[0]).toMatchObject({ format: "perf", records: 9 });
});

test("with cpus recorded, a thread on another cpu is another requester", async () => {
  const { trace } = await importedRows("mem.txt", text(LINES), { cpus: "record" });
  expect(trace.requesters.map((who) => [who.tid, who.cpu])).toEqual([
    [4712, 2],
    [900, 0],
    [4712, 3],
  ]);
});

test("any samples printed are those read", async () => {
  const sample = fc.record({
    comm: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9:_/-]{0,13}[a-z]$/),
    pid: fc.integer({ min: 0, max: 4194304 }),
    cpu: fc.integer({ min: 0, max: 511 }),
    step: fc.integer({ min: 1, max: 1e9 }),
    address: fc.bigInt(1n, 0xffff_ffff_ffff_ffffn),
    op: fc.constantFrom("LOAD", "STORE"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 50 }), async (samples) => {
      let time = 3_000_000_000_000;
      const pids = [...new Set(samples.map((one) => one.pid))];
      const lines: string[] = [];
      const expected: Access[] = [];
      for (const { comm, pid, cpu, step, address, op } of samples) {
        time += step;
        const stamp = `${Math.floor(time / 1e9)}.${String(time % 1e9).padStart(9, "0")}`;
        lines.push(
          `${comm.padStart(16)} ${pid}/${pid} [${String(cpu).padStart(3, "0")}] ${stamp}: e: ${address.toString(16)} 5080022 |OP ${op}|LVL L1 hit`,
        );
        expected.push({ time, address, bytes: unsized(address), op: op === "LOAD" ? 0 : 1, who: pids.indexOf(pid) });
      }
      // Each process has pages of its own.
      const rows = (await importedRows("p", text(lines))).rows;
      for (const [who] of pids.entries()) {
        const own = expected.filter((one) => one.who === who);
        const shift = (own[0]?.time ?? 0) - (expected[0]?.time ?? 0);
        expect(rows.filter((row) => row[4] === who)).toEqual(dense(own).map(([t, ...rest]) => [t + shift, ...rest]));
      }
    }),
  );
});

test("samples out of order and addresses of more than 64 bits are refused with their line", async () => {
  const at = (time: string, address: string) => `sort 1/1 [000] ${time}: e: ${address} 5080022 ${LOAD} 7`;
  expect(await refusalOf("p", text([at("2.000000", "10"), at("1.999999", "20")]))).toContain(
    "p: line 2: time goes back from 2000000000 to 1999999000 ns; sort the records by time, or take --time accesses; 1 record",
  );
  expect(await refusalOf("p", text([at("2.000000", "10"), at("2.000001", "1ffff800010001040")]))).toContain(
    "p: line 2: the number 1ffff800010001040 is too long: 64 bits hold at most",
  );
});
