// MSCs as people name them: L3:0, node0, cache0, msc 2.

import { nameOfMsc } from "../../../machine/index.ts";
import type { MscInstance } from "../../../platform/index.ts";
import { nearest } from "../../../written/index.ts";

/** As one word: L3:0, L3:0.1 of a slice, node0, node0.1. */
export function shortName(instance: MscInstance): string {
  return nameOfMsc(instance)
    .replace(/^L(\d+) /, "L$1:")
    .replace(" ", "");
}

/** Its number, msc2, the short name, or cacheN and nodeN by the id. A RangeError for what names none. */
export function mscNamed(word: string, mscs: readonly MscInstance[]): MscInstance {
  const found = mscs.find((one) => namesOf(one).includes(word.toLowerCase()));
  if (found) return found;
  const names = mscs.map(shortName);
  const close = nearest(word, names);
  const some = names.length > 12 ? `${names.slice(0, 12).join(", ")}, ...` : names.join(", ");
  throw new RangeError(`there is no MSC '${word}'; ${close ? `did you mean ${close}? ` : ""}${some} are there`);
}

function namesOf(instance: MscInstance): string[] {
  const { msc, resource } = instance;
  const short = shortName(instance).toLowerCase();
  const names = [String(msc), `msc${msc}`, short];
  return resource.kind === "cache" ? [...names, short.replace(/^l\d+:/, "cache")] : names;
}
