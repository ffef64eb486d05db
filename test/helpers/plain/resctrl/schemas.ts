// Schemas, their domains, and what is stored behind them: CPBM and MBW_MAX of every PARTID (resctrl-glue.md sections 5 to 9).

import { allOnes, toMbwMax, toPercent } from "./percent.ts";
import { refuse } from "./refused.ts";
import type { PlainDomain, Shape } from "./shape.ts";
import { range } from "./text.ts";

export type Resource = "L2" | "L3" | "MB";

export interface Schema {
  readonly name: string;
  readonly resource: Resource;
  readonly half: "none" | "code" | "data";
  readonly closids: number;
}

export class PlainSchemas {
  readonly cdp: boolean;
  /** As lines of schemata stand. */
  readonly list: readonly Schema[];
  readonly nameWidth: number;
  /** Component and PARTID to what was written. */
  readonly #stored = new Map<string, number>();

  constructor(readonly shape: Shape) {
    const { cdp = false, cdpl2 = false, expert = false } = shape.options ?? {};
    this.cdp = cdp || cdpl2;
    if (this.cdp && !expert) refuse("EOPNOTSUPP");
    if (this.cdp && shape.partidMax < 1) refuse("EINVAL");
    const all = shape.partidMax + 1;
    const cache = (resource: "L2" | "L3", halved: boolean): Schema[] =>
      halved
        ? (["data", "code"] as const).map((half) => ({
            ...{ name: resource + half.toUpperCase(), resource, half, closids: Math.floor(all / 2) },
          }))
        : [{ name: resource, resource, half: "none", closids: all }];
    this.list = [
      ...(shape.mb && !this.cdp ? [{ name: "MB", resource: "MB", half: "none", closids: all } as const] : []),
      ...(shape.l2 ? cache("L2", cdpl2) : []),
      ...(shape.l3?.bits ? cache("L3", cdp) : []),
    ];
    // A cache without CDP could have it, which makes its name four longer.
    const widths = this.list.map(({ name, resource }) => (resource === "MB" ? 2 : Math.max(name.length, 6)));
    this.nameWidth = Math.max(0, ...widths);
  }

  /** Domains of a resource, whether they are there or not. */
  components(resource: Resource): readonly PlainDomain[] {
    const { l2, l3, mb } = this.shape;
    return { L2: l2?.domains, L3: l3?.domains, MB: mb?.domains }[resource] ?? [];
  }

  bits(resource: Resource): number {
    return (resource === "L2" ? this.shape.l2?.bits : this.shape.l3?.bits) ?? 0;
  }

  fullMask(resource: Resource): number {
    return 2 ** this.bits(resource) - 1;
  }

  /** As the schemata file prints it. */
  value(schema: Schema, domain: number, closid: number): number {
    const stored = this.#stored.get(keyOf(schema.resource, domain, this.#partids(schema, closid).at(-1)!));
    if (schema.resource !== "MB") return stored ?? this.fullMask(schema.resource);
    return stored === undefined ? 100 : toPercent(stored, this.shape.mb!.width);
  }

  set(schema: Schema, domain: number, closid: number, value: number): void {
    const stored = schema.resource === "MB" ? toMbwMax(value, this.shape.mb!.width) : value;
    for (const partid of this.#partids(schema, closid)) {
      this.#stored.set(keyOf(schema.resource, domain, partid), stored);
    }
  }

  /** What each component holds for each PARTID. */
  registers(): Map<string, number[]> {
    const registers = new Map<string, number[]>();
    const { l2, l3, mb } = this.shape;
    const controlled: Resource[] = [...(l2 ? ["L2" as const] : []), ...(l3?.bits ? ["L3" as const] : [])];
    if (mb) controlled.push("MB");
    for (const resource of controlled) {
      const unset = resource === "MB" ? allOnes(mb!.width) : this.fullMask(resource);
      for (const { id } of this.components(resource)) {
        const words = range(this.shape.partidMax + 1).map(
          (partid) => this.#stored.get(keyOf(resource, id, partid)) ?? unset,
        );
        registers.set(`${resource}:${id}`, words);
      }
    }
    return registers;
  }

  /** In the order in which they are written: the last is the one that is read. */
  #partids({ half }: Schema, closid: number): readonly number[] {
    if (!this.cdp) return [closid];
    if (half === "none") return [2 * closid + 1, 2 * closid];
    return [half === "code" ? 2 * closid + 1 : 2 * closid];
  }
}

function keyOf(resource: Resource, domain: number, partid: number): string {
  return `${resource}:${domain}:${partid}`;
}
