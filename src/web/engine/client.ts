// The page's side of the engine: starts the worker.

import { wrap } from "comlink";
import type { Engine } from "./protocol.ts";

/** @param failed Told when the worker cannot be started or has an error of its own, in one line. */
export function startEngine(failed: (why: string) => void): Engine {
  const worker = new Worker(new URL("../worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", (event) => failed(event.message || "the worker could not be loaded"));
  return wrap<Engine>(worker) as unknown as Engine;
}
