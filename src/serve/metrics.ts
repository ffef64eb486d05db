// The counters of a board for Prometheus: what a scrape finds.

import { type InterruptEvent, type Machine, nameOfMsc } from "../machine/index.ts";
import {
  countsOfLabels,
  FAMILIES,
  type Family,
  groupLabels,
  type Metric,
  metricsText,
  type Place,
  type Sample,
} from "../report/index.ts";
import type { Board } from "./board.ts";
import { type Subject, Tally } from "./tally.ts";

/** Answers pages; counts from its making on, and what the machine had counted before. */
export class Metrics {
  readonly #tally = new Tally();
  /** Raised since the board came: by kind and MSC, and by mailbox. */
  readonly #interrupts = new Map<string, { readonly labels: Record<string, string>; value: number }>();
  readonly #subspaces = new Map<string, { readonly labels: Record<string, string>; value: number }>();
  /** Labels that have had counts, where no groups are there to name them. */
  readonly #labels = new Set<string>();
  #records = { seen: 0, sum: 0 };
  readonly #ends: readonly (() => void)[];

  constructor(private readonly board: Board) {
    this.#ends = [
      board.beforeMachine(async () => void (await this.#metrics())),
      board.onInterrupt((event) => this.#count(event)),
      board.onMachine((machine) => {
        this.#tally.follow(countsOfLabels(machine));
        this.#records.seen = recordsOf(machine);
      }),
    ];
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  /** What a scrape gets. */
  page(): Promise<string> {
    return this.board.exclusive(async () => metricsText(await this.#metrics()));
  }

  #count(event: InterruptEvent): void {
    if (event.level === 0) return;
    if (event.kind === "mailbox") raise(this.#subspaces, { subspace: String(event.subspace) }, 1);
    else raise(this.#interrupts, { kind: event.kind, msc: String(event.msc) }, event.count);
  }

  async #metrics(): Promise<Metric[]> {
    const { machine, software } = this.board;
    const places = countsOfLabels(machine);
    const subjects = software ? await this.#groups(places) : this.#each(places);
    const shown = this.#tally.add(places, subjects);
    const records = recordsOf(machine);
    this.#records.sum += records - this.#records.seen;
    this.#records.seen = records;
    return [
      gauge("mpam_info", "The machine that is served.", [{ labels: { platform: machine.platform.name }, value: 1 }]),
      gauge("mpam_model_time_seconds", "Model time since power-on; a snapshot takes it back.", [
        { labels: {}, value: machine.clock.now / 1e9 },
      ]),
      counter("mpam_records_total", "Records of traces that have run.", [{ labels: {}, value: this.#records.sum }]),
      ...(Object.keys(FAMILIES) as Family[]).map((family) => ({
        name: family,
        ...FAMILIES[family],
        samples: shown.filter((one) => one.family === family),
      })),
      gauge("mpam_monitors", "Monitors that an MSC has.", monitorsOf(machine)),
      counter("mpam_interrupts_total", "Interrupts that MSCs have raised: wires, pulses and messages.", [
        ...machine.mscs.flatMap(({ msc }) => (["error", "overflow"] as const).map((kind) => this.#raised(kind, msc))),
      ]),
      counter("mpam_mailbox_interrupts_total", "Messages that mailboxes have announced by interrupt.", [
        ...machine.platform.mailboxes.map(({ subspace }) => {
          const labels = { subspace: String(subspace) };
          return this.#subspaces.get(JSON.stringify(labels)) ?? { labels, value: 0 };
        }),
      ]),
      gauge("mpam_faults", "Faults in force.", [{ labels: {}, value: machine.faults.list.length }]),
    ];
  }

  #raised(kind: "error" | "overflow", msc: number): Sample {
    const labels = { kind, msc: String(msc) };
    return this.#interrupts.get(JSON.stringify(labels)) ?? { labels, value: 0 };
  }

  /** The groups, and under their own names the labels in use that no group has. */
  async #groups(places: readonly Place[]): Promise<Subject[]> {
    const { software } = this.board;
    const groups = software ? await groupLabels(software.tree) : [];
    const grouped = new Set(groups.flatMap(({ labels }) => [...labels]));
    const others = [...labelsIn(places)].filter((label) => !grouped.has(label));
    return [
      ...groups.map(({ group, labels }) => ({ who: { group }, labels })),
      ...others.map((label) => ({ who: { group: `label ${label}` }, labels: new Set([label]) })),
    ];
  }

  #each(places: readonly Place[]): Subject[] {
    for (const label of labelsIn(places)) this.#labels.add(label);
    return [...this.#labels].map((label) => {
      const [space = "", partid = "", pmg = ""] = label.split(":");
      return { who: { space, partid, pmg }, labels: new Set([label]) };
    });
  }
}

type Tallied = { readonly labels: Record<string, string>; value: number };

function raise(sums: Map<string, Tallied>, labels: Record<string, string>, more: number): void {
  const key = JSON.stringify(labels);
  const sum = sums.get(key) ?? { labels, value: 0 };
  sum.value += more;
  sums.set(key, sum);
}

const labelsIn = (places: readonly Place[]) => new Set(places.flatMap(({ counts }) => [...counts.keys()]));

const recordsOf = (machine: Machine) => Number(machine.inside.hardware.records());

const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: "gauge",
  samples,
});
const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: "counter",
  samples,
});

function monitorsOf(machine: Machine): Sample[] {
  return machine.mscs.flatMap((instance) =>
    (["csu", "mbwu"] as const).flatMap((type) => {
      const value = instance.description.ris.reduce((sum, ris) => sum + (ris[type]?.monitors ?? 0), 0);
      return value === 0 ? [] : [{ labels: { msc: String(instance.msc), name: nameOfMsc(instance), type }, value }];
    }),
  );
}
