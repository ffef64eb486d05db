// A call that is refused.

import type { ErrnoCode } from "../../../../src/errno/index.ts";

export class Refused extends Error {
  constructor(readonly code: ErrnoCode) {
    super(code);
  }
}

export function refuse(code: ErrnoCode): never {
  throw new Refused(code);
}
