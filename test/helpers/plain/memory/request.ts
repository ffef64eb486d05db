/** What a part of a record asks of the memory system, and the sides it has to cross for that. */
import type { SubjectLabel } from "../../subject.ts";
import type { Channel, Slice } from "./machine.ts";
import type { Arrival } from "./port.ts";

/** A crossing of the downstream side of a slice, or an access of a channel. */
export interface Step extends Arrival {
  readonly at: Slice | Channel;
  readonly write: boolean;
}

export interface Request {
  readonly requester: number;
  readonly steps: readonly Step[];
  /** What the part waits for; write-backs and the like are waited for by nobody. */
  readonly demand: { readonly label: SubjectLabel; readonly latencyNs: number } | undefined;
  heldNs: number;
}

/** A request at one of its steps: the step, of which request, and since when it is there. */
export interface Waiting extends Step {
  readonly request: Request;
  /** Of the step in the request. */
  readonly index: number;
  readonly since: number;
}
