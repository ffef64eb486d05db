/** What a part of a record asks of the memory system, and the sides it has to cross for that. */
import type { SubjectLabel } from "../../subject.ts";
import type { Counting } from "./counting.ts";
import type { Channel, Slice } from "./machine.ts";
import type { Arrival } from "./port.ts";

/** A crossing of the downstream side of a slice, or an access of a channel. */
export interface Step extends Arrival {
  readonly at: Slice | Channel;
  readonly write: boolean;
}

export interface Request {
  readonly requester: number;
  /** Of the part that waits for it; write-backs and the like are waited for by nobody. */
  readonly demand: SubjectLabel | undefined;
  heldNs: number;
}

/** A request that has come to a step. */
export interface Waiting extends Step {
  readonly request: Request;
  /** What follows when it has crossed. True: the caches below have taken the line, or may be thought to have. */
  readonly onward: (moment: Moment) => boolean;
}

/** When things happen: a part is issued, or an edge lets a request through. */
export interface Moment {
  readonly counting: Counting;
  /** A request comes to a step. False: it is held there. */
  admit(waiting: Waiting): boolean;
  /** A request has been served, by a level of this latency. */
  served(request: Request, latencyNs: number): void;
}
