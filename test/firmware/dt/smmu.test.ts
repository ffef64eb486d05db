// SMMUs in device trees: the binding of arm,smmu-v3.

import { expect, test } from "vitest";
import { readFdt } from "../../../src/firmware/dt/fdt-read.ts";
import { writeFdt } from "../../../src/firmware/dt/fdt-write.ts";
import {
  checkDeviceTree,
  describeDeviceTree,
  deviceTree,
  deviceTreeText,
  platformFromDeviceTree,
} from "../../../src/firmware/index.ts";
import { checkObject } from "../../../src/platform/index.ts";

const platform = (firmware: string) =>
  checkObject({
    name: "t",
    firmware,
    cpus: 1,
    processor: { partidMax: 7, pmgMax: 1 },
    caches: [{ level: 3, bytes: "64 KiB", ways: 16, msc: { base: 0x1_4000_0000, cpor: { cpbmWd: 8 } } }],
    memory: [{ bytes: "1 MiB", bytesPerSecond: "1 GB/s" }],
    smmus: [
      { base: 0x2b40_0000, partidMax: 31, pmgMax: 1 },
      { base: 0x1_2b60_0000, mpam: false },
    ],
  });

test.each(["dt", "android"])("a tree of %s has a node for each", (firmware) => {
  const tree = deviceTree(platform(firmware));
  expect(deviceTreeText(tree)).toMatch(
    /iommu@2b400000 \{\s+compatible = "arm,smmu-v3";\s+reg = <0x0 0x2b400000 0x0 0x20000>;\s+#iommu-cells = <0x1>;/,
  );
  expect(describeDeviceTree(tree).smmus).toEqual([
    { id: 0, address: 0x2b40_0000 },
    { id: 1, address: 0x1_2b60_0000 },
  ]);
  expect(platformFromDeviceTree(tree).platform.smmus).toEqual([
    { base: 0x2b40_0000, mpam: false },
    { base: 0x1_2b60_0000, mpam: false },
  ]);
});

test("one that is disabled is not there, and one whose reg cannot be is left out with a word", () => {
  const tree = readFdt(deviceTree(platform("dt")));
  const nodes = [...tree.root.walk()].filter((node) => node.isCompatible("arm,smmu-v3"));
  nodes[0]?.set("status", "disabled");
  expect(describeDeviceTree(writeFdt(tree)).smmus).toEqual([{ id: 0, address: 0x1_2b60_0000 }]);
  nodes[1]?.set("reg", [1, 0x2b60_1000, 0, 0x2_0000]);
  const found = describeDeviceTree(writeFdt(tree));
  expect(found.smmus).toEqual([]);
  expect(found.remarks).toContainEqual(
    expect.stringMatching(/iommu@.*reg begins at 0x12b601000, no multiple of 64 KiB: the SMMU is left out/),
  );
  expect(checkDeviceTree(writeFdt(tree)).some(({ text }) => /the SMMU is left out/.test(text))).toBe(true);
});
