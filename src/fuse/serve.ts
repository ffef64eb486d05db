// The loop that serves a mount on one thread: a request, the model brought to where it should be, the reply.

import { Channel } from "./channel.ts";
import type { Session } from "./session.ts";

/** How model time goes while a tree is served. */
export interface Pace {
  /** To be called when a request has come: moves the model to where it should be. A promise where that takes a while. */
  catchUp(): Promise<void> | undefined;
  /** Whether something needs the thread although nobody asks. */
  readonly busy: boolean;
}

export interface Serving {
  /** The open /dev/fuse. */
  readonly descriptor: number;
  readonly session: Session;
  readonly pace: Pace;
  /** Whether to end after the next request. */
  readonly stopping: () => boolean;
}

/**
 * Ends when the mount has gone, or when told so. The thread is held while nothing else needs it, which is fastest; otherwise one
 * read is outstanding, and whatever waits goes on meanwhile. Rejects when the device takes no replies.
 */
export async function serve({ descriptor, session, pace, stopping }: Serving): Promise<void> {
  const channel = new Channel(descriptor, () => !stopping());
  const unanswered = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let mounted = false;

  const answerLater = (reply: Promise<Uint8Array>): Promise<void> => {
    const answered: Promise<void> = reply
      .then((bytes) => channel.write(bytes))
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => unanswered.delete(answered));
    unanswered.add(answered);
    return answered;
  };

  while (!stopping() && !failure) {
    const mayHold = mounted && !pace.busy && unanswered.size === 0;
    const request = mayHold ? channel.nextHeld() : await channel.next();
    if (request === "again") continue;
    if (request === undefined) break;
    mounted = true;
    const late = pace.catchUp();
    if (late) await late;
    const reply = session.respond(request);
    if (reply instanceof Promise) await withinTurn(answerLater(reply));
    else if (reply !== undefined) channel.write(reply);
  }
  session.interruptAll();
  if (failure) throw failure.error;
}

/** Waits for what ends by itself before the event loop turns: hardly any operation waits for more. */
async function withinTurn(ending: Promise<void>): Promise<void> {
  let immediate: NodeJS.Immediate | undefined;
  const turn = new Promise<void>((resolve) => {
    immediate = setImmediate(resolve);
  });
  await Promise.race([ending, turn]);
  clearImmediate(immediate);
}
