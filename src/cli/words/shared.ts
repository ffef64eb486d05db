// Options that several commands have, and how those that can be given several times are collected.

export const COMPAT = [
  "--compat <kernel>",
  "linux-7.3: keep what that kernel does that is surprising (docs/modelled.md)",
] as const;

export const KERNEL_MODE = [
  "--kernel-mode <policy>",
  "under whose label the kernel works: inherit (its task's, default), default (the default group's), group:GROUP, per-group:GROUP=GROUP,...",
] as const;

export const COMMAND_LINE = [
  "--command-line <words>",
  "of the kernel: arm64.nompam, or id_aa64pfr0.mpam=0 id_aa64pfr1.mpam_frac=0, keeps it from using MPAM (docs/processor.md)",
] as const;

export const SMMUS = [
  "--smmus",
  "keep to the PARTIDs and PMGs that SMMUs have; Linux asks the cpus and MSCs alone",
] as const;

export const LOG_REGISTERS = [
  "--log-registers <FILTER>",
  "print register accesses on standard error: names with * and ?, REG.FIELD, msc:N, space:S, read, write, with commas between",
] as const;

export const JSON_OPTION = ["--json", "one JSON object instead of text"] as const;

export const collect = (value: string, all: string[]) => [...all, value];
