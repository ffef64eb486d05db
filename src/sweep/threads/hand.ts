// One thread that runs units, and what becomes of a unit whose thread dies of it: the thread that asked stays free meanwhile, so
// that it can renew locks, show progress and hear signals.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../errno/index.ts";
import { memoryShare } from "../traces/trace-shelf.ts";
import type { Unit } from "../unit.ts";
import { Desk } from "./desk.ts";
import type { Answer, ThreadData, ThreadStart } from "./messages.ts";

/** Rejected with where the unit has no result: `why` says so in one line. */
export class UnitLost extends Error {}

/** So many, which share what any of them makes. */
export function handsOf(count: number, { memoryBytes = memoryShare(count), ...data }: ThreadData): Hand[] {
  const desk = new Desk(count * memoryBytes);
  return Array.from({ length: count }, () => new Hand({ ...data, memoryBytes }, desk));
}

export class Hand {
  #worker: Worker | undefined;

  constructor(
    private readonly data: ThreadData,
    private readonly desk: Desk,
  ) {}

  /** The text of the unit's result. One at a time. Throws UnitLost. */
  async run(unit: Unit, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const answer = await new Promise<Answer>((resolve, reject) => {
      const settle = () => {
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        signal?.removeEventListener("abort", onAbort);
      };
      const onMessage = (told: Answer) => {
        settle();
        resolve(told);
      };
      const gone = (why: string) => {
        settle();
        this.#worker = undefined;
        void worker.terminate();
        resolve({ kind: "lost", why });
      };
      const onError = (error: unknown) => gone(`the thread that ran it died: ${messageOf(error)}`);
      const onExit = (code: number) => gone(`the thread that ran it ended with exit code ${code}`);
      const onAbort = () => {
        settle();
        this.#worker = undefined;
        worker.terminate().then(() => reject(signal?.reason), reject);
      };
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      signal?.addEventListener("abort", onAbort, { once: true });
      worker.postMessage({ unit });
    });
    if (answer.kind === "lost") throw new UnitLost(answer.why);
    return answer.text;
  }

  #start(): Worker {
    const desk = this.desk.port();
    const workerData: ThreadStart = { ...this.data, desk };
    return new Worker(threadFile(), { workerData, transferList: [desk] });
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}

/** Lies beside this file in dist/esm, and beside the folders of other bundles; where the sources run it is the one that was built. */
function threadFile(): string {
  const places = ["sweep-thread.js", "../esm/sweep-thread.js", "../../../dist/esm/sweep-thread.js"];
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? (paths[0] as string);
}
