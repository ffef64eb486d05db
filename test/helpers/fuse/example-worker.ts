// A thread that serves the example tree. A write to /echo lets what reads /slow go on.

import { serveInThread } from "../../../src/fuse/index.ts";
import { exampleTree } from "./tree.ts";

await serveInThread(async () => {
  const { tree, written, slow } = exampleTree();
  return {
    tree,
    pace: {
      busy: false,
      catchUp: () => {
        if (written.splice(0).length > 0) for (const goOn of slow.splice(0)) goOn();
        return undefined;
      },
    },
    modelTime: () => 0,
    end: async () => undefined,
  };
});
