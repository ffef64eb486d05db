// Where a unit stands in its plan, in a line.

import type { Place } from "./unit.ts";

/** "a pair / one-socket / cut in two, L3 of web 11, seed 2". */
export function placeText({ workload, platform, configuration, settings, seed, layout }: Place): string {
  const more = [
    ...Object.entries(settings).map(([name, value]) => `${name} ${value}`),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    ...(layout === undefined ? [] : [`layout ${layout}`]),
  ];
  return [workload, platform, [configuration, ...more].join(", ")].join(" / ");
}
