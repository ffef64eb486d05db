// What c/test/compare.c does, on the machine of this package: through its bus, its replay and its cpus.

import {
  type ExceptionLevel,
  type InterruptEvent,
  type Label,
  Machine,
  type MscInterrupt,
  type RegisterOutcome,
  spaceNamed,
  type TraceRequester,
} from "../../src/machine/index.ts";
import type { Platform, Space } from "../../src/platform/index.ts";
import { FakeTrace, type Row } from "../machine/traces.ts";
import type { Line } from "./draw.ts";

const NUMBERS: Readonly<Record<Space, number>> = { s: 0, ns: 1, rt: 2, rl: 3 };
const OUTCOMES = { done: 0, undefined: 1, memory: 4 } as const;

/** A requester: its label is its own, or that of a cpu at an exception level. */
interface Who {
  readonly requester: TraceRequester;
  readonly el?: ExceptionLevel;
}

export class InNode {
  readonly #said: string[] = [];
  readonly #who: Who[] = [];
  #rows: Row[] = [];
  #numbers: readonly number[] | undefined;
  readonly #carried = new Map<number, string>();
  /** Records that had run when the present replay began; absent between replays. */
  #base: number | undefined;

  private constructor(private readonly machine: Machine) {
    machine.onInterrupt((event) => this.#hear(event));
  }

  static async of(platform: Platform): Promise<InNode> {
    return new InNode(await Machine.create(platform));
  }

  async run(script: readonly Line[]): Promise<string> {
    for (const [what, ...words] of script) await this.#obey(what, words);
    return `${this.#said.join("\n")}\n`;
  }

  #say(line: string | number): void {
    this.#said.push(String(line));
  }

