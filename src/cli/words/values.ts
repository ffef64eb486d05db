// What may stand behind an option, for those who complete it: words, or a kind of name. The commands check by themselves; a test
// holds this to what they refuse.

import { FORMATS } from "./formats.ts";

export type Values = readonly string[] | "file" | "folder" | "platform" | "command" | "any";

/** By option; before it the command, where that one has an option of the same name and another meaning. */
const OPTIONS: { readonly [option in string]: Values } = {
  "--platform": "platform",
  "--preset": "platform",
  "--timing": ["open", "closed"],
  "--statistics": ["counts", "full"],
  "--workers": ["1", "2", "3", "4", "5", "6", "7", "8"],
  "--proposed": ["kernel-mode"],
  "--compat": ["linux-7.3"],
  "mount --compat": ["linux-7.3", "android-2022"],
  "run --compat": ["linux-7.3", "android-2022"],
  "--command-line": ["arm64.nompam"],
  "--kernel-mode": ["inherit", "default", "group:", "per-group:"],
  "--interface": ["resctrl", "android"],
  "mount --options": ["cdp", "cdpl2", "mba_MBps", "debug"],
  "run --options": ["cdp", "cdpl2", "mba_MBps", "debug"],
  "--profile": ["mpam", "x86"],
  "--tasks": ["machine", "host"],
  "--space": ["ns", "s", "rt", "rl"],
  "--wrap": "command",
  "explain labels --kind": ["data", "fetch", "streaming", "nv2"],
  "explain labels --el": ["0", "1", "2", "3"],
  "trace import --format": FORMATS,
  "--form": ["columns", "packed"],
  "--addresses": ["dense", "identity"],
  "--page-bytes": ["4096", "16384", "65536", "2097152"],
  "--time": ["instructions", "accesses", "recorded"],
  "--fetches": ["keep", "drop"],
  "trace import --cpus": ["drop", "record"],
};

/** Where nothing else is said, by the word in <...>. */
const PLACEHOLDERS: { readonly [word in string]: Values } = {
  file: "file",
  traces: "file",
  trace: "file",
  recordings: "file",
  tables: "file",
  dtb: "file",
  output: "file",
  bundle: "file",
  run: "file",
  a: "file",
  b: "file",
  platform: "platform",
  directory: "folder",
  folder: "folder",
  command: "command",
  shell: ["bash", "zsh", "fish"],
};

/** @param command "trace import". */
export function valuesOfOption(command: string, long: string, placeholder: string): Values {
  return OPTIONS[`${command} ${long}`] ?? OPTIONS[long] ?? PLACEHOLDERS[placeholder] ?? "any";
}

export function valuesOfArgument(placeholder: string): Values {
  return PLACEHOLDERS[placeholder] ?? "any";
}
