// What may be split: into how many parts a replay falls that know nothing of each other, or what stands between them.

import { type CacheDescription, cachesBelow, type Platform } from "../../platform/index.ts";
import { parseScript } from "../../script/index.ts";
import { count, plural } from "../../written/index.ts";
import type { Work } from "../unit.ts";

/** As asked for, or one line that says why not: `never` where the parts would not even be approximate. */
export type Split = { readonly parts: number } | { readonly refused: string; readonly never?: true };

export function splitOf({ replaying }: Pick<Work, "replaying">, platform: Platform, parts: number): Split {
  if (parts <= 1) return { parts: 1 };
  const [most, what] = partsOf(platform);
  if (most < parts) {
    const has = most === 1 ? `only one ${what}` : `${count(most)} ${what}s`;
    return {
      refused: `its last level has ${has}, so ${most === 1 ? "there is nothing to split" : `${most} parts are the most`}`,
      never: true,
    };
  }
  if (replaying.timing === "closed") {
    return {
      refused:
        "in closed timing parts wait for each other: requests under way, ports and windows of bandwidth belong to all of them",
      never: true,
    };
  }
  const inclusive = platform.caches.find((cache) => cache.inclusive);
  if (inclusive) {
    return {
      refused: `its L${inclusive.level} ${inclusive.id} is inclusive, and what one slice loses the caches above lose for all`,
      never: true,
    };
  }
  const line = (replaying.script ?? []).find((text) => coupling(text) !== undefined);
  if (line !== undefined) return { refused: `the script line '${line}' ${coupling(line)}` };
  return { parts };
}

/** How many slices the last caches have at most; without caches, how many channels memory has. And the word for them. */
function partsOf(platform: Platform): readonly [number, "slice" | "channel"] {
  const below = cachesBelow(platform);
  const last: CacheDescription[] = platform.caches.filter((_, i) => below[i] === undefined);
  return last.length > 0
    ? [Math.max(...last.map(({ slices }) => slices)), "slice"]
    : [Math.max(...platform.memory.map(({ channels }) => channels)), "channel"];
}

const COUNTED = /(^|\/)mon_data\//;

/** What a part would do otherwise at this line. */
function coupling(text: string): string | undefined {
  const [line] = parseScript(text, "script");
  if (!line) return undefined;
  const [verb, ...words] = line.text.split(/\s+/);
  if (verb === "read" || verb === "expect") {
    return words.some((word) => COUNTED.test(word)) ? "looks at counters, of which a part has only its own" : undefined;
  }
  if (verb === "rmdir") return "lets a monitor group go, whose RMID is free when the caches hold little of it";
  if (verb === "capture") return "captures counters, of which a part has only its own";
  if (verb === "fault" || verb === "unfault") return "breaks something, and parts may see that differently";
  return undefined;
}

/** "4 units" */
export function units(many: number): string {
  return plural(many, "unit");
}
