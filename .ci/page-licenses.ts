// The licenses of the packages that are taken into the page, those of its worker among them, beside it.

import type { Plugin } from "vite";
import { licenses } from "./licenses.mjs";

/** The first plugin is for the page, the second for its workers, which are bundled before it. */
export function passedOn(): readonly [page: Plugin, worker: Plugin] {
  const files = new Set<string>();
  const look: Plugin["generateBundle"] = (_, bundle) => {
    for (const chunk of Object.values(bundle)) {
      // Some are made of nothing but a name, after a zero byte.
      if (chunk.type === "chunk")
        for (const id of chunk.moduleIds) if (!id.startsWith("\0")) files.add(id.split("?")[0] ?? "");
    }
  };
  return [
    {
      name: "licenses",
      async generateBundle(options, bundle, isWrite) {
        await look.call(this, options, bundle, isWrite);
        this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: await licenses([...files]) });
      },
    },
    { name: "licenses-of-workers", generateBundle: look },
  ];
}
