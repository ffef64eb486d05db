// Memory: nodes of channels, and which channel a line belongs to.

import { hashOn, mix } from "../mixer";
import { allocate, root } from "../root";
import { buildChannel, Channel } from "./channel";
import { resourceAt } from "./resource";

@unmanaged
export class Node {
  /** Number of its first channel among the resources. */
  first: u32;
  channels: u32;
  latencyNs: u32;
  /** Its lines, and those of the nodes before it. */
  lines: u64;
  base: u64;
}

const MAX_NODES: u32 = 1024;

export function buildNodes(): void {
  root().nodes = allocate(<usize>MAX_NODES * offsetof<Node>());
}

export function nodeAt(number: u32): Node {
  return changetype<Node>(root().nodes + <usize>number * offsetof<Node>());
}

/** Number of its first channel among the resources; the others follow. */
export function newNode(channels: u32, lines: u64, bytesPerSecond: u64, latencyNs: u32): u32 {
  const r = root();
  if (r.nodeCount == MAX_NODES || channels == 0) unreachable();
  const node = nodeAt(r.nodeCount);
  if (r.nodeCount > 0) node.base = nodeAt(r.nodeCount - 1).base + nodeAt(r.nodeCount - 1).lines;
  node.channels = channels;
  node.lines = lines;
  node.latencyNs = latencyNs;
  node.first = r.resourceCount;
  for (let channel: u32 = 0; channel < channels; channel++) buildChannel(bytesPerSecond, latencyNs);
  r.nodeCount++;
  return node.first;
}

/** The channel that serves a line. */
export function channelOf(line: u32): Channel {
  const r = root();
  if (r.channel != 0) return changetype<Channel>(r.channel);
  const node = nodeOf(line);
  const channel = node.channels == 1 ? 0 : hashOn(mix(2), line) % node.channels;
  return changetype<Channel>(resourceAt(node.first + channel));
}

function nodeOf(line: u32): Node {
  const r = root();
  if (r.nodeCount == 1) return nodeAt(0);
  if (r.numaFill == 0) return nodeAt((line >>> r.pageShift) % r.nodeCount);
  let number: u32 = 0;
  while (number + 1 < r.nodeCount && <u64>line >= nodeAt(number + 1).base) number++;
  return nodeAt(number);
}
