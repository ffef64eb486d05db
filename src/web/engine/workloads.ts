// Workloads by name: bundled recordings, patterns made on the fly, and files of the user's.

import { loopTogether } from "../../live/index.ts";
import { importTrace, type MarkedSource, MemorySink, openTrace, type Trace } from "../../trace/index.ts";
import { count, plural, showSize } from "../../written/index.ts";

/** Enough for days at full speed; such a trace takes the memory of one batch. */
const ENDLESS = "100G";
const OWN = "own:";
const SYNTH = "synth:";

export class Workloads {
  /** Opened by name: the same trace gives the same threads. */
  readonly #known = new Map<string, Promise<MarkedSource>>();
  readonly #own = new Map<string, Trace>();
  #patterns = 0;

  /** @param traces Address of the folder with the bundled recordings. */
  constructor(private readonly traces: URL) {}

  /** Over and over, without an end. Throws where there is none of that name, or it cannot be read. */
  open(name: string): Promise<MarkedSource> {
    const known = this.#known.get(name) ?? this.#opened(name);
    this.#known.set(name, known);
    known.catch(() => this.#known.delete(name));
    return known;
  }

  async #opened(name: string): Promise<MarkedSource> {
    if (name.startsWith(SYNTH)) return openTrace(this.#distinct(name));
    const [source] = await loopTogether([await this.#recorded(name)]);
    return source as MarkedSource;
  }

  async #recorded(name: string): Promise<Trace> {
    if (name.startsWith(OWN)) {
      const own = this.#own.get(name.slice(OWN.length));
      if (!own)
        throw new Error(`${name.slice(OWN.length)} is not here: own traces stay in the page that was given them`);
      return own;
    }
    const file = `${name}.arrow.gz`;
    const response = await fetch(new URL(file, this.traces));
    if (!response.ok) throw new Error(`the trace ${name} cannot be loaded: ${response.status} ${response.statusText}`);
    return openTrace({ name: file, data: new Uint8Array(await response.arrayBuffer()) });
  }

  /** Two patterns of one page are two processes, and draw other numbers. */
  #distinct(name: string): string {
    const number = ++this.#patterns;
    const says = (key: string) => name.includes(`,${key}=`);
    return [
      name,
      ...(says("n") ? [] : [`n=${ENDLESS}`]),
      ...(says("pid") ? [] : [`pid=${5000 + number}`]),
      ...(says("seed") ? [] : [`seed=${number}`]),
    ].join(",");
  }

  /** Takes a trace of ours, or a recording of another tool, which is imported. Answers what it is, in words. */
  async add(name: string, bytes: Uint8Array): Promise<string> {
    const trace = /\.arrows?(\.(gz|br))?$/.test(name)
      ? await openTrace({ name, data: bytes })
      : await imported(name, bytes);
    this.#own.set(name, trace);
    this.#known.delete(`${OWN}${name}`);
    const pages = trace.spaces.reduce((sum, space) => sum + space.pages, 0);
    const threads = new Set(trace.requesters.map(({ tid }) => tid)).size;
    return `${count(trace.records)} records of ${plural(threads, "thread")}, ${showSize(pages * trace.pageBytes)} touched`;
  }
}

async function imported(name: string, bytes: Uint8Array): Promise<Trace> {
  const sink = new MemorySink();
  await importTrace({ name, data: bytes }, sink, { form: "packed", fetches: "drop" });
  return openTrace({ name: `${name}.arrow`, data: sink.bytes() });
}
