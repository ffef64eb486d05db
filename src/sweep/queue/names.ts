// What is where in the server. Workers of one tool share a queue: what a unit comes to depends on the tool, so whoever has another
// one never sees its jobs.

import { createHash } from "node:crypto";

export class QueueNames {
  /** As BullMQ has it. */
  readonly queue: string;
  /** From hash to tool, of all that ever came to this server. */
  readonly tools: string;
  /** Names of units that have ended, in their order: a stream, which every sweep reads for itself. */
  readonly events: string;
  /** How many results came, how many came again, and how many of those were different. */
  readonly counts: string;
  /** Results that were different the second time, by unit. */
  readonly differing: string;

  constructor(
    readonly prefix: string,
    /** Of the address. */
    readonly base: string,
    readonly tool: string,
  ) {
    this.tools = `${prefix}:${base}:tools`;
    this.queue = this.queueOf(shortOf(tool));
    this.events = this.key("ended");
    this.counts = this.key("counts");
    this.differing = this.key("differing");
  }

  get short(): string {
    return shortOf(this.tool);
  }

  /** The queue of a tool, by its hash. */
  queueOf(short: string): string {
    return `${this.base}-${short}`;
  }

  /** The text of a result. */
  result(unit: string): string {
    return this.key(`result:${unit}`);
  }

  /** Hash of the first result that came. */
  digest(unit: string): string {
    return this.key(`digest:${unit}`);
  }

  /** What many units have in common. */
  common(hash: string): string {
    return this.key(`common:${hash}`);
  }

  /** A key of this queue, those of BullMQ too: "wait". */
  key(kind: string, queue = this.queue): string {
    return `${this.prefix}:${queue}:${kind}`;
  }

  /** How BullMQ calls the connections of workers of a queue; one that has a name goes on with ":w:NAME". */
  client(queue = this.queue): string {
    return `${this.prefix}:${Buffer.from(queue).toString("base64")}`;
  }
}

function shortOf(tool: string): string {
  return createHash("sha256").update(tool).digest("hex").slice(0, 12);
}
