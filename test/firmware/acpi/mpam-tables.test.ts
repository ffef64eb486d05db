// Whole MPAM tables, right and wrong, and what is made of them (linux-driver.md 8.1 to 8.5, row by row).

import { describe, expect, test } from "vitest";
import { describeAcpi, type FirmwareMsc } from "../../../src/firmware/index.ts";
import { MPAM_TABLES, type MpamDevice, PPTT } from "../../golden/mpam-tables.ts";
import { bytesOf, madtOf } from "./bytes.ts";

const CPUS: { readonly [uid: number]: readonly number[] } = { 100: [0, 1] };

/** As the description has what a device has. */
function described({ id, memory, channel, overflow, error, notReadyUsec, container, processor, ris }: MpamDevice) {
  const [address = 0, bytes = 0] = memory ?? [];
  const reach = container === undefined ? [0, 1] : CPUS[container];
  return {
    id,
    interface: channel === undefined ? "mmio" : "pcc",
    address,
    bytes,
    subspace: channel,
    nrdyUsec: notReadyUsec,
    errorInterrupt: error?.gsiv ?? 0,
    overflowInterrupt: overflow?.gsiv ?? 0,
    cpus: processor === undefined ? reach : [processor],
    resources: ris.map(({ ris: index, type, level, component }) => [index, type, level, component]),
  };
}

for (const { section, what, hex, count, devices } of MPAM_TABLES) {
  test(`${section}: ${what}`, () => {
    const read = () => describeAcpi([madtOf(0, 1), bytesOf(PPTT), bytesOf(hex)]);
    if (count === "EINVAL") {
      expect(read).toThrow("EINVAL");
      return;
    }
    const { counted, mscs, caches } = read();
    const levelOf = ({ kind, id }: FirmwareMsc["resources"][number]): number | undefined =>
      kind === "memory" ? 255 : caches.find((cache) => cache.id === id)?.level;
    const found = mscs.map(({ cpus, resources, subspace, ...rest }) => ({
      ...rest,
      subspace,
      cpus: [...cpus],
      resources: resources.map((one) => [one.ris, one.kind, levelOf(one), one.id]),
    }));
    expect(counted).toBe(count);
    // What the driver would refuse may be left out already, and is counted all the same.
    const good = devices.filter(({ fails }) => fails === undefined);
    const left = found.filter(({ id }) => !devices.some((one) => one.id === id && one.fails !== undefined));
    expect(left).toEqual(good.map(described));
  });
}

describe("what the probe of an MSC fails with", () => {
  for (const { section, what, hex, devices } of MPAM_TABLES) {
    for (const { id, fails } of devices) {
      if (fails === undefined) continue;
      test(`${section}: ${what}: ${fails}`, () => {
        const { mscs, caches } = describeAcpi([madtOf(0, 1), bytesOf(PPTT), bytesOf(hex)]);
        const msc = mscs.find((one) => one.id === id);
        const twice = new Set(msc?.resources.map(({ ris }) => ris)).size !== msc?.resources.length;
        const unknown = msc?.resources.some(
          (one) => one.ris > 15 || (one.kind === "cache" && !caches.some((cache) => cache.id === one.id)),
        );
        expect(msc === undefined || msc.cpus.size === 0 || twice || unknown).toBe(true);
      });
    }
  }
});
