// What can run: recordings that come with the page, and patterns.

import type { WorkloadName } from "../setup.ts";

export interface KnownWorkload {
  readonly name: WorkloadName;
  readonly title: string;
  readonly about: string;
}

export const RECORDED: readonly KnownWorkload[] = [
  { name: "polite", title: "polite", about: "recorded: python joins the same 730 KiB of text again and again" },
  { name: "greedy", title: "greedy", about: "recorded: sort merges 4.2 MiB, and hardly comes back to a line" },
  { name: "threadsig", title: "threadsig", about: "recorded: nine threads with small footprints" },
];

export const PATTERNS = [
  { name: "stream", title: "stream: one line after the other, over and over" },
  { name: "random", title: "random: every line as likely as the next" },
  { name: "zipf", title: "zipf: few lines often, many lines seldom" },
  { name: "chase", title: "chase: pointers, each line leads to another" },
] as const;

/** `synth:zipf,ws=2M,write=30%` as "zipf over 2M"; a file of the user's by its name. */
export function titleOf(workload: WorkloadName): string {
  if (workload.startsWith("own:")) return workload.slice("own:".length);
  const [pattern = "", ...options] = workload.replace(/^synth:/, "").split(",");
  const size = options.find((option) => option.startsWith("ws="))?.slice("ws=".length);
  return size === undefined ? pattern : `${pattern} over ${size.replace(/([kKMG])$/, " $1iB").replace("kiB", "KiB")}`;
}
