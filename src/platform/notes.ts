// What a platform file says that is allowed, and yet has less effect than a reader may expect.

import { cacheSets, PORTIONS_WITH_EFFECT } from "./estimate.ts";
import type { Platform } from "./types.ts";

/** One line each; none for most platforms. */
export function platformNotes(platform: Platform): string[] {
  const notes: string[] = [];
  for (const cache of platform.caches) {
    for (const ris of cache.msc?.ris ?? []) {
      if (!ris.cpor) continue;
      const { cpbmWd } = ris.cpor;
      const cells = cache.ways * cacheSets(cache);
      if (cpbmWd > PORTIONS_WITH_EFFECT) {
        notes.push(
          `cache ${cache.id}: cpbmWd ${cpbmWd} is stored in full; only ${PORTIONS_WITH_EFFECT} portions act on traffic`,
        );
      } else if (cpbmWd > cells) {
        notes.push(`cache ${cache.id}: cpbmWd ${cpbmWd} is more than its ${cells} lines, so some portions hold none`);
      }
    }
  }
  return notes;
}
