// A thread that runs units, one after the other, as it is asked to.

import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../errno/index.ts";
import { Fronts } from "../fronts.ts";
import { runUnit } from "../run-unit.ts";
import { TraceShelf } from "../traces/trace-shelf.ts";
import type { Answer, RunUnit, ThreadData } from "./messages.ts";

const { tool, ...places } = workerData as ThreadData;
const traces = new TraceShelf(places);
const fronts = new Fronts();

parentPort?.on("message", async ({ unit }: RunUnit) => {
  const answer: Answer = await runUnit(unit, { tool, fronts, open: (named) => traces.open(named) }).then(
    (text) => ({ kind: "ended", text }),
    (error: unknown) => ({ kind: "lost", why: messageOf(error) }),
  );
  parentPort?.postMessage(answer);
});
