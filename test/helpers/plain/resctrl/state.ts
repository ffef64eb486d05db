// Everything that a mounted tree remembers, apart from the tree itself.

import { PlainCounters } from "./counters.ts";
import type { PlainGroup } from "./group.ts";
import { PlainRmids } from "./rmids.ts";
import { PlainSchemas, type Resource } from "./schemas.ts";
import type { PlainDomain, Shape } from "./shape.ts";
import { PlainStatus } from "./status.ts";
import { range } from "./text.ts";

/** Bytes of the lines that a label holds in an L3. */
export type Occupancy = (l3: number, partid: number, pmg: number) => number;

export class PlainState {
  readonly status = new PlainStatus();
  readonly schemas: PlainSchemas;
  readonly counters: PlainCounters | undefined;
  readonly rmids: PlainRmids;
  readonly online: Set<number>;
  readonly root: PlainGroup;
  /** Control groups, the default one first. */
  readonly groups: PlainGroup[];
  readonly placed: Map<number, PlainGroup>;
  readonly limit: number;
  threshold: number;
  assignOnMkdir = true;

  constructor(
    readonly shape: Shape,
    readonly occupancy: Occupancy,
  ) {
    const { partidMax, pmgMax, monitors, kernel, tasks } = shape;
    this.schemas = new PlainSchemas(shape);
    if (!this.allocation && !this.monitoring) throw new Error("a tree of neither controls nor monitors is not mounted");
    const { cdp } = this.schemas;
    if (monitors !== undefined) {
      this.counters = new PlainCounters(cdp ? Math.floor(monitors / 2) : monitors, kernel === "linux-7.3");
    }
    const indices = (partidMax + 1) * (pmgMax + 1);
    const closids = Math.min(...this.schemas.list.map((schema) => schema.closids));
    this.rmids = new PlainRmids(pmgMax + 1, indices, this.allocation ? closids : 1, shape.occupancy);
    this.online = new Set(range(shape.cpus).filter((cpu) => !shape.offline?.includes(cpu)));
    this.limit = shape.occupancy ? Math.min(...shape.l3!.domains.map(({ bytes }) => bytes)) : 0;
    this.threshold = Math.floor(this.limit / indices);
    const nothing = { children: [], counters: new Map(), parent: undefined, node: undefined };
    this.root = { type: "control", closid: 0, rmid: 0, cpus: new Set(this.online), ...nothing };
    this.groups = [this.root];
    this.placed = new Map(tasks.map(({ tid }) => [tid, this.root]));
    for (const domain of this.present("L3")) this.counters?.domainCame(domain);
  }

  get allocation(): boolean {
    return this.schemas.list.length > 0;
  }

  get monitoring(): boolean {
    return this.shape.occupancy || this.shape.monitors !== undefined;
  }

  /** Ids of the domains that have a cpu online, ascending. */
  present(resource: Resource): number[] {
    return this.schemas
      .components(resource)
      .filter((domain) => this.isPresent(domain))
      .map(({ id }) => id);
  }

  isPresent({ cpus }: PlainDomain): boolean {
    return cpus.some((cpu) => this.online.has(cpu));
  }

  occupancyOf(l3: number, closid: number, rmid: number): number {
    if (!this.schemas.cdp) return this.occupancy(l3, closid, rmid);
    return this.occupancy(l3, 2 * closid, rmid) + this.occupancy(l3, 2 * closid + 1, rmid);
  }
}
