// What is wrong with a device tree: what software cannot use, and what differs from what the binding asks for.

import type { Finding } from "../finding.ts";
import { isPrivateInterrupt } from "../interrupt.ts";
import { type Region, regionsOf } from "./address.ts";
import { FdtError, readFdt, totalSize } from "./fdt-read.ts";
import type { Findings } from "./finding.ts";
import { readMachine, type TreeMachine } from "./machine.ts";
import { DEVICE, MSC, NOT_READY, RIS_CACHE, RIS_MEMORY, type TreeMsc } from "./msc.ts";
import type { DtNode } from "./tree.ts";

/** Everything that was found, errors first. Bytes that are no tree are one error. */
export function checkDeviceTree(dtb: Uint8Array): Finding[] {
  let machine: TreeMachine;
  try {
    machine = readMachine(readFdt(dtb));
  } catch (error) {
    if (!(error instanceof FdtError)) throw error;
    return [{ severity: "error", place: "device tree", offset: error.offset, text: error.problem }];
  }
  const { findings, tree } = machine;
  const left = dtb.length - totalSize(dtb);
  if (left > 0) findings.add("warning", tree.root, `${left} bytes follow the tree`);
  checkNames(tree.root, findings);
  checkPhandles(tree.root, findings);
  checkCpus(machine);
  checkCaches(machine);
  checkMscs(machine);
  checkStray(tree.root, findings);
  checkWindows(machine);
  const order = ["error", "warning", "note"];
  return findings.list.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function checkNames(root: DtNode, findings: Findings): void {
  for (const node of root.walk()) {
    for (const child of node.children) {
      if (node.child(child.name) !== child) findings.add("error", child, "the node before it has that name too");
    }
  }
}

function checkPhandles(root: DtNode, findings: Findings): void {
  const taken = new Map<number, DtNode>();
  for (const node of root.walk()) {
    const { phandle } = node;
    if (phandle === undefined) continue;
    const other = taken.get(phandle);
    if (phandle === 0 || phandle === 0xffff_ffff) findings.add("error", node, `phandle is ${phandle}`, "phandle");
    else if (other) findings.add("error", node, `phandle is ${phandle}, as ${other} has it`, "phandle");
    taken.set(phandle, other ?? node);
  }
}

function checkCpus({ topology, findings }: TreeMachine): void {
  const taken = new Map<string, DtNode>();
  for (const { node } of topology.cpus) {
    const reg = node.cells("reg");
    const key = `${reg}`;
    const other = taken.get(key);
    if (reg === undefined) findings.add("error", node, "reg is missing: which cpu it is cannot be told");
    else if (other) findings.add("error", node, `reg is that of ${other}`, "reg");
    else taken.set(key, node);
    checkUnit(node, reg?.length === 2 ? (reg[0] as number) * 2 ** 32 + (reg[1] as number) : reg?.[0], findings);
  }
}

function checkUnit(node: DtNode, reg: number | undefined, findings: Findings): void {
  if (reg === undefined || node.unitAddress === reg.toString(16)) return;
  findings.add("warning", node, `its name should end in @${reg.toString(16)}, what reg begins with`);
}

function checkCaches({ tree, topology, findings }: TreeMachine): void {
  const levels = new Map<string, DtNode>();
  for (const { node, level, cpus, bytes, lineBytes, sets } of topology.caches) {
    const apart = node.parent?.name !== "cpus" || node.baseName !== "cpu";
    if (apart && !node.isCompatible("cache")) {
      findings.add("warning", node, 'it is a cpu\'s next-level-cache and not compatible with "cache"');
    }
    const twice = [...cpus].find((cpu) => levels.has(`${level} ${cpu}`));
    if (twice !== undefined) {
      const other = levels.get(`${level} ${twice}`);
      findings.add("error", node, `cpu ${twice} has two caches of level ${level}: this and ${other}`, "cache-level");
    }
    for (const cpu of cpus) levels.set(`${level} ${cpu}`, node);
    const next = topology.cacheOf.get(tree.follow(node, "next-level-cache") as DtNode);
    if (next && next.level <= level) {
      findings.add("error", node, `it is of level ${level}, and the next one, ${next.node}, of ${next.level}`);
    }
    if (sets > 0 && lineBytes > 0 && bytes % (sets * lineBytes) !== 0) {
      const text = `cache-size ${bytes} is no multiple of ${sets} sets of lines of ${lineBytes} bytes`;
      findings.add("warning", node, text, "cache-size");
    }
  }
  for (const node of tree.root.walk()) {
    if (node.isCompatible("cache") && !topology.cpusOf.has(node))
      findings.add("warning", node, "no cpu has this cache");
  }
}

function checkMscs(machine: TreeMachine): void {
  const { tree, topology, mscs, findings } = machine;
  if (mscs.counted === 0) findings.add("warning", tree.root, `no node that is in use is compatible with ${MSC}`);
  const numaNodes = new Map(topology.memory.map(({ node, numaNode }) => [node, numaNode]));
  const known = new Set(numaNodes.values());
  for (const one of mscs.mscs) {
    checkUnit(one.node, unitOf(one.node), findings);
    if (mscs.binding === "android") continue;
    if (!one.node.has(NOT_READY)) {
      findings.add("note", one.node, `${NOT_READY} is missing: how long monitors may take is not said`);
    }
    checkInterrupts(one, machine);
    for (const child of one.node.children) {
      if (!child.isAvailable || !child.has("reg")) continue;
      checkUnit(child, child.cell("reg"), findings);
      if (child.isCompatible(RIS_CACHE)) continue;
      if (child.isCompatible(RIS_MEMORY)) {
        const device = tree.follow(child, DEVICE) as DtNode;
        checkMemory(child, device, numaNodes.get(device), known, findings);
        continue;
      }
      const text = `it is compatible with neither ${RIS_CACHE} nor ${RIS_MEMORY}: what it controls is not known`;
      findings.add("warning", child, text, "compatible");
    }
    if (one.node.children.length === 0) continue;
    if (one.node.cell("#address-cells") === 1 && one.node.cell("#size-cells") === 0) continue;
    findings.add("warning", one.node, "it has RIS nodes, and not #address-cells 1 and #size-cells 0");
  }
}

/** What `reg` begins with, as it stands there. */
function unitOf(node: DtNode): number | undefined {
  const width = node.parent?.cell("#address-cells") ?? 2;
  const reg = node.cells("reg");
  if (!reg || reg.length < width) return undefined;
  return reg.slice(0, width).reduce((value, cell) => value * 2 ** 32 + cell, 0);
}

function checkInterrupts({ node, msc }: TreeMsc, { topology, findings }: TreeMachine): void {
  const names = node.strings("interrupt-names") ?? [];
  if (!["error,overflow", "error", "overflow", ""].includes(names.join())) {
    const text = `interrupt-names is ${names.join(", ")}; error, overflow, or one of them is allowed`;
    findings.add("warning", node, text, "interrupt-names");
  }
  const { errorInterrupt: line } = msc;
  // Those of each cpu's own: an MSC that some cpus reach is told of there.
  if (line === 0 || isPrivateInterrupt(line) || msc.cpus.size === topology.cpus.length) return;
  const text = `its error interrupt ${line} is shared (an SPI), and not every cpu reaches it: Linux refuses that`;
  findings.add("error", node, text, "interrupts");
}

/** The node of the RIS counts, whatever that of its memory is. */
function checkMemory(
  ris: DtNode,
  device: DtNode,
  deviceNode: number | undefined,
  known: ReadonlySet<number>,
  findings: Findings,
): void {
  const numa = ris.inherited("numa-node-id") ?? 0;
  if (deviceNode === undefined) findings.add("warning", ris, `${DEVICE} is ${device}, which is no memory`, DEVICE);
  else if (deviceNode !== numa) {
    const text = `it is of NUMA node ${numa}, which counts, and its memory, ${device}, of node ${deviceNode}`;
    findings.add("warning", ris, text);
  }
  if (!known.has(numa)) findings.add("warning", ris, `no memory is of NUMA node ${numa}`);
}

/** A RIS that no MSC has is looked at by nobody. */
function checkStray(root: DtNode, findings: Findings): void {
  for (const node of root.walk()) {
    if (!node.isCompatible(RIS_CACHE) && !node.isCompatible(RIS_MEMORY)) continue;
    if (node.isCompatible(MSC) || node.parent?.isCompatible(MSC)) continue;
    findings.add("warning", node, `its parent is not compatible with ${MSC}: nobody looks at it`);
  }
}

/** Windows lie beside each other, and beside memory. */
function checkWindows({ topology, mscs, findings }: TreeMachine): void {
  const windows = mscs.mscs.map(({ node, msc }) => ({ node, address: msc.address, bytes: msc.bytes }));
  const memory = topology.memory.flatMap(({ node }) => {
    const regions = regionsOf(node);
    return typeof regions === "string" ? [] : regions.map((region) => ({ node, ...region }));
  });
  const all = [...windows, ...memory].sort((a, b) => a.address - b.address);
  let before: (Region & { readonly node: DtNode }) | undefined;
  for (const one of all) {
    if (one.bytes === 0) findings.add("error", one.node, "reg says 0 bytes", "reg");
    if (before && before.address + before.bytes > one.address && one.bytes > 0) {
      findings.add("error", one.node, `0x${one.address.toString(16)} lies in ${before.node}, too`, "reg");
    }
    if (!before || one.address + one.bytes > before.address + before.bytes) before = one;
  }
}
