// The recorded traces in a form that browsers can read, and no larger than a page needs: gzip in place of brotli, the nine
// recordings of threadsig as one trace.

import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliDecompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";
import { importTrace, MemorySink, openTrace, packTrace, taking } from "../../trace/index.ts";

/** Four of the seventeen passes over the same text: it runs over and over anyway. */
const POLITE_RECORDS = 600_000;

/** By the name that src/web/groups/known-workloads.ts has for them: each from the folder of examples. */
const MAKERS: Readonly<Record<string, (examples: URL) => Promise<Uint8Array>>> = {
  polite: (examples) => beginningOf(new URL("polite.arrow.br", examples), POLITE_RECORDS),
  greedy: (examples) => unbrotlied(new URL("greedy.arrow.br", examples)),
  threadsig: (examples) => imported(new URL("threadsig/", examples)),
};

async function unbrotlied(file: URL): Promise<Uint8Array> {
  return promisify(brotliDecompress)(await readFile(file));
}

async function beginningOf(file: URL, record: number): Promise<Uint8Array> {
  const sink = new MemorySink();
  const trace = await openTrace({ name: "whole.arrow", data: await unbrotlied(file) });
  await packTrace(await taking(trace, { record }), sink);
  return sink.bytes();
}

async function imported(folder: URL): Promise<Uint8Array> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".zip")).sort();
  const inputs = await Promise.all(
    names.map(async (name) => ({ name, data: new Uint8Array(await readFile(new URL(name, folder))) })),
  );
  const sink = new MemorySink();
  await importTrace(inputs, sink, { form: "packed", fetches: "drop" });
  return sink.bytes();
}

/** Makes traces/NAME.arrow.gz beside the page, from the recordings in a folder. */
export function bundledTraces(examples: URL): Plugin {
  const made = new Map<string, Promise<Uint8Array>>();
  const make = (name: string) => {
    const maker = MAKERS[name];
    const known =
      made.get(name) ??
      maker?.(examples).then((bytes) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }));
    if (known) made.set(name, known);
    return known;
  };
  return {
    name: "bundled-traces",
    async generateBundle() {
      for (const name of Object.keys(MAKERS)) {
        const source = await make(name);
        if (source) this.emitFile({ type: "asset", fileName: `traces/${name}.arrow.gz`, source });
      }
    },
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const bytes = await make(/\/traces\/(\w+)\.arrow\.gz$/.exec(request.url ?? "")?.[1] ?? "");
        if (!bytes) return next();
        response.setHeader("Content-Type", "application/octet-stream");
        response.end(bytes);
      });
    },
  };
}
