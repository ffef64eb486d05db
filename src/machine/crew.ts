// The threads beside the one that owns a machine: each has an instance of the hardware on the same memory, and runs its share of
// long spans (assembly/replay/crew.ts).

import type { Hardware } from "./wasm.ts";

/** The most threads of one machine, its own among them. */
export const MOST_WORKERS = 8;

/** A thread that has not come by then does not come, ms. */
const START_MS = 30_000;

/** What a thread runs. As text: it needs no file of its own, which bundles and test runners would have to find. */
const CODE = `
async function run({ module, memory, thread }, tell) {
  const abort = () => { throw new Error("the hardware module gave up"); };
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort } });
  tell();
  while (exports.work(thread));
}`;
const IN_NODE = `${CODE}
const { parentPort, workerData } = require("node:worker_threads");
run(workerData, () => parentPort.postMessage("here"));`;
// A promise that fails in a worker is told to nobody outside, an error is.
const IN_BROWSER = `${CODE}
onmessage = ({ data }) => run(data, () => postMessage("here")).then(close, reportError);`;

/** One thread, at work. */
interface Hand {
  end(): unknown;
}

/** Whether this host has memory that threads can share. */
export function canShare(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  return isNode() || (typeof Worker === "function" && crossOriginIsolated);
}

function isNode(): boolean {
  return typeof process === "object" && typeof process.versions?.node === "string";
}

/** Threads that stand ready for a machine. */
export class Crew {
  private constructor(
    private readonly hardware: Pick<Hardware, "dismiss">,
    private readonly hands: readonly Hand[],
  ) {}

  get workers(): number {
    return this.hands.length + 1;
  }

  /**
   * Starts `workers` - 1 threads on the memory of a machine that has room for them; all take part when this is over. Throws an
   * Error where the host does not let one start, and leaves none behind.
   */
  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    hardware: Pick<Hardware, "setThreads" | "dismiss">,
    workers: number,
  ): Promise<Crew> {
    const startOne = isNode() ? startInNode : startInBrowser;
    hardware.setThreads(workers, maySleep());
    const jobs = Array.from({ length: workers - 1 }, (_, i) => ({ module, memory, thread: i + 1 }));
    const started = await Promise.allSettled(jobs.map((job) => startOne(job)));
    const hands = started.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    const failed = started.find((one) => one.status === "rejected");
    if (!failed) return new Crew(hardware, hands);
    await Promise.all(hands.map((hand) => hand.end()));
    throw failed.reason;
  }

  /** Sends the threads away; the machine goes on alone. */
  async end(): Promise<void> {
    try {
      this.hardware.dismiss();
    } finally {
      await Promise.all(this.hands.map((hand) => hand.end()));
    }
  }
}

/** The window of a page must not wait; workers may, and so may Node. */
function maySleep(): boolean {
  return typeof window === "undefined";
}

interface Job {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
}

async function startInNode(job: Job): Promise<Hand> {
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(IN_NODE, { eval: true, workerData: job });
  const end = () => worker.terminate();
  await here(end, (came, failed) => {
    worker.once("message", came);
    worker.once("error", ({ message }) => failed(message));
  });
  // A machine that nobody closes keeps no process alive.
  worker.unref();
  return { end };
}

async function startInBrowser(job: Job): Promise<Hand> {
  const url = URL.createObjectURL(new Blob([IN_BROWSER], { type: "text/javascript" }));
  try {
    const worker = new Worker(url);
    const end = () => worker.terminate();
    await here(end, (came, failed) => {
      worker.onmessage = came;
      // Without a message the script itself was refused.
      worker.onerror = ({ message }) =>
        failed(message || "the page refuses it, its Content-Security-Policy has to allow worker-src blob:");
      worker.postMessage(job);
    });
    return { end };
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Waits until a thread has come; ends one that fails or keeps us waiting. */
async function here(
  end: () => unknown,
  listen: (came: () => void, failed: (why: string) => void) => void,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (why: string) => reject(new Error(`a thread of the machine did not start: ${why}`));
      timer = setTimeout(failed, START_MS, `nothing was heard of it for ${START_MS / 1000} s`);
      listen(resolve, failed);
    });
  } catch (cause) {
    await end();
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}
