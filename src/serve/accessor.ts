// Who makes the accesses of a connection.

import type { Space } from "../platform/index.ts";

export interface Accessor {
  readonly cpu: number;
  readonly space: Space;
}
