// A thread that runs units, one after the other, as it is asked to.

import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../errno/index.ts";
import { runUnit } from "../run-unit.ts";
import { unitHost } from "../unit-host.ts";
import type { Answer, RunUnit, ThreadData } from "./messages.ts";

const { tool, ...places } = workerData as ThreadData;
const host = unitHost(tool, places);

parentPort?.on("message", async ({ unit }: RunUnit) => {
  const answer: Answer = await runUnit(unit, host).then(
    (text) => ({ kind: "ended", text }),
    (error: unknown) => ({ kind: "lost", why: messageOf(error) }),
  );
  parentPort?.postMessage(answer);
});
