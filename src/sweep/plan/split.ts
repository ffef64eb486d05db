// What may be split: into how many parts a replay falls that know nothing of each other, or what stands between them.

import { type CacheDescription, cachesBelow, type Platform, partsOf } from "../../platform/index.ts";
import { parseScript } from "../../script/index.ts";
import { plural } from "../../written/index.ts";
import type { Work } from "../unit.ts";

/**
 * As asked for, or why the sum of the parts would not be the whole, in words that follow "because". `never`: no machine runs such
 * parts, or they would be of no use.
 */
export type Split = { readonly parts: number } | { readonly refused: string; readonly never?: true };

/** Whether the replay of a work on its platform can be run in so many parts, each a replay of its own. */
export function splitOf({ replaying }: Pick<Work, "replaying">, platform: Platform, parts: number): Split {
  if (parts <= 1) return { parts: 1 };
  if (replaying.timing === "closed") {
    return {
      refused:
        "in closed timing requests wait for each other, at ports and in windows of bandwidth, whatever slice they go to",
      never: true,
    };
  }
  const inclusive = platform.caches.find((cache) => cache.inclusive);
  if (inclusive) {
    const cache = `L${inclusive.level} ${inclusive.id}`;
    return { refused: `${cache} is inclusive, so each of its slices takes lines from the caches above`, never: true };
  }
  const last = lastCaches(platform);
  const above = last.find(({ level }) => level > 3);
  if (above) {
    const refused = `the last caches are of level ${above.level}, and resctrl counts at L3, which every part has whole`;
    return { refused, never: true };
  }
  const most = partsOf(platform);
  if (most < parts) {
    const [what, where] = last.length > 0 ? ["slice", "its last caches have"] : ["channel", "its memory nodes have"];
    return { refused: `a part needs a ${what} of its own, and ${where} ${plural(most, what)}`, never: true };
  }
  for (const line of replaying.script ?? []) {
    const why = couplingOf(line);
    if (why !== undefined) return { refused: `the script line '${line.trim()}' ${why}` };
  }
  return { parts };
}

/** Those with memory below. */
function lastCaches(platform: Platform): CacheDescription[] {
  const below = cachesBelow(platform);
  return platform.caches.filter((_, i) => below[i] === undefined);
}

/** What a part would find otherwise at this line than the whole. */
export function couplingOf(text: string): string | undefined {
  const [line] = parseScript(text, "script");
  // What is expected to be refused is a line of its own.
  const [verb = "", ...words] = (line?.text ?? "").replace(/^(expect\s+E[A-Z0-9]{2,}\s+)+/, "").split(/\s+/);
  if ((verb === "read" || verb === "expect") && words.some((word) => /(^|[/"])mon_data\//.test(word))) {
    return "looks at counters, and a part has only its own";
  }
  if (verb === "rmdir") return "lets the RMIDs of a group go, which come back when the caches hold little of them";
  if (verb === "capture") return "captures counters, and a part has only its own";
  if (verb === "fault" || verb === "unfault") return "breaks something that parts may meet at other times";
  return undefined;
}
