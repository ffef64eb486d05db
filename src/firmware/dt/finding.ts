// What is odd about a tree, and where: collected while it is read, shown by `mpam dt check` and as remarks.

import { type Finding, placeOf } from "../finding.ts";
import type { DtNode } from "./tree.ts";

export class Findings {
  readonly list: Finding[] = [];

  /** `property`: where the place of one property is meant. */
  add(severity: Finding["severity"], node: DtNode, text: string, property?: string): void {
    const offset = (property === undefined ? undefined : node.properties.get(property)?.offset) ?? node.offset;
    this.list.push({ severity, place: `${node}`, ...(offset === undefined ? {} : { offset }), text });
  }
}

/** Without its severity, as a description has it. */
export const remarkOf = ({ place, offset, text }: Finding): string => `${placeOf(place, offset)}: ${text}`;
