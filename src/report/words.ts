// A run in a few words.

import { plural, rate, showBytes } from "../written/index.ts";
import type { Lost, Run, RunCaches, RunMemory } from "./run.ts";

/** What traffic without a group is counted as. */
export const NO_GROUP = "no group";

/** Why lines were lost. */
export const REASON_WORDS: { readonly [reason in keyof Lost<unknown>]: string } = {
  other: "to others",
  ownPortion: "to itself",
  ownLimit: "at its limit",
  disabled: "disabled",
  inclusion: "by inclusion",
};

const MOST_NAMES = 4;

/** "polite and greedy on private-l2": the groups that did something. */
export function nameOfRun({ platform, totals }: Run): string {
  const names = totals.filter(({ parts }) => parts.length > 0).map(({ group }) => group);
  const groups = names.filter((name) => name !== "/" && name !== NO_GROUP);
  const named = groups.length > 0 ? groups : names;
  if (named.length === 0) return platform.name;
  if (named.length > MOST_NAMES) return `${named.length} groups on ${platform.name}`;
  const first = named.slice(0, -1).join(", ");
  const last = named.at(-1) === "/" ? "the default group" : named.at(-1);
  return `${first === "" ? last : `${first} and ${last}`} on ${platform.name}`;
}

/** "L2: 8 of 64 KiB, 8 ways, plru" */
export const describeCaches = ({ level, count, bytes, ways, slices, policy }: RunCaches): string =>
  `L${level}: ${count > 1 ? `${count} of ` : ""}${showBytes(bytes)}, ${plural(ways, "way")}${slices > 1 ? `, ${slices} slices` : ""}, ${policy}`;

/** "node 0: 2 channels of 25.60 GB/s" */
export const describeMemory = ({ node, channels, bytesPerSecond }: RunMemory): string =>
  `node ${node}: ${plural(channels, "channel")} of ${rate(bytesPerSecond)}`;
