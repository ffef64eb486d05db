// Whatever is done to tasks, defaults, cpus, registers and policies: after the next edge each requester has the label that a naive
// look at everything gives it.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type KernelMode, Machine, type TaskLabel } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { FakeTrace, runs, thread } from "../machine/traces.ts";

const CPUS = 3;
const ZERO: TaskLabel = { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 };
const MPAMEN = 1n << 63n;

/** Threads 1 to 4 on some cpus at some exception levels. */
const REQUESTERS = [
  [1, 0, 0],
  [1, 0, 1],
  [2, 0, 0],
  [2, 0, 1],
  [3, 0, 0],
  [1, 1, 0],
  [2, 1, 1],
  [3, 1, 2],
  [2, 1, 3],
  [4, 2, 0],
  [4, 2, 1],
] as const;

type Register = "MPAM0_EL1" | "MPAM1_EL1" | "MPAM2_EL2";

type Step =
  | { readonly do: "tag"; readonly tid: number; readonly label: TaskLabel }
  | { readonly do: "cpu"; readonly cpu: number; readonly label: TaskLabel }
  | { readonly do: "default"; readonly label: TaskLabel }
  | { readonly do: "mode"; readonly mode: KernelMode }
  | { readonly do: "poke"; readonly cpu: number; readonly register: Register; readonly label: TaskLabel }
  | { readonly do: "fix"; readonly requester: number; readonly partid: number | undefined }
  | { readonly do: "idle" | "offOn" | "reset"; readonly cpu: number }
  | { readonly do: "start" | "stop" }
  | { readonly do: "run"; readonly requesters: readonly number[] };

const label = fc.record({
  partidD: fc.nat({ max: 5 }),
  partidI: fc.nat({ max: 5 }),
  pmgD: fc.nat({ max: 1 }),
  pmgI: fc.nat({ max: 1 }),
});
const cpu = fc.nat({ max: CPUS - 1 });
const tid = fc.integer({ min: 1, max: 4 });

const mode: fc.Arbitrary<KernelMode> = fc.oneof(
  fc.constantFrom<KernelMode>({ policy: "inherit" }, { policy: "default" }),
  fc.record({ policy: fc.constant("global" as const), label, cpus: fc.uniqueArray(cpu) }),
  fc.record({
    policy: fc.constant("per-group" as const),
    pairs: fc.uniqueArray(fc.record({ user: label, kernel: label }), { selector: ({ user }) => JSON.stringify(user) }),
  }),
);

const running = fc.record({
  do: fc.constant("run" as const),
  requesters: fc.array(fc.nat({ max: REQUESTERS.length - 1 }), { maxLength: 3 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: running },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("tag" as const), tid, label }) },
  fc.record({ do: fc.constant("cpu" as const), cpu, label }),
  fc.record({ do: fc.constant("default" as const), label }),
  fc.record({ do: fc.constant("mode" as const), mode }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("poke" as const),
      cpu,
      register: fc.constantFrom<Register>("MPAM0_EL1", "MPAM1_EL1", "MPAM2_EL2"),
      label,
    }),
  },
  fc.record({
    do: fc.constant("fix" as const),
    requester: fc.nat({ max: REQUESTERS.length - 1 }),
    partid: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constantFrom("idle" as const, "offOn" as const, "reset" as const), cpu }),
  fc.record({ do: fc.constantFrom("start" as const, "stop" as const) }),
);

const same = (a: TaskLabel, b: TaskLabel) => JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));
const inOrder = ({ partidD, partidI, pmgD, pmgI }: TaskLabel) => [partidD, partidI, pmgD, pmgI];

function image({ partidD, partidI, pmgD, pmgI }: TaskLabel): bigint {
  return (BigInt(pmgD) << 40n) | (BigInt(pmgI) << 32n) | (BigInt(partidD) << 16n) | BigInt(partidI);
}

