// Groups as the page sees them: what each may set, its colour, and which labels are its.

import type { Resctrl } from "../../fs/index.ts";
import type { Label } from "../../machine/index.ts";
import { groupPaths, keyOf } from "../../report/index.ts";
import type { GroupView, SchemataLine } from "./protocol.ts";
import type { Running } from "./traffic.ts";

/** The default group has the first one. */
const FIRST_COLOUR = 1;
/** Below OTHER of the protocol. */
const LAST_COLOUR = 0x7e;

/** A group as far as counts and colours go. */
export interface Coloured {
  readonly path: string;
  readonly colour: number;
  readonly partid: number;
  readonly pmg: number;
  readonly labels: ReadonlySet<string>;
}

export class Groups {
  #now: readonly Coloured[] = [];
  #colourOf = new Map<string, number>();
  /** Goes up with each look that may have found something new. */
  version = 0;

  constructor(private readonly tree: Resctrl | undefined) {}

  get now(): readonly Coloured[] {
    return this.#now;
  }

  /** Of a label; undefined where it is no group's. */
  colourOf(label: Label): number | undefined {
    return this.#colourOf.get(keyOf(label));
  }

  pathOf(label: Label): string | undefined {
    return this.#now.find(({ labels }) => labels.has(keyOf(label)))?.path;
  }

  /** To be called when the tree may have changed. Colours stay with their groups. */
  async look(): Promise<void> {
    this.version++;
    const { tree } = this;
    if (!tree) return;
    const paths = await groupPaths(tree);
    const before = new Map(this.#now.map(({ path, colour }) => [path, colour]));
    const taken = new Set(paths.flatMap((path) => before.get(path) ?? []));
    this.#now = paths.map((path) => {
      let colour = before.get(path);
      for (let free = FIRST_COLOUR; colour === undefined; free++) {
        if (!taken.has(free) || free === LAST_COLOUR) colour = free;
      }
      taken.add(colour);
      const { partidD, pmgD, partidI, pmgI } = tree.labelOf(path);
      const labels = [
        { space: "ns", partid: partidD, pmg: pmgD },
        { space: "ns", partid: partidI, pmg: pmgI },
      ] as const;
      return { path, colour, partid: partidD, pmg: pmgD, labels: new Set(labels.map(keyOf)) };
    });
    this.#colourOf = new Map(this.#now.flatMap(({ labels, colour }) => [...labels].map((key) => [key, colour])));
  }

  /** Whatever moved threads, a workload is where its threads are. */
  async views(running: readonly Pick<Running, "workload" | "tids">[]): Promise<GroupView[]> {
    const { tree } = this;
    if (!tree) return [];
    const rules = await rulesOf(tree);
    return Promise.all(
      this.#now.map(async ({ path, colour, partid, pmg }) => {
        const tasks = new Set((await tree.readFile(`${path}/tasks`).catch(() => "")).split("\n").filter(Boolean));
        const schemata = path.includes("mon_groups/") ? "" : await tree.readFile(`${path}/schemata`).catch(() => "");
        return {
          path,
          colour,
          partid,
          pmg,
          schemata: parseSchemata(schemata, rules),
          workloads: running
            .filter(({ tids }) => tids.some((tid) => tasks.has(String(tid))))
            .map(({ workload }) => workload),
          tasks: tasks.size,
        };
      }),
    );
  }
}

type Rules = ReadonlyMap<string, Pick<SchemataLine, "kind" | "bits" | "min" | "max" | "step">>;

/** What info/ says that values may be, by resource. */
async function rulesOf(tree: Resctrl): Promise<Rules> {
  const rules = new Map<string, Rules extends ReadonlyMap<string, infer R> ? R : never>();
  const read = async (path: string) => (await tree.readFile(path).catch(() => "")).trim();
  for (const name of await tree.readdir("info")) {
    const mask = await read(`info/${name}/cbm_mask`);
    if (mask !== "") {
      const bits = BigInt(`0x${mask}`).toString(2).length;
      const min = Number(await read(`info/${name}/min_cbm_bits`)) || 0;
      rules.set(name, { kind: "mask", bits, min, max: bits, step: 1 });
    }
    const least = await read(`info/${name}/min_bandwidth`);
    if (least !== "") {
      const step = Number(await read(`info/${name}/bandwidth_gran`)) || 1;
      rules.set(name, { kind: "number", bits: 0, min: Number(least), max: 100, step });
    }
  }
  return rules;
}

/** Lines such as `    L3:0=ffff;1=ffff`. */
function parseSchemata(text: string, rules: Rules): SchemataLine[] {
  return text.split("\n").flatMap((line) => {
    const [resource = "", values] = line.trim().split(":");
    const rule = rules.get(resource);
    if (values === undefined || !rule) return [];
    const domains = values.split(";").map((one) => {
      const [id, value = ""] = one.split("=");
      return { id: Number(id), value };
    });
    return { resource, ...rule, domains };
  });
}
