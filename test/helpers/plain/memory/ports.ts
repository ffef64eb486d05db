/** The way of requests from port to port in closed timing (docs/modelled.md, "Time and edges" and "Bandwidth"). */
import { Counting } from "./counting.ts";
import type { Channel, Machine, Slice } from "./machine.ts";
import type { Port } from "./port.ts";
import type { Request, Waiting } from "./request.ts";

export class Ports {
  readonly #ports: readonly { readonly place: Slice | Channel; readonly port: Port<Waiting> }[];

  /** @param done hears of each request that has crossed all sides it has to cross */
  constructor(
    machine: Machine,
    private readonly done: (request: Request) => void,
  ) {
    const places = [...machine.slices, ...machine.channels];
    this.#ports = places.flatMap((place) => (place.port === undefined ? [] : { place, port: place.port }));
  }

  get held(): Waiting[] {
    return this.#ports.flatMap(({ port }) => port.held);
  }

  /** A new request. Sides that are not regulated are crossed at once, the others one after the other. */
  send(request: Request, now: number, counting: Counting): void {
    for (const step of request.steps) if (step.at.port === undefined) counting.cross(step);
    for (let next = this.#from(request, 0, now); ; next = this.#from(request, next.index + 1, now)) {
      if (next === undefined) {
        this.done(request);
        return;
      }
      if (next.at.kind === "channel") counting.arrive(next.at, next.label);
      if (next.at.port?.offer(next) === false) return;
      counting.cross(next);
    }
  }

  /** Every port lets its backlog through. */
  edge(quantum: number, now: number): void {
    for (const { port } of this.#ports) {
      for (const through of port.edge(quantum)) {
        const counting = new Counting(undefined);
        const { request, index, since } = through;
        request.heldNs += now - since;
        counting.cross(through);
        const next = this.#from(request, index + 1, now);
        if (next === undefined) this.done(request);
        else {
          if (next.at.kind === "channel") counting.arrive(next.at, next.label);
          next.at.port?.join(next);
        }
        counting.end();
      }
    }
  }

  /** The next port of a request, from a step on. */
  #from(request: Request, from: number, since: number): Waiting | undefined {
    const index = request.steps.findIndex(({ at }, i) => i >= from && at.port !== undefined);
    const step = request.steps[index];
    return step && { ...step, request, index, since };
  }
}
