// The GDB remote protocol on a connection.

import type { Accessor } from "../accessor.ts";
import type { Board } from "../board.ts";
import type { Connect } from "../listen.ts";

export function gdb(_board: Board, _as: Accessor): Connect {
  return (out) => ({ received: () => out.end() });
}
