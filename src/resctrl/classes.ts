// Which MPAM class stands behind which resctrl resource and event (resctrl-glue.md section 2).

import type { MpamClass } from "../driver/index.ts";
import type { ResctrlDriver } from "./needs.ts";
import type { EventName } from "./resource.ts";
import { possibleCpus, sameCpus, topologyMatchesL3, trafficMatchesL3 } from "./topology.ts";

/** resctrl masks are 32 bits wide, and nothing is scaled. */
const MAX_CBM_BITS = 32;

function coversAllCpus(driver: ResctrlDriver, c: MpamClass): boolean {
  return sameCpus(c.affinity, possibleCpus(driver));
}

/** A cache level's portions. Where several classes qualify the last one wins. */
export function pickCache(driver: ResctrlDriver, level: 2 | 3): MpamClass | undefined {
  return driver.classes.findLast(
    (c) =>
      c.type === "cache" &&
      c.level === level &&
      c.props.features.has("cpor_part") &&
      c.props.cpbmWd <= MAX_CBM_BITS &&
      coversAllCpus(driver, c),
  );
}

/** The smallest level wins, so that an L3 (3) beats memory (255); on ties the first. */
export function pickBandwidth(driver: ResctrlDriver): MpamClass | undefined {
  let best: MpamClass | undefined;
  for (const c of driver.classes) {
    if (c.type === "cache" && c.level !== 3) continue;
    if (!c.props.features.has("mbw_max") || c.props.bwaWd === 0) continue;
    if (!coversAllCpus(driver, c) || !topologyMatchesL3(driver, c) || !trafficMatchesL3(driver, c)) continue;
    if (best === undefined || c.level < best.level) best = c;
  }
  return best;
}

/** `usable` has the last word on an occupancy class: its size must be known. */
export function pickCounters(driver: ResctrlDriver, usable: (c: MpamClass) => boolean): Map<EventName, MpamClass> {
  const picked = new Map<EventName, MpamClass>();
  for (const c of driver.classes) {
    if (c.type === "cache" && c.level !== 3) continue;
    if (!coversAllCpus(driver, c)) continue;
    const { features, numCsuMon, numMbwuMon } = c.props;
    if (features.has("msmon_csu") && numCsuMon >= 1 && c.type === "cache" && usable(c)) {
      offer(picked, "llc_occupancy", c);
    }
    if (features.has("msmon_mbwu") && numMbwuMon >= 1 && topologyMatchesL3(driver, c) && trafficMatchesL3(driver, c)) {
      offer(picked, "mbm_total_bytes", c);
    }
  }
  return picked;
}

/** The lower level wins, and so the L3: 7.3 keeps memory where it sees that before the L3 (marked as a hazard). */
function offer(picked: Map<EventName, MpamClass>, event: EventName, c: MpamClass): void {
  const old = picked.get(event);
  if (old !== undefined && old.level < c.level) return;
  picked.set(event, c);
}
