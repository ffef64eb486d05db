// The register view.

import type { Engine } from "../../engine/protocol.ts";

export function Registers(_: { readonly engine: Engine }) {
  return <p>Registers</p>;
}
