// The threads beside the one that owns a machine: each has an instance of the hardware on the same memory, and runs its share of
// long spans (assembly/replay/crew.ts).

import type { Hardware } from "./wasm.ts";

/** The most threads of one machine, its own among them. */
export const MOST_WORKERS = 8;

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
const IN_BROWSER = `${CODE}
onmessage = ({ data }) => run(data, () => postMessage("here")).then(() => close());`;

/** One thread, at work. */
interface Hand {
  end(): Promise<unknown>;
}

/** Whether this host has memory that threads can share. */
export function canShare(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  return typeof crossOriginIsolated === "undefined" || crossOriginIsolated || isNode();
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

  /** Starts `workers` - 1 threads on the memory of a machine that has room for them; all take part when this is over. */
  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    hardware: Pick<Hardware, "setThreads" | "dismiss">,
    workers: number,
  ): Promise<Crew> {
    const startOne = isNode() ? startInNode : startInBrowser;
    hardware.setThreads(workers, maySleep());
    const hands = await Promise.all(
      Array.from({ length: workers - 1 }, (_, i) => startOne({ module, memory, thread: i + 1 })),
    );
    return new Crew(hardware, hands);
  }

  /** Sends the threads away; the machine goes on alone. */
  async end(): Promise<void> {
    this.hardware.dismiss();
    await Promise.all(this.hands.map((hand) => hand.end()));
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
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  // A machine that nobody closes keeps no process alive.
  worker.unref();
  const end = () => {
    worker.ref();
    return ended;
  };
  return { end };
}

async function startInBrowser(job: Job): Promise<Hand> {
  const url = URL.createObjectURL(new Blob([IN_BROWSER], { type: "text/javascript" }));
  const worker = new Worker(url);
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
    worker.postMessage(job);
  });
  URL.revokeObjectURL(url);
  return { end: async () => undefined };
}
