// The engine in its worker: one session at a time, from power-on to the next.

import { transfer } from "comlink";
import { type InterruptEvent, nameOfMsc } from "../../machine/index.ts";
import type { Space } from "../../platform/index.ts";
import type { GroupSetup, Setup, WorkloadName } from "../setup.ts";
import { describe, type Machinery, powerOn } from "./boot.ts";
import { FileCalls } from "./file-calls.ts";
import { Pictures } from "./frames.ts";
import { Groups } from "./groups.ts";
import { Pacing } from "./pacing.ts";
import type {
  Booted,
  Engine,
  Frame,
  FrameRequest,
  GroupView,
  InterruptView,
  LineView,
  MscView,
  Reply,
  RunState,
  SelectedRead,
  SelectedWrite,
  Series,
} from "./protocol.ts";
import { RateOf } from "./rate.ts";
import { RegisterCalls } from "./register-calls.ts";
import { refused, replyOf } from "./reply.ts";
import { Samples } from "./samples.ts";
import { Traffic } from "./traffic.ts";
import { Workloads } from "./workloads.ts";

/** Of interrupts that are kept for who asks. */
const KEPT = 1000;

/** Everything of one power-on. */
interface Live extends Machinery {
  readonly setup: Setup;
  readonly pacing: Pacing;
  readonly traffic: Traffic;
  readonly groups: Groups;
  readonly pictures: Pictures;
  readonly samples: Samples;
  readonly files: FileCalls;
  readonly registers: RegisterCalls;
  readonly rate: RateOf;
  readonly interrupts: InterruptView[];
  /** Groups that this platform has no room for; the next one may. */
  readonly unmade: GroupSetup[];
}

