// /sys/devices/system/cpu as Linux on arm64 shows it on the emulated machine.

import { formatMask } from "../fs/index.ts";
import type { Platform } from "../platform/index.ts";
import { showCpus } from "../written/index.ts";
import type { Files } from "./files.ts";
import { cacheFiles } from "./sysfs-cache.ts";
import { packageOf, packagesOf } from "./topology.ts";

/** A kernel made for as many cpus as a platform may have. */
const KERNEL_MAX = 1023;
/** What Linux says of a cpu that is in no cluster. */
const NO_CLUSTER = -2;

/** Lists and masks name online cpus only; an offline cpu has no caches and no topology. */
export function cpuFiles(platform: Platform, online: ReadonlySet<number>): Files {
  const all = Array.from({ length: platform.cpus }, (_, cpu) => cpu);
  const files = new Map<string, string | { link: string }>([
    ["possible", `${showCpus(all)}\n`],
    ["present", `${showCpus(all)}\n`],
    ["online", `${showCpus(online)}\n`],
    ["offline", `${showCpus(all.filter((cpu) => !online.has(cpu)))}\n`],
    ["isolated", "\n"],
    ["kernel_max", `${KERNEL_MAX}\n`],
  ]);
  const add = (directory: string, more: Files) => {
    for (const [name, content] of more) files.set(`${directory}/${name}`, content);
  };
  for (const cpu of all) {
    files.set(`cpu${cpu}/online`, online.has(cpu) ? "1\n" : "0\n");
    const memory = platform.memory.find(({ cpus }) => cpus.includes(cpu));
    if (memory) files.set(`cpu${cpu}/node${memory.node}`, { link: `../../node/node${memory.node}` });
    if (!online.has(cpu)) continue;
    add(`cpu${cpu}/topology`, topologyFiles(platform, cpu, online));
    add(`cpu${cpu}/cache`, cacheFiles(platform, cpu, online));
  }
  return files;
}

function topologyFiles(platform: Platform, cpu: number, online: ReadonlySet<number>): Files {
  const files = new Map<string, string>();
  const cpus = (masks: readonly string[], members: readonly number[]) => {
    const there = members.filter((one) => online.has(one));
    for (const name of masks) {
      files.set(name, `${formatMask(new Set(there), platform.cpus)}\n`);
      files.set(`${name}_list`, `${showCpus(there)}\n`);
    }
  };
  const packages = packagesOf(platform);
  const inPackage = packages[packageOf(packages, cpu)] ?? [];
  const cluster = platform.clusters.findIndex((one) => one.includes(cpu));
  const inCluster = platform.clusters[cluster] ?? [];
  // A cluster that is all of a package is none of its own.
  const clustered = cluster >= 0 && inCluster.length < inPackage.length;
  files.set("physical_package_id", `${packageOf(packages, cpu)}\n`);
  files.set("cluster_id", `${clustered ? cluster : NO_CLUSTER}\n`);
  files.set("core_id", `${cpu}\n`);
  cpus(["package_cpus", "core_siblings"], inPackage);
  cpus(["cluster_cpus"], clustered ? inCluster : [cpu]);
  cpus(["core_cpus", "thread_siblings"], [cpu]);
  return files;
}
