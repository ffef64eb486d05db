// Who asks, as long as the answer has not been given.

import type { Caller } from "../tree/index.ts";
import type { Header } from "./protocol.ts";

/** The caller of a request. Its signal is made when somebody looks at it: hardly any operation waits. */
export class Asking implements Caller {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  /** The mount has default_permissions. */
  readonly checked = true;
  #abort: AbortController | undefined;
  #interrupted = false;

  constructor({ uid, gid, pid }: Header) {
    this.uid = uid;
    this.gid = gid;
    this.pid = pid;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#interrupted) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#abort?.abort();
  }
}
