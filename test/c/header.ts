// What tests read in c/mpam_wasm.h.

export const LAYOUT_OF_HEADER = /^#define MPAM_WASM_LAYOUT (\d+)u$/m;

export interface Prototype {
  readonly name: string;
  readonly parameters: readonly string[];
  /** A comment ends right before it. */
  readonly documented: boolean;
}

export function prototypes(header: string): Prototype[] {
  const found = header.matchAll(/(\*\/\n)?\w+ MPAM_WASM\((\w+)\)\(([^)]*)\);/g);
  return [...found].map(([, comment, name, list]) => ({
    name: name as string,
    parameters: (list as string).split(",").map((one) => one.trim()),
    documented: comment !== undefined,
  }));
}
