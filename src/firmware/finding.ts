// What is wrong or odd in tables and trees: one line each, with its place.

/** What is wrong with tables, and where. */
export interface Finding {
  /** error: software does without what it is about, or reads something else than was meant. note: worth knowing. */
  readonly severity: "error" | "warning" | "note";
  /** The signature of a table, or the path of a node. */
  readonly place: string;
  /** Bytes from the beginning of the table; of the tree, where the node or its property is. */
  readonly offset?: number;
  /** What is there; what would be right. */
  readonly text: string;
}

/** "MPAM+0x24" in a table, "/soc/msc@0 at 0x1a4" in a tree. */
export function placeOf(place: string, offset?: number): string {
  if (offset === undefined) return place;
  const at = offset.toString(16);
  return place.startsWith("/") ? `${place} at 0x${at}` : `${place}+0x${at.padStart(2, "0")}`;
}

export const showFinding = ({ severity, place, offset, text }: Finding): string =>
  `${severity}: ${placeOf(place, offset)}: ${text}`;
