// The error interrupts of all MSCs: turned on, answered once, turned off (linux-driver.md 7.4).

import { ECR_INTEN } from "../../assembly/regs/index.ts";
import { messageOf } from "../errno/index.ts";
import type { OnlineCpus } from "./cpus.ts";
import { readError } from "./errors.ts";
import { logged } from "./logged.ts";
import type { Msc } from "./msc.ts";
import type { DriverMachine, InterruptEvent, Log } from "./needs.ts";

export class ErrorInterrupts {
  /** MSCs whose MPAMF_ECR.INTEN is 1 as far as we know. */
  readonly #on = new Set<Msc>();
  /** Work that handlers left behind; nobody else awaits it. */
  readonly #work = new Set<Promise<void>>();
  #queue: Promise<void> = Promise.resolve();
  #stopListening: (() => void) | undefined;
  #spurious = 0;

  /** @param onError Told what the hardware reported; any error ends the use of MPAM. */
  constructor(
    private readonly machine: DriverMachine,
    private readonly cpus: OnlineCpus,
    private readonly log: Log,
    private readonly onError: (reason: string) => Promise<void>,
  ) {}

  /** Interrupts that no MSC on their line had meant. */
  get spurious(): number {
    return this.#spurious;
  }

  /** Interrupts have set something off that is not done. */
  get busy(): boolean {
    return this.#work.size > 0;
  }

  isOn(msc: Msc): boolean {
    return this.#on.has(msc);
  }

  /** For those MSCs that have one. Those that no cpu reaches just now are turned on when one comes. */
  async turnOn(mscs: readonly Msc[]): Promise<void> {
    const wired = mscs.filter((msc) => msc.firmware.errorInterrupt !== 0);
    this.adopt(wired);
    for (const msc of wired) if (this.cpus.reaches(msc.firmware)) await msc.writeEcr(ECR_INTEN);
  }

  /** When the first cpu of an MSC has come: it may have lost its registers meanwhile. */
  async turnOnAgain(msc: Msc): Promise<void> {
    if (this.#on.has(msc) && !msc.odd.forgetsEcr) await msc.writeEcr(ECR_INTEN);
  }

  /** Takes them as turned on already, as after a restore. */
  adopt(mscs: readonly Msc[], spurious = 0): void {
    this.#spurious += spurious;
    for (const msc of mscs) this.#on.add(msc);
    if (this.#on.size > 0) this.#stopListening ??= this.machine.onInterrupt((event) => this.#arrived(event));
  }

  /** Goes on to the next MSC when one cannot be reached; what failed is logged. */
  async turnOff(): Promise<void> {
    for (const msc of this.#on) {
      // First of all: an MSC that a cpu comes back to meanwhile is not turned on again.
      this.#on.delete(msc);
      await logged(this.log, `${msc}: turning its error interrupt off`, () => msc.writeEcr(0));
    }
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
    this.#raised(event.line);
  }

  /** A line that was raised while nobody could look is looked at when the first cpu of its MSC has come. */
  lookAgain(msc: Msc): void {
    if (!msc.unanswered) return;
    msc.unanswered = false;
    this.#raised(msc.firmware.errorInterrupt);
  }

  #raised(line: number): void {
    this.#queue = this.#queue.then(() => this.#answer(line));
    this.#leave(this.#queue);
  }

  /**
   * Several MSCs may share a line; ERRCODE says which of them meant it. A private line is enabled on the online cpus that
   * reach its MSC, and a shared one belongs to MSCs that every cpu reaches, so somebody can look unless all of them have gone.
   */
  async #answer(line: number): Promise<void> {
    const there = [...this.#on].filter(({ firmware }) => firmware.errorInterrupt === line);
    let meant = false;
    for (const msc of there) {
      if (!this.cpus.reaches(msc.firmware)) {
        msc.unanswered = true;
        this.log("warning", `error interrupt ${line}: no cpu that reaches ${msc} is online to look at it`);
        continue;
      }
      try {
        if (await this.#take(msc)) meant = true;
      } catch (error) {
        // It may have meant it, and so may the next one.
        meant = true;
        this.log("error", `error interrupt ${line}: ${msc} failed: ${messageOf(error)}`);
      }
    }
    if (!meant && there.length > 0) this.#spurious++;
  }

  /** False: the MSC has recorded no error. */
  async #take(msc: Msc): Promise<boolean> {
    const error = await readError(msc);
    if (error === undefined) return false;
    const { name, partid, pmg, ris } = error;
    const what = `${msc} reports error ${error.code} ${name}, partid ${partid}, pmg ${pmg}, ris ${ris}`;
    this.log("error", what);
    try {
      await msc.clearEsr();
      await msc.writeEcr(0);
    } finally {
      this.leave("disabling MPAM", this.onError(`hardware error interrupt: ${what}`));
    }
    return true;
  }

  /** Work that nobody awaits, but for whenIdle; its failure is logged. */
  leave(what: string, work: Promise<void>): void {
    this.#leave(logged(this.log, what, () => work));
  }

  #leave(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }
}
