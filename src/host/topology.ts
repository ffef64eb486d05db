// Which cpus stand in one package.

import type { Platform } from "../platform/index.ts";

/**
 * The widest sets of cpus that share a cache, in the order of their first cpu; a cpu that shares none is a package by itself.
 * A platform file knows no sockets: a kernel finds them in the same way, at the top of the PPTT.
 */
export function packagesOf(platform: Platform): readonly (readonly number[])[] {
  const around: (readonly number[])[] = Array.from({ length: platform.cpus }, (_, cpu) => [cpu]);
  for (const { cpus } of platform.caches) {
    for (const cpu of cpus) if (cpus.length > (around[cpu]?.length ?? 0)) around[cpu] = cpus;
  }
  const packages = new Map(around.map((cpus) => [cpus[0], cpus]));
  return [...packages.values()];
}

export function packageOf(packages: readonly (readonly number[])[], cpu: number): number {
  return packages.findIndex((cpus) => cpus.includes(cpu));
}
