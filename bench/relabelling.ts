// What a change of labels takes, from the call that asks for it to the end of the edge at which it begins to act. A replay has a
// record, a call and an edge for each; what it takes without any change is the first contestant.
import { performance } from "node:perf_hooks";
import { Machine, type TaskLabel } from "../src/machine/index.ts";
import { checkObject } from "../src/platform/index.ts";
import { ours } from "./goals.ts";
import type { Contestant, Row } from "./harness.ts";
import { checksumText, hashAdd, mix } from "./mixer.ts";
import type { RunOptions } from "./question.ts";
import { ASID, traceOf } from "./trace-of.ts";

const CPUS = 8;
const REQUESTERS = [1000, 10_000] as const;
const QUANTUM_NS = 1;

const label = (partid: number): TaskLabel => ({ partidD: partid, partidI: partid, pmgD: 0, pmgI: 0 });

interface Change {
  readonly name: string;
  /** How often it is made in a turn, a quantum and a record each: so often that the start of the replay hardly counts. */
  readonly edges: number;
  make(machine: Machine, turn: number): void;
}

/** Tasks have the default tag, and cpus defaults of their own. */
const CHANGES: readonly Change[] = [
  { name: "no change", edges: 2000, make: () => undefined },
  {
    name: "one task moved",
    edges: 500,
    make: ({ processor }, turn) => processor.setTaskLabel(1, label(20 + (turn & 1))),
  },
  {
    name: "a cpu default",
    edges: 100,
    make: ({ processor }, turn) => processor.setCpuDefault(0, label(30 + (turn & 1))),
  },
  { name: "the global default", edges: 50, make: ({ processor }, turn) => processor.setGlobalDefault(label(turn & 1)) },
];

export async function relabelling(options: RunOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const requesters of REQUESTERS) {
    const contestants: Contestant[] = [];
    for (const change of CHANGES) contestants.push(await contestant(requesters, change));
    const met = await options.meet({
      bench: "labels",
      case: `${requesters.toLocaleString("en")} requesters`,
      operations: 1,
      contestants,
      repetitions: options.repetitions,
    });
    const [none] = met;
    for (const row of met) {
      const micros = 1 / row.rate - (row === none || !none ? 0 : 1 / none.rate);
      options.note(`labels: ${row.case}: ${row.contestant}: ${micros.toFixed(1)} us`);
    }
    rows.push(...met.map((row) => ({ ...row, rate: row.rate * 1000, unit: "k/s" as const })));
  }
  return rows;
}

async function contestant(requesters: number, { name, edges, make }: Change): Promise<Contestant> {
  const machine = await Machine.create(
    checkObject({
      name: "bench",
      cpus: CPUS,
      quantumNs: QUANTUM_NS,
      processor: { partidMax: 63, pmgMax: 1 },
      caches: [{ level: 3, bytes: "1 MiB", ways: 16, msc: { base: 0x1000_0000, cpor: { cpbmWd: 16 } } }],
      memory: [{ bytes: 2 ** 30, bytesPerSecond: 1e10 }],
    }),
  );
  const trace = traceOf(
    "a record a quantum",
    { line: new Uint32Array(edges), requester: new Uint16Array(edges), meta: new Uint8Array(edges) },
    // Tasks at EL0 and EL1, dealt to the cpus.
    Array.from({ length: requesters }, (_, i) => ({
      asid: ASID,
      pid: 1,
      tid: 1 + (i >> 1),
      cpu: (i >> 1) % CPUS,
      el: i & 1,
    })),
  );
  machine.addTasks(trace);
  for (let cpu = 0; cpu < CPUS; cpu++) machine.processor.setCpuDefault(cpu, label(10 + cpu));
  const { clock } = machine;
  let turn = 0;
  return {
    name: ours(name),
    work: name,
    operations: edges,
    async run() {
      for (let i = 0; i < edges; i++) clock.at(clock.now + i * QUANTUM_NS, "bench", () => make(machine, turn++));
      const start = performance.now();
      await machine.replay([trace]);
      const nanoseconds = (performance.now() - start) * 1e6;
      return { nanoseconds, checksum: labelsOf(machine, requesters) };
    },
  };
}

function labelsOf(machine: Machine, requesters: number): string {
  let h = mix(0);
  for (let requester = 0; requester < requesters; requester++) {
    h = hashAdd(h, machine.inside.hardware.labelOf(requester, 0));
  }
  return checksumText(h);
}
