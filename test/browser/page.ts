// What runs in the browser, in the window or in a worker of the page: does what the address asks for and sends home what came of it.

import { runSession, sessionOf, WORKERS } from "./session.ts";

/** What is asked for behind the `?` of the address. */
const asked = new URLSearchParams(location.search);

/** How often a page that forgets its machine is loaded again. */
const RELOADS = 3;

function inWindow(): boolean {
  return typeof window !== "undefined";
}

async function outcomes() {
  const all = [];
  for (const workers of WORKERS) all.push(await runSession(workers));
  return all;
}

/** Leaves a machine at work, and loads the page again. */
async function forget(): Promise<void> {
  const { machine, traces } = await sessionOf(8);
  await machine.replay(traces, { until: 10_000 });
  const loads = Number(sessionStorage.getItem("loads") ?? 0) + 1;
  sessionStorage.setItem("loads", String(loads));
  if (loads <= RELOADS) location.reload();
  else await send(loads);
}

async function send(answer: unknown): Promise<void> {
  await fetch("/answer", { method: "POST", body: JSON.stringify(answer) });
}

async function main(): Promise<void> {
  if (asked.get("do") === "forget") await forget();
  else await send(await outcomes());
}

if (asked.get("in") === "worker" && inWindow()) {
  new Worker(`${import.meta.url}${location.search}`, { type: "module" });
} else {
  main().catch((error: unknown) => send(String(error)));
}
