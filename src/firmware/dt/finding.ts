// What is odd about a tree, and where: collected while it is read, shown by `mpam dt check` and as remarks.

import type { DtNode } from "./tree.ts";

export interface Finding {
  /** error: software does without what it is about. warning: it can be used, and differs from what the binding says. */
  readonly severity: "error" | "warning" | "note";
  readonly path: string;
  /** In the blob, of the node or the property. */
  readonly offset?: number;
  readonly text: string;
}

export class Findings {
  readonly list: Finding[] = [];

  /** `property`: where the place of one property is meant. */
  add(severity: Finding["severity"], node: DtNode, text: string, property?: string): void {
    const offset = (property === undefined ? undefined : node.properties.get(property)?.offset) ?? node.offset;
    const path = `${node}`;
    this.list.push({ severity, path, ...(offset === undefined ? {} : { offset }), text });
  }
}

/** One line: "/msc@0 (offset 0x1a4): ...". */
export function showFinding({ path, offset, text }: Finding): string {
  return `${path}${offset === undefined ? "" : ` (offset 0x${offset.toString(16)})`}: ${text}`;
}