  #hear(event: InterruptEvent): void {
    const { kind, msc, space, line, level, delivery, count, time, record, msi } = event as MscInterrupt;
    const records = Number(this.machine.inside.hardware.records());
    const at = this.#base === undefined ? records : record === undefined ? 0 : this.#base + record + 1;
    const deliveries = { wire: 0, pulse: 1, msi: 2 } as const;
    const attributes = msi ? ((msi.memattr << 24) | (msi.shareability << 28) | 1) >>> 0 : 0;
    const written = [
      `0x${(msi?.address ?? 0).toString(16)}`,
      msi?.data ?? 0,
      attributes,
      msi?.partid ?? 0,
      msi?.pmg ?? 0,
    ];
    const first = [kind === "error" ? 0 : 1, msc, NUMBERS[space], line, level, deliveries[delivery], count, time, at];
    this.#say(["i", ...first, ...written].join(" "));
  }

  /** The words of a refusal are those of compare.c. */
  #try(body: () => string | number): void {
    let said: string | number;
    try {
      said = body();
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === undefined && !(error instanceof RangeError)) throw error;
      said = code ?? "EINVAL";
    }
    this.#say(said);
  }

  async #obey(what: string, words: readonly (number | bigint)[]): Promise<void> {
    const [a, b, c, d] = words.map(Number) as [number, number, number, number];
    const { machine } = this;
    switch (what) {
      case "r":
        return this.#try(() => {
          const bytes = b as 4;
          return `0 0x${machine.bus.read({ cpu: d, space: spaceNamed(c), address: a, bytes }).toString(16)}`;
        });
      case "w":
        return this.#try(() => {
          const value = BigInt(words[4] as number);
          machine.bus.write({ cpu: d, space: spaceNamed(c), address: a, bytes: b as 4, value });
          return 0;
        });
      case "c":
        return this.#try(() => {
          machine.capture(a, b);
          return 0;
        });
      case "t":
        await machine.clock.advance(a);
        return this.#say(0);
      case "q":
        return this.#enrol({ requester: { ...thread(a), label: { space: spaceNamed(b), partid: c, pmg: d } } });
      case "u": {
        const label: Label = { space: "ns", partid: 0, pmg: 0 };
        return this.#enrol({ requester: { ...thread(a), label, el: b }, el: b as ExceptionLevel });
      }
      case "n":
        this.#rows.push({ time: 0, address: a, bytes: b, requester: c, op: d });
        return;
      case "p":
        return this.#replay();
      case "s":
        return this.#outcome(machine.cpu(a).registers.read(c, { el: b as ExceptionLevel }), true);
      case "S": {
        const value = BigInt(words[3] as number);
        return this.#outcome(machine.cpu(a).registers.write(c, value, { el: b as ExceptionLevel }), false);
      }
      case "l": {
        const kind = c === 0 ? "data" : "fetch";
        const { space, partid, pmg, steps } = machine.cpu(a).registers.label({ el: b as ExceptionLevel, kind });
        return this.#say(`0 ${NUMBERS[space]} ${partid} ${pmg} 0x${steps.toString(16)}`);
      }
      case "b":
        machine.cpu(a).registers.reset();
        return this.#say(0);
      case "x":
        return this.#slice(a);
      case "z":
        return this.#counts();
      default:
        return this.#say(0);
    }
  }

  #outcome(outcome: RegisterOutcome, isRead: boolean): void {
    const number = outcome.outcome === "trap" ? outcome.to : OUTCOMES[outcome.outcome];
    const word = "value" in outcome ? outcome.value : "offset" in outcome ? BigInt(outcome.offset) : 0n;
    this.#say(isRead ? `${number} 0x${word.toString(16)}` : number);
  }

  #enrol(who: Who): void {
    this.#say(this.#who.push(who) - 1);
  }

  #trace(rows: readonly Row[]): FakeTrace {
    return new FakeTrace("traffic", rows, {
      requesters: this.#who.map(({ requester }) => requester),
      addressRule: "identity",
      batches: [4096],
    });
  }

  async #replay(): Promise<void> {
    const { machine } = this;
    const rows = this.#rows;
    this.#rows = [];
    const trace = this.#trace(rows);
    this.#numbers ??= machine.processor.enrol(trace).requesters;
    this.#relabel(this.#numbers);
    this.#base = Number(machine.inside.hardware.records());
    let result = await machine.replay([trace], { stopOn: ["overflow"] });
    while (!result.finished) result = await machine.resume([trace], { stopOn: ["overflow"] });
    this.#base = undefined;
    this.#say(0);
  }

  /** Requesters of a cpu carry what its registers say: here a label that is fixed anew. */
  #relabel(numbers: readonly number[]): void {
    this.#who.forEach(({ requester, el }, index) => {
      if (el === undefined) return;
      const { space, partid, pmg } = this.machine.cpu(requester.cpu as number).registers.label({ el });
      const word = `${space} ${partid} ${pmg}`;
      if (this.#carried.get(index) === word) return;
      this.#carried.set(index, word);
      this.machine.processor.setRequesterLabel(numbers[index] as number, { space, partid, pmg });
    });
  }

  #counts(): void {
    this.machine.levels().forEach((level, resource) => {
      const isCache = level.kind === "cache";
      for (const one of level.labels) {
        const { space, partid, pmg, bytesRead, bytesWritten, accesses, misses, bytesHeld } = one;
        if (accesses + bytesHeld + bytesRead + bytesWritten === 0) continue;
        const lines = bytesHeld / this.machine.platform.lineBytes;
        const counts = [bytesRead, bytesWritten, isCache ? accesses : 0, isCache ? misses : 0, lines];
        this.#say(["z", resource, NUMBERS[space], partid, pmg, ...counts].join(" "));
      }
    });
  }

  /** In the order of ages; those of ways that hold nothing are not told apart. */
  #slice(resource: number): void {
    const { slices, sets } = this.machine.export();
    const { firstSet, setCount } = slices[resource] as (typeof slices)[number];
    for (let set = 0; set < setCount; set++) {
      for (const { way, line, dirty, space, partid, pmg } of sets[firstSet + set] ?? []) {
        this.#say(["x", resource, set, way, line, NUMBERS[space], partid, pmg, dirty ? 1 : 0].join(" "));
      }
    }
    this.#say(0);
  }
}

function thread(cpu: number): TraceRequester {
  return { asid: 1, pid: 1 + cpu, tid: 1 + cpu, cpu };
}
