// What it is to listen: bound at an address, with a word for what goes wrong later, until it is closed.

import type { Server } from "node:net";
import { messageOf } from "../errno/index.ts";
import { type Address, showAddress } from "./address.ts";
import { bind } from "./bind.ts";

export interface Listener {
  /** As it is written, with the port. */
  readonly address: string;
  /** Of stdio: when its input has ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** @param cut Ends the connections that are open, when the server closes. Throws what `bind` throws. */
export async function listener(
  server: Server,
  address: Exclude<Address, { readonly kind: "stdio" }>,
  say: (line: string) => void,
  cut: () => void,
): Promise<Listener> {
  const shown = showAddress(await bind(server, address));
  server.on("error", (error) => say(`mpam: ${shown}: ${messageOf(error)}`));
  return {
    address: shown,
    ended: new Promise<void>((resolve) => server.once("close", () => resolve())),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