interface PlainCpu {
  registers: { [name in Register]: TaskLabel };
  /** What the kernel means to be there. */
  user: TaskLabel;
  kernel: TaskLabel;
  byHand: boolean;
  task: number | undefined;
  hasKernel: boolean;
}

class Plain {
  readonly tags = new Map([1, 2, 3, 4].map((one) => [one, ZERO]));
  readonly defaults = Array.from({ length: CPUS }, () => ZERO);
  readonly fixed = new Map<number, number>();
  readonly last = new Map<number, number>();
  readonly cpus: PlainCpu[];
  standard: TaskLabel = ZERO;
  mode: KernelMode = { policy: "inherit" };
  enabled = true;

  constructor(readonly vhe: boolean) {
    const registers = () => ({ MPAM0_EL1: ZERO, MPAM1_EL1: ZERO, MPAM2_EL2: ZERO });
    const one = { user: ZERO, kernel: ZERO, byHand: false, task: undefined, hasKernel: true };
    this.cpus = Array.from({ length: CPUS }, () => ({ ...one, registers: registers() }));
  }

  get kernelRegister(): Register {
    return this.vhe ? "MPAM2_EL2" : "MPAM1_EL1";
  }

  user(thread: number, on: number): TaskLabel {
    const tag = this.tags.get(thread)!;
    return same(tag, this.standard) ? this.defaults[on]! : tag;
  }

  kernel(thread: number, on: number): TaskLabel {
    const user = this.user(thread, on);
    const { mode } = this;
    if (mode.policy === "default") return this.standard;
    if (mode.policy === "global") return mode.cpus!.includes(on) ? mode.label : user;
    if (mode.policy === "per-group") return mode.pairs.find((pair) => same(pair.user, user))?.kernel ?? this.standard;
    return user;
  }

  /** The task that runs takes its place. */
  look(on: number): void {
    const one = this.cpus[on]!;
    const now = this.last.get(on) ?? REQUESTERS.find(([, its]) => its === on)![0];
    const changes = one.task !== undefined && one.task !== now;
    one.task = now;
    if (!this.enabled || !one.hasKernel) return;
    const [user, kernel] = [this.user(now, on), this.kernel(now, on)];
    const anew = changes && one.byHand;
    if (anew || !same(kernel, one.kernel)) one.registers[this.kernelRegister] = kernel;
    if (anew || !same(user, one.user)) one.registers.MPAM0_EL1 = user;
    [one.user, one.kernel] = [user, kernel];
    if (anew) one.byHand = false;
  }

  /** All registers are lost. */
  lose(on: number, user: TaskLabel, kernel: TaskLabel, hasKernel: boolean): void {
    const one = this.cpus[on]!;
    one.hasKernel = hasKernel;
    one.registers = { MPAM0_EL1: ZERO, MPAM1_EL1: ZERO, MPAM2_EL2: ZERO };
    if (!hasKernel) return;
    [one.user, one.kernel, one.byHand] = [user, kernel, false];
    one.registers.MPAM0_EL1 = user;
    one.registers[this.kernelRegister] = kernel;
  }

  edge(): void {
    for (let on = 0; on < CPUS; on++) this.look(on);
  }

  /** [PARTID, PMG] of data and of fetches. */
  labels(requester: number): number[] {
    const fixed = this.fixed.get(requester);
    if (fixed !== undefined) return [fixed, 0, fixed, 0];
    const [thread, on, el] = REQUESTERS[requester]!;
    const one = this.cpus[on]!;
    const registers = { ...one.registers };
    if (this.enabled && one.hasKernel && one.task !== thread) {
      registers[this.kernelRegister] = this.kernel(thread, on);
      registers.MPAM0_EL1 = this.user(thread, on);
    }
    const from = el === 3 ? ZERO : registers[(["MPAM0_EL1", "MPAM1_EL1", "MPAM2_EL2"] as const)[el]];
    return [from.partidD, from.pmgD, from.partidI, from.pmgI];
  }
}

