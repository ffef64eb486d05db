// What the machine itself needs: Node, WebAssembly, threads, memory.

import { readdirSync } from "node:fs";
import { Driver } from "../../driver/index.ts";
import { messageOf } from "../../errno/index.ts";
import { Machine } from "../../machine/index.ts";
import { estimateMemory, loadPlatform } from "../../platform/index.ts";
import { synthTrace } from "../../trace/index.ts";
import { showSize } from "../../written/index.ts";
import { bundled, DEFAULT_PLATFORM } from "../bundled.ts";
import { type Check, missing, ok, partly } from "./check.ts";

/** package.json, engines. */
const NODE = [20, 19] as const;

export const node: Check = {
  name: "Node",
  for: "everything",
  core: true,
  look({ node: version, platform, arch }) {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const found = `${version} on ${platform} ${arch}`;
    const enough = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
    return enough ? ok(found) : missing(found, `${NODE.join(".")} or later is needed: nodejs.org`);
  },
};

/** Twice, with traffic through it: the same memory and the same counts. */
export const machine: Check = {
  name: "machine",
  for: "everything: WebAssembly with SIMD, a driver that boots, traffic that comes out the same",
  core: true,
  async look() {
    if (typeof WebAssembly === "undefined")
      return missing("no WebAssembly", "a Node without the flag that takes it away, such as --jitless");
    try {
      const [first, second] = [await sum(1), await sum(1)];
      if (first !== second)
        return missing("two runs of one trace differ", "a broken build or processor: npm run build");
      return ok("boots, and replays the same twice");
    } catch (error) {
      return missing(messageOf(error), "the package is not whole: install it again, or npm run build");
    }
  },
};

export const threads: Check = {
  name: "threads",
  for: "mpam replay --workers",
  async look() {
    if (typeof SharedArrayBuffer === "undefined") {
      return missing("no SharedArrayBuffer", "a Node without the flag that takes it away; one thread works");
    }
    if (typeof WebAssembly === "undefined") return missing("no WebAssembly", "as for the machine");
    try {
      const [one, two] = [await sum(1), await sum(2)];
      return one === two
        ? ok("two replay together, to the same end")
        : missing("two threads end otherwise", "a bug: mpam bundle make");
    } catch (error) {
      return missing(messageOf(error), "one thread works");
    }
  },
};

export const memory: Check = {
  name: "memory",
  for: "large platforms",
  async look(host) {
    const all = readdirSync(bundled("platforms")).map(async (file) => ({
      name: file.replace(/\.yaml$/, ""),
      bytes: estimateMemory(await loadPlatform(bundled(`platforms/${file}`))).bytes,
    }));
    const [largest] = (await Promise.all(all)).sort((a, b) => b.bytes - a.bytes);
    const { name, bytes } = largest as { name: string; bytes: number };
    const found = `${showSize(host.memory)} are free, ${name} takes ${showSize(bytes)}`;
    return host.memory > 2 * bytes ? ok(found) : partly(found, "smaller platforms work");
  },
};

/** What a small trace leaves behind, as text. */
async function sum(workers: number): Promise<string> {
  const platform = await loadPlatform(bundled(DEFAULT_PLATFORM));
  const machine = await Machine.create(platform, { workers });
  try {
    await Driver.probe(machine);
    await machine.replay([synthTrace("synth:zipf,ws=256K,n=20k,threads=4")]);
    return JSON.stringify(machine.export(), (_, value) => (typeof value === "bigint" ? String(value) : value));
  } finally {
    await machine.close();
  }
}
