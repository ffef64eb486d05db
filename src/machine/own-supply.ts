// Closed replays of traces that hold each requester by itself: each stream is filled from its own feed, as it empties. Nothing
// has to wait outside the hardware, and a replay goes on from the very records it stood before.

import type { Feed } from "./feed.ts";
import type { Supply, SupplyHost, SupplyState } from "./supply.ts";

/** A stream is filled up when it has room for so many: fewer are not worth the way. */
const LEAST_ROOM = 128;

interface Stream {
  readonly feed: Feed;
  readonly number: number;
}

export class OwnSupply implements Supply {
  /** Those whose feeds have not ended. */
  #streams: Stream[];

  constructor(
    private readonly host: SupplyHost,
    private readonly feeds: readonly Feed[],
    /** Of each feed. */
    alone: readonly number[],
    requesters: readonly number[],
  ) {
    const { hardware } = host;
    const numbers = new Map(requesters.map((requester) => [requester, hardware.openStream(requester)]));
    for (const number of numbers.values()) {
      hardware.setSkip(number, 0);
      hardware.setBehind(number, false);
    }
    this.#streams = feeds.map((feed, i) => ({ feed, number: numbers.get(alone[i] as number) as number }));
    const fed = new Set(alone);
    for (const [requester, number] of numbers) if (!fed.has(requester)) hardware.endStream(number);
    // Whoever is dry is asked for first, wherever others stand.
    hardware.setHorizon(0n);
  }

  get exhausted(): boolean {
    return this.#streams.length === 0;
  }

  save(): SupplyState {
    return { positions: this.feeds.map((feed) => feed.position), given: [] };
  }

  give(): boolean {
    const { hardware, intake } = this.host;
    let some = false;
    const left: Stream[] = [];
    for (const stream of this.#streams) {
      const { feed, number } = stream;
      const room = hardware.streamRoom(number);
      if (room >= LEAST_ROOM && !intake.isDry(feed.number)) {
        intake.stageFeed(feed.number, room);
        hardware.giveStaged();
        some = true;
      }
      if (feed.ended && intake.isDry(feed.number)) hardware.endStream(number);
      else left.push(stream);
    }
    this.#streams = left;
    return some;
  }

  async fetch(): Promise<void> {
    const dry = this.#streams.filter(({ feed }) => this.host.intake.isDry(feed.number));
    await Promise.all(dry.map(({ feed }) => feed.ready()));
    // As long as others can go on they do: what comes before a failure is to run.
    if (dry.some(({ feed }) => !feed.failure)) return;
    for (const { feed } of dry) if (feed.failure) throw feed.failure.error;
  }

  async close(): Promise<void> {
    await Promise.all(this.feeds.map((feed) => feed.close()));
  }
}
