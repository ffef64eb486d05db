// Files of /proc that say what machine this is, and that resctrl can be mounted on it.

import type { Platform } from "../platform/index.ts";

/** What the tree offers, found in its `info`. */
export interface Offered {
  /** Names in `info`. */
  readonly info: readonly string[];
  /** Lines of `info/L3_MON/mon_features`; none where there is no monitoring. */
  readonly monFeatures: readonly string[];
}

/** /proc/filesystems with a type in it: "resctrl", or "mpam". */
export function withType(filesystems: string, type: string): string {
  const line = `nodev\t${type}`;
  return filesystems.split("\n").includes(line) ? filesystems : `${filesystems}${line}\n`;
}

/**
 * Lines as arm64 has them, of a core with MPAM, for each online cpu. `flags` is a line of x86, with the words by which programs
 * look for what resctrl can do.
 */
export function cpuinfo(platform: Platform, online: ReadonlySet<number>, offered: Offered): string {
  const flags = flagsOf(offered);
  return Array.from({ length: platform.cpus }, (_, cpu) => cpu)
    .filter((cpu) => online.has(cpu))
    .map((cpu) =>
      [
        `processor\t: ${cpu}`,
        "BogoMIPS\t: 2000.00",
        "Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm",
        ...(flags === "" ? [] : [`flags\t\t: ${flags}`]),
        "CPU implementer\t: 0x41",
        "CPU architecture: 8",
        "CPU variant\t: 0x0",
        "CPU part\t: 0xd4f",
        "CPU revision\t: 1",
        "\n",
      ].join("\n"),
    )
    .join("");
}

/** The words that x86 has for them. */
function flagsOf({ info, monFeatures }: Offered): string {
  const any = info.some((name) => name !== "last_cmd_status");
  const flags: readonly (readonly [string, boolean])[] = [
    ["rdt_a", any],
    ["cat_l3", info.some((name) => /^L3(CODE)?$/.test(name))],
    ["cdp_l3", info.includes("L3CODE")],
    ["cat_l2", info.some((name) => /^L2(CODE)?$/.test(name))],
    ["cdp_l2", info.includes("L2CODE")],
    ["mba", info.includes("MB")],
    ["cqm", monFeatures.length > 0],
    ["cqm_llc", monFeatures.length > 0],
    ["cqm_occup_llc", monFeatures.includes("llc_occupancy")],
    ["cqm_mbm_total", monFeatures.includes("mbm_total_bytes")],
    ["cqm_mbm_local", monFeatures.includes("mbm_local_bytes")],
  ];
  return flags.flatMap(([flag, has]) => (has ? [flag] : [])).join(" ");
}
