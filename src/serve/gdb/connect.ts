// Clients of the GDB remote protocol on connections: each has a stub of its own, and all of them one machine and one clock.

import type { Accessor } from "../accessor.ts";
import type { Board } from "../board.ts";
import type { Connect } from "../listen.ts";
import { Turns } from "../turns.ts";
import { Going } from "./going.ts";
import { Link } from "./link.ts";
import { framed } from "./packets.ts";
import { Stub } from "./stub.ts";

/** For a client that is not taken: the answer to its first packet, before that has come. */
export const gdbRefusal = (why: string): string => `+${framed(`E.${why}`)}`;

/** What answers on the connections of a listener. `as`: who makes the accesses of a client that chooses nothing. */
export function gdb(board: Board, as: Accessor): Connect {
  const going = new Going(board);
  return (out) => {
    // Packets are answered in order, and Ctrl-C comes after what was sent before it.
    let turn: Promise<void> = Promise.resolve();
    let isGone = false;
    const turns = new Turns();
    const inTurn = (work: () => void | Promise<void>) => {
      turn = turn.then(() => (isGone ? undefined : work())).then(() => turns.next());
    };
    const link = new Link({
      send: (bytes) => out.write(bytes),
      packet: (body) => inTurn(() => stub.packet(body)),
      lost: (why) => inTurn(() => stub.lost(why)),
      interrupt: () => inTurn(() => stub.interrupt()),
    });
    const end = {
      send: (body: string) => link.send(body),
      withoutAcks: () => link.withoutAcks(),
      leave: () => out.end(),
    };
    const stub = new Stub(board, going, end, as);
    return {
      received(data) {
        link.receive(data);
        return turn;
      },
      closed() {
        isGone = true;
        stub.close();
      },
    };
  };
}
