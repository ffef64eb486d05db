// The traces of units, where they are.

import { type MarkedSource, openTraces } from "../../trace/index.ts";
import type { TraceNamed } from "../unit.ts";

export class Traces {
  constructor(
    readonly places: {
      readonly folders?: readonly string[];
      readonly cacheFolder?: string;
      readonly memoryBytes?: number;
    } = {},
  ) {}

  open(named: readonly TraceNamed[]): Promise<readonly MarkedSource[]> {
    return openTraces(named.map(({ argument }) => argument));
  }
}
