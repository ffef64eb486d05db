// From the moment a client lets the machine go until it stops: what stops it, and how the client is told.

import type { Session } from "./session.ts";
import { threadOf } from "./threads.ts";

/** Signals as the protocol numbers them: stopped by hand, by what was asked for, and by an interrupt of the machine. */
export const SIGINT = 2;
export const SIGTRAP = 5;
export const SIGUSR1 = 30;

/** A stop reply: `T05watch:141000100;thread:1;`. */
export function stopReply(signal: number, cpu: number, why = ""): string {
  return `T${signal.toString(16).padStart(2, "0")}${why}thread:${threadOf(cpu).toString(16)};`;
}

export interface Stopped {
  readonly reply: string;
  /** gdb steps over the access that it has stopped at, as it thinks that it is still to be made. */
  readonly atAccess: boolean;
}

/** What has happened that the machine stops for, told once; undefined: nothing. */
export function takeStop(session: Session): Stopped | undefined {
  const hit = session.takeHit();
  if (hit) {
    session.cpu = hit.access.cpu ?? session.cpu;
    const why = `${hit.kind}:${hit.address.toString(16)};`;
    return { reply: stopReply(SIGTRAP, session.cpu, why), atAccess: true };
  }
  if (session.takeInterrupts().length > 0) return { reply: stopReply(SIGUSR1, session.cpu), atAccess: false };
  return undefined;
}

export class Run {
  #done: (stopped: Stopped | undefined) => void = () => {};
  /** Undefined where the client is gone. */
  readonly stopped: Promise<Stopped | undefined>;
  #over = false;

  constructor(private readonly session: Session) {
    this.stopped = new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  begin(): void {
    if (this.session.hasStop) this.happened();
    else this.session.going.start(this);
  }

  /** Something has happened that the machine stops for. */
  happened(): void {
    void this.#end(() => takeStop(this.session) ?? this.#stop(SIGTRAP));
  }

  /** Ctrl-C. */
  interrupted(): void {
    void this.#end(() => this.#stop(SIGINT));
  }

  ended(): void {
    this.session.console.say("the traces have ended");
    void this.#end(() => this.#stop(SIGTRAP));
  }

  failed(why: string): void {
    this.session.console.say(`error: ${why}`);
    void this.#end(() => this.#stop(SIGTRAP));
  }

  /** The client is gone. */
  abandon(): void {
    void this.#end(() => undefined);
  }

  #stop(signal: number): Stopped {
    return { reply: stopReply(signal, this.session.cpu), atAccess: false };
  }

  /** Time stands still before anybody is told, unless another client lets it go. */
  async #end(stop: () => Stopped | undefined): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.session.going.stop(this);
    this.#done(stop());
  }
}
