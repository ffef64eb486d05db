// What all servers have in common once they are bound: what goes wrong then is said, and they go on.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { connect, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Board,
  type Listener,
  listen,
  PageFiles,
  type parseAddress,
  qtest,
  serveMetrics,
  servePage,
} from "../../src/serve/index.ts";
import { boardOf, Client, CPU0, privateFolder } from "./clients.ts";

let board: Board;
let folder: ReturnType<typeof privateFolder>;
beforeEach(async () => {
  board = await boardOf();
  folder = privateFolder();
});
afterEach(async () => {
  await board.close();
  folder.clean();
});

type Bound = Exclude<ReturnType<typeof parseAddress>, { readonly kind: "stdio" }>;
type Serve = (where: Bound, say: (line: string) => void) => Promise<Listener>;

const SERVERS: readonly (readonly [string, Serve])[] = [
  ["qtest", (where, say) => listen(where, qtest(board, CPU0), { say })],
  ["metrics", (where, say) => serveMetrics(where, board, { say })],
  [
    "a page",
    async (where, say) => {
      writeFileSync(folder.at("index.html"), "<p>here</p>");
      return servePage(where, await PageFiles.of(folder.path), { say });
    },
  ],
];

/** The server behind an address, as Node tells of those that somebody connects to. */
async function serverAt(port: number): Promise<Server> {
  const channel = "net.server.socket";
  let told = (_server: Server) => {};
  const found = new Promise<Server>((resolve) => {
    told = resolve;
  });
  const heard = (message: unknown) => {
    const { socket } = message as { socket: Socket & { server: Server } };
    if (socket.localPort === port) told(socket.server);
  };
  subscribe(channel, heard);
  const socket = connect(port, "127.0.0.1");
  try {
    return await found;
  } finally {
    unsubscribe(channel, heard);
    socket.destroy();
  }
}

const portOf = ({ address }: Listener) => Number(/:(\d+)$/.exec(address)?.[1]);

// Errors of accept(2), such as ENOBUFS, are events of the server; one that nobody hears ends the process.
test.each(SERVERS)(
  "%s goes on when a connection cannot be accepted, and says so with its address",
  async (name, serve) => {
    const said: string[] = [];
    const listener = await serve({ kind: "tcp", host: "127.0.0.1", port: 0 }, (line) => said.push(line));
    const port = portOf(listener);
    (await serverAt(port)).emit("error", new Error("accept ENOBUFS"));
    expect(said).toEqual([`mpam: tcp:127.0.0.1:${port}: accept ENOBUFS`]);
    if (name === "qtest") {
      const client = await Client.to({ host: "127.0.0.1", port });
      expect(await client.ask("clock_step 0")).toMatch(/^OK/);
      client.close();
    } else {
      const status = await new Promise((resolve, reject) => {
        const path = name === "metrics" ? "/metrics" : "/";
        get({ host: "127.0.0.1", port, path, agent: false }, (response) => resolve(response.resume().statusCode)).on(
          "error",
          reject,
        );
      });
      expect(status).toBe(200);
    }
    await listener.close();
    await expect(listener.ended).resolves.toBeUndefined();
  },
);

test("closing waits for nobody, and the port is free again", async () => {
  for (const [, serve] of SERVERS) {
    const listener = await serve({ kind: "tcp", host: "127.0.0.1", port: 0 }, () => {});
    const port = portOf(listener);
    const silent = await Client.to({ host: "127.0.0.1", port });
    await listener.close();
    expect(await silent.line()).toBeUndefined();
    const next = await listen({ kind: "tcp", host: "127.0.0.1", port }, qtest(board, CPU0), {});
    await next.close();
  }
});
