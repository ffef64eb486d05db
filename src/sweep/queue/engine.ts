// Units on a queue: workers on any number of machines take them, and this process keeps what they come to.
//
// Nothing here believes that the server remembers. What has ended lies on this side's disk; every other unit is either on the
// queue or put there again: at the beginning, whenever the server has been away, and every few seconds.

import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { messageOf } from "../../errno/index.ts";
import { plural } from "../../written/index.ts";
import type { Engine, EngineHooks } from "../engine.ts";
import { oneLine } from "../one-line.ts";
import { placeText } from "../place-text.ts";
import type { Unit } from "../unit.ts";
import { parseQueueUrl, type QueueAddress } from "./address.ts";
import { serveDashboard } from "./dashboard.ts";
import { type CommonText, type JobData, Jobs } from "./jobs.ts";
import { type QueueLibraries, queueLibraries } from "./libraries.ts";
import { QueueNames } from "./names.ts";
import { present } from "./present.ts";
import { all, fetched, fetchResults } from "./results.ts";
import { connect, isOfServer, isReply, SILENT_MS } from "./server.ts";
import { KEPT_MS, type Told, tell } from "./settle.ts";
import { withinMs } from "./within.ts";

/** So often is a unit tried that a worker could not run. */
const TRIES = 3;
/** So often is a result refused before the unit is given up. */
const REFUSALS = 3;
/** How long the end waits for a server that is away, ms. */
const LEAVE_MS = 2000;
/** Longest answer to wait for in one go: what else is due is done in between, ms. */
const LISTEN_MS = 1000;

export interface QueueEngineOptions {
  /** redis://...; see parseQueueUrl. */
  readonly url: string;
  /** As results name it. Only workers of the same tool see the units. */
  readonly tool: string;
  /** Units that lie on the queue at once; default 1000. */
  readonly ahead?: number;
  /** How often is looked whether every unit is still there, ms; default 5000. */
  readonly lookMs?: number;
  /** Before the second try of a unit that a worker could not run, ms; twice as long before the third. Default 1000. */
  readonly againMs?: number;
  /** Port of the dashboard, on this machine alone, 0 for any that is free; absent: none. */
  readonly dashboard?: number;
}

type Options = QueueEngineOptions & Required<Pick<QueueEngineOptions, "ahead" | "lookMs" | "againMs">>;

/** A unit that lies on the queue. */
interface Put {
  readonly unit: Unit;
  /** What was found under its name and was no result. */
  refusals: number;
}

export class QueueEngine implements Engine {
  readonly #options: Options;
  readonly #address: QueueAddress;
  readonly #names: QueueNames;

  /** Throws a UsageError for a URL that is none. */
  constructor(options: QueueEngineOptions) {
    this.#options = { ahead: 1000, lookMs: 5000, againMs: 1000, ...options };
    this.#address = parseQueueUrl(options.url);
    this.#names = new QueueNames(this.#address.prefix, this.#address.queue, options.tool);
  }

  async run(units: readonly Unit[], hooks: EngineHooks): Promise<void> {
    hooks.signal?.throwIfAborted();
    const libraries = await queueLibraries();
    const run = new QueueRun(libraries, this.#names, this.#options, units, hooks);
    const { url, tool, dashboard } = this.#options;
    if (dashboard === undefined) return await run.through(this.#address);
    const shown = await serveDashboard(url, tool, dashboard);
    hooks.note?.(`dashboard: ${shown.url}`);
    try {
      await run.through(this.#address);
    } finally {
      await shown.close();
    }
  }
}

class QueueRun {
  readonly #jobs = new Jobs();
  readonly #left: Unit[];
  readonly #all: ReadonlySet<string>;
  readonly #put = new Map<string, Put>();
  #redis!: Redis;
  #queue!: Queue<JobData>;
  /** The last entry of the stream that was read. */
  #heard = "0-0";
  #lookAt = 0;
  #stop!: Promise<never>;
  /** Never rejects. */
  #working: Promise<void> = Promise.resolve();
  #said = "";

  constructor(
    private readonly libraries: QueueLibraries,
    private readonly names: QueueNames,
    private readonly options: Options,
    units: readonly Unit[],
    private readonly hooks: EngineHooks,
  ) {
    this.#left = [...units].reverse();
    this.#all = new Set(units.map(({ name }) => name));
  }

  async through(address: QueueAddress): Promise<void> {
    const { signal } = this.hooks;
    const lookSoon = () => {
      this.#lookAt = 0;
    };
    const redis = await connect(this.libraries, address, {
      away: () => this.#note("the server of the queue is away: waiting"),
      back: () => {
        this.#note("the server of the queue is back");
        lookSoon();
      },
    });
    this.#redis = redis;
    const listening = redis.duplicate();
    listening.on("error", () => {});
    this.#queue = new this.libraries.bullmq.Queue<JobData>(this.names.queue, {
      connection: redis,
      prefix: this.names.prefix,
    });
    // BullMQ tells of the same losses once more.
    this.#queue.on("error", () => {});
    let abort = () => {};
    this.#stop = new Promise<never>((_, reject) => {
      abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      if (signal?.aborted) abort();
    });
    this.#stop.catch(() => {});
    try {
      await this.#guarded(() => this.#begin());
      while (this.#put.size > 0 || this.#left.length > 0) {
        if (performance.now() >= this.#lookAt) await this.#guarded(() => this.#look([...this.#put.keys()], false));
        await this.#guarded(() => this.#fill());
        if (this.#put.size > 0) await this.#guarded(() => this.#listen(listening));
      }
      await this.#unlessStopped(this.#tellDiffering()).catch(() => {});
    } catch (error) {
      // What is being kept is kept; what only waits for news ends at once.
      listening.disconnect();
      await withinMs(
        LEAVE_MS,
        this.#working.then(() => this.#leave()),
      );
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      listening.disconnect();
      redis.disconnect();
      await this.#queue.close().catch(() => {});
    }
  }

  async #begin(): Promise<void> {
    const [last] = await this.#redis.xrevrange(this.names.events, "+", "-", "COUNT", 1);
    this.#heard = last?.[0] ?? "0-0";
    await this.#redis.hset(this.names.tools, this.names.short, this.names.tool);
  }

