// SMMUs in a device tree: nodes compatible with "arm,smmu-v3" (devicetree bindings, iommu/arm,smmu-v3).

import type { FirmwareSmmu } from "../description.ts";
import { regionsOf } from "./address.ts";
import type { Findings } from "./finding.ts";
import type { DeviceTree, DtNode } from "./tree.ts";

export const SMMU = "arm,smmu-v3";

/** Those that are available, in the order of the tree. */
export function readSmmus(tree: DeviceTree, findings: Findings): FirmwareSmmu[] {
  const nodes = [...tree.root.walk()].filter((node) => node.isCompatible(SMMU) && node.isAvailable);
  return nodes.flatMap((node, id) => {
    const address = addressOf(node);
    if (typeof address === "number") return [{ id, address }];
    findings.add("warning", node, `${address}: the SMMU is left out`, "reg");
    return [];
  });
}

function addressOf(node: DtNode): number | string {
  const regions = regionsOf(node, 1);
  if (typeof regions === "string") return regions;
  const address = regions[0]?.address ?? 0;
  return address % 0x1_0000 === 0 ? address : `reg begins at 0x${address.toString(16)}, no multiple of 64 KiB`;
}
