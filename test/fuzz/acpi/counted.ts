/** How often tables are read, without a clock: every access to their bytes goes through TableBytes. */
import { TableBytes } from "../../../src/firmware/acpi/bytes.ts";

const NAMES = ["number", "wide", "text"] as const;

export class CountedReads {
  reads = 0;
  readonly #own = NAMES.map((name) => TableBytes.prototype[name]);

  constructor() {
    NAMES.forEach((name, index) => {
      const own = this.#own[index] as (...args: unknown[]) => never;
      const counted = this;
      TableBytes.prototype[name] = function (this: TableBytes, ...args: unknown[]) {
        counted.reads++;
        return own.apply(this, args);
      };
    });
  }

  /** Reads are no longer counted. */
  end(): void {
    NAMES.forEach((name, index) => {
      TableBytes.prototype[name] = this.#own[index] as never;
    });
  }
}
