// A whole session as plain JSON: what a link carries, and what the engine boots.

/** Traffic by name: a bundled trace (`polite`), a pattern (`synth:zipf,ws=2M`), or `own:NAME` for a file of the user's. */
export type WorkloadName = string;

export interface GroupSetup {
  /** Of one directory below /sys/fs/resctrl; "" is the default group. */
  readonly name: string;
  /** Lines to write to its schemata, such as `L3:0=3`. */
  readonly schemata: readonly string[];
  readonly workloads: readonly WorkloadName[];
}

export interface Setup {
  /** A file of platforms/ without its ending, or the text of an own one. */
  readonly platform: { readonly bundled: string } | { readonly name: string; readonly text: string };
  readonly timing: "open" | "closed";
  /** Model time against time of the wall; "max": as fast as it goes. */
  readonly speed: number | "max";
  /** Model time that runs as fast as it can before anything is seen, ns; absent: none. */
  readonly warmNs?: number;
  /** Permutes pages; absent: pages lie as the traces number them. */
  readonly seed?: number;
  /** In the order in which they are made; the default group need not be there. */
  readonly groups: readonly GroupSetup[];
  /** Panels that are open, by their id. */
  readonly panels: readonly string[];
}

/** What a visitor sees first: two recorded programs share a cache of 1 MiB. */
export const DEFAULT_SETUP: Setup = {
  platform: { bundled: "private-l2" },
  timing: "closed",
  speed: 0.0002,
  // The cache is full after 0.7 ms, and polite has come by four times after this.
  warmNs: 4e6,
  groups: [
    { name: "polite", schemata: [], workloads: ["polite"] },
    { name: "greedy", schemata: [], workloads: ["greedy"] },
  ],
  panels: [],
};
