// A shell on the resctrl tree.

import type { Engine } from "../../engine/protocol.ts";

export function Shell(_: { readonly engine: Engine }) {
  return <p>Shell</p>;
}
