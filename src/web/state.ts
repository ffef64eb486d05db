// What the page knows and does: the session on the worker as signals, and the actions that the parts of the page share.

import { computed, signal } from "@preact/signals";
import type { Booted, CacheView, Engine, Frame, GroupView, Reply, SchemataLine, Series } from "./engine/protocol.ts";
import { DEFAULT_SETUP, type Setup, type WorkloadName } from "./setup.ts";

/** Samples that charts show. */
const SHOWN_SAMPLES = 400;

/** Something to say to the user, once. */
export interface Notice {
  readonly text: string;
  readonly isError: boolean;
}

export class PageState {
  /** What was booted last, as it was asked for; `engine.setup()` says what has become of it. */
  readonly setup = signal<Setup>(DEFAULT_SETUP);
  readonly booted = signal<Booted | undefined>(undefined);
  readonly groups = signal<readonly GroupView[]>([]);
  readonly series = signal<Series | undefined>(undefined);
  readonly notice = signal<Notice | undefined>(undefined);
  readonly playing = signal(false);
  readonly speed = signal<number | "max">(1);
  /** Index of the cache in the picture, and which of its slices. */
  readonly cache = signal(0);
  readonly slice = signal(0);
  /** The last frame, a few times a second: for figures. Pictures get every one. */
  readonly latest = signal<Frame | undefined>(undefined);
  readonly framesPerSecond = signal(0);
  /** Panels that are open. */
  readonly panels = signal<readonly string[]>([]);
  /** Names of own traces, as `own:NAME`, with what is in them. */
  readonly own = signal<ReadonlyMap<WorkloadName, string>>(new Map());

  readonly shownCache = computed<CacheView | undefined>(() => this.booted.value?.caches[this.cache.value]);

  constructor(readonly engine: Engine) {}

  /** Power-on. What cannot be done is said. */
  async boot(setup: Setup, play = this.playing.value): Promise<void> {
    this.playing.value = play;
    this.speed.value = setup.speed;
    const reply = await this.engine.boot(setup);
    if (!reply.ok) {
      this.say(reply.message, true);
      return;
    }
    const { caches, problems } = reply.value;
    this.setup.value = setup;
    this.booted.value = reply.value;
    this.panels.value = setup.panels;
    this.slice.value = 0;
    this.cache.value = Math.max(0, preferred(caches));
    this.series.value = undefined;
    await this.refresh();
    if (problems.length > 0) this.say(problems.join("\n"), true);
    else this.notice.value = undefined;
    // It may have been told otherwise meanwhile.
    if (this.playing.value) await this.play();
    else await this.pause();
  }

  /** Boots again with what is there now, some of it changed. */
  async change(changes: Partial<Setup>): Promise<void> {
    const now = this.booted.value ? await this.engine.setup() : this.setup.value;
    await this.boot({ ...now, panels: this.panels.value, ...changes });
  }

  /** The same groups and what runs in them on another platform. What was set is of the domains of this one, and stays behind. */
  async changePlatform(platform: Setup["platform"]): Promise<void> {
    const { groups } = this.booted.value ? await this.engine.setup() : this.setup.value;
    await this.change({ platform, groups: groups.map((group) => ({ ...group, schemata: [] })) });
  }

  async refresh(): Promise<void> {
    this.groups.value = await this.engine.groups();
  }

  async refreshSeries(): Promise<void> {
    const { next } = this.series.value ?? { next: 0 };
    this.series.value = await this.engine.series(next - SHOWN_SAMPLES);
  }

  async play(): Promise<void> {
    this.playing.value = true;
    await this.engine.play();
  }

  async pause(): Promise<void> {
    this.playing.value = false;
    await this.engine.pause();
  }

  async step(ns: number): Promise<void> {
    this.playing.value = false;
    await this.engine.step(ns);
  }

  async setSpeed(speed: number | "max"): Promise<void> {
    this.speed.value = speed;
    await this.engine.setSpeed(speed);
  }

  /** Writes one value of a schemata line, as resctrl takes it. True when it was taken. */
  writeSchemata(group: GroupView, line: SchemataLine, domain: number, value: string): Promise<boolean> {
    const text = `${line.resource}:${domain}=${value}`;
    return this.tell(`${nameOf(group.path)}, ${text}`, () =>
      this.engine.writeFile(`${group.path}/schemata`, `${text}\n`),
    );
  }

  /** Does something that may be refused, says so if it is, and looks at the groups again. True when it was not. */
  async tell(what: string, work: () => Promise<Reply<unknown>>): Promise<boolean> {
    const reply = await work();
    await this.refresh();
    if (reply.ok) {
      if (this.notice.value?.isError) this.notice.value = undefined;
      return true;
    }
    this.say(`${what}: ${reply.status || reply.message}`, true);
    return false;
  }

  say(text: string, isError = false): void {
    this.notice.value = { text, isError };
  }

  togglePanel(id: string, open: boolean): void {
    const others = this.panels.value.filter((one) => one !== id);
    this.panels.value = open ? [...others, id] : others;
  }
}

/** The largest cache of the last level that has portions, else the largest of the last level. */
function preferred(caches: readonly CacheView[]): number {
  const rank = (cache: CacheView) => cache.level * 2 + (cache.portions > 0 ? 1 : 0);
  const best = Math.max(...caches.map(rank));
  return caches.findIndex((cache) => rank(cache) === best);
}

/** The line of a group's schemata that is for a cache, and the group's mask there. */
export function maskOf(group: GroupView, cache: CacheView): { line: SchemataLine; value: string } | undefined {
  const line = group.schemata.find(({ resource, kind }) => kind === "mask" && resource === `L${cache.level}`);
  const domain = line?.domains.find(({ id }) => id === cache.id);
  return line && domain && { line, value: domain.value };
}

/** As people say it: the default group has no name of its own. */
export function nameOf(path: string): string {
  return path === "" ? "default" : path.replace("/mon_groups/", " / ");
}
