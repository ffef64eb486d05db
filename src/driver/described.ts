// From what firmware describes to MSCs and the tree of what they control (linux-driver.md 1.2). What Linux would refuse
// is refused here, before any register is touched.

import { ErrnoError } from "../errno/index.ts";
import {
  type FirmwareDescription,
  type FirmwareMsc,
  type FirmwareResource,
  isPrivateInterrupt,
} from "../firmware/index.ts";
import { type RisPlace, type Tree, UNDESCRIBED } from "./classes.ts";
import type { Oddities } from "./compat.ts";
import type { Msc } from "./msc.ts";

/** Class level of memory: the default class id of Linux. */
const MEMORY_LEVEL = 255;

export function checkFirmware(firmware: FirmwareDescription, odd: Oddities): void {
  const { mscs, counted, channels } = firmware;
  if (mscs.length === 0 && counted === 0) {
    throw new ErrnoError("EINVAL", "firmware describes no MSC; MPAM needs at least one");
  }
  if (mscs.length > counted) {
    throw new ErrnoError(
      "EINVAL",
      `firmware counts ${counted} MSCs and describes ${mscs.length}; it must count them all`,
    );
  }
  for (const msc of mscs) {
    if (mscs.some((other) => other !== msc && other.id === msc.id)) {
      throw new ErrnoError("EINVAL", `firmware describes MSC ${msc.id} twice; each has an id of its own`);
    }
    if (msc.cpus.size === 0) throw new ErrnoError("EINVAL", `MSC ${msc.id}: no cpu can reach it; at least one must`);
    checkErrorInterrupt(msc, firmware);
    if (msc.interface === "mmio") continue;
    if (odd.noMailboxes) {
      throw new ErrnoError("EINVAL", `MSC ${msc.id}: interface pcc is not supported by Linux 7.3; mmio is`);
    }
    if (!channels.some(({ subspace }) => subspace === msc.subspace)) {
      throw new ErrnoError(
        "ENODEV",
        `MSC ${msc.id}: firmware describes no PCC subspace ${msc.subspace} to reach it by`,
      );
    }
  }
}

/** A shared interrupt may be taken on any cpu, and its handler reads the MSC there. */
function checkErrorInterrupt(msc: FirmwareMsc, firmware: FirmwareDescription): void {
  const line = msc.errorInterrupt;
  if (line === 0 || isPrivateInterrupt(line)) return;
  const unreachable = firmware.cpus.find(({ cpu }) => !msc.cpus.has(cpu));
  if (unreachable === undefined) return;
  const why = `error interrupt ${line} is shared, but cpu ${unreachable.cpu} cannot reach the MSC`;
  throw new ErrnoError("EINVAL", `MSC ${msc.id}: ${why}; use a private interrupt (16 to 31) or let every cpu reach it`);
}

/** The RIS firmware describes, where it puts them. */
export function addDescribed(tree: Tree, msc: Msc, firmware: FirmwareDescription): void {
  for (const resource of msc.firmware.resources) tree.add(msc, resource.ris, placeOf(resource, msc, firmware));
}

function placeOf(resource: FirmwareResource, msc: Msc, firmware: FirmwareDescription): RisPlace {
  const { kind, id, level } = resource;
  if (kind === "unknown") return UNDESCRIBED;
  if (kind === "memory") {
    // A node that no cpu belongs to is allowed.
    const cpus = firmware.nodes.find(({ node }) => node === id)?.cpus ?? [];
    return { type: "memory", level: MEMORY_LEVEL, id, cpus };
  }
  const [cache, second] = firmware.caches.filter((one) => one.id === id && (level ?? one.level) === one.level);
  const where = `${msc}: RIS ${resource.ris} controls ${level === undefined ? "" : `L${level} `}cache ${id}`;
  if (cache === undefined) throw new ErrnoError("ENOENT", `${where}, which no table describes`);
  if (second !== undefined) throw new ErrnoError("EINVAL", `${where}, but two caches have that id; ids must differ`);
  return { type: "cache", level: cache.level, id, cpus: cache.cpus };
}
