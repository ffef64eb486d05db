// What a device tree says of a machine: topology and MSCs, and what is odd about them.

import type { FirmwareDescription, FirmwareSmmu } from "../description.ts";
import { readFdt } from "./fdt-read.ts";
import { Findings, remarkOf } from "./finding.ts";
import { readMscs, type TreeMscs } from "./msc.ts";
import { readSmmus } from "./smmu.ts";
import { readTopology, type Topology } from "./topology.ts";
import type { DeviceTree } from "./tree.ts";

export interface TreeMachine {
  readonly tree: DeviceTree;
  readonly topology: Topology;
  readonly mscs: TreeMscs;
  readonly smmus: readonly FirmwareSmmu[];
  readonly findings: Findings;
}

export function readMachine(tree: DeviceTree): TreeMachine {
  const findings = new Findings();
  const topology = readTopology(tree, findings);
  const mscs = readMscs(tree, topology, findings);
  return { tree, topology, mscs, smmus: readSmmus(tree, findings), findings };
}

/** What a driver learns from the tree. Throws ErrnoError EINVAL, with the offset, for bytes that are no device tree. */
export function describeDeviceTree(dtb: Uint8Array): FirmwareDescription {
  const { topology, mscs, smmus, findings } = readMachine(readFdt(dtb));
  const cpusOf = new Map<number, Set<number>>(topology.memory.map(({ numaNode }) => [numaNode, new Set()]));
  for (const { cpu, numaNode } of topology.cpus) cpusOf.get(numaNode)?.add(cpu);
  return {
    cpus: topology.cpus.map(({ cpu, numaNode }) => ({ cpu, node: numaNode })),
    caches: topology.caches.map(({ id, level, bytes, lineBytes, cpus }) => ({ id, level, bytes, lineBytes, cpus })),
    nodes: [...cpusOf].map(([node, cpus]) => ({ node, cpus })),
    mscs: mscs.mscs.map(({ msc }) => msc),
    counted: mscs.counted,
    channels: [],
    smmus,
    remarks: findings.list.map(remarkOf),
  };
}
