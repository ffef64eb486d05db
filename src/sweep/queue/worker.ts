// A worker: takes units from a queue, runs them in threads and brings what they come to. The thread that talks to the server does
// nothing else, so locks are renewed however long a unit takes.

import { hostname } from "node:os";
import type { Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { messageOf } from "../../errno/index.ts";
import { plural, UsageError } from "../../written/index.ts";
import { oneLine } from "../one-line.ts";
import { type Hand, handsOf, UnitLost } from "../threads/hand.ts";
import type { ThreadData } from "../threads/messages.ts";
import type { Unit } from "../unit.ts";
import { parseQueueUrl } from "./address.ts";
import { withinFolders } from "./allowed.ts";
import { checkJob, MOST_COMMON, unitFrom } from "./jobs.ts";
import { type QueueLibraries, queueLibraries } from "./libraries.ts";
import { QueueNames } from "./names.ts";
import { present } from "./present.ts";
import { MOST_RESULT } from "./results.ts";
import { connect } from "./server.ts";
import { type Settled, settle, tell } from "./settle.ts";
import { withinMs } from "./within.ts";

/** A worker that does not renew its locks is gone after so long, ms; looking happens twice as often. */
const LOCK_MS = 15_000;
/** So many workers may go away over a unit. */
const STALLED = 5;
/** Starts of one unit, given back or not; more is a job that somebody has made to go round. */
const STARTS = 1000;
/** Nothing has waited for so long: then it is idle, ms. */
const IDLE_MS = 2000;
/** Between two looks at who else is there, ms. */
const LOOK_MS = 30_000;
/** How long the end waits for a server that is away, ms. */
const LEAVE_MS = 2000;

export interface QueueWorkerOptions {
  readonly url: string;
  /** What threads are started with; `tool` decides which queue it is. */
  readonly thread: ThreadData;
  /** Units at once. */
  readonly jobs: number;
  /** Folders outside of which no trace is read; none: any file that a job names. */
  readonly traces?: readonly string[];
  /** For people; default the host's name and the process. */
  readonly name?: string;
  /** Ends after one unit, or when nothing waits. */
  readonly until?: "once" | "idle";
  /** How long a unit stays with a worker that has gone, ms. */
  readonly lockMs?: number;
  /** With `until: "idle"`: nothing has waited for so long, ms. */
  readonly idleMs?: number;
}

export interface QueueWorkerHooks {
  started?(unit: Unit): void;
  ended?(one: WorkedOn): void;
  note?(line: string): void;
}

/** What became of a unit here. */
export interface WorkedOn {
  readonly unit: Unit;
  readonly ms: number;
  /** "known": somebody else had brought it. */
  readonly outcome: Settled | "known" | "lost" | "given back";
  /** Of lost ones. */
  readonly why?: string;
}

export class QueueWorker {
  /** Rejects where it cannot go on. */
  readonly ended: Promise<void>;
  #end!: () => void;
  #queue!: Worker;
  readonly #hands: Hand[];
  readonly #givingBack = new AbortController();
  readonly #underWay = new Set<string>();
  /** Until their threads have done with units, whatever the server hears of it. */
  readonly #running = new Set<Promise<void>>();
  readonly #commons = new Map<string, string>();
  readonly #name: string;
  #connected = true;
  #stopping = false;
  #taken = 0;

  private constructor(
    private readonly libraries: QueueLibraries,
    private readonly redis: Redis,
    private readonly names: QueueNames,
    private readonly options: QueueWorkerOptions,
    private readonly hooks: QueueWorkerHooks,
  ) {
    this.#name = options.name ?? `${hostname().replace(/[^\w.-]/g, "-")}-${process.pid}`;
    this.#hands = handsOf(options.jobs, options.thread);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Rejects with one line where the server is out of reach. */
  static async start(options: QueueWorkerOptions, hooks: QueueWorkerHooks = {}): Promise<QueueWorker> {
    const address = parseQueueUrl(options.url);
    if (options.name !== undefined && !/^[\w.-]{1,100}$/.test(options.name)) {
      throw new UsageError(`name '${oneLine(options.name)}': letters, digits, '.', '_' and '-' are allowed`);
    }
    const libraries = await queueLibraries();
    const names = new QueueNames(address.prefix, address.queue, options.thread.tool);
    let worker: QueueWorker | undefined;
    const redis = await connect(libraries, address, {
      away: () => worker?.away(),
      back: () => worker?.back(),
    });
    worker = new QueueWorker(libraries, redis, names, options, hooks);
    await worker.begin();
    return worker;
  }

  get name(): string {
    return this.#name;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Units that are being run. */
  get underWay(): number {
    return this.#underWay.size;
  }

  private async begin(): Promise<void> {
    const { jobs, lockMs = LOCK_MS } = this.options;
    await this.#register();
    const queue = new this.libraries.bullmq.Worker(this.names.queue, (job, token) => this.#process(job, token ?? ""), {
      connection: this.redis,
      prefix: this.names.prefix,
      name: this.#name,
      concurrency: this.options.until === "once" ? 1 : jobs,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: STALLED,
      maxStartedAttempts: STARTS,
      runRetryDelay: 1000,
      removeOnComplete: { age: 3600, count: 200 },
    });
    this.#queue = queue;
    // Losses of the server are told by the connection; a lock that is lost costs nothing but the time, since results come once.
    queue.on("error", () => {});
    queue.on("stalled", (name) =>
      this.#note(`unit ${oneLine(name).slice(0, 12)}: its worker has gone; it is run again`),
    );
    queue.on("failed", (job) => {
      if (job?.id !== undefined && job.finishedOn !== undefined) {
        tell(this.redis, this.names, job.id, "failed").catch(() => {});
      }
    });
    const looking = setInterval(() => this.#lookAround(), LOOK_MS);
    this.#lookAround();
    const idling = this.options.until === "idle" ? this.#whenIdle() : undefined;
    void this.ended.then(() => {
      clearInterval(looking);
      clearInterval(idling);
    });
  }

  private away(): void {
    this.#connected = false;
    this.#note("the server of the queue is away: waiting");
  }

  private back(): void {
    this.#connected = true;
    this.#note("the server of the queue is back");
    this.#register().catch(() => {});
  }

  #note(line: string): void {
    this.hooks.note?.(line);
  }

  async #register(): Promise<void> {
    await this.redis.hset(this.names.tools, this.names.short, this.names.tool);
  }

  #told = "";

  /** Units of other tools wait in queues of their own: said once, since nobody else may. */
  #lookAround(): void {
    const look = async () => {
      const { others } = await present(this.redis, this.names);
      const waiting = others.filter((other) => other.waiting > 0 && other.workers === 0);
      const told = waiting.map(({ tool }) => tool).join();
      if (told !== this.#told) {
        for (const { tool, waiting: units } of waiting) {
          this.#note(`${plural(units, "unit waits", "units wait")} for ${tool}; this is ${this.names.tool}`);
        }
      }
      this.#told = told;
    };
    look().catch(() => {});
  }

  #whenIdle(): NodeJS.Timeout {
    const { idleMs = IDLE_MS } = this.options;
    let since = performance.now();
    return setInterval(async () => {
      const busy = this.#underWay.size > 0 || !this.#connected || (await this.#waiting().catch(() => 1)) > 0;
      if (busy) since = performance.now();
      else if (performance.now() - since >= idleMs) void this.stop();
    }, idleMs / 4);
  }

  async #waiting(): Promise<number> {
    const [wait, delayed] = await Promise.all([
      this.redis.llen(this.names.key("wait")),
      this.redis.zcard(this.names.key("delayed")),
    ]);
    return wait + delayed;
  }

  /** Takes no more units. Resolves when those that it has are done; `now`: they are given back. */
  async stop(now = false): Promise<void> {
    this.#stopping = true;
    if (now) this.#givingBack.abort();
    const close = this.#queue.close();
    // Only for units that run is waited as long as they take: what becomes of them afterwards may have no server to hear it.
    if (!now && this.#connected) await Promise.race([Promise.all(this.#running), aborted(this.#givingBack.signal)]);
    await withinMs(LEAVE_MS, close);
    await Promise.all(this.#hands.map((hand) => hand.end()));
    this.redis.disconnect();
    // A server that is away would be waited for.
    this.#queue.disconnect().catch(() => {});
    this.#end();
  }

  /** What BullMQ calls; its answer is kept with the job, for people. */
  async #process(job: Job, token: string): Promise<string> {
    if (this.#stopping || (this.options.until === "once" && this.#taken > 0)) return await this.#giveBack(job, token);
    this.#taken++;
    const name = String(job.id);
    const hand = this.#hands.pop() as Hand;
    this.#underWay.add(name);
    let ran = () => {};
    const running = new Promise<void>((resolve) => {
      ran = resolve;
    });
    this.#running.add(running);
    try {
      return await this.#work(job, name, hand, token, ran);
    } finally {
      ran();
      this.#running.delete(running);
      this.#underWay.delete(name);
      this.#hands.push(hand);
      if (this.options.until === "once") void this.#queue.pause(true).then(() => this.stop());
    }
  }

  async #work(job: Job, name: string, hand: Hand, token: string, ran: () => void): Promise<string> {
    const began = performance.now();
    const unit = await this.#unitOf(job, name);
    const tellEnded = (outcome: WorkedOn["outcome"], why?: string) => {
      const ms = performance.now() - began;
      this.hooks.ended?.({ unit, ms, outcome, ...(why === undefined ? {} : { why }) });
    };
    if ((await this.redis.exists(this.names.result(name))) === 1) {
      tellEnded("known");
      return "known";
    }
    this.hooks.started?.(unit);
    let text: string;
    try {
      const running = hand.run(await withinFolders(unit, this.options.traces ?? []), this.#givingBack.signal);
      text = await running.finally(ran);
      if (text.length > MOST_RESULT) throw new UnitLost(`its result has ${text.length} characters`);
    } catch (error) {
      if (this.#givingBack.signal.aborted) {
        tellEnded("given back");
        return await this.#giveBack(job, token);
      }
      const why = oneLine(messageOf(error));
      tellEnded("lost", why);
      throw new Error(`${why}; on ${this.#name}`);
    }
    const settled = await settle(this.redis, this.names, name, text);
    tellEnded(settled);
    return settled;
  }

  /** Throws what makes BullMQ give the job up: the same job would be wrong again. */
  async #unitOf(job: Job, name: string): Promise<Unit> {
    try {
      if (!/^[0-9a-f]{64}$/.test(name)) throw new Error("its name is no unit's");
      const data = checkJob(job.data);
      return unitFrom(name, data, await this.#commonOf(data.common), this.names.tool);
    } catch (error) {
      const why = oneLine(messageOf(error));
      this.#note(`a job that cannot be run: ${oneLine(name).slice(0, 64)}: ${why}`);
      throw new this.libraries.bullmq.UnrecoverableError(why);
    }
  }

  async #commonOf(hash: string): Promise<string> {
    const known = this.#commons.get(hash);
    if (known !== undefined) return known;
    const key = this.names.common(hash);
    const size = await this.redis.strlen(key);
    if (size === 0) throw new Error("what its job has in common with others is not there");
    if (size > MOST_COMMON) throw new Error(`what its job has in common with others has ${size} bytes`);
    const text = (await this.redis.get(key)) ?? "";
    // A few: units come in the order of their plan.
    if (this.#commons.size >= 8) this.#commons.delete(this.#commons.keys().next().value ?? "");
    this.#commons.set(hash, text);
    return text;
  }

  /** To the head of the queue, at once, and as if it had not been tried. */
  async #giveBack(job: Job, token: string): Promise<never> {
    await job.moveToWait(token);
    throw new this.libraries.bullmq.WaitingError();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
