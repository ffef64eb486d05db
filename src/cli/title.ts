// How a class is headed: "L2 cache, ids 0-7, cpus 0-7".

import { showCpus } from "../written/index.ts";

interface Titled {
  readonly name: string;
  readonly type: string;
  readonly ids: readonly number[];
  readonly cpus: readonly number[];
}

export function titleOf({ name, type, ids, cpus }: Titled): string {
  const id = type === "memory" ? "node" : "id";
  const where = type === "unknown" ? "" : `, ${id}${ids.length === 1 ? "" : "s"} ${showCpus(ids)}`;
  const whose = cpus.length === 0 ? "no cpus" : `cpus ${showCpus(cpus)}`;
  return `${type === "cache" ? `${name} cache` : name}${where}, ${whose}`;
}
