// The requester table: who asks, each (address space, process, thread, cpu, exception level, label), and each device, once, numbered as
// they appear.
import type { TraceRequester } from "../machine/index.ts";

export const MOST_REQUESTERS = 65536;

export class RequesterTable {
  readonly list: TraceRequester[] = [];
  #byKey = new Map<string, number>();

  /** The number of this requester; a new one is added. `source` and `comm` describe, they do not distinguish. */
  number(who: TraceRequester): number {
    const { label, device, stream } = who;
    const own = label === undefined ? "" : `${label.space} ${label.partid} ${label.pmg}`;
    const of = `${device ?? ""} ${stream ? `${stream.smmu} ${stream.sid} ${stream.ssid ?? ""}` : ""}`;
    const key = `${who.asid} ${who.pid} ${who.tid} ${who.cpu ?? ""} ${who.el ?? ""} ${own} ${of}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.list.length === MOST_REQUESTERS) {
      throw new Error(
        `more than ${MOST_REQUESTERS} requesters (process, thread, cpu, exception level, label), and a u16 numbers them; leave out what tells them apart, or take fewer records (--take)`,
      );
    }
    this.list.push(who);
    this.#byKey.set(key, this.list.length - 1);
    return this.list.length - 1;
  }
}