async function act(machine: Machine, plain: Plain, one: Step): Promise<void> {
  const { processor } = machine;
  switch (one.do) {
    case "tag":
      processor.setTaskLabel(one.tid, one.label);
      plain.tags.set(one.tid, one.label);
      return;
    case "cpu":
      processor.setCpuDefault(one.cpu, one.label);
      plain.defaults[one.cpu] = one.label;
      return;
    case "default":
      processor.setGlobalDefault(one.label);
      plain.standard = one.label;
      return;
    case "mode":
      processor.kernel.mode = one.mode;
      plain.mode = one.mode;
      return;
    case "poke":
      machine.cpu(one.cpu).registers.poke(one.register, image(one.label) | MPAMEN);
      plain.look(one.cpu);
      plain.cpus[one.cpu]!.registers[one.register] = one.label;
      plain.cpus[one.cpu]!.byHand = true;
      return;
    case "fix":
      processor.setRequesterLabel(
        one.requester,
        one.partid === undefined ? undefined : { space: "ns", partid: one.partid, pmg: 0 },
      );
      if (one.partid === undefined) plain.fixed.delete(one.requester);
      else plain.fixed.set(one.requester, one.partid);
      return;
    case "idle": {
      const { user, kernel, hasKernel } = plain.cpus[one.cpu]!;
      processor.kernel.idle(one.cpu);
      plain.lose(one.cpu, user, kernel, hasKernel);
      return;
    }
    case "offOn": {
      const { user, kernel } = plain.cpus[one.cpu]!;
      await machine.cpu(one.cpu).offline();
      await machine.cpu(one.cpu).online();
      plain.lose(one.cpu, plain.enabled ? user : ZERO, plain.enabled ? kernel : ZERO, true);
      return;
    }
    case "reset":
      machine.cpu(one.cpu).registers.boot();
      plain.lose(one.cpu, ZERO, ZERO, false);
      return;
    case "start":
      processor.kernel.start();
      plain.enabled = true;
      return;
    case "stop":
      processor.kernel.stop();
      if (plain.enabled) plain.edge();
      plain.enabled = false;
      return;
  }
}

test("each requester has the label of what runs, of what is set, and of what is written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), fc.nat(24), async (steps, vhe, cut) => {
      let machine = await Machine.create(
        checkObject({
          ...{ name: "random", cpus: CPUS, processor: { partidMax: 7, pmgMax: 1, vhe } },
          memory: [{ bytes: "1 GiB", bytesPerSecond: "10 GB/s" }],
        }),
      );
      const requesters = REQUESTERS.map(([thread_, on, el]) => thread(thread_, { cpu: on, el }));
      const spaces = [1, 2, 3, 4].map((asid) => ({ asid, pages: 1 }));
      const trace = (rows: readonly number[]) =>
        new FakeTrace(
          "t",
          rows.map((requester) => ({ time: 0, address: 0, bytes: 64, op: 0, requester })),
          { requesters, spaces },
        );
      machine.addTasks(trace([]));
      // The kernel boots before anybody writes.
      await machine.replay([trace([9])]);
      const plain = new Plain(vhe);
      plain.last.set(2, 4);
      for (const [at, one] of steps.entries()) {
        if (one.do !== "run") {
          await act(machine, plain, one);
          continue;
        }
        if (at === cut) machine = await Machine.restore(machine.snapshot());
        // What waits takes effect before the first record.
        await machine.replay([trace([9, ...one.requesters])]);
        plain.edge();
        plain.last.set(2, 4);
        for (const requester of one.requesters) plain.last.set(REQUESTERS[requester]![1], REQUESTERS[requester]![0]);
        for (const requester of REQUESTERS.keys()) {
          const [data, fetch] = [0, 2].map((op) => machine.inside.hardware.labelOf(requester, op));
          const got = [data! & 0xffff, (data! >>> 16) & 0xff, fetch! & 0xffff, (fetch! >>> 16) & 0xff];
          expect([at, REQUESTERS[requester], got]).toEqual([at, REQUESTERS[requester], plain.labels(requester)]);
        }
      }
    }),
    runs(300),
  );
});