export class Session implements Engine {
  #live: Live | undefined;
  readonly #workloads = new Workloads(new URL("../traces/", self.location.href));
  /** Of calls that begin or end sessions and traffic: one after the other. */
  #tail: Promise<unknown> = Promise.resolve();

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => {});
    return turn;
  }

  get #now(): Live {
    if (!this.#live) throw new Error("nothing has been booted");
    return this.#live;
  }

  boot(setup: Setup): Promise<Reply<Booted>> {
    return this.#inTurn(async () => {
      let machinery: Machinery;
      try {
        machinery = await powerOn(setup);
      } catch (error) {
        return refused(error);
      }
      const running = this.#live?.pacing.running ?? false;
      await this.#live?.traffic.stop();
      await this.#live?.machine.close();
      this.#live = assemble(setup, machinery);
      const problems = await this.#makeGroups(this.#live, setup);
      await warmUp(this.#live, setup.warmNs ?? 0);
      this.#live.pacing.speed = setup.speed;
      if (running) this.#live.pacing.play();
      return { ok: true, value: describe(machinery, problems) };
    });
  }

  /** Groups, their schemata and their workloads; what could not be done, one line each. */
  async #makeGroups(live: Live, setup: Setup): Promise<string[]> {
    const problems: string[] = [];
    const note = (what: string, reply: Reply<unknown>) => {
      if (!reply.ok) problems.push(`${what}: ${reply.status || reply.message}`);
      return reply.ok;
    };
    const wanted: { group: string; workload: WorkloadName }[] = [];
    for (const group of setup.groups) {
      const { name, schemata, workloads } = group;
      // That there is no tree is said once.
      if (live.tree && name !== "" && !note(`group ${name}`, await live.files.mkdir(name))) {
        live.unmade.push(group);
        continue;
      }
      for (const workload of workloads) wanted.push({ group: name, workload });
      if (!live.tree) continue;
      for (const line of schemata) {
        note(`${name || "default group"}, ${line}`, await live.files.writeFile(`${name}/schemata`, `${line}\n`));
      }
    }
    const running = [];
    for (const { group, workload } of wanted) {
      const reply = await replyOf(() => this.#place(live, group, workload));
      note(workload, reply);
      if (reply.ok) running.push(reply.value);
    }
    await live.groups.look();
    await live.traffic.run(running);
    return problems;
  }

  /** Opens a workload, and puts its threads into its group. */
  async #place(live: Live, group: string, workload: WorkloadName) {
    const source = await this.#workloads.open(workload);
    const tids = [...new Set(live.machine.addTasks(source).map(({ tid }) => tid))];
    // Without a tree they stay where all threads are in the beginning.
    if (live.tree && tids.length > 0) await live.tree.writeFile(`${group}/tasks`, `${tids.join(",")}\n`);
    return { workload, source, tids };
  }

  async setup(): Promise<Setup> {
    const { setup, groups, traffic, pacing, tree, unmade } = this.#now;
    if (!tree) return { ...setup, speed: pacing.speed };
    const views = await groups.views(traffic.running);
    // In the order of their making, so that made again they have their colours.
    const made = views
      .filter(({ path }) => !path.includes("/"))
      .sort((a, b) => a.colour - b.colour)
      .map((view): GroupSetup => ({ name: view.path, schemata: changedLines(view), workloads: view.workloads }));
    return { ...setup, speed: pacing.speed, groups: [...made, ...unmade] };
  }

  play(): Promise<void> {
    return this.#inTurn(async () => this.#now.pacing.play());
  }

  pause(): Promise<void> {
    return this.#inTurn(async () => this.#now.pacing.pause());
  }

  step(ns: number): Promise<void> {
    return this.#inTurn(async () => this.#now.pacing.play(ns));
  }

  setSpeed(speed: number | "max"): Promise<void> {
    return this.#inTurn(async () => {
      this.#now.pacing.speed = speed;
    });
  }

  async frame(request: FrameRequest): Promise<Frame> {
    const { machine, pictures, pacing, traffic, groups, rate, interrupts } = this.#now;
    const records = Number(machine.inside.hardware.records());
    const frame: Frame = {
      ...pictures.frameOf(request),
      time: machine.clock.now,
      records,
      recordsPerSecond: rate.of(records),
      state: stateOf(traffic, pacing),
      failure: traffic.failure,
      groupsVersion: groups.version,
      interrupts: interrupts.length,
    };
    return transfer(frame, [frame.cells.buffer, frame.lines.buffer]);
  }

  async series(since: number): Promise<Series> {
    return this.#now.samples.since(since);
  }

  async line(request: FrameRequest, set: number, way: number): Promise<LineView> {
    return this.#now.pictures.lineOf(request, set, way);
  }

  groups(): Promise<readonly GroupView[]> {
    const { groups, traffic } = this.#now;
    return groups.views(traffic.running);
  }

  addWorkload(group: string, workload: WorkloadName): Promise<Reply> {
    return this.#inTurn(() =>
      replyOf(async () => {
        const live = this.#now;
        if (live.traffic.running.some((one) => one.workload === workload)) throw new Error(`${workload} runs already`);
        const placed = await this.#place(live, group, workload);
        await live.traffic.run([...live.traffic.running, placed]);
        await live.groups.look();
        return undefined;
      }),
    );
  }

  removeWorkload(workload: WorkloadName): Promise<Reply> {
    return this.#inTurn(() =>
      replyOf(async () => {
        const { traffic, groups } = this.#now;
        await traffic.run(traffic.running.filter((one) => one.workload !== workload));
        await groups.look();
        return undefined;
      }),
    );
  }

  addTrace(name: string, bytes: Uint8Array): Promise<Reply<string>> {
    return replyOf(() => this.#workloads.add(name, bytes));
  }

  snapshot(): Promise<Reply<Uint8Array>> {
    return replyOf(() => this.#now.machine.snapshot());
  }

  readFile = (path: string) => this.#now.files.readFile(path);
  writeFile = (path: string, text: string) => this.#now.files.writeFile(path, text);
  readdir = (path: string) => this.#now.files.readdir(path);
  stat = (path: string) => this.#now.files.stat(path);
  mkdir = (path: string) => this.#now.files.mkdir(path);
  rmdir = (path: string) => this.#now.files.rmdir(path);
  rename = (from: string, to: string) => this.#now.files.rename(from, to);

  async mscs(): Promise<readonly MscView[]> {
    return this.#now.registers.mscs();
  }

  readWord = (msc: number, offset: number, space: Space) => this.#now.registers.readWord(msc, offset, space);
  writeWord = (msc: number, offset: number, value: number, space: Space) =>
    this.#now.registers.writeWord(msc, offset, value, space);
  readSelected = (request: SelectedRead) => this.#now.registers.readSelected(request);
  writeSelected = (request: SelectedWrite) => this.#now.registers.writeSelected(request);
  systemRegisters = (cpu: number) => this.#now.registers.systemRegisters(cpu);
  writeSystemRegister = (cpu: number, name: string, value: bigint) =>
    this.#now.registers.writeSystemRegister(cpu, name, value);
  labels = (cpu: number) => this.#now.registers.labels(cpu);

  async interrupts(since: number): Promise<readonly InterruptView[]> {
    return this.#now.interrupts.slice(since);
  }
}

/** Nobody waits longer for a machine to be warm, ms of the wall. */
const WARM_MS = 2000;

/** Lets traces run before anybody sees them: caches have their lines, and charts begin behind that. */
async function warmUp({ pacing, traffic, samples, groups }: Live, ns: number): Promise<void> {
  if (ns === 0 || traffic.running.length === 0) return;
  const end = performance.now() + WARM_MS;
  pacing.speed = "max";
  pacing.play(ns);
  while (pacing.running && traffic.failure === "" && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  pacing.pause();
  samples.beginHere(groups.now);
}

function assemble(setup: Setup, machinery: Machinery): Live {
  const { machine, tree } = machinery;
  const groups = new Groups(tree);
  const samples = new Samples(machine);
  const pacing = new Pacing(machine.clock, () => samples.tick(groups.now));
  const interrupts: InterruptView[] = [];
  machine.onInterrupt((event) => {
    if (interrupts.length < KEPT) interrupts.push({ time: event.time, text: inWords(event, machinery) });
  });
  const begun = () => void machine.clock.settle().then(() => pacing.poke());
  return {
    ...machinery,
    setup,
    pacing,
    groups,
    samples,
    interrupts,
    unmade: [],
    traffic: new Traffic(machine, pacing, setup.timing),
    pictures: new Pictures(machine, groups),
    files: new FileCalls(tree, begun, () => groups.look()),
    registers: new RegisterCalls(machine),
    rate: new RateOf(),
  };
}

function stateOf(traffic: Traffic, pacing: Pacing): RunState {
  if (traffic.failure !== "") return "failed";
  if (traffic.running.length === 0) return "idle";
  return pacing.running ? "running" : "paused";
}

/** Lines of a schemata file in which something is less than all. */
function changedLines({ schemata }: GroupView): string[] {
  return schemata.flatMap(({ resource, kind, bits, max, domains }) => {
    const all = kind === "mask" ? (2n ** BigInt(bits) - 1n).toString(16) : String(max);
    const changed = domains.filter(({ value }) => value.replace(/^0+(?=.)/, "") !== all);
    if (changed.length === 0) return [];
    return [`${resource}:${changed.map(({ id, value }) => `${id}=${value}`).join(";")}`];
  });
}

function inWords(event: InterruptEvent, { machine }: Machinery): string {
  if (event.kind === "mailbox") return `mailbox ${event.subspace}, line ${event.line}`;
  const msc = machine.mscs[event.msc];
  const what =
    event.delivery === "wire" ? (event.level === 1 ? "raised" : "released") : `${event.count} by ${event.delivery}`;
  return `${event.kind} of ${msc ? nameOfMsc(msc) : event.msc}, line ${event.line}: ${what}`;
}
