// What the keys of a cpu say about each other: what the architecture lets stand together (register reference, section 7).

import { at, type Path, type Report, showCpus } from "../written/index.ts";
import type { PeDescription, Platform } from "./types.ts";

export function checkProcessor({ cpus, processor }: Platform, report: Report): void {
  const { unlike } = processor;
  checkPe(processor, ["processor"], report);
  const named = new Set<number>();
  unlike.forEach((entry, index) => {
    const path = ["processor", "unlike", index];
    checkPe(entry, path, report);
    const beyond = entry.cpus.filter((cpu) => cpu >= cpus);
    if (beyond.length > 0) {
      const found = `${at([...path, "cpus"])} names cpu ${showCpus(beyond)}`;
      report([...path, "cpus"], found, `cpus 0 to ${cpus - 1} are allowed`);
    }
    const again = entry.cpus.filter((cpu) => named.has(cpu));
    if (again.length > 0) {
      const found = `${at([...path, "cpus"])} names cpu ${showCpus(again)} again`;
      report([...path, "cpus"], found, "each cpu is allowed in one entry");
    }
    for (const cpu of entry.cpus) named.add(cpu);
  });
}

function checkPe(pe: PeDescription, path: Path, report: Report): void {
  const { version, el2, el3 } = pe;
  /** A key that needs others: `lacks` are those that are not there. */
  const need = (key: string, is: boolean, needs: readonly (readonly [needed: string, isThere: boolean])[]) => {
    const lacks = needs.filter(([, isThere]) => !isThere).map(([needed]) => needed);
    if (!is || lacks.length === 0) return;
    const value = pe[key as keyof PeDescription];
    const found = `${at([...path, key])} ${typeof value === "object" ? "stands" : `is ${value}`}`;
    report([...path, key], found, `it needs ${lacks.join(" and ")}`);
  };
  const withEl2 = ["el2: true", el2] as const;
  const withEl3 = ["el3: true", el3] as const;
  need("vhe", pe.vhe, [withEl2]);
  // A cpu without MPAM may say what it would have: it is one that lost it.
  const none = version === "none";
  need("rme", pe.rme, [["version 1.1", none || version === "1.1"], withEl2, withEl3]);
  if (none) return;
  const later = ["version 0.1 or 1.1", version !== "1.0"] as const;
  need("vpmrMax", pe.vpmrMax !== "none", [withEl2]);
  need("tidr", pe.tidr, [later, withEl2]);
  need("sdeflt", pe.sdeflt, [later, withEl3]);
  need("forceNs", pe.forceNs !== "none", [["version 0.1", version === "0.1"], withEl3]);
  need("bandwidth", pe.bandwidth !== "none", [later]);
}
