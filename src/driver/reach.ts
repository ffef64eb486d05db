// How each MSC is reached: loads and stores of a cpu that can, or messages to firmware.

import { type Bus, Mailboxes, MmioBus } from "../bus/index.ts";
import type { ErrnoError } from "../errno/index.ts";
import type { FirmwareMsc } from "../firmware/index.ts";
import type { Core } from "./core.ts";
import type { LockFactory } from "./needs.ts";

export class Reach {
  readonly mailboxes: Mailboxes;

  /** @param onFailure Told that a message has failed: nobody knows what firmware has done and what not. */
  constructor(
    private readonly core: Core,
    onFailure: (failure: ErrnoError) => void,
    lock: LockFactory | undefined,
  ) {
    this.mailboxes = new Mailboxes(core.machine, core.firmware, {
      // Whoever is online: all of them reach mailboxes.
      cpu: () => core.cpus.list[0],
      onFailure,
      warn: (text) => core.log("warning", text),
      lock,
    });
  }

  bus(msc: FirmwareMsc): Bus {
    if (msc.interface === "pcc") return this.mailboxes.bus(msc);
    const { machine, cpus } = this.core;
    return new MmioBus(machine.bus, msc.address, () => cpus.touch(msc));
  }
}
