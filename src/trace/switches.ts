// Who ran on each cpu, one after the other: changes of thread and of exception level, where a trace records cpus.
import { isDevice, type TraceBatch, type TraceRequester } from "../machine/index.ts";

/** What a trace shows of one cpu that it records. */
export interface CpuActivity {
  readonly cpu: number;
  readonly records: number;
  /** Threads with records there. */
  readonly threads: number;
  /** Times that a record is of another thread than the cpu's record before. */
  readonly contextSwitches: number;
  /** Times that it is of another exception level; absent where the trace records none. */
  readonly elChanges?: number;
}

/** Which process a thread is of, and which it is: as the machine tells tasks apart. */
export function threadKey({ asid, pid, tid }: TraceRequester): string {
  return `${asid} ${pid} ${tid}`;
}

interface Tally {
  records: number;
  contextSwitches: number;
  elChanges: number;
  /** The requester of the last record. */
  last: number | undefined;
  readonly threads: Set<number>;
}

export class SwitchCounter {
  /** By requester: its thread, and what is known of its cpu. */
  readonly #thread: readonly number[];
  readonly #tally: readonly (Tally | undefined)[];
  readonly #cpus = new Map<number, Tally>();
  readonly #hasLevels: boolean;

  constructor(private readonly requesters: readonly TraceRequester[]) {
    const threads = new Map<string, number>();
    this.#thread = requesters.map((who) => {
      const key = threadKey(who);
      const number = threads.get(key) ?? threads.size;
      threads.set(key, number);
      return number;
    });
    this.#tally = requesters.map((who) => (who.cpu === undefined || isDevice(who) ? undefined : this.#of(who.cpu)));
    this.#hasLevels = requesters.some(({ el }) => el !== undefined);
  }

  #of(cpu: number): Tally {
    const tally = this.#cpus.get(cpu) ?? {
      records: 0,
      contextSwitches: 0,
      elChanges: 0,
      last: undefined,
      threads: new Set(),
    };
    this.#cpus.set(cpu, tally);
    return tally;
  }

  /** The next rows. */
  see({ rows, requester }: TraceBatch): void {
    if (this.#cpus.size === 0) return;
    for (let i = 0; i < rows; i++) {
      const who = requester[i] as number;
      const tally = this.#tally[who];
      if (!tally) continue;
      tally.records++;
      if (tally.last !== who) this.#change(tally, who);
    }
  }

  #change(tally: Tally, who: number): void {
    const before = tally.last;
    tally.last = who;
    tally.threads.add(this.#thread[who] as number);
    if (before === undefined) return;
    if (this.#thread[before] !== this.#thread[who]) tally.contextSwitches++;
    if (this.requesters[before]?.el !== this.requesters[who]?.el) tally.elChanges++;
  }

  /** Of the cpus that have records, lowest first. */
  get cpus(): readonly CpuActivity[] {
    return [...this.#cpus]
      .sort(([a], [b]) => a - b)
      .filter(([, { records }]) => records > 0)
      .map(([cpu, { records, contextSwitches, elChanges, threads }]) => ({
        cpu,
        records,
        threads: threads.size,
        contextSwitches,
        ...(this.#hasLevels ? { elChanges } : {}),
      }));
  }
}
