// The page as a whole: where things are.

import { lazy, Suspense } from "preact/compat";
import type { Engine } from "./engine/protocol.ts";

const Registers = lazy(() =>
  import("./panels/registers/registers.tsx").then(({ Registers }) => ({ default: Registers })),
);
const Shell = lazy(() => import("./panels/shell/shell.tsx").then(({ Shell }) => ({ default: Shell })));

export function App({ engine }: { readonly engine: Engine }) {
  return (
    <main>
      <h1>MPAM in a page</h1>
      <Suspense fallback={<p>Loading</p>}>
        <Registers engine={engine} />
        <Shell engine={engine} />
      </Suspense>
    </main>
  );
}
