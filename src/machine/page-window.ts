// The register page of an MSC in the physical address map.

import { ErrnoError } from "../errno/index.ts";
import { MSC_WINDOW_BYTES, type MscInstance } from "../platform/index.ts";
import type { Pages } from "./pages.ts";
import { type AccessBytes, type BusWindow, hex, nothing } from "./physical-bus.ts";

type Target = Pick<Pages, "read32" | "write32">;

/** A window for every MSC that has an address; the others are behind mailboxes. */
export function pageWindows(mscs: readonly MscInstance[], target: Target): BusWindow[] {
  // Instances of one entry share what the platform file says, and with it who reaches them.
  const reach = new Map<readonly number[], ReadonlySet<number>>();
  return mscs.flatMap((msc): BusWindow[] => {
    const { address, description } = msc;
    if (address === undefined) return [];
    const cpus = reach.get(description.cpus) ?? new Set(description.cpus);
    reach.set(description.cpus, cpus);
    return [pageWindow(msc, address, cpus, target)];
  });
}

function pageWindow(
  { msc, description }: MscInstance,
  start: number,
  cpus: ReadonlySet<number>,
  target: Target,
): BusWindow {
  return {
    start,
    bytes: MSC_WINDOW_BYTES,
    admit(offset, bytes, space, cpu) {
      if (bytes < 4) throw narrow(bytes, start + offset);
      if (!description.spaces[space]) throw nothing(start + offset, space);
      if (!cpus.has(cpu))
        throw new ErrnoError("ENXIO", `cpu ${cpu} does not reach msc ${msc} at ${hex(start + offset)}`);
    },
    load: (offset, _bytes, space, by) => target.read32(msc, offset, space, by),
    store: (offset, _bytes, value, space, by) => target.write32(msc, offset, value, space, by),
  };
}

function narrow(bytes: AccessBytes, address: number): ErrnoError {
  return new ErrnoError(
    "EINVAL",
    `${bytes} bytes at ${hex(address)}: registers are read by 4 or 8 bytes, naturally aligned`,
  );
}
