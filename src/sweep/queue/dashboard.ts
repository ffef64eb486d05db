// BullMQ's dashboard over a queue: a page on this machine alone, to look at.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "../../written/index.ts";
import { parseQueueUrl } from "./address.ts";
import type { JobData } from "./jobs.ts";
import { isAbsent, queueLibraries } from "./libraries.ts";
import { QueueNames } from "./names.ts";
import { connect } from "./server.ts";

export interface Dashboard {
  readonly url: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
/** Names under which browsers may ask for it: a page elsewhere cannot make its own name mean this machine. */
const HOSTS = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/** Of the queue of a tool. `port` 0: one that is free. Rejects with one line where bull-board is not installed. */
export async function serveDashboard(queueUrl: string, tool: string, port: number): Promise<Dashboard> {
  const { createBullBoard, BullMQAdapter, ExpressAdapter } = await board();
  const libraries = await queueLibraries();
  const address = parseQueueUrl(queueUrl);
  const names = new QueueNames(address.prefix, address.queue, tool);
  const redis = await connect(libraries, address);
  const queue = new libraries.bullmq.Queue(names.queue, { connection: redis, prefix: names.prefix });
  queue.on("error", () => {});
  const adapter = new ExpressAdapter();
  const shown = new BullMQAdapter(queue, { readOnlyMode: true, description: tool });
  shown.setFormatter("data", shortOf);
  createBullBoard({
    queues: [shown],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "mpam sweeps" } },
  });
  const serve = adapter.getRouter() as Parameters<typeof createServer>[1];
  const server = createServer((request, response) => {
    if (HOSTS.test(request.headers.host ?? "")) return serve?.(request, response as never);
    response.writeHead(403).end("not under this name\n");
  });
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    redis.disconnect();
    await queue.close().catch(() => {});
  };
  try {
    await listening(server, port);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  return { url: `http://${HOST}:${(server.address() as AddressInfo).port}/`, close };
}

/** The name of a job says where it stands; what is left to show is what it writes. */
function shortOf(data: unknown): unknown {
  const { schemata } = (data ?? {}) as Partial<JobData>;
  return { schemata };
}

async function board() {
  try {
    const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
      import("@bull-board/api"),
      import("@bull-board/api/bullMQAdapter"),
      import("@bull-board/express"),
    ]);
    return { createBullBoard, BullMQAdapter, ExpressAdapter };
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
    throw new Error(
      "--dashboard needs bull-board beside mpam-emulator: npm install @bull-board/api @bull-board/express",
      { cause },
    );
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new UsageError(`dashboard: port ${port} is taken`) : error);
    });
    server.listen(port, HOST, () => resolve());
  });
}
