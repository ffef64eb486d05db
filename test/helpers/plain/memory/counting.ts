/** What one record, or one crossing at an edge, does to the MSCs it reaches: its errors, then its counts, then what follows from them. */
import type { SubjectLabel } from "../../subject.ts";
import type { Crossing } from "../mbwu-monitor.ts";
import type { PlainMsc } from "../msc.ts";
import type { Channel, Slice } from "./machine.ts";
import type { Step } from "./request.ts";

export class Counting {
  readonly #crossings = new Map<PlainMsc, Crossing[]>();

  /** @param record number of the part; none at an edge */
  constructor(private readonly record: number | undefined) {}

  /** A request reaches a slice or a channel. */
  arrive({ msc }: Slice | Channel, label: SubjectLabel): void {
    if (msc === undefined) return;
    this.#of(msc);
    msc.check(label, this.record);
  }

  /** A request crosses below a slice, or is served by a channel. */
  cross({ at, label, write, bytes }: Step): void {
    const counts = at.counts.of(label);
    if (write) counts.bytesWritten += bytes;
    else counts.bytesRead += bytes;
    const upstream = at.kind === "cache" && at.cache.config.mbwu === "upstream";
    if (at.msc !== undefined && !upstream) this.#of(at.msc).push({ label, write, bytes });
  }

  /** The bytes of a record enter a slice. */
  enter({ msc, cache }: Slice, label: SubjectLabel, write: boolean, bytes: number): void {
    if (msc !== undefined && cache.config.mbwu === "upstream") this.#of(msc).push({ label, write, bytes });
  }

  end(): void {
    for (const [msc, crossings] of this.#crossings) msc.count(crossings, this.record);
  }

  #of(msc: PlainMsc): Crossing[] {
    const found = this.#crossings.get(msc);
    if (found !== undefined) return found;
    const made: Crossing[] = [];
    this.#crossings.set(msc, made);
    return made;
  }
}
