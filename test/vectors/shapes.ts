// Machines for the environments that vectors name.

import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { golden, type Kernel } from "./ways.ts";

interface Described {
  readonly name: string;
  readonly cbm_len?: number;
  readonly bwa_wd?: number;
  readonly domains: readonly number[];
}

/** One cpu for each domain. */
export function shapeOf(env: string, kernel: Kernel): Shape {
  const described = golden.schemata.envs[env as keyof typeof golden.schemata.envs].resources as readonly Described[];
  const named = (name: string) => described.find((one) => one.name === name);
  const ids = described[0]!.domains;
  const domains = ids.map((id, cpu) => ({ id, cpus: [cpu], bytes: 64 * 1024 }));
  const l2 = named("L2");
  const l3 = named("L3") ?? named("L3DATA");
  const mb = named("MB");
  return {
    ...{ cpus: ids.length, partidMax: 7, pmgMax: 1, tasks: [], occupancy: false, kernel },
    ...(l2 && { l2: { bits: l2.cbm_len!, domains } }),
    ...(!l2 && { l3: { ...(l3 && { bits: l3.cbm_len! }), domains } }),
    ...(mb && { mb: { width: mb.bwa_wd!, domains } }),
    ...(named("L3DATA") && { mb: { width: 7, domains }, options: { cdp: true, expert: true } }),
  };
}
