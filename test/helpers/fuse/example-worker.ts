// A thread that serves the example tree. A write to /echo lets what reads /slow go on; of "throw" it makes an error that nobody
// catches, and "exit" ends it.

import { serveInThread } from "../../../src/fuse/index.ts";
import { exampleTree } from "./tree.ts";

await serveInThread(async () => {
  const { tree, written, slow } = exampleTree();
  return {
    tree,
    pace: {
      busy: false,
      catchUp: () => {
        const said = written.splice(0).map(({ bytes }) => bytes);
        if (said.includes("throw")) {
          setTimeout(() => {
            throw new Error("on purpose");
          }, 10);
        } else if (said.includes("exit")) process.exit(3);
        else if (said.length > 0) for (const goOn of slow.splice(0)) goOn();
        return undefined;
      },
    },
    modelTime: () => 0,
    end: async () => undefined,
  };
});