  #note(line: string): void {
    this.hooks.note?.(line);
  }

  #unlessStopped<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#stop]);
  }

  /** What the server refuses is said, and tried again: it may be short of memory, or loading. What the caller throws is not. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    const working = work();
    this.#working = working.catch(() => {});
    try {
      await this.#unlessStopped(working);
      this.#said = "";
    } catch (error) {
      if (!isOfServer(error)) throw error;
      const said = isReply(error) ? `the server of the queue: ${oneLine(messageOf(error))}; trying again` : "";
      if (said !== "" && said !== this.#said) this.#note(said);
      this.#said = said;
      this.#lookAt = 0;
      await this.#unlessStopped(new Promise((resolve) => setTimeout(resolve, LISTEN_MS)));
    }
  }

  /** Half of them at a time, so that the lists of the server are read seldom. */
  async #fill(): Promise<void> {
    const { ahead } = this.options;
    if (this.#left.length === 0 || this.#put.size > ahead / 2) return;
    const fresh: string[] = [];
    while (this.#put.size < ahead) {
      const unit = this.#left.pop();
      if (!unit) break;
      this.#put.set(unit.name, { unit, refusals: 0 });
      fresh.push(unit.name);
    }
    await this.#look(fresh, true);
  }

  /**
   * Finds out about units, and puts those on the queue that are neither there nor done. `fresh`: failures that are found are of
   * earlier sweeps, and tried again.
   */
  async #look(units: readonly string[], fresh: boolean): Promise<void> {
    if (!fresh) this.#lookAt = performance.now() + this.options.lookMs;
    // Jobs before results: a job that ends in between has brought its result first.
    const states = await this.#states();
    const open = await this.#collect(units);
    await this.#keepCommon(open);
    const missing: string[] = [];
    for (const name of open) {
      const state = states.get(name);
      if (state === undefined) missing.push(name);
      else if (state === "failed" && !fresh) await this.#lose(name);
      else if (state === "failed" || state === "completed") {
        // A job of that name, wherever it lies, keeps another one from being added.
        await this.#queue.remove(name);
        missing.push(name);
      }
    }
    await this.#add(missing);
    await this.#tellWho();
  }

  /** Where jobs are, by name. */
  async #states(): Promise<Map<string, string>> {
    const lists = ["wait", "paused", "active"] as const;
    const sets = ["delayed", "prioritized", "completed", "failed"] as const;
    const answers = await all<string[]>(this.#redis, (line) => {
      for (const list of lists) line.lrange(this.names.key(list), 0, -1);
      for (const set of sets) line.zrange(this.names.key(set), 0, -1);
    });
    const kinds = [...lists, ...sets];
    return new Map(answers.flatMap((names, i) => names.map((name) => [name, kinds[i] ?? ""] as const)));
  }

  /** Keeps the results that are there; answers the other units. */
  async #collect(units: readonly string[]): Promise<string[]> {
    const asked = units.filter((name) => this.#put.has(name));
    const { texts, wrong } = await fetchResults(this.#redis, this.names, asked);
    for (const [name, text] of texts) {
      const put = this.#put.get(name);
      if (put) await this.#end({ unit: put.unit, text });
    }
    await fetched(this.#redis, this.names, [...texts.keys()]);
    for (const [name, fault] of wrong) {
      const put = this.#put.get(name);
      if (!put) continue;
      put.refusals++;
      this.#note(`the server held something else as the result of unit ${name}: ${fault}; it is run again`);
      if (put.refusals < REFUSALS) continue;
      await this.#end({ unit: put.unit, lost: `what came back as its result was none, ${REFUSALS} times: ${fault}` });
    }
    return asked.filter((name) => this.#put.has(name));
  }

  async #end(one: Parameters<EngineHooks["ended"]>[0]): Promise<void> {
    await this.hooks.ended(one);
    this.#put.delete(one.unit.name);
  }

  async #lose(name: string): Promise<void> {
    const put = this.#put.get(name);
    const job = await this.#queue.getJob(name);
    if (!put || !job) return;
    const { stalledCounter, attemptsMade, failedReason } = job;
    const stalled = /stalled more than/.test(failedReason ?? "");
    const lost = stalled
      ? `the workers that ran it went away, ${stalledCounter} times`
      : `${oneLine(failedReason ?? "nobody said why")}${attemptsMade > 1 ? ` (tried ${attemptsMade} times)` : ""}`;
    await this.#end({ unit: put.unit, lost });
  }

  /** What units have in common, for those who take them: for as long as anybody asks. */
  async #keepCommon(units: readonly string[]): Promise<void> {
    const texts = new Map<string, CommonText>();
    for (const name of units) {
      const put = this.#put.get(name);
      if (!put) continue;
      const common = this.#jobs.commonOf(put.unit.work);
      texts.set(common.hash, common);
    }
    const hashes = [...texts.keys()];
    const there = await all<number>(this.#redis, (line) => {
      for (const hash of hashes) line.pexpire(this.names.common(hash), KEPT_MS);
    });
    for (const [i, hash] of hashes.entries()) {
      if (there[i] === 0) await this.#redis.set(this.names.common(hash), texts.get(hash)?.text ?? "", "PX", KEPT_MS);
    }
  }

  async #add(units: readonly string[]): Promise<void> {
    const { againMs } = this.options;
    const jobs = units.flatMap((name) => {
      const put = this.#put.get(name);
      if (!put) return [];
      return {
        // For people who look at the queue; what tells jobs apart is the id.
        name: placeText(put.unit.place),
        data: this.#jobs.dataOf(put.unit),
        opts: {
          jobId: name,
          attempts: TRIES,
          backoff: { type: "exponential", delay: againMs },
          // What lies there for people to look at is bounded.
          removeOnComplete: { age: 3600, count: 200 },
          removeOnFail: { age: KEPT_MS / 1000, count: 10_000 },
          stackTraceLimit: 0,
        },
      };
    });
    if (jobs.length > 0) await this.#queue.addBulk(jobs);
  }

  /** Waits for news, and takes it in. */
  async #listen(redis: Redis): Promise<void> {
    const waitMs = Math.max(1, Math.min(LISTEN_MS, Math.ceil(this.#lookAt - performance.now())));
    const late = setTimeout(() => redis.disconnect(true), SILENT_MS);
    const answer = await redis
      .xread("COUNT", 1000, "BLOCK", waitMs, "STREAMS", this.names.events, this.#heard)
      .finally(() => clearTimeout(late));
    const names: string[] = [];
    for (const [id, fields] of answer?.[0]?.[1] ?? []) {
      this.#heard = id;
      const name = fieldOf(fields, "unit");
      const kind = fieldOf(fields, "kind") as Told;
      if (kind === "removed") this.#lookAt = 0;
      if (kind === "failed" && this.#put.has(name)) this.#lookAt = 0;
      if (this.#put.has(name)) names.push(name);
    }
    if (names.length > 0) await this.#collect(names);
  }

  #toldWho = "";

  /** Says it when nobody is there to run what waits. */
  async #tellWho(): Promise<void> {
    const { waiting, own, others } = await present(this.#redis, this.names);
    let told = "";
    if (own === undefined) return;
    if (own > 0) told = `${plural(own, "worker is", "workers are")} connected`;
    else if (waiting > 0) {
      const there = others.map(({ tool, workers }) => `${workers} of ${tool}`).join(", ");
      const but = there === "" ? "" : ` (there is ${there})`;
      told = `${plural(waiting, "unit waits", "units wait")}; no worker of ${this.names.tool} is connected${but}`;
    } else return;
    // The number of units changes all the time; who is there does not.
    const kind = own > 0 ? told : told.replace(/^\d+ /, "");
    if (kind !== this.#toldWho) this.#note(told);
    this.#toldWho = kind;
  }

  async #tellDiffering(): Promise<void> {
    const units = (await this.#redis.hkeys(this.names.differing)).filter((name) => this.#all.has(name));
    if (units.length === 0) return;
    this.#note(
      `${plural(units.length, "result")} came once more with other bytes, which is a bug: units ${units
        .slice(0, 3)
        .map((name) => oneLine(name))
        .join(", ")}`,
    );
  }

  /** Takes what waits off the queue: nobody is there to keep it. Another sweep that asked for the same puts it back. */
  async #leave(): Promise<void> {
    const names = [...this.#put.keys()];
    if (names.length === 0) return;
    const removed = await Promise.all(names.map((name) => this.#queue.remove(name).catch(() => 0)));
    const first = names.find((_, i) => removed[i] === 1);
    if (first !== undefined) await tell(this.#redis, this.names, first, "removed");
  }
}

function fieldOf(fields: readonly string[], name: string): string {
  const at = fields.indexOf(name);
  return at < 0 ? "" : (fields[at + 1] ?? "");
}
