// Servers at their addresses: a socket file that nobody else can open, not even for a moment, and no one else's file in its place.

import { existsSync, lstatSync, type Stats, unlinkSync } from "node:fs";
import { type AddressInfo, connect, type Server } from "node:net";
import { dirname } from "node:path";
import { ErrnoError } from "../errno/index.ts";
import { type Address, showAddress } from "./address.ts";

/** Of the socket file: its owner reads and writes, which is connecting. */
const OTHERS = 0o177;

type Bound = Exclude<Address, { readonly kind: "stdio" }>;

/**
 * Listens; answers where, with the port that was free. Throws EBUSY where a server listens already, EEXIST for a file that is no
 * socket, ENOENT and EACCES as the path says. The socket file goes when the server closes.
 */
export async function bind(server: Server, address: Bound): Promise<Bound> {
  if (address.kind === "unix") await clear(address.path);
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(refusal(address, error));
    server.once("error", failed);
    server.once("listening", () => {
      server.off("error", failed);
      resolve();
    });
    if (address.kind === "tcp") server.listen(address.port, address.host);
    else privately(() => server.listen(address.path));
  });
  return address.kind === "tcp" ? { ...address, port: (server.address() as AddressInfo).port } : address;
}

/** The file is made by the time that `make` returns. */
function privately(make: () => void): void {
  const before = process.umask(OTHERS);
  try {
    make();
  } finally {
    process.umask(before);
  }
}

/** Takes away the socket of a server that is gone. */
async function clear(path: string): Promise<void> {
  let there: Stats | undefined;
  try {
    there = lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw refusal({ kind: "unix", path }, cause as NodeJS.ErrnoException);
  }
  if (!there) return;
  if (!there.isSocket()) throw new ErrnoError("EEXIST", `${path}: is there and is no socket; it stays as it is`);
  const answer = await knock(path);
  if (answer === "ECONNREFUSED") unlinkSync(path);
  else if (answer === "connected") throw new ErrnoError("EBUSY", `${path}: another server listens there`);
  else if (answer !== "ENOENT") throw new ErrnoError("EACCES", `${path}: is a socket that cannot be tried (${answer})`);
}

/** What a connection comes to: "connected", or the code of its error. */
function knock(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("connected");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

function refusal(address: Bound, error: NodeJS.ErrnoException): ErrnoError {
  const where = showAddress(address);
  const cause = { cause: error };
  if (error.code === "EADDRINUSE") return new ErrnoError("EBUSY", `${where}: another server listens there`, cause);
  // For a missing folder libuv says EACCES.
  if (address.kind === "unix" && !existsSync(dirname(address.path))) {
    return new ErrnoError("ENOENT", `${where}: there is no such folder`, cause);
  }
  if (error.code === "EACCES" || error.code === "EPERM") {
    return new ErrnoError("EACCES", `${where}: you may not listen there`, cause);
  }
  return new ErrnoError("EINVAL", `${where}: nobody can listen there (${error.code ?? error.message})`, cause);
}
