// The error interrupts of all MSCs: turned on, answered once, turned off (linux-driver.md 7.4).

import { ECR_INTEN } from "../../assembly/regs/index.ts";
import { takeError } from "./errors.ts";
import type { Msc } from "./msc.ts";
import type { DriverMachine, InterruptEvent, Log } from "./needs.ts";

export class ErrorInterrupts {
  /** MSCs whose MPAMF_ECR.INTEN is 1 as far as we know. */
  readonly #on = new Set<Msc>();
  /** Work that handlers left behind; nobody else awaits it. */
  readonly #work = new Set<Promise<void>>();
  #queue: Promise<void> = Promise.resolve();
  #stopListening: (() => void) | undefined;

  /** @param onError Told what the hardware reported; any error ends the use of MPAM. */
  constructor(
    private readonly machine: DriverMachine,
    private readonly log: Log,
    private readonly onError: (reason: string) => Promise<void>,
  ) {}

  isOn(msc: Msc): boolean {
    return this.#on.has(msc);
  }

  /** For those MSCs that have one. */
  async turnOn(mscs: readonly Msc[]): Promise<void> {
    const wired = mscs.filter((msc) => msc.firmware.errorInterrupt !== 0);
    this.adopt(wired);
    for (const msc of wired) await msc.writeEcr(ECR_INTEN);
  }

  /** Takes them as turned on already, as after a restore. */
  adopt(mscs: readonly Msc[]): void {
    for (const msc of mscs) this.#on.add(msc);
    if (this.#on.size > 0) this.#stopListening ??= this.machine.onInterrupt((event) => this.#arrived(event));
  }

  /** Goes on to the next MSC when one cannot be reached; what failed is logged. */
  async turnOff(): Promise<void> {
    for (const msc of this.#on) {
      await this.#logged(`${msc}: turning its error interrupt off`, () => msc.writeEcr(0));
    }
    this.#on.clear();
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /** Resolves when everything interrupts have set off is done. */
  async whenIdle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Registers may be slow to answer, so the handler only leaves work: one line after the other. */
  #arrived(event: InterruptEvent): void {
    if (event.kind !== "error" || event.level === 0) return;
    this.#queue = this.#queue.then(() => this.#logged(`error interrupt ${event.line}`, () => this.#answer(event.line)));
    this.#leave(this.#queue);
  }

  /** Several MSCs may share a line; ERRCODE says which of them meant it. */
  async #answer(line: number): Promise<void> {
    for (const msc of [...this.#on].filter((one) => one.firmware.errorInterrupt === line)) {
      const error = await takeError(msc);
      if (error === undefined) continue;
      const { name, partid, pmg, ris } = error;
      const what = `${msc} reports error ${error.code} ${name}, partid ${partid}, pmg ${pmg}, ris ${ris}`;
      this.log("error", what);
      await msc.writeEcr(0);
      this.#on.delete(msc);
      this.#leave(this.#logged("disabling MPAM", () => this.onError(`hardware error interrupt: ${what}`)));
    }
  }

  #leave(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }

  async #logged(what: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.log("error", `${what} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
