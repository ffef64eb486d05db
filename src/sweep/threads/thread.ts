// A thread that runs units, one after the other, as it is asked to.

import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../errno/index.ts";
import { runUnit } from "../run-unit.ts";
import { unitHost } from "../unit-host.ts";
import { stocksBehind } from "./far-stock.ts";
import type { Answer, RunUnit, ThreadStart } from "./messages.ts";

const { tool, desk, ...places } = workerData as ThreadStart;
const stockOf = stocksBehind(desk);
const host = unitHost(tool, { ...places, rows: stockOf("rows") }, stockOf("fronts"));

parentPort?.on("message", async ({ unit }: RunUnit) => {
  const answer: Answer = await runUnit(unit, host).then(
    (text) => ({ kind: "ended", text }),
    (error: unknown) => ({ kind: "lost", why: messageOf(error) }),
  );
  parentPort?.postMessage(answer);
});
