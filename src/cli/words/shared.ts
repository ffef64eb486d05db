// Options that several commands have, in the words that they share, and how those that can be given several times are collected.

export const PLATFORM = [
  "-p, --platform <file>",
  "platform file, or the name of a bundled one (default: the bundled one-socket)",
] as const;

/** The same as an argument, where a command is about a platform. */
export const PLATFORM_ARGUMENT = ["[platform]", "the same as --platform"] as const;

export const SEED = ["--seed <n>", "permute the pages of every address space"] as const;

export const DO = ["-d, --do <LINE>", 'what happens at a model time: "@50% write web/schemata L3:0=3"'] as const;

export const SCRIPT = ["-s, --script <file>", "a file of lines at model times (docs/scripts.md)"] as const;

export const GROUP = [
  "-g, --group <NAME=RULE>",
  "put threads into a group: web=trace:1, web=tid:7, web=pid:7, web=comm:sort",
] as const;

export const GUEST = [
  "--guest <NAME=RULE,...>",
  "threads that run in a guest: vm=trace:2; its PARTIDs lead to groups: vm=trace:2,groups=a+b (docs/guests.md)",
] as const;

export const GUEST_PARTID = [
  "--guest-partid <NAME:N=RULE>",
  "threads that a guest's kernel gives its own PARTID N: vm:1=comm:sort",
] as const;

export const TIMING = [
  "--timing <how>",
  "open (default: limits delay nobody) or closed (who waits issues later; latencies are shown)",
] as const;

export const LABELS = ["-l, --labels <file>", "a label map: who has which label or group (docs/replay.md)"] as const;

export const STATISTICS = [
  "--statistics <what>",
  "counts (default) or full: why lines were lost, which takes longer",
] as const;

export const PROPOSED = [
  "--proposed <name>",
  "kernel-mode: files of resctrl that are proposed for Linux and not merged (docs/resctrl.md)",
] as const;

export const LOOP = ["--loop", "replay them again when they end"] as const;

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

export const FORM = ["--form <form>", "columns (what any tool reads) or packed (small)"] as const;
export const FETCHES = ["--fetches <how>", "keep, or drop (they still make time pass)"] as const;
export const SKIP = ["--skip <n>", "reads and writes to leave out at the start"] as const;
export const TAKE = ["--take <n>", "reads and writes to take"] as const;
export const TRACE_OUTPUT = ["-o, --output <file>", "trace to write; .gz or .br compresses"] as const;
export const PLATFORM_OUTPUT = ["-o, --output <file>", "platform file to write (default: standard output)"] as const;

export const JSON_OPTION = ["--json", "one JSON object instead of text"] as const;

export const QUIET = ["-q, --quiet", "no progress"] as const;

export const collect = (value: string, all: string[]) => [...all, value];
