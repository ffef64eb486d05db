/** npm run check:browser: the same session in Node and in Chromium, with shared memory and without, in a window and in a worker. */

import { setTimeout as sleep } from "node:timers/promises";
import { Chromium, findChromium } from "./chromium.ts";
import { type Headers, PageServer } from "./server.ts";
import { type Outcome, runSession, WORKERS } from "./session.ts";

/** For the answer of a page, and for its workers to go, ms. */
const PAGE_MS = 120_000;
const GONE_MS = 5000;

interface Visit extends Headers {
  readonly name: string;
  /** What the page is asked for. */
  readonly query: string;
  /** Threads that the page still has when it has answered: its own worker, or those of a machine that it has not closed. */
  readonly left: number;
  /** What is wrong with an answer; none when all is well. */
  judge(answer: unknown): readonly string[];
}

const LETS_NO_WORKER = "script-src 'self' 'wasm-unsafe-eval'";
const REFUSED =
  "Error: a thread of the machine did not start: the page refuses it, its Content-Security-Policy has to allow worker-src blob:";

function visits(hash: string): readonly Visit[] {
  const shared = judgeOutcomes(hash, (asked) => asked);
  const alone = judgeOutcomes(hash, () => 1);
  const equal = (expected: unknown) => (answer: unknown) =>
    answer === expected ? [] : [`answers ${JSON.stringify(answer)} in place of ${JSON.stringify(expected)}`];
  const worker = { query: "?in=worker", left: 1 };
  const window = { query: "", left: 0 };
  return [
    { name: "isolated, in a worker", isolated: true, ...worker, judge: shared },
    { name: "isolated, in the window", isolated: true, ...window, judge: shared },
    { name: "not isolated, in a worker", isolated: false, ...worker, judge: alone },
    { name: "not isolated, in the window", isolated: false, ...window, judge: alone },
    {
      name: "under a policy that lets blob: workers start",
      isolated: true,
      policy: `${LETS_NO_WORKER}; worker-src blob:`,
      ...window,
      judge: shared,
    },
    {
      name: "under a policy that does not",
      isolated: true,
      policy: LETS_NO_WORKER,
      ...window,
      judge: equal(REFUSED),
    },
    { name: "loaded again and never closed", isolated: true, query: "?do=forget", left: 7, judge: equal(4) },
  ];
}

/** Each outcome has Node's hash, and the workers that it should have; those have run something together. */
function judgeOutcomes(hash: string, workersFor: (asked: number) => number) {
  return (answer: unknown) => {
    if (!Array.isArray(answer)) return [`answers ${JSON.stringify(answer)}`];
    const wrong = (answer as Outcome[]).flatMap((one) => [
      ...(one.hash === hash ? [] : [`${one.asked} asked for: ends with ${one.hash}`]),
      ...(one.workers === workersFor(one.asked) ? [] : [`${one.asked} asked for: has ${one.workers} workers`]),
      ...(one.together > 0 === one.workers > 1 ? [] : [`${one.asked} asked for: ${one.together} records together`]),
    ]);
    return answer.length === WORKERS.length ? wrong : [`answers for ${answer.length} numbers of workers`, ...wrong];
  };
}

/** What is wrong with a visit. */
async function pay(visit: Visit, chromium: string): Promise<readonly string[]> {
  const server = await PageServer.start(visit);
  let browser: Chromium | undefined;
  try {
    browser = await Chromium.start(chromium, server.url + visit.query);
    const silent = sleep(PAGE_MS, undefined, { ref: false }).then(() => `nothing in ${PAGE_MS / 1000} s`);
    const wrong = visit.judge(await Promise.race([server.answer, silent]));
    const left = await settled(browser, visit.left);
    return left === visit.left ? wrong : [...wrong, `has ${left} workers in the end in place of ${visit.left}`];
  } finally {
    await browser?.end();
    server.end();
  }
}

/** How many workers there are, once it is as many as there should be or time is up. */
async function settled(browser: Chromium, expected: number): Promise<number> {
  const end = performance.now() + GONE_MS;
  for (;;) {
    const workers = await browser.workers();
    if (workers === expected || performance.now() > end) return workers;
    await sleep(50);
  }
}

async function main(): Promise<number> {
  const chromium = await findChromium();
  if (chromium === undefined) {
    console.log("browser: not run, there is no chromium here (apt-get install chromium, or say where in CHROMIUM)");
    return 0;
  }
  const began = performance.now();
  const outcomes: Outcome[] = [];
  for (const workers of WORKERS) outcomes.push(await runSession(workers));
  const hash = outcomes[0]?.hash ?? "";
  let failed = 0;
  const tell = (name: string, wrong: readonly string[], began: number) => {
    if (wrong.length > 0) failed++;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      `${wrong.length === 0 ? "same" : "NOT the same"}  ${name}, ${seconds} s${wrong.map((one) => `\n  ${one}`).join("")}`,
    );
  };
  tell("Node", judgeOutcomes(hash, (asked) => asked)(outcomes), began);
  for (const visit of visits(hash)) {
    const start = performance.now();
    tell(visit.name, await pay(visit, chromium), start);
  }
  return failed > 0 ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`browser: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
