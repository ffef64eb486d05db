/** The way of requests from port to port in closed timing (docs/modelled.md, "Time and edges" and "Bandwidth"). */
import { Counting } from "./counting.ts";
import type { Channel, Machine, Slice } from "./machine.ts";
import type { Port } from "./port.ts";
import type { Moment, Waiting } from "./request.ts";

/** A request at a port. */
export interface Held extends Waiting {
  readonly since: number;
}

type Regulated = (Slice | Channel) & { readonly port: Port<Held> };

export class Ports {
  /** In the order in which they have their edge. */
  readonly #all: readonly Regulated[];

  constructor(private readonly machine: Machine) {
    const slices = machine.slices.toSorted((a, b) => a.cache.config.level - b.cache.config.level);
    this.#all = [...slices, ...machine.channels].filter(isRegulated);
  }

  get held(): Held[] {
    return this.#all.flatMap(({ port }) => port.held);
  }

  /** A new request. False: it is held. */
  offer(waiting: Waiting, now: number): boolean {
    return waiting.at.port?.offer({ ...waiting, since: now }) ?? true;
  }

  /** Every port lets its backlog through. What that causes joins the backlogs below, which have their turn later. */
  edge(quantum: number, now: number, served: Moment["served"]): void {
    const admit: Moment["admit"] = (waiting) => {
      waiting.at.port?.join({ ...waiting, since: now });
      return waiting.at.port === undefined;
    };
    for (const { port } of this.#all) {
      for (const through of port.edge(quantum)) {
        const counting = new Counting(undefined);
        if (through.at.kind === "cache") this.machine.reached.note("caused at an edge");
        through.request.heldNs += now - through.since;
        counting.cross(through);
        through.onward({ counting, admit, served });
        counting.end();
      }
    }
  }
}

function isRegulated(place: Slice | Channel): place is Regulated {
  return place.port !== undefined;
}
