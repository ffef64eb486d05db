// The cache model as plainly as it can be said: lists, whole scans, a log of what crossed. Slow, and written apart
// from the twins it is compared with.

export interface NaiveSetting {
  readonly portions: number;
  readonly limit: number;
}

interface Line {
  readonly line: number;
  readonly label: number;
  dirty: boolean;
}

export class NaiveCache {
  /** What crossed downstream, in order. */
  readonly crossings: { label: number; write: boolean }[] = [];
  readonly hits: number[] = [];
  readonly missed: number[] = [];
  readonly #ways: (Line | undefined)[][];
  /** Ways of each set, the one touched longest ago first. Ways never touched are not in it. */
  readonly #order: number[][];

  constructor(
    readonly sets: number,
    readonly wayCount: number,
    readonly settings: readonly NaiveSetting[],
    readonly partidOf: (label: number) => number,
  ) {
    this.#ways = Array.from({ length: sets }, () => new Array<Line | undefined>(wayCount).fill(undefined));
    this.#order = Array.from({ length: sets }, () => []);
  }

  linesOf(wanted: (label: number) => boolean): number {
    return this.#ways.flat().filter((l) => l !== undefined && wanted(l.label)).length;
  }

  access(line: number, label: number, write: boolean): void {
    const s = line % this.sets;
    const set = this.#ways[s] ?? [];
    const there = set.findIndex((l) => l?.line === line);
    if (there >= 0) {
      this.hits.push(label);
      this.#touch(s, there);
      const held = set[there];
      if (held && write) held.dirty = true;
      return;
    }
    this.missed.push(label);
    const way = this.#choose(s, label);
    if (way === undefined) {
      this.crossings.push({ label, write });
      return;
    }
    const old = set[way];
    if (old?.dirty) this.crossings.push({ label: old.label, write: true });
    this.crossings.push({ label, write: false });
    set[way] = { line, label, dirty: write };
    this.#touch(s, way);
  }

  #touch(s: number, way: number): void {
    this.#order[s] = [...(this.#order[s] ?? []).filter((w) => w !== way), way];
  }

  #choose(s: number, label: number): number | undefined {
    const set = this.#ways[s] ?? [];
    const partid = this.partidOf(label);
    const setting = this.settings[partid] ?? { portions: 0, limit: 0 };
    let candidates = set.map((_, way) => way).filter((way) => ((setting.portions >>> way) & 1) === 1);
    if (this.linesOf((l) => this.partidOf(l) === partid) >= setting.limit) {
      candidates = candidates.filter((way) => {
        const l = set[way];
        return l !== undefined && this.partidOf(l.label) === partid;
      });
    }
    const empty = candidates.find((way) => set[way] === undefined);
    return empty ?? (this.#order[s] ?? []).find((way) => candidates.includes(way));
  }
}
